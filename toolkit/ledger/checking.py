"""One check against one index: only what changed is read."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

from toolkit.ledger.across import across, result_differences
from toolkit.ledger.attestations import AttestationReader
from toolkit.ledger.contents import Reader
from toolkit.ledger.entries import Entry, parse_entries
from toolkit.ledger.finding import Finding
from toolkit.ledger.history import (
    Firsts,
    History,
    blob_digest,
)
from toolkit.ledger.index import BrokenIndexError, Index, Parts
from toolkit.ledger.shards import Read, apply
from toolkit.ledger.watching import (
    Seen,
    changed_runs,
    clock,
    look,
    settled,
)

_CLOCKS = timedelta(minutes=5)  # by which two machines' clocks may differ
_TRIES = 5


class Checking:
    """Checks a folder of runs.

    Parameters
    ----------
    runs_dir : there
    now : in UTC
    history : hold the files against what git first got
    read_attestation : gives what an attestation is about
    """

    def __init__(
        self,
        runs_dir: Path,
        *,
        now: datetime,
        history: bool,
        read_attestation: AttestationReader,
    ) -> None:
        self._runs_dir = runs_dir.resolve()
        self._now = f"{now + _CLOCKS:%Y-%m-%dT%H:%M:%S.%fZ}"
        self._asked = history
        self._history = History(self._runs_dir)
        self._standing = self._history.standing() if history else None
        kind = self._standing.format if self._standing else "sha1"
        digest = partial(blob_digest, kind=kind)
        self._reader = Reader(self._runs_dir, digest, read_attestation)
        # What is known under another basis says nothing here.
        self._basis = json.dumps([str(self._runs_dir), kind]).encode()
        self._head = self._standing.head if self._standing else ""

    def by(self, index: Index) -> tuple[int, int, Sequence[Finding]]:
        """Return how many runs there are, how many were read, and what was found.

        Raises
        ------
        BrokenIndexError : if the index is not what was written
        sqlite3.Error : if it cannot be read or written
        """
        for _ in range(_TRIES):
            done = self._once(index)
            if done is not None:
                runs, read, findings = done
                return runs, read, [*findings, *self._unchecked()]
        raise BrokenIndexError  # others change it all the time

    def _once(self, index: Index) -> tuple[int, int, Sequence[Finding]] | None:
        """Check once; None if another process changed what is known meanwhile."""
        with index.reading() as parts:
            basis, head = parts.get("basis"), parts.get("head")
            same = basis == self._basis
            seen = (
                [Seen.from_bytes(c) for c in parts.all("seen").values()] if same else []
            )
            concluded = parts.get("conclusion") if same else None
        changed = changed_runs(self._runs_dir, seen)
        known = head.decode() if same and head is not None else ""
        if concluded is not None and not changed and known == self._known_head():
            runs, found, later, at = json.loads(concluded)
            if at <= self._now:
                return runs, 0, [*map(_finding, found), *self._future(later)]
        firsts, anew = self._firsts(known)
        read = {run: self._read(run, index) for run in sorted(changed)}
        with index.changing() as parts:
            if (parts.get("basis"), parts.get("head")) != (basis, head):
                return None
            if not same:
                parts.clear()
                parts.put("basis", "", self._basis)
            parts.put("head", "", self._known_head().encode())
            apply(parts, read, firsts, anew=anew)
            runs, found = self._conclude(parts)
        return runs, len(read), found

    def _known_head(self) -> str:
        """Return what is noted as looked at; a shallow clone may grow backwards."""
        shallow = self._standing is not None and self._standing.shallow
        return f"{self._head}-shallow" if shallow else self._head

    def _firsts(self, known: str) -> tuple[Firsts, bool]:
        """Return what git first got, and whether that is all or what came later."""
        if self._standing is None:
            return {}, True
        if known == self._known_head() and not self._standing.shallow:
            return {}, False
        since = "" if self._standing.shallow or "-" in known else known
        more = self._history.firsts(self._standing, since)
        if more is None and since:
            since, more = "", self._history.firsts(self._standing)
        return more or {}, not since

    def _read(self, run: str, index: Index) -> Read:
        began = clock(index.clock_lag)
        paths, stamps = look(self._runs_dir, run)
        entry = self._reader.read(run) if paths else None
        again, stamps_again = look(self._runs_dir, run)
        kept = settled(stamps, stamps_again if again == paths else b"", began)
        return Read(entry=entry, paths=paths, stamps=kept)

    def _conclude(self, parts: Parts) -> tuple[int, Sequence[Finding]]:
        entries: dict[str, Entry] = {}
        for content in parts.all("entries").values():
            entries |= parse_entries(content)
        differences = partial(result_differences, self._runs_dir)
        own = (finding for entry in entries.values() for finding in entry.findings)
        found = [*own, *across(entries, differences)]
        times = chain.from_iterable(entry.times for entry in entries.values())
        later = [(place, time) for place, time in times if time > self._now]
        plain = [(one.place, one.code, one.found) for one in found]
        conclusion = [len(entries), plain, later, self._now]
        parts.put("conclusion", "", json.dumps(conclusion).encode())
        return len(entries), [*found, *self._future(later)]

    def _future(self, times: Iterable[Sequence[str]]) -> Iterable[Finding]:
        latest = {place: time for place, time in times if time > self._now}
        for place, time in latest.items():
            yield Finding(place=place, code="LED601", found=f"it tells of {time}")

    def _unchecked(self) -> Iterable[Finding]:
        if self._asked and self._standing is None:
            found = "there is no git repository with a commit around the runs"
            yield Finding(place="", code="LED701", found=found)
        elif self._standing is not None and self._standing.shallow:
            found = f"this clone is shallow; its commits end before {self._head[:12]}"
            yield Finding(place="", code="LED701", found=found)


def _finding(plain: Sequence[str]) -> Finding:
    place, code, found = plain
    return Finding(place=place, code=code, found=found)
