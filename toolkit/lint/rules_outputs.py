"""Rules of what is stored with a notebook: outputs, counts and errors."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.names.magics import is_python
from toolkit.lint.places import numbered
from toolkit.reproduce.diagnosis.words import words
from toolkit.reproduce.parameters.schema import TAG

_CHECKED = "nbval-check-output"
_FAILS = "raises-exception"
_SILENT = words("sum len min max int float str abs round range zip list tuple sorted")
_SKIPPED = "skip-execution"
_PUBLISH = "toolkit.publish"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stored:
    """What is stored with one code cell that is not blank."""

    index: int
    tags: frozenset[str]
    count: int | None
    outputs: Sequence[Any]


def _stored(subject: Subject) -> list[_Stored]:
    found = []
    plain = subject.content["cells"]
    for cell in subject.notebook.code:
        count = plain[cell.index].get("execution_count")
        outputs = plain[cell.index].get("outputs")
        found.append(
            _Stored(
                index=cell.index,
                tags=frozenset(cell.tags),
                count=count if isinstance(count, int) else None,
                outputs=outputs if isinstance(outputs, list) else [],
            )
        )
    return found


def _committed(subject: Subject) -> Iterator[Hit]:
    cells = _stored(subject)
    if not _keeps_none(subject, cells):
        return
    kept = [
        cell
        for cell in cells
        if _CHECKED not in cell.tags and (cell.outputs or cell.count is not None)
    ]
    if kept:
        what = "outputs" if any(cell.outputs for cell in kept) else "execution counts"
        more = f" and of {len(kept) - 1} more" if len(kept) > 1 else ""
        yield Hit(
            cell=kept[0].index,
            what=f"{what} of {numbered(kept[0].index)}{more} are stored, in a notebook "
            "whose results belong to its runs",
        )


def _keeps_none(subject: Subject, cells: Sequence[_Stored]) -> bool:
    """Whether the notebook shows that it is committed without outputs.

    It publishes its results, so that runs keep them, or most of it is cleared.
    """
    aliases = subject.program.main.imports.values()
    if any(dotted.startswith(_PUBLISH) for dotted in aliases):
        return True
    cleared = [cell for cell in cells if not cell.outputs and cell.count is None]
    tagged = any(TAG in cell.tags for cell in cells)
    return tagged and len(cleared) * 2 > len(cells)


def _out_of_order(subject: Subject) -> Iterator[Hit]:
    counted = [cell for cell in _stored(subject) if cell.count is not None]
    if not any(cell.outputs for cell in counted):
        return
    for before, cell in pairwise(counted):
        if (before.count or 0) >= (cell.count or 0):
            yield Hit(
                cell=cell.index,
                what=f"has the execution count {cell.count}, below {before.count} of "
                f"{numbered(before.index)}: executed in another order or session",
            )
            return


def _gaps(subject: Subject) -> Iterator[Hit]:
    cells = [cell for cell in _stored(subject) if _SKIPPED not in cell.tags]
    counts = [cell.count for cell in cells if cell.count is not None]
    if len(counts) < len(cells) or not any(cell.outputs for cell in cells):
        return
    if counts != sorted(set(counts)) or not counts:
        return  # the other rule's
    wanted = range(1, len(counts) + 1)
    for cell, expected in zip(cells, wanted, strict=True):
        if cell.count != expected:
            yield Hit(
                cell=cell.index,
                what=f"has the execution count {cell.count} where {expected} follows: "
                "other cells were executed before it, or it was more than once",
            )
            return


def _errors(subject: Subject) -> Iterator[Hit]:
    for cell in _stored(subject):
        for output in cell.outputs if _FAILS not in cell.tags else ():
            if isinstance(output, Mapping) and output.get("output_type") == "error":
                yield Hit(
                    cell=cell.index,
                    what=f"failed with {str(output.get('ename'))[:60]} when its output "
                    "was stored",
                )
                break


def _impossible(subject: Subject) -> Iterator[Hit]:
    """Find outputs that the cell's own source cannot have shown."""
    if any("ast_node_interactivity" in cell.source for cell in subject.notebook.code):
        return
    stored = {cell.index: cell.outputs for cell in _stored(subject) if cell.outputs}
    for source in subject.program.cells:
        outputs = stored.get(source.cell or 0, ()) if source.cell is not None else ()
        if not outputs or not is_python(source.text) or not source.tree.body:
            continue
        nodes = list(ast.walk(source.tree))
        if any(isinstance(node, ast.Expr) for node in source.tree.body):
            continue
        quiet = not any(map(_may_show, nodes))
        kinds = [each.get("output_type") for each in outputs if isinstance(each, dict)]
        names = [each.get("name") for each in outputs if isinstance(each, dict)]
        if "execute_result" in kinds or (quiet and "stdout" in names):
            yield Hit(
                cell=source.cell,
                what="has an output that its source does not show: it is of another "
                "source, or was put there",
            )


def _may_show(node: ast.AST) -> bool:
    """Whether it may print: it calls something, and not a built-in that is silent."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef, ast.With)):
        return True
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in _SILENT)
    return isinstance(node, (ast.Await, ast.For, ast.Attribute, ast.Raise))


RULES: tuple[Rule, ...] = (
    Rule(
        code="OUT101",
        name="committed-output",
        severity="note",
        why="A stored output may be of another source, other values or another order; "
        "results belong to the runs that made them.",
        mend="Clear the outputs before you commit.",
        bad=(
            "from toolkit import publish\nn = 3",
            "# [count: 2]\n# [output: 3]\nprint(n)\npublish.metric('n', n)",
        ),
        good=(
            "from toolkit import publish\nn = 3",
            "# [tags: nbval-check-output]\n# [count: 2]\n# [output: 3]\nprint(n)",
            "publish.metric('n', n)",
        ),
        check=_committed,
    ),
    Rule(
        code="OUT102",
        name="executed-out-of-order",
        severity="warning",
        why="The stored outputs come from another order than that of the cells; from "
        "top to bottom they may differ, or fail.",
        mend="Restart the kernel, execute all cells, and look at the results again.",
        bad=("# [count: 2]\n# [output: 3]\nprint(3)", "# [count: 1]\nn = 4"),
        good=("# [count: 1]\n# [output: 3]\nprint(3)", "# [count: 2]\nn = 4"),
        check=_out_of_order,
    ),
    Rule(
        code="OUT103",
        name="gaps-in-counts",
        severity="note",
        why="Something was executed between the cells that the notebook does not "
        "show: a cell that is gone, or one twice.",
        mend="Restart the kernel, execute all cells, and look at the results again.",
        bad=("# [count: 1]\n# [output: 3]\nprint(3)", "# [count: 5]\nn = 4"),
        good=("# [count: 1]\n# [output: 3]\nprint(3)", "# [count: 2]\nn = 4"),
        check=_gaps,
    ),
    Rule(
        code="OUT104",
        name="stored-error",
        severity="warning",
        why="A cell that failed leaves its names as they were before, and an execution "
        "from top to bottom stops there.",
        mend="Mend the cell; if it must fail, tag it `raises-exception`.",
        bad=("# [count: 1]\n# [error: ValueError]\nint('ten')",),
        good=("# [count: 1]\n# [output: 10]\nprint(10)",),
        check=_errors,
    ),
    Rule(
        code="OUT105",
        name="output-without-source",
        severity="warning",
        why="No execution of this source can give that output: what is shown to the "
        "reader comes from elsewhere.",
        mend="Restart the kernel, execute all cells, and look at the results again.",
        bad=("# [output: total is 99]\ntotal = sum([3, 4])",),
        good=("# [output: total is 7]\nprint('total is', sum([3, 4]))",),
        check=_impossible,
    ),
)
