"""How far a run's numbers can be trusted: derived from evidence, never stored."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from toolkit.publish.results import Sha256
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.variation import NAMES

Level: TypeAlias = Literal["exploratory", "recorded", "reproduced", "trusted"]
_QUOTABLE: tuple[Level, ...] = ("reproduced", "trusted")
_SHOWN = 3


class EvidenceLike(Protocol):
    """What one verification found out about one record."""

    @property
    def record(self) -> Sha256:
        """Digest of the record that was verified."""

    @property
    def value(self) -> str:
        """``reproduced`` or ``differs``; all else proves nothing."""

    @property
    def cause(self) -> str:
        """Why it differs, in a few words; empty if it was reproduced."""

    @property
    def variations(self) -> Sequence[str]:
        """Names of what was varied."""

    @property
    def finished(self) -> str:
        """When, in UTC; sorts as time does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why a run stands no higher, and what would lift it."""

    short: str  # two or three words, for a table
    found: str
    advice: str  # what to do, or the command


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """The level of a run, and what keeps it from the next."""

    level: Level
    reasons: tuple[Reason, ...] = ()  # none at the top
    unseen: tuple[str, ...] = ()  # what could not be watched or enforced: no reason
    since: str = ""  # when it was reproduced
    variations: tuple[str, ...] = ()  # under which

    @property
    def missing(self) -> str:
        """What is needed for the next level; empty at the top."""
        return "; ".join(dict.fromkeys(reason.advice for reason in self.reasons))

    @property
    def short(self) -> str:
        """The reasons in a few words."""
        return ", ".join(dict.fromkeys(reason.short for reason in self.reasons))

    @property
    def quotable(self) -> bool:
        """Whether its numbers may be shown to somebody else."""
        return self.level in _QUOTABLE

    def to_dict(self) -> dict[str, object]:
        """Return the trust as plain JSON values."""
        return {
            "level": self.level,
            "missing": self.missing,
            "reasons": [
                {"short": r.short, "found": r.found, "advice": r.advice}
                for r in self.reasons
            ],
            "unseen": list(self.unseen),
            "reproduced": self.since or None,
            "variations": list(self.variations),
        }


def trust_of(
    record: Record,
    evidence: Sequence[EvidenceLike],
    *,
    attested: bool = False,
    lacking: Sequence[Reason] = (),
    committed: Container[str] | None = None,
    upstream: Mapping[str, Trust] | None = None,
) -> Trust:
    """Return how far a run can be trusted.

    Parameters
    ----------
    record : of the run
    evidence : of verifications; that of other records does not count
    attested : a key that the project names has signed it
    lacking : why it is not attested, where more is known than that
    committed : paths that the run's commit holds; left out, every input inside the
        project counts as committed where the tree was clean
    upstream : the trust of each run that this one used, by notebook; a run stands no
        higher than what it rests on

    Examples
    --------
    A run is *exploratory*, *recorded*, *reproduced* or *trusted*:

    >>> Trust(level="recorded", reasons=(not_verified("02-baseline"),)).missing
    'toolkit verify 02-baseline'
    """
    unseen = tuple(_unseen(record.trace))
    if loose := tuple(_loose(record, committed)):
        return Trust(level="exploratory", reasons=loose, unseen=unseen)
    weak = tuple(_weak(upstream or {}))
    if any(trust.level == "exploratory" for trust in (upstream or {}).values()):
        return Trust(level="exploratory", reasons=weak, unseen=unseen)
    proof, doubt = _weigh(record, evidence)
    if doubt is not None or proof is None or weak:
        reasons = (*((doubt,) if doubt else ()), *weak)
        return Trust(level="recorded", reasons=reasons, unseen=unseen)
    if attested:
        short = tuple(_weak(upstream or {}, "trusted"))
    else:
        short = tuple(lacking) or (_NOT_ATTESTED,)
    return Trust(
        level="reproduced" if short else "trusted",
        reasons=short,
        unseen=unseen,
        since=proof.finished,
        variations=tuple(proof.variations),
    )


def proof_of(record: Record, evidence: Sequence[EvidenceLike]) -> EvidenceLike | None:
    """Return the evidence that proves a run, unless a later one refutes it."""
    return _weigh(record, evidence)[0]


def not_verified(notebook: str) -> Reason:
    """Return the reason of a run that nobody has verified yet."""
    return Reason(
        short="not verified",
        found="nobody has produced its numbers a second time",
        advice=f"toolkit verify {notebook}",
    )


_NOT_ATTESTED = Reason(
    short="not attested",
    found="no key that the project names has signed it",
    advice="let CI verify and sign it",
)


def _loose(record: Record, committed: Container[str] | None) -> Iterator[Reason]:
    """Yield why nobody else could begin to produce a run again."""
    about, environment = record.circumstances, record.recipe.environment
    again = f"toolkit run {record.recipe.notebook.path}"
    if record.status != "finished":
        where = record.error.cell if record.error else None
        cell = "" if where is None else f" in cell {where + 1}"
        yield Reason(
            short=f"{record.status}{cell}",
            found=f"the run did not finish ({record.status}{cell})",
            advice=f"mend it and run it again: {again}",
        )
    if about.commit is None:
        yield Reason(
            short="no commit",
            found="no commit holds its code",
            advice=f"commit your changes and run again: {again}",
        )
    elif about.dirty is not False:
        yield Reason(
            short="dirty tree",
            found=f"files were not what commit {about.commit[:8]} holds",
            advice=f"commit your changes and run again: {again}",
        )
    if environment.lock is None:
        yield Reason(
            short="no lock",
            found="no requirements.lock says what was installed",
            advice=f"write requirements.lock, commit it and run again: {again}",
        )
    if about.drift:
        yield Reason(
            short="not the lock",
            found=f"installed is not what requirements.lock names: "
            f"{_listed(about.drift)}",
            advice=f"install what the lock names and run again: {again}",
        )
    yield from _unknown_inputs(record, committed)


def _unknown_inputs(
    record: Record, committed: Container[str] | None
) -> Iterator[Reason]:
    """Yield what the run read and what nobody else can find."""
    again = f"toolkit run {record.recipe.notebook.path}"
    outside = [path for path in record.trace.inputs if path.startswith("/")]
    if outside:
        yield Reason(
            short="outside input",
            found=f"it read {_listed(outside)}, outside the project",
            advice=f"bring it into the project and run again: {again}",
        )
    loose = [
        path
        for path in record.trace.undeclared
        if not path.startswith("/") and committed is not None and path not in committed
    ]
    if loose:
        yield Reason(
            short="unknown input",
            found=f"it read {_listed(loose)}, in no commit and in no scope",
            advice=f"commit it, or declare it in scope.yaml, and run again: {again}",
        )


def _weak(upstream: Mapping[str, Trust], *levels: Level) -> Iterator[Reason]:
    """Yield the runs that this one rests on and that stand lower than it may."""
    for notebook, trust in upstream.items():
        if trust.level not in (levels or _QUOTABLE):
            yield Reason(
                short=f"needs {notebook}",
                found=f"it rests on {notebook}, which is only {trust.level}",
                advice=trust.missing,
            )


def _weigh(
    record: Record, evidence: Sequence[EvidenceLike]
) -> tuple[EvidenceLike | None, Reason | None]:
    """Return what proves a run, and what is said against that or is missing for it.

    The latest counts, except that a check of less undoes no finding of more.
    """
    about = [one for one in evidence if one.record == record.digest]
    proof: EvidenceLike | None = None
    doubt: Reason | None = not_verified(record.notebook)
    refuted = False
    for one in sorted(about, key=lambda each: each.finished):
        skipped = [name for name in NAMES if name not in one.variations]
        if one.value == "differs":
            refuted, proof, doubt = True, None, _differs(one)
        elif one.value == "reproduced" and not skipped:
            refuted, proof, doubt = False, one, None
        elif one.value == "reproduced" and not refuted and proof is None:
            doubt = _not_varied(record.notebook, skipped)
    return proof, doubt


def _differs(one: EvidenceLike) -> Reason:
    cause = f" ({one.cause})" if one.cause else ""
    return Reason(
        short=f"differs{f': {one.cause}' if one.cause else ''}",
        found=f"the verification of {one.finished[:10]} gave other results{cause}",
        advice="mend what it names, commit and run again",
    )


def _not_varied(notebook: str, skipped: Sequence[str]) -> Reason:
    every = len(skipped) == len(NAMES)
    return Reason(
        short="not varied" if every else "not all varied",
        found="it was executed again, but with "
        + ("nothing varied" if every else f"{_listed(skipped)} not varied"),
        advice=f"toolkit verify {notebook}",
    )


def _unseen(trace: Trace) -> Iterator[str]:
    """Yield what the trace says it could not see or enforce."""
    for sentence in trace.enforced:
        _, _, how = sentence.partition(": ")
        if how.startswith("not ") or "but not all" in how:
            yield sentence


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
