"""What brackets take out of a frame: columns, or some of its rows."""

import ast
import re
from dataclasses import replace

from toolkit.lint.frames.place import Place
from toolkit.lint.frames.values import (
    Data,
    Grouped,
    Index,
    Prediction,
    Texts,
    Value,
    Window,
)

_COLUMNS = re.compile(
    r"col|feat|var|predictor|attr|name|field|regressor", re.IGNORECASE
)
_DATE = re.compile(r"(19|20)\d\d(-\d\d?){0,2}")  # rows, by an index of dates
_BEFORE = (ast.Lt, ast.LtE)
_AFTER = (ast.Gt, ast.GtE)
_PAIR = 2


def subscript(place: Place, node: ast.Subscript) -> Value | None:  # noqa: PLR0911 -- a table of cases
    """Return what brackets take out of something."""
    value = place.of(node.value)
    if isinstance(value, (Grouped, Window)):
        names = place.texts(node.slice) or frozenset()
        if isinstance(value, Window):
            return replace(value, data=selected(value.data, Texts(names=names)))
        return replace(value, of=names)
    if isinstance(value, tuple):
        number = place.constant(node.slice)
        inside = isinstance(number, int) and -len(value) <= number < len(value)
        return value[number] if inside and isinstance(number, int) else None
    if isinstance(value, Texts):
        return None
    if not isinstance(value, Data):
        place.of(node.slice)
        return value if isinstance(value, Prediction) else None
    accessor = getattr(node.value, "attr", "")
    if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == _PAIR:
        rows, columns = node.slice.elts
        return _columns(place, _part(place, value, rows), columns)
    if accessor in ("loc", "iloc", "values"):
        return _part(place, value, node.slice)
    return _either(place, value, node.slice)


def selected(data: Data, names: Texts) -> Data:
    """Return a frame of the columns that are named."""
    return data.dropped(names.names) if names.others else data.columns(names.names)


def _columns(place: Place, data: Data | None, node: ast.expr) -> Data | None:
    """Read what stands after the comma in ``frame.loc[rows, columns]``."""
    if data is None or (isinstance(node, ast.Slice) and not (node.lower or node.upper)):
        return data
    if isinstance(name := place.constant(node), str):
        return data.column(name)
    if isinstance(names := place.of(node), Texts):
        return selected(data, names)
    return data.vague()


def _either(place: Place, data: Data, node: ast.expr) -> Data | None:
    """Read what stands alone in brackets: columns, or rows."""
    if isinstance(name := place.constant(node), str):
        if _DATE.fullmatch(name):
            return data.part(place.story.cut(data.rows, name), "is")
        return data.column(name)
    if isinstance(place.constant(node), int):
        return data.vague()
    if isinstance(names := place.of(node), Texts):
        return selected(data, names)
    alone = isinstance(node, (ast.Name, ast.Attribute, ast.ListComp, ast.Call))
    if alone and not _mask(place, node) and _COLUMNS.search(ast.unparse(node)):
        return data.vague()
    return _part(place, data, node)


def _mask(place: Place, node: ast.expr) -> bool:
    value = place.of(node)
    return isinstance(value, Index) or (isinstance(value, Data) and bool(value.reads))


def _part(place: Place, data: Data, node: ast.expr) -> Data | None:
    """Read which rows brackets choose."""
    value = place.of(node)
    match node:
        case ast.Slice(lower=None, upper=None):
            return data
        case ast.Slice(lower=lower, upper=upper):
            both = [ast.unparse(each) for each in (lower, upper) if each]
            side = "between" if lower and upper else "before" if upper else "after"
            key = both[0].removeprefix("-") + ("-" if both[0].startswith("-") else "")
            return data.part(place.story.cut(data.rows, key), side)
    if isinstance(value, Index):
        return data.part(value.cut, value.side)
    if isinstance(value, Data) and value.reads:
        key, side = _condition(node)
        return data.part(place.story.cut(data.rows, key), side)
    return None  # rows that are chosen in a way that cannot be followed


def _condition(node: ast.expr) -> tuple[str, str]:
    match node:
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            key, side = _condition(operand)
            return key, {"before": "after", "after": "before"}.get(side, f"not {side}")
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            key = f"{ast.unparse(left)} {ast.unparse(right)}"
            if isinstance(op, _BEFORE):
                return key, "before"
            return key, "after" if isinstance(op, _AFTER) else type(op).__name__
    return ast.unparse(node), "chosen"
