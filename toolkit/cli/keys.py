"""``toolkit keys``: the pair that signs, and the public keys that count."""

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table

if TYPE_CHECKING:
    from toolkit.reproduce.attestation.trusted import TrustedKey

_YEAR = timedelta(days=365)


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb, its own verbs and their options."""
    parser = subparsers.add_parser(
        "keys",
        help="make a key that signs, and name those that count",
        description=(
            "Make a pair of keys, and say which public keys count in this project: "
            "those in trusted-keys.yaml, which is reviewed as code is. "
            "Exit codes: 0 done, 2 not."
        ),
    )
    verbs = parser.add_subparsers(metavar="VERB", title="verbs", required=True)
    new = verbs.add_parser("new", help="make a pair of Ed25519 keys")
    new.add_argument(
        "path", type=Path, metavar="PATH", help="of the private key, outside the clone"
    )
    new.set_defaults(run=run, what="new")
    listed = verbs.add_parser("list", help="list the keys that the project trusts")
    add_format(listed)
    listed.set_defaults(run=run, what="list")
    trust = verbs.add_parser("trust", help="name a public key in trusted-keys.yaml")
    trust.add_argument("public", type=Path, metavar="FILE.pub")
    trust.add_argument("--name", required=True, help="of the key, in this project")
    trust.add_argument(
        "--role",
        choices=("ci", "reviewer"),
        required=True,
        help="ci: what it executed and reproduced; reviewer: what it reproduced",
    )
    trust.add_argument("--from", dest="begin", metavar="DATE", help="default: now")
    trust.add_argument("--until", metavar="DATE", help="default: a year later")
    trust.set_defaults(run=run, what="trust")
    revoke = verbs.add_parser("revoke", help="let a key count no more")
    revoke.add_argument("name", metavar="NAME|ID")
    revoke.add_argument("--reason", required=True, help="why, in a few words")
    revoke.set_defaults(run=run, what="revoke")


def run(args: Namespace) -> int:
    """Do what was asked for; the private key is never printed."""
    _WHAT[args.what](args)
    return 0


def _new(args: Namespace) -> None:
    from toolkit.reproduce.attestation.private import new_key  # noqa: PLC0415 -- slow

    public = new_key(args.path, _root())
    print(f"private key: {args.path} (for its owner alone; it is nowhere else)")
    print(f"public key:  {args.path}.pub")
    print(f"key id:      {public.id}")
    print(f"next: toolkit keys trust {args.path}.pub --name ci --role ci")


def _list(args: Namespace) -> None:
    from toolkit.reproduce.attestation.trusted import load_trusted  # noqa: PLC0415

    now = datetime.now(UTC)
    keys = load_trusted(_root())
    if args.json:
        print_json(keys=[_plain(key, now) for key in keys])
    elif keys:
        headers = ["name", "role", "state", "from", "until", "key id"]
        rows = [[str(x) for x in _row(key, now)] for key in keys]
        print(table(headers, rows, markdown=args.md))
    else:
        print("the project trusts no key: toolkit keys new", file=sys.stderr)


def _trust(args: Namespace) -> None:
    from toolkit.publish.fields import FieldError  # noqa: PLC0415
    from toolkit.reproduce.attestation.keys import parse_public  # noqa: PLC0415
    from toolkit.reproduce.attestation.trusted import (  # noqa: PLC0415
        TrustedKey,
        parse_date,
    )
    from toolkit.reproduce.attestation.trusting import trust_key  # noqa: PLC0415

    text = args.public.read_bytes().decode("ascii", "replace")
    public = parse_public(text, where=str(args.public))
    begin = datetime.now(UTC).replace(microsecond=0)
    if args.begin is not None:
        begin = parse_date(args.begin, "--from")
    end = begin + _YEAR if args.until is None else parse_date(args.until, "--until")
    if not begin < end:
        at, expected = "--until", f"a date later than {begin:%Y-%m-%d}"
        raise FieldError(at=at, found=repr(args.until), expected=expected)
    key = TrustedKey(
        name=args.name, key=public, role=args.role, not_before=begin, not_after=end
    )
    path = trust_key(_root(), key)
    print(
        f"{path}: names {args.name} ({args.role}, {public.id[:12]}…); have it reviewed"
    )


def _revoke(args: Namespace) -> None:
    from toolkit.reproduce.attestation.trusting import revoke_key  # noqa: PLC0415

    path = revoke_key(_root(), args.name, args.reason, datetime.now(UTC))
    print(f"{path}: whatever {args.name} signed counts no more; commit it")


_WHAT: Mapping[str, Callable[[Namespace], None]] = {
    "new": _new,
    "list": _list,
    "trust": _trust,
    "revoke": _revoke,
}


def _root() -> Path:
    from toolkit.reproduce.project import find_root  # noqa: PLC0415

    return find_root(Path.cwd())


def _state(key: "TrustedKey", now: datetime) -> str:
    if key.revoked is not None:
        return f"revoked on {key.revoked.on}: {key.revoked.reason}"
    if now < key.not_before:
        return "not yet valid"
    return "expired" if now >= key.not_after else "valid"


def _row(key: "TrustedKey", now: datetime) -> list[str]:
    begin, end = f"{key.not_before:%Y-%m-%d}", f"{key.not_after:%Y-%m-%d}"
    return [key.name, key.role, _state(key, now), begin, end, key.key.id]


def _plain(key: "TrustedKey", now: datetime) -> dict[str, object]:
    names = ("name", "role", "state", "from", "until", "id")
    return {**dict(zip(names, _row(key, now), strict=True)), "public": key.key.line}
