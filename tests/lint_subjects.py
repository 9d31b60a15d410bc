"""Notebooks of a few cells, for the tests of rules."""

from collections.abc import Iterable

from toolkit.lint.model import Rule, Subject, Surroundings
from toolkit.reproduce.notebook import Cell, Notebook

NOWHERE = Surroundings()


def subject(
    *cells: str, around: Surroundings = NOWHERE, path: str = "notebooks/a.ipynb"
) -> Subject:
    made = tuple(
        Cell(index=i, kind="code", source=source, tags=())
        for i, source in enumerate(cells)
    )
    notebook = Notebook(path=path, kernel="python3", cells=made, content={})
    return Subject(notebook=notebook, around=around)


def codes(rules: Iterable[Rule], seen: Subject) -> list[str]:
    """Return the codes of what is found, one for each place."""
    return [rule.code for rule in rules for _ in rule.check(seen)]
