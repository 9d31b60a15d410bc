"""The parameters that a notebook declares, read from its source."""

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolkit.errors import ToolkitError
from toolkit.reproduce.notebook import Cell, Notebook, code_tree
from toolkit.reproduce.parameters.annotations import (
    Unreadable,
    read_annotation,
    read_literal,
)
from toolkit.reproduce.parameters.types import ANY, Misfit, Type, fit, type_of

TAG = "parameters"


@dataclass(eq=False)
class ParametersCellError(ToolkitError, ValueError):
    """A notebook's parameters cell cannot be read, or is there twice."""

    notebook: str
    line: int  # of the cell, from 1; 0 for the cell as a whole
    found: str
    expected: str

    def __str__(self) -> str:
        where = f", line {self.line}" if self.line else ""
        return f"{self.notebook}, parameters cell{where}: {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One parameter as its notebook declares it."""

    name: str
    type: Type
    required: bool
    default: object  # None where it is required or computed
    expression: str | None  # of a default that only execution can compute
    depends_on: tuple[str, ...]  # parameters in its default
    source: str  # of the default, "" where it is required
    description: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """The parameters of one notebook, in the order of its cell."""

    notebook: str
    cell: int | None  # index of the parameters cell; None where there is none
    parameters: tuple[Parameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the declared parameters."""
        return tuple(parameter.name for parameter in self.parameters)


def read_schema(notebook: Notebook) -> Schema:
    """Return what a notebook declares; it is parsed, not executed.

    Raises
    ------
    ParametersCellError : if two cells are tagged ``parameters``, the cell is no Python,
        sets a name twice, or has a default that does not fit its annotation
    """
    tagged = [cell for cell in notebook.cells if TAG in cell.tags]
    if not tagged:
        return Schema(notebook=notebook.path, cell=None, parameters=())
    if len(tagged) > 1:
        numbers = " and ".join(str(cell.index + 1) for cell in tagged)
        raise ParametersCellError(
            notebook=notebook.path,
            line=0,
            found=f"cells {numbers} are tagged {TAG!r}",
            expected="keep the tag on one: the second would undo what a run injects "
            "after the first",
        )
    parameters = tuple(_declared(notebook.path, tagged[0]))
    return Schema(notebook=notebook.path, cell=tagged[0].index, parameters=parameters)


def _declared(path: str, cell: Cell) -> Iterator[Parameter]:
    tree = code_tree(cell.source)
    if tree is None:
        raise ParametersCellError(
            notebook=path, line=0, found="is no Python", expected="write name = value"
        )
    comments = _comments(cell.source)
    earlier: dict[str, Parameter] = {}
    for node in tree.body:
        for name, annotation, value in _assigned(node):
            if name in earlier:
                raise ParametersCellError(
                    notebook=path,
                    line=node.lineno,
                    found=f"{name!r} is set again (first in line {earlier[name].line})",
                    expected="set each parameter once",
                )
            earlier[name] = _parameter(
                _Assignment(path=path, node=node, name=name),
                annotation,
                value,
                earlier,
                _description(node, comments),
            )
            yield earlier[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Assignment:
    path: str
    node: ast.stmt
    name: str

    def error(self, found: str, expected: str) -> ParametersCellError:
        """Return the error that stands at this assignment."""
        return ParametersCellError(
            notebook=self.path,
            line=self.node.lineno,
            found=f"{self.name}: {found}",
            expected=f"expected {expected}",
        )


def _assigned(
    node: ast.stmt,
) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name, node.annotation, node.value
        case ast.Assign(targets=targets):
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target.id, None, node.value
        case ast.AugAssign(target=ast.Name(id=name)):
            yield name, None, node.value


def _parameter(
    at: _Assignment,
    annotation: ast.expr | None,
    value: ast.expr | None,
    earlier: Mapping[str, Parameter],
    description: str,
) -> Parameter:
    source = ast.unparse(value) if value else ""
    known = {
        parameter.name: parameter.default
        for parameter in earlier.values()
        if parameter.expression is None and not parameter.required
    }
    expression = None
    default: object = None
    try:
        wanted = read_annotation(annotation) if annotation else None
    except Unreadable as error:
        raise at.error(error.found, error.expected) from None
    try:
        default = read_literal(value, known) if value else None
        wanted = wanted or type_of(default)
        default = fit(wanted, default) if value else None
    except Unreadable:
        expression = source
    except Misfit as misfit:
        found = f"the default {source} does not fit"
        raise at.error(found, misfit.expected) from None
    used = (
        {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} if value else set()
    )
    return Parameter(
        name=at.name,
        type=wanted or ANY,
        required=value is None,
        default=default,
        expression=expression,
        depends_on=tuple(name for name in earlier if name in used),
        source=source,
        description=description,
        line=at.node.lineno,
    )


def _comments(source: str) -> Mapping[int, str]:
    """Return the comments by line; IPython's own lines may end the reading early."""
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def _description(node: ast.stmt, comments: Mapping[int, str]) -> str:
    """Return the comment behind an assignment."""
    last = node.end_lineno or node.lineno
    lines = (comments.get(line, "") for line in range(node.lineno, last + 1))
    return " ".join(filter(None, lines))
