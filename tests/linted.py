"""What one rule says of a notebook that is written as a list of cells."""

from collections.abc import Mapping, Sequence

from toolkit.lint.examples import example_notebook
from toolkit.lint.model import Hit, Rule, Subject, Surroundings
from toolkit.reproduce.notebook import parse_notebook


def hits(
    rules: Sequence[Rule],
    code: str,
    *cells: str,
    files: Mapping[str, str] | None = None,
) -> list[Hit]:
    """Return the hits of the rule with that code."""
    rule = next(rule for rule in rules if rule.code == code)
    notebook = parse_notebook(example_notebook(cells), path="nb.ipynb")
    around = Surroundings(files=files or {})
    return list(rule.check(Subject(notebook=notebook, around=around)))


def told(rules: Sequence[Rule], code: str, *cells: str) -> list[str]:
    """Return what the rule with that code found."""
    return [hit.what for hit in hits(rules, code, *cells)]
