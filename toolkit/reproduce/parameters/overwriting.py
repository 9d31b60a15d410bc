"""Parameters that a notebook sets anew before anything has read them."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from toolkit.errors import ToolkitError
from toolkit.reproduce.notebook import Notebook, code_tree
from toolkit.reproduce.parameters.schema import TAG

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(eq=False)
class OverwrittenParameterError(ToolkitError, ValueError):
    """A value was given that the notebook would not use."""

    notebook: str
    cell: int
    line: int  # of the cell, from 1
    source: str  # of that line
    name: str

    def __str__(self) -> str:
        return (
            f"{self.notebook}, cell {self.cell + 1}, line {self.line}: "
            f"`{self.source}` sets {self.name!r} before anything has read it, so the "
            "given value would not count; take the line out, or give that variable "
            "another name"
        )


def check_overwritten(notebook: Notebook, given: Collection[str]) -> None:
    """Check that no given parameter is set anew before it is read.

    A name in a text counts as read: templates and queries use it so.

    Parameters
    ----------
    notebook : parsed, not executed
    given : names of the parameters to which a value was given

    Raises
    ------
    OverwrittenParameterError : at the first that is
    """
    pending = set(given)
    tagged = [cell.index for cell in notebook.cells if TAG in cell.tags]
    for cell in notebook.code:
        if tagged and cell.index <= tagged[0]:
            continue
        tree = code_tree(cell.source)
        for statement in _simple(tree.body if tree else []):
            pending -= set(_read(statement))
            for name, line in _set(statement):
                if name in pending:
                    raise OverwrittenParameterError(
                        notebook=notebook.path,
                        cell=cell.index,
                        line=line,
                        source=cell.source.split("\n")[line - 1].strip(),
                        name=name,
                    )


def _simple(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield statements in the order of their lines, and what blocks begin with."""
    for statement in body:
        if isinstance(statement, _SCOPES) or not hasattr(statement, "body"):
            yield statement
            continue
        for field in ast.iter_fields(statement):
            values = field[1] if isinstance(field[1], list) else [field[1]]
            for value in values:
                if isinstance(value, ast.stmt):
                    yield from _simple([value])
                elif isinstance(value, ast.ExceptHandler | ast.match_case):
                    yield from _simple(value.body)
                elif isinstance(value, ast.AST):
                    yield value


def _read(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load | ast.Del):
            yield each.id
        elif isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            yield each.target.id
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from each.value.replace("@", " ").replace("{", " ").split()


def _set(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, _SCOPES):
        name = getattr(node, "name", None)
        if name:
            yield name, node.lineno
        return
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id, each.lineno
