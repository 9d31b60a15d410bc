"""Cells that no rule can look at: they are no Python."""

import ast
from collections.abc import Iterator

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.reproduce.diagnosis.cells import cell_tree
from toolkit.reproduce.notebook import Cell

_MAGICS = frozenset(
    ("cat", "cd", "conda", "cp", "ls", "ll", "mkdir", "mv", "pip", "rm")
)
_FAILS = "raises-exception"


def _unreadable(subject: Subject) -> Iterator[Hit]:
    for cell in subject.notebook.code:
        if not _is_read(cell):
            line, column, reason = _fault(cell.source)
            text = cell.source.split("\n")[line - 1].strip()
            word = text.split()[0] if text else ""
            yield Hit(
                cell=cell.index,
                line=line,
                column=column,
                what=f"{word!r} is a magic without its %, so no rule read this cell"
                if word in _MAGICS
                else f"this is no Python ({reason}), so no rule read the cell",
                mend=f"Write %{word}." if word in _MAGICS else "",
            )


def _is_read(cell: Cell) -> bool:
    if cell.source.lstrip().startswith("%%") or _FAILS in cell.tags:
        return True
    lines = (line.strip() for line in cell.source.split("\n"))
    said = any(line and not line.startswith("#") for line in lines)
    return not said or bool(cell_tree(cell.source).body)


def _fault(source: str) -> tuple[int, int, str]:
    """Return line, column and reason of the first fault that is no magic's."""
    lines = source.split("\n")
    for number, line in enumerate(lines):
        if line.lstrip().startswith(("%", "!", "?")):
            lines[number] = line[: len(line) - len(line.lstrip())] + "pass"
    try:
        ast.parse("\n".join(lines))
    except SyntaxError as error:
        at = min(max(error.lineno or 1, 1), len(lines))
        return at, max((error.offset or 1) - 1, 0), error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        return 1, 0, str(error)
    return 1, 0, "it cannot be parsed"


RULES: tuple[Rule, ...] = (
    Rule(
        code="SYN101",
        name="cell-is-no-python",
        severity="error",
        why=(
            "The cell stops every headless run, or depends on a setting of IPython "
            "that a kernel need not have; and no rule can see what it does."
        ),
        mend="Mend the line, or tag the cell 'raises-exception' if it is to fail.",
        bad=("n = 1\nn = = 2",),
        good=("n = 1\nn = 2", "%matplotlib inline\n!ls", "%%html\n<b>n"),
        check=_unreadable,
    ),
)
