"""Annotations and literals read from the source, never executed."""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from toolkit.reproduce.parameters.types import ANY, Bound, Kind, Type

_NAMES: Mapping[str, Type] = {
    "int": Type(kind="int"),
    "float": Type(kind="float"),
    "str": Type(kind="str"),
    "bool": Type(kind="bool"),
    "list": Type(kind="list", members=(ANY,)),
    "List": Type(kind="list", members=(ANY,)),
    "dict": Type(kind="dict", members=(ANY,)),
    "Dict": Type(kind="dict", members=(ANY,)),
    "Any": ANY,
    "object": ANY,
    "None": Type(kind="None"),
}
_BOUNDS: Mapping[str, tuple[str, ...]] = {  # annotated_types' classes, by position
    "Ge": ("ge",),
    "Gt": ("gt",),
    "Le": ("le",),
    "Lt": ("lt",),
    "MultipleOf": ("multiple_of",),
    "MinLen": ("min_length",),
    "MaxLen": ("max_length",),
    "Len": ("min_length", "max_length"),
    "Interval": ("gt", "ge", "lt", "le"),
    "Field": (),  # of pydantic
}
_RULES = frozenset(("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length"))
_WITHOUT_EFFECT = frozenset(("default", "description", "title", "examples"))
_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
SUPPORTED = (
    "int, float, str, bool, list[…], dict[str, …], X | None, Literal[…] and "
    "Annotated[…, Interval(ge=1)]; write dates and paths as str"
)


@dataclass(eq=False)
class Unreadable(Exception):  # noqa: N818 -- caught where notebook and line are known
    """A piece of source says nothing that can be read without executing it."""

    found: str
    expected: str


def read_annotation(node: ast.expr) -> Type:
    """Return the type that an annotation stands for.

    Raises
    ------
    Unreadable : if it is none of those that values can be checked against

    Examples
    --------
    >>> print(read_annotation(ast.parse("Annotated[int, Ge(1)] | None").body[0].value))
    int, at least 1 or None
    """
    match node:
        case ast.Constant(value=None):
            return _NAMES["None"]
        case ast.Constant(value=str(text)):
            return read_annotation(_parsed(text))
        case ast.Name() | ast.Attribute() if (name := _last(node)) in _NAMES:
            return _NAMES[name]
        case ast.BinOp(op=ast.BitOr()):
            return _union((node.left, node.right))
        case ast.Subscript():
            return _subscript(node)
    raise Unreadable(found=f"annotation {ast.unparse(node)!r}", expected=SUPPORTED)


def read_literal(node: ast.expr, names: Mapping[str, object]) -> object:
    """Return the value of a literal, or of arithmetic over literals and ``names``.

    Raises
    ------
    Unreadable : if it takes more than that to know the value

    Examples
    --------
    >>> read_literal(ast.parse("[-1, 2 * n]").body[0].value, {"n": 21})
    [-1, 42]
    """
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str()):
            return node.value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [read_literal(item, names) for item in items]
        case ast.Dict(keys=keys, values=values):
            return _dict(keys, values, names)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            sign = -1 if isinstance(node.op, ast.USub) else 1
            return sign * _number(read_literal(node.operand, names), node)
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            left = _number(read_literal(node.left, names), node)
            right = _number(read_literal(node.right, names), node)
            try:
                return _ARITHMETIC[type(op)](left, right)
            except ArithmeticError as error:
                raise Unreadable(found=str(error), expected="a value") from error
    raise Unreadable(found=ast.unparse(node), expected="a literal")


def _dict(
    keys: Iterable[ast.expr | None],
    values: Iterable[ast.expr],
    names: Mapping[str, object],
) -> dict[str, object]:
    result = {}
    for key, value in zip(keys, values, strict=True):
        match key:
            case ast.Constant(value=str(name)):
                result[name] = read_literal(value, names)
            case _:
                raise Unreadable(found="a key that is no text", expected="a literal")
    return result


def _number(value: object, node: ast.expr) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise Unreadable(found=ast.unparse(node), expected="a literal")


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise Unreadable(found=f"annotation {text!r}", expected=SUPPORTED) from error


def _last(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _items(node: ast.Subscript) -> list[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _union(nodes: Iterable[ast.expr]) -> Type:
    members: list[Type] = []
    for member in map(read_annotation, nodes):
        members += member.members if member.kind == "union" else (member,)
    return Type(kind="union", members=tuple(members))


def _subscript(node: ast.Subscript) -> Type:
    items = _items(node)
    match _last(node.value):
        case "list" | "List":
            return Type(kind="list", members=(read_annotation(items[0]),))
        case "dict" | "Dict" if len(items) == 2 and _last(items[0]) == "str":  # noqa: PLR2004
            return Type(kind="dict", members=(read_annotation(items[1]),))
        case "Optional":
            return _union((items[0], ast.Constant(value=None)))
        case "Union":
            return _union(items)
        case "Literal":
            return Type(
                kind="choice", choices=tuple(read_literal(item, {}) for item in items)
            )
        case "Annotated":
            return _bounded(read_annotation(items[0]), items[1:])
    raise Unreadable(found=f"annotation {ast.unparse(node)!r}", expected=SUPPORTED)


def _bounded(inner: Type, metadata: Iterable[ast.expr]) -> Type:
    """Return a type with its limits; unknown metadata means nothing (PEP 593)."""
    kind: Kind = inner.kind
    bounds = [*inner.bounds, *(b for item in metadata for b in _bounds(item))]
    return Type(
        kind=kind, members=inner.members, choices=inner.choices, bounds=tuple(bounds)
    )


def _bounds(node: ast.expr) -> Iterable[Bound]:
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            name = _last(func)
        case _:
            return
    if name not in _BOUNDS:
        return
    given = dict(zip(_BOUNDS[name], args, strict=False))
    given |= {str(word.arg): word.value for word in keywords}
    for rule, limit in given.items():
        if rule in _WITHOUT_EFFECT:
            continue
        value = read_literal(limit, {})
        if rule not in _RULES or not isinstance(value, int | float):
            raise Unreadable(
                found=f"limit {ast.unparse(node)!r}",
                expected=f"one of {', '.join(sorted(_RULES))} with a number",
            )
        yield Bound(rule=rule, limit=value)
