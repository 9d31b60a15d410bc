"""Lines to look at: what is said of each, also where no rule says anything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.ranking import Ranked, groups_of
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.records.trace import Event

_WHYS = 2  # that are told of one line
_ADVICE: Mapping[str, str] = {
    "clock": "Make the moment a parameter of the notebook.",
    "time-zone": "Name the zone, e.g. `timezone.utc`.",
    "entropy": "Pass a seed, e.g. `random_state=0`.",
    "listing": "Sort the files: `sorted(…)`.",
    "hash-seed": "Sort the set: `sorted(…)`.",
    "environment": "Make it a parameter of the notebook.",
    "processors": "Give the number of workers yourself.",
    "parallel": "Collect results in the order of what was asked for.",
    "locale": "Write names and separators out yourself.",
    "folder": "Use paths relative to the project.",
    "home": "Use paths relative to the project.",
}
_GENERAL = "Let no result depend on what this line is given."


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspect:
    """A line that made results differ, as far as can be told."""

    cell: int | None  # index in the notebook; of a file's line, the cell that parted
    file: str | None  # of the project; None: the line is the cell's
    line: int  # from 1
    source: str  # the line itself
    why: str
    advice: str  # one imperative sentence


def merged(ranked: Iterable[Ranked], cell: int | None) -> Iterator[Suspect]:
    """Yield one suspect for each line, with all that was found there."""
    lines: dict[tuple[int | None, str | None, int], list[Ranked]] = {}
    for each in ranked:
        source = each.finding.step.source
        key = (source.cell, source.file, each.finding.line)
        lines.setdefault(key, []).append(each)
    for (where, file, line), found in lines.items():
        whys = list(dict.fromkeys(each.finding.why for each in found))
        yield Suspect(
            cell=where if file is None else cell,
            file=file,
            line=line,
            source=found[0].finding.step.source.line(line),
            why="; ".join(whys[:_WHYS]),
            advice=found[0].finding.advice,
        )


def seen(
    program: Program,
    witnesses: Sequence[Event],
    culprits: frozenset[str],
    cell: int | None,
    known: Sequence[Suspect],
) -> Iterator[Suspect]:
    """Yield lines at which something was seen, and of which no rule says anything."""
    told = {(s.cell if s.file is None else None, s.file, s.line) for s in known}
    for event in witnesses:
        if event.line is None or not _speaks(event, culprits, cell):
            continue
        place = (event.cell if event.file is None else None, event.file, event.line)
        if place in told:
            continue
        told.add(place)
        line = program.line(event.cell, event.file, event.line)
        if not line:  # of a function that another cell defines
            continue
        what = event.detail or event.what
        groups = groups_of(event)
        group = min(groups & culprits or groups)
        yield Suspect(
            cell=event.cell,
            file=event.file,
            line=event.line,
            source=line,
            why=f"`{what}` was called here while the cell was executed",
            advice=_ADVICE.get(group, _GENERAL),
        )


def _speaks(event: Event, culprits: frozenset[str], cell: int | None) -> bool:
    """Whether what was seen can explain a culprit, and was not too late for that."""
    groups = groups_of(event)
    late = cell is not None and event.cell is not None and event.cell > cell
    return bool(groups) and not late and (not culprits or bool(groups & culprits))


def beginning(
    program: Program, cell: int | None, names: Sequence[str]
) -> tuple[Suspect, ...]:
    """Return where the difference begins, for when nothing explains it."""
    here = [s for s in program.main.steps if cell is None or s.source.cell == cell]
    step = _first(here, names)
    if step is not None:
        source, line = step.source, step.line
    else:
        code = [c for c in program.cells if cell is None or c.cell == cell]
        if not code:
            return ()
        source, lines = code[0], enumerate(code[0].lines, 1)
        line = next((number for number, text in lines if text.strip()), 1)
    named = f"of `{names[0]}` " if names else ""
    return (
        Suspect(
            cell=source.cell,
            file=None,
            line=line,
            source=source.line(line),
            why=f"the difference {named}begins here; nothing known explains it",
            advice="Look at what this line reads and calls that is not in the recipe.",
        ),
    )


def _first(here: Sequence[Step], names: Sequence[str]) -> Step | None:
    """Return the first statement that sets a name; else one that shows something."""
    for name in names:
        for step in here:
            if name in step.binds | step.changes:
                return step
    shown = (s for s in here if not s.binds)
    return next(shown, here[0] if here else None)
