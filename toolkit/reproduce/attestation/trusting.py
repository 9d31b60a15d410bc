"""Naming a key and revoking one: edits of the file that leave its other lines alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from toolkit.reproduce.attestation.trusted import (
    NAME,
    TRUSTED,
    Revoked,
    TrustedKey,
    TrustedKeysError,
    load_trusted,
    parse_trusted,
    root_node,
)
from toolkit.reproduce.whole import write_whole

_HEADER = """\
# Public keys whose signatures count in this project. A line here decides whose numbers
# are trusted: review a change as you review code.
schema: 1
keys:
"""


def trust_key(root: Path, key: TrustedKey) -> Path:
    """Add a key to those that the project trusts; return the file's path.

    Raises
    ------
    TrustedKeysError : if the file cannot be read, or the name or the key is there
    """
    path = root / TRUSTED
    there = load_trusted(root)
    for one in there:
        if key.name == one.name or key.key == one.key:
            state = "revoked" if one.revoked else "named"
            raise TrustedKeysError(
                path=str(path),
                at=one.name,
                found=f"that {'name' if key.name == one.name else 'key'}, {state}",
                expected="a new name and a new key: neither is used twice",
            )
    if not NAME.fullmatch(key.name):
        raise TrustedKeysError(
            path=str(path),
            at="name",
            found=ascii(key.name)[:60],
            expected="plain lower-case letters, digits, '.', '_' and '-'",
        )
    text = path.read_text("utf-8") if path.exists() else _HEADER
    text += "" if text.endswith("\n") else "\n"
    _write(path, text + _entry(key), (*there, key))
    return path


def revoke_key(root: Path, name: str, reason: str, now: datetime) -> Path:
    """Say that a key counts no more; return the file's path.

    Parameters
    ----------
    root : of the project
    name : of the key, or its id
    reason : why, in a few words
    now : in UTC

    Raises
    ------
    TrustedKeysError : if there is no such key, or it is revoked
    """
    path = root / TRUSTED
    there = load_trusted(root)
    at = next((i for i, k in enumerate(there) if name in (k.name, k.key.id)), None)
    if at is None or there[at].revoked is not None:
        names = ", ".join(one.name for one in there if one.revoked is None)
        raise TrustedKeysError(
            path=str(path),
            at=name,
            found="no such key" if at is None else "a key that is revoked already",
            expected=f"one of: {names or 'there is none'}",
        )
    told = Revoked(on=f"{now:%Y-%m-%d}", reason=" ".join(reason.split()))
    text = path.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    end = _end_of_entry(text, at)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    lines.insert(end, f"    revoked:\n      on: {told.on}\n{_reason(told)}")
    wanted = [replace(k, revoked=told) if i == at else k for i, k in enumerate(there)]
    _write(path, "".join(lines), wanted)
    return path


def _entry(key: TrustedKey) -> str:
    return (
        f"  - name: {key.name}\n"
        f"    public: {key.key.line}\n"
        f"    id: {key.key.id}\n"
        f"    role: {key.role}\n"
        f"    not_before: {_moment(key.not_before)}\n"
        f"    not_after: {_moment(key.not_after)}\n"
    )


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def _reason(told: Revoked) -> str:
    quoted = told.reason.replace("'", "''")
    return f"      reason: '{quoted}'\n"


def _end_of_entry(text: str, at: int) -> int:
    """Return the number of lines up to the end of a key's last value."""
    keys = next(v for k, v in root_node(text, TRUSTED).value if k.value == "keys")
    _, last = keys.value[at].value[-1]
    return int(last.end_mark.line) + 1


def _write(path: Path, text: str, wanted: Sequence[TrustedKey]) -> None:
    """Write the text if it says what is wanted: an odd layout is left to a person."""
    try:
        fits = parse_trusted(text, name=str(path)) == tuple(wanted)
    except TrustedKeysError:
        fits = False
    if not fits:
        raise TrustedKeysError(
            path=str(path),
            at="",
            found="a layout that cannot be extended here",
            expected="the lines of docs/attestation.md, one '- name:' for each key",
        )
    write_whole(path, text.encode("utf-8"))
