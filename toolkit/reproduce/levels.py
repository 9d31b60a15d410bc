"""The trust of the runs on disk: each record with what verifications found of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import ToolkitError
from toolkit.reproduce.attestation.beside import Keys, load_attestations
from toolkit.reproduce.attestation.standing import Standing, standing_of
from toolkit.reproduce.attestation.trusted import TrustedKeysError, load_trusted
from toolkit.reproduce.records.history import paths_at
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.trust import EvidenceLike, Reason, Trust, trust_of
from toolkit.reproduce.verification.evidence import load_evidence

EvidenceOf: TypeAlias = Callable[[Record], Sequence[EvidenceLike]]
StandingOf: TypeAlias = Callable[[Record], Standing]


class Levels:
    """Judges the runs of one folder; each once.

    Parameters
    ----------
    records : every record of the folder; a run stands no higher than those it used
    evidence_of : gives the evidence about a record, in any order
    root : of the project, whose commits say which inputs they hold; left out, inputs
        inside the project count as committed where the tree was clean
    unreadable : what lies beside the records and could not be read
    standing_of : says whether a key that the project names has signed a record
    """

    def __init__(
        self,
        records: Sequence[Record],
        evidence_of: EvidenceOf,
        *,
        root: Path | None = None,
        unreadable: Sequence[ToolkitError] = (),
        standing_of: StandingOf = lambda _: Standing(),
    ) -> None:
        self.unreadable = tuple(unreadable)
        self._records: Mapping[str, Record] = {record.run: record for record in records}
        self._evidence_of = evidence_of
        self._standing_of = standing_of
        self._root = root
        self._known: dict[str, Trust] = {}
        self._paths = cache(paths_at)

    def trust(self, record: Record) -> Trust:
        """Return how far a run can be trusted."""
        if record.run not in self._known:
            self._known[record.run] = _MISSING  # ends a circle of edited records
            self._known[record.run] = self._judge(record)
        return self._known[record.run]

    def evidence(self, record: Record) -> Sequence[EvidenceLike]:
        """Return what verifications found about a run, oldest first."""
        about = (e for e in self._evidence_of(record) if e.record == record.digest)
        return sorted(about, key=lambda one: one.finished)

    def _judge(self, record: Record) -> Trust:
        commit, committed = record.circumstances.commit, None
        if self._root is not None and commit is not None and record.trace.undeclared:
            committed = self._paths(self._root, commit)
        standing = self._standing_of(record)
        return trust_of(
            record,
            self.evidence(record),
            attested=standing.attested,
            lacking=standing.lacking,
            committed=committed,
            upstream={
                notebook: self.trust(self._records[run])
                if run in self._records
                else _MISSING
                for notebook, run in record.recipe.upstream.items()
            },
        )


_MISSING = Trust(
    level="recorded",
    reasons=(
        Reason(
            short="not here",
            found="its record is not here",
            advice="get the used run back from git, or run all again: toolkit run",
        ),
    ),
)


def load_levels(
    runs_dir: Path, records: Sequence[Record], now: datetime | None = None
) -> Levels:
    """Return the judge of a folder of runs, with evidence and attestations in it.

    What was edited, or cannot be read, counts for nothing and is told in
    ``unreadable``; so is a file of trusted keys that cannot be, and then no key is.

    Parameters
    ----------
    runs_dir : usually ``runs`` in the project's root
    records : every record of the folder that can be read
    now : in UTC; nothing signed later counts; the clock's time if it is left out
    """
    now = now or datetime.now(UTC)
    found = {record.run: load_evidence(runs_dir / record.run) for record in records}
    unreadable: list[ToolkitError] = []
    keys = Keys()
    try:
        keys = Keys(trusted=load_trusted(runs_dir.parent))
    except TrustedKeysError as error:
        unreadable.append(error)
    signed = {
        record.run: load_attestations(runs_dir / record.run, record, keys, now)
        for record in records
    }
    unreadable += [e for one in found.values() for e in one.unreadable]
    unreadable += [e for one in signed.values() for e in one.refused]
    return Levels(
        records,
        lambda record: found[record.run].evidence,
        root=runs_dir.parent,
        unreadable=unreadable,
        standing_of=lambda record: standing_of(
            record.run, signed[record.run], named=bool(keys.trusted)
        ),
    )
