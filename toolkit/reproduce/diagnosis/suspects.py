"""From a difference to the lines that a person would look at first."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from toolkit.reproduce.diagnosis.lines import Suspect, beginning, merged, seen
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.ranking import Ranked, rank
from toolkit.reproduce.diagnosis.search import Search
from toolkit.reproduce.diagnosis.slices import backward
from toolkit.reproduce.notebook import Notebook
from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.variation import NAMES

_MOST = 5  # suspects that are told
_FAR = 4.0  # how much worse than the best a suspect may score
_SUREST = 0.9  # of one line: several make it surer


def diagnose(
    notebook: Notebook,
    files: Mapping[str, str],
    *,
    cell: int | None,
    names: Sequence[str],
    culprits: frozenset[str],
    witnesses: Sequence[Event],
) -> tuple[Suspect, ...]:
    """Return the lines that most likely made two executions differ, best first.

    There is at least one, unless the notebook has no code at all.

    Parameters
    ----------
    notebook : that was executed
    files : sources of the project's modules, by path; only imported ones are read
    cell : index of the first cell that parted; None if that is not known
    names : the first variables, or published results, that parted
    culprits : names of variations that cause it; "entropy" where two plain
        executions differ already; empty if that is not known
    witnesses : what was seen at run time; other kinds of events are passed over

    Examples
    --------
    >>> from toolkit.reproduce.notebook import Cell
    >>> cell = Cell(index=0, kind="code", source="x = list(set(names))", tags=())
    >>> notebook = Notebook(path="a.ipynb", kernel="python3", cells=(cell,), content={})
    >>> (found,) = diagnose(
    ...     notebook,
    ...     {},
    ...     cell=0,
    ...     names=["x"],
    ...     culprits=frozenset({"hash-seed"}),
    ...     witnesses=[],
    ... )
    >>> found.line, found.advice
    (1, 'Sort it: `sorted(set(names))` instead of `list(set(names))`.')
    """
    with _uncollected():
        program = Program(notebook, files)
        program.load_imported()
        influence = backward(program, cell=cell, names=names)
        findings = Search(program).findings(program.steps())
        ranked = rank(
            findings, influence, cell=cell, culprits=culprits, witnesses=witnesses
        )
    suspects = list(merged(_near_the_best(ranked), cell))
    suspects += seen(program, witnesses, culprits, cell, suspects)
    return tuple(suspects[:_MOST]) or beginning(program, cell, names)


def static_suspicion(
    notebook: Notebook, files: Mapping[str, str]
) -> Mapping[str, float]:
    """Return how much a notebook's source speaks for each variation, from 0 to 1.

    Every name of `variation.NAMES` is there, the most suspicious first.
    """
    innocent = dict.fromkeys(NAMES, 1.0)
    with _uncollected():
        program = Program(notebook, files)
        program.load_imported()
        for finding in Search(program).findings(program.steps()):
            for group, weight in finding.groups.items():
                if group in innocent:
                    innocent[group] *= 1.0 - _SUREST * min(weight, 1.0)
    found = {name: round(1.0 - rest, 6) for name, rest in innocent.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _near_the_best(ranked: Sequence[Ranked]) -> Iterator[Ranked]:
    """Leave out what is far less likely than the best of its culprit."""
    best: dict[str, float] = {}
    for each in ranked:
        if each.score >= best.setdefault(each.group, each.score) - _FAR:
            yield each


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collector: trees are many objects and no garbage."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
