"""Rules of order: names that are read before, or without that, a cell sets them."""

from collections.abc import Iterable, Iterator

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.names.missing import Missing, Trouble, naming
from toolkit.lint.names.spelling import misspelt
from toolkit.lint.places import hit_at, numbered


def _undefined(subject: Subject) -> Iterator[Hit]:
    typos = misspelt(subject)
    for each in _troubled(subject, "undefined"):
        if each.name in typos:
            continue
        yield hit_at(
            each.step.source,
            each.node,
            f"{each.name!r} is read, but no cell sets it",
        )


def _early(subject: Subject) -> Iterator[Hit]:
    for each in _troubled(subject, "early"):
        by = f"{each.through}() reads {each.name!r}" if each.through else ""
        here = each.where is not None and each.where[0] == each.step.source.cell
        yield hit_at(
            each.step.source,
            each.node,
            f"{by or f'{each.name!r} is read'} before anything sets it: that happens "
            + ("further down in this cell" if here else f"in {_cell(each)}"),
        )


def _deleted(subject: Subject) -> Iterator[Hit]:
    for each in _troubled(subject, "deleted"):
        yield hit_at(
            each.step.source,
            each.node,
            f"{each.name!r} is read after `del` took it away in {_cell(each)}",
        )


def _troubled(subject: Subject, trouble: Trouble) -> Iterable[Missing]:
    may_fail = {c.index for c in subject.notebook.cells if "raises-exception" in c.tags}
    return (
        each
        for each in naming(subject).missing
        if each.trouble == trouble and each.step.source.cell not in may_fail
    )


def _cell(each: Missing) -> str:
    return numbered(each.where[0]) if each.where else "no cell"


RULES: tuple[Rule, ...] = (
    Rule(
        code="ORD101",
        name="undefined-name",
        severity="error",
        why="Nothing sets the name, so a fresh kernel stops there with a NameError; on "
        "the author's screen a deleted or changed cell had set it.",
        mend="Bring back the cell that set it, or import what it stands for.",
        bad=("units = [3, 4]\nprint([n for n in units if n not in outliers])",),
        good=(
            "units = [3, 4]\noutliers = [4]",
            "print([n for n in units if n not in outliers])",
        ),
        check=_undefined,
    ),
    Rule(
        code="ORD102",
        name="used-before-definition",
        severity="error",
        why="Executed from top to bottom the name is not there yet: the numbers on "
        "the author's screen came from another order.",
        mend="Move the cell that sets the name above the cell that reads it.",
        bad=(
            "print(total / 2)\ntotal = 4",
            "def half():\n    return total / 2\nprint(half())\ntotal = 4",
        ),
        good=(
            "total = 4\nprint(total / 2)",
            "def half():\n    return total / 2\ntotal = 4\nprint(half())",
            "for n in range(3):\n    if n:\n        print(last)\n    last = n",
        ),
        check=_early,
    ),
    Rule(
        code="ORD103",
        name="used-after-deletion",
        severity="error",
        why="The name was deleted above, so a fresh kernel stops there with a "
        "NameError.",
        mend="Take the `del` out, or move it below the last use.",
        bad=("rows = [3, 4]\ndel rows\nprint(len(rows))",),
        good=(
            "rows = [3, 4]\nprint(len(rows))\ndel rows",
            "rows = [3, 4]\ndel rows\nrows = [5]\nprint(rows)",
        ),
        check=_deleted,
    ),
)
