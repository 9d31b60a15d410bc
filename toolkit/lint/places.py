"""Where something stands in a cell, as the reader counts."""

import ast

from toolkit.lint.model import Edit, Hit
from toolkit.reproduce.diagnosis.cells import Source


def hit_at(
    source: Source, node: ast.AST, what: str, mend: str = "", edit: Edit | None = None
) -> Hit:
    """Return a hit at a node of a cell; its column counts characters, not bytes."""
    line = getattr(node, "lineno", 1)
    column = getattr(node, "col_offset", 0)
    if 0 < line <= len(source.lines):
        before = source.lines[line - 1].encode()[:column]
        column = len(before.decode(errors="replace"))
    return Hit(
        cell=source.cell, line=line, column=column, what=what, mend=mend, edit=edit
    )


def numbered(index: int) -> str:
    """Return what a cell is called where people read: counted from 1.

    Examples
    --------
    >>> numbered(0)
    'cell 1'
    """
    return f"cell {index + 1}"
