"""Which variable parts first, and which line is likely to do it."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.reproduce.comparison.sides import Difference, first_cell
from toolkit.reproduce.diagnosis import Suspect, diagnose
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.search import Search
from toolkit.reproduce.diagnosis.slices import backward
from toolkit.reproduce.verification.inquiry import Inquiry
from toolkit.reproduce.verification.parting import first_variables
from toolkit.reproduce.verification.smallest import Names
from toolkit.reproduce.verification.trials import Case

ENTROPY = frozenset(("entropy",))  # the culprit where no variation is one


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Where a difference begins, and what is likely to make it."""

    cell: int | None
    names: tuple[str, ...]  # of the first variables that part
    suspects: tuple[Suspect, ...]


def explain(
    inquiry: Inquiry, found: Sequence[Difference], culprits: Names, turn: int = 0
) -> Explanation:
    """Execute up to where the results part, and look at variables and calls.

    Parameters
    ----------
    inquiry : about the case
    found : the differences that count
    culprits : variations that make them; none: two plain executions differ
    turn : in which way they are varied
    """
    until = first_cell(found)
    watched = inquiry.told(until=until, watched=True, witnesses=True)
    other = inquiry.told(culprits, turn=turn, until=until, watched=True, witnesses=True)
    noise = [inquiry.told(until=until, watched=True)] if culprits else []
    trials = inquiry.execute(watched, other, *noise)
    events = [trial.executed.events for trial in trials]
    relevant = _relevant(inquiry.case, found, until)
    parted = first_variables(events, relevant) or first_variables(events)
    cell, names = parted or (until, ())
    witnesses = [e for one in events[:2] for e in one if e.kind == "witness"]
    suspects = diagnose(
        inquiry.case.notebook,
        inquiry.case.files,
        cell=cell,
        names=names,
        culprits=culprits or ENTROPY,
        witnesses=tuple(dict.fromkeys(witnesses)),
    )
    return Explanation(cell=cell, names=names, suspects=tuple(suspects))


def leads(case: Case, found: Sequence[Difference]) -> tuple[Suspect, ...]:
    """Return lines that could make a record of its own, where no execution shows any.

    Parameters
    ----------
    case : whose executions agree with each other
    found : in what they are not the record
    """
    program = Program(case.notebook, case.files)
    program.load_imported()
    known = {
        (finding.step.source.cell, finding.step.source.file, finding.line)
        for finding in Search(program).findings(program.steps())
    }
    named = diagnose(
        case.notebook,
        case.files,
        cell=first_cell(found),
        names=_published(found),
        culprits=frozenset(),
        witnesses=(),
    )
    return tuple(
        one
        for one in named
        if (None if one.file else one.cell, one.file, one.line) in known
    )


def _published(found: Sequence[Difference]) -> list[str]:
    return [one.name for one in found if one.kind not in ("output", "cell")]


def _relevant(
    case: Case, found: Sequence[Difference], until: int | None
) -> frozenset[tuple[int, str]]:
    """Return the variables, by the cell that sets them, which the difference rests on.

    When a cell began is another at each execution, and decides nothing.
    """
    program = Program(case.notebook, case.files)
    program.load_imported()
    steps = backward(program, cell=until, names=_published(found)).distances
    return frozenset(
        (step.source.cell, name)
        for step in steps
        if step.source.cell is not None
        for name in (*step.binds, *step.changes)
    )
