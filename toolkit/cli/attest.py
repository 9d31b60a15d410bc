"""``toolkit attest``: sign what was executed here, or check who signed it."""

import os
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_runs_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.reproduce.attestation.attesting import Attested, NotSignedError
    from toolkit.reproduce.attestation.checking import Checked
    from toolkit.reproduce.attestation.keys import PublicKey
    from toolkit.reproduce.attestation.private import SigningKey
    from toolkit.reproduce.records.record import Record

NOT_CHECKED = 2


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "attest",
        help="sign runs that were executed here, or check who signed them",
        description=(
            "Sign that runs were executed here and, where a verification says so, "
            "that they were reproduced: one Sigstore bundle each, beside the record. "
            "The private key is in the variable TOOLKIT_SIGNING_KEY or the file of "
            "--key. With --check, nothing is signed: each attestation is held against "
            "its run, offline. Exit codes: 0 signed, or signed by a trusted key; 1 "
            "refused, or something does not hold, or the signer is unknown; 2 no key, "
            "or nothing to sign or to check."
        ),
    )
    parser.add_argument(
        "asked", nargs="*", metavar="RUN|NOTEBOOK", help="a notebook: its latest run"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="every run; to sign: every one that came with no commit",
    )
    parser.add_argument("--check", action="store_true", help="verify, sign nothing")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="the private key, mode 600, elsewhere"
    )
    parser.add_argument(
        "--public",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="with --check: a public key that the project need not name",
    )
    parser.add_argument(
        "--committed",
        action="store_true",
        help="sign also what came with a commit: only where you know who made it",
    )
    add_runs_dir(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Sign, or check."""
    from toolkit.reproduce.attestation.private import load_signing_key  # noqa: PLC0415
    from toolkit.reproduce.project import RUNS, find_root  # noqa: PLC0415

    root = find_root(Path.cwd())
    runs_dir = args.runs or root / RUNS
    if args.check:
        return _check(args, runs_dir)
    key = load_signing_key(root, os.environ, args.key)  # before any child is started
    return _sign(args, root, runs_dir, key)


def _records(
    args: Namespace, runs_dir: Path
) -> "tuple[tuple[Record, ...], tuple[Record, ...]]":
    """Return every record, and those that were asked for."""
    from toolkit.reproduce.records.store import Store  # noqa: PLC0415

    store = Store(runs_dir)
    listing = store.scan()
    asked = [store.find(name) for name in args.asked]
    if args.all:
        if listing.unreadable:
            raise listing.unreadable[0]
        asked += listing.records
    return listing.records, tuple({one.run: one for one in asked}.values())


def _sign(args: Namespace, root: Path, runs_dir: Path, key: "SigningKey") -> int:
    from toolkit.reproduce.attestation.attesting import (  # noqa: PLC0415
        NotSignedError,
        Signer,
        attest_run,
        builder_id,
    )
    from toolkit.reproduce.levels import load_levels  # noqa: PLC0415
    from toolkit.reproduce.records.history import paths_at  # noqa: PLC0415
    from toolkit.reproduce.verification.evidence import load_evidence  # noqa: PLC0415

    every, records = _records(args, runs_dir)
    levels = load_levels(runs_dir, every)
    committed = None if args.committed else paths_at(root, "HEAD")
    if committed is None and not args.committed:
        raise NotSignedError(
            run=str(root),
            what="history",
            found="git does not say which runs came with a commit",
            expected="sign in a clone, or say --committed if you know who made them",
        )
    by = Signer(
        key=key,
        builder=builder_id(os.environ),
        now=datetime.now(UTC),
        committed=committed,
        root=root,
    )
    done = [
        attest_run(
            runs_dir / one.run,
            one,
            load_evidence(runs_dir / one.run).evidence,
            levels.trust(one),
            by,
        )
        for one in records
    ]
    refused = [
        error
        for one in done
        for error in one.refused
        if not (args.all and error.elsewhere)
    ]
    _print_signed(done, refused, args)
    if not refused and not any(one.written or one.kept for one in done):
        told = "no run to sign that was made here: toolkit attest RUN, or --all"
        print(f"toolkit: {told}", file=sys.stderr)
        return NOT_CHECKED
    return 1 if refused else 0


def _print_signed(
    done: "Sequence[Attested]", refused: "Sequence[NotSignedError]", args: Namespace
) -> None:
    if args.json:
        print_json(
            runs=[
                {
                    "run": one.run,
                    "written": [path.name for path in one.written],
                    "kept": [path.name for path in one.kept],
                    "refused": [str(error) for error in one.refused],
                }
                for one in done
            ]
        )
        return
    rows = [
        [one.run, state, path.name]
        for one in done
        for state, paths in (("signed", one.written), ("signed before", one.kept))
        for path in paths
    ]
    if rows:
        print(table(["run", "what", "file"], rows, markdown=args.md))
    for error in refused:
        print(f"toolkit: {error}", file=sys.stderr)
    if passed := sum(len(one.refused) for one in done) - len(refused):
        told = "statements about what came with a commit are not for this clone to sign"
        print(f"toolkit: {passed} {told}", file=sys.stderr)


def _check(args: Namespace, runs_dir: Path) -> int:
    from toolkit.reproduce.attestation.beside import Keys  # noqa: PLC0415
    from toolkit.reproduce.attestation.checking import check_run, exit_code  # noqa: PLC0415
    from toolkit.reproduce.attestation.trusted import load_trusted  # noqa: PLC0415

    _, records = _records(args, runs_dir)
    keys = Keys(
        trusted=load_trusted(runs_dir.parent),
        others=tuple(map(_public, args.public)),
    )
    now = datetime.now(UTC)
    checked = [check_run(runs_dir / one.run, one, keys, now) for one in records]
    if args.json:
        print_json(runs=[one.to_dict() for one in checked])
    else:
        _print_checked(checked, markdown=args.md)
    if not checked:
        print("toolkit: no run to check: name one, or --all", file=sys.stderr)
    return exit_code(checked)


def _public(path: Path) -> "PublicKey":
    from toolkit.reproduce.attestation.keys import parse_public  # noqa: PLC0415

    text = path.read_bytes().decode("ascii", "replace")
    return parse_public(text, where=str(path))


def _print_checked(checked: "Sequence[Checked]", *, markdown: bool) -> None:
    rows = [[one.run, one.verdict, one.short] for one in checked]
    if rows:
        print(table(["run", "verdict", "what"], rows, markdown=markdown))
    for one in checked:
        for error in one.beside.refused:
            print(f"toolkit: {error}", file=sys.stderr)
