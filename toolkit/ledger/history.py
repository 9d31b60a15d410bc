"""What git first got of each file of the ledger, and when."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from toolkit.ledger.entries import Entry, belongs_in_git
from toolkit.ledger.finding import Finding
from toolkit.reproduce.checkout.git import CheckoutError, run_git
from toolkit.reproduce.records.store import RECORD

First: TypeAlias = tuple[str, str, int]  # git's digest, commit, its time in seconds
Firsts: TypeAlias = dict[str, dict[str, First]]  # by run and name
_LATER_S = 300  # by which a clock may go before git's
_LINK = "120000"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a repository stands."""

    head: str
    format: str  # of digests: "sha1", "sha256"
    shallow: bool


class History:
    """The history of the repository around a folder of runs, as far as HEAD reaches."""

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._environ = {
            k: v for k, v in os.environ.items() if not k.startswith("GIT_")
        }

    def standing(self) -> Standing | None:
        """Return where it stands; None without git, repository or commit."""
        told = self._ask(
            "rev-parse", "--show-object-format", "--is-shallow-repository", "HEAD"
        )
        if told is None:
            return None
        kind, shallow, head = os.fsdecode(told).split()
        return Standing(head=head, format=kind, shallow=shallow == "true")

    def firsts(self, standing: Standing, since: str = "") -> Firsts | None:
        """Return what each file first was, by the order of commits.

        Parameters
        ----------
        since : a commit whose history is known; only later commits are looked at

        Returns
        -------
        by run and name; None if ``since`` is no ancestor: all is to be asked anew
        """
        span = standing.head
        if since:
            if self._ask("merge-base", "--is-ancestor", since, standing.head) is None:
                return None
            span = f"{since}..{standing.head}"
        # With the history of every side and of the merges themselves: a merge can drop
        # a file, too.
        told = self._ask(
            "log", "--reverse", "--topo-order", "--full-history", "-m", "--raw", "-z",
            "--no-renames", "--no-abbrev", "--relative", "--no-ext-diff",
            "--format=%x01%H %ct", span, "--", ".",
        )  # fmt: skip
        return None if told is None else _parsed(told)

    def _ask(self, *arguments: str) -> bytes | None:
        place = ["--no-pager", "-C", str(self._runs_dir), *arguments]
        try:
            done = run_git(place, self._environ, where=self._runs_dir)
        except CheckoutError:
            return None
        return None if done.returncode else done.stdout


def blob_digest(content: bytes, kind: str = "sha1") -> str:
    """Return git's digest of a file's content.

    Examples
    --------
    >>> blob_digest(b"")[:12]
    'e69de29bb2d1'
    """
    head = b"blob %d\0" % len(content)
    return hashlib.new(kind, head + content, usedforsecurity=False).hexdigest()


def merged(known: Firsts, more: Firsts) -> Firsts:
    """Return both; what was known first stays."""
    return {run: {**more.get(run, {}), **known.get(run, {})} for run in {*known, *more}}


def against_firsts(
    run: str, entry: Entry | None, firsts: Mapping[str, First]
) -> Iterator[Finding]:
    """Yield where a run is not what git first got.

    Parameters
    ----------
    entry : None if there is no folder of that run any more
    firsts : of the run, by name
    """
    blobs: Mapping[str, str] = {} if entry is None else entry.blobs
    if RECORD in firsts and RECORD not in blobs:
        _, commit, _ = firsts[RECORD]
        found = f"commit {commit[:12]} brought its record, and it is not here any more"
        yield Finding(place=run, code="LED101", found=found)
        return
    for name, (digest, commit, time) in sorted(firsts.items()):
        place = f"{run}/{name}"
        if name not in blobs:
            found = f"commit {commit[:12]} brought it, and it is not here any more"
            yield Finding(place=place, code="LED102", found=found)
        elif blobs[name] != digest:
            code = "LED203" if name == RECORD else "LED204"
            found = f"it is not the one that commit {commit[:12]} brought"
            yield Finding(place=place, code=code, found=found)
        elif late := _later(entry, place, time):
            found = f"it tells of {late}, after commit {commit[:12]} had brought it"
            yield Finding(place=place, code="LED602", found=found)


def firsts_json(firsts: Firsts) -> bytes:
    """Return what git first got as the index keeps it."""
    return json.dumps(firsts, separators=(",", ":")).encode()


def parse_firsts(content: bytes) -> Firsts:
    """Return what :func:`firsts_json` wrote."""
    firsts: Firsts = json.loads(content)
    return firsts


def _later(entry: Entry | None, place: str, committed: int) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415

    latest = datetime.fromtimestamp(committed + _LATER_S, UTC).isoformat()
    for where, time in () if entry is None else entry.times:
        if where == place and time > latest:
            return time
    return ""


def _parsed(told: bytes) -> Firsts:
    firsts: Firsts = {}
    commit, time = "", 0
    parts = iter(os.fsdecode(told).split("\0"))
    for part in parts:
        fact = part.lstrip("\n")
        if fact.startswith("\x01"):
            commit, seconds = fact[1:].split(" ")
            time = int(seconds)
        elif fact.startswith(":"):
            run, _, name = next(parts).partition("/")
            _, mode, _, digest, status = fact[1:].split(" ")
            if status != "D" and mode != _LINK and belongs_in_git(name):
                firsts.setdefault(run, {}).setdefault(name, (digest, commit, time))
    return firsts
