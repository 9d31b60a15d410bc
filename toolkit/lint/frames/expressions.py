"""What an expression is: names, columns, parts of rows, and what joins them."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from toolkit.lint.frames import functions, methods, models
from toolkit.lint.frames.names import LIKENED, NOT_COLUMNS
from toolkit.lint.frames.place import Place
from toolkit.lint.frames.subscripts import subscript
from toolkit.lint.frames.values import (
    Data,
    Grouped,
    Mark,
    Prediction,
    Statistic,
    Texts,
    Value,
)
from toolkit.reproduce.diagnosis.names import root_name

_COLUMNS = re.compile(
    r"col|feat|var|predictor|attr|name|field|regressor", re.IGNORECASE
)
_BEFORE = (ast.Lt, ast.LtE)
_AFTER = (ast.Gt, ast.GtE)
_PAIR = 2


def evaluate(place: Place, node: ast.AST) -> Value | None:
    """Return what an expression is, None if nothing is known of it."""
    reader = _READERS.get(type(node))
    if reader is not None:
        return reader(place, node)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            place.of(child)
    return None


def _name(place: Place, node: ast.Name) -> Value | None:
    if node.id in place.names:
        return place.names[node.id]
    if place.look.dotted(node):
        return None
    place.names[node.id] = place.fresh()
    return place.names[node.id]


def _sequence(place: Place, node: ast.List | ast.Tuple | ast.Set) -> Value | None:
    values = tuple(place.of(each) for each in node.elts)
    names: set[str] = set()
    for each, value in zip(node.elts, values, strict=True):
        if isinstance(value, Texts) and not value.others:
            names |= value.names
        elif isinstance(text := place.constant(each), str):
            names.add(text)
        else:
            return values if isinstance(node, ast.Tuple) else None
    return Texts(names=frozenset(names)) if names else None


def _comprehension(place: Place, node: Any) -> Value | None:  # noqa: ANN401 -- any kind
    before = dict(place.names)
    around = [place.of(each.iter) for each in node.generators]
    for each in node.generators:
        for name in ast.walk(each.target):
            if isinstance(name, ast.Name):
                place.names[name.id] = place.fresh()
    for part in ("elt", "key", "value"):
        place.of(getattr(node, part, None))
    place.names.clear()
    place.names.update(before)
    if isinstance(node, ast.ListComp) and isinstance(around[0], Texts):
        return _filtered(place, node, around[0])
    return None


def _filtered(place: Place, node: ast.ListComp, among: Texts) -> Texts | None:
    """Read ``[c for c in frame.columns if c != "price"]``."""
    for test in node.generators[0].ifs:
        match test:
            case ast.Compare(
                left=ast.Name(), ops=[ast.NotEq() | ast.NotIn()], comparators=[right]
            ):
                names = place.texts(right)
                if names is None:
                    return None
                among = less(among, names)
            case _:
                return None
    return among if isinstance(node.elt, ast.Name) else None


def less(among: Texts, names: frozenset[str]) -> Texts:
    """Return column names without some."""
    kept = among.names | names if among.others else among.names - names
    return replace(among, names=kept)


def more(among: Texts, names: frozenset[str]) -> Texts:
    """Return column names with some more."""
    kept = among.names - names if among.others else among.names | names
    return replace(among, names=kept)


def _attribute(place: Place, node: ast.Attribute) -> Value | None:  # noqa: PLR0911 -- a table of cases
    value = place.of(node.value)
    if isinstance(value, Data):
        if node.attr == "columns":
            return columns_of(value)
        if node.attr == "T":
            return None
        if node.attr == "values":
            return value
        if node.attr in LIKENED:
            return value
        if node.attr in NOT_COLUMNS:
            return None
        return value.column(node.attr)
    if isinstance(value, Grouped):
        return replace(value, of=frozenset({node.attr}))
    return value if isinstance(value, (Prediction, Texts)) else None


def columns_of(data: Data) -> Texts | None:
    """Return which columns a frame has."""
    if not data.known or data.name:
        return None
    if data.listed is not None:
        return Texts(names=data.listed)
    return Texts(names=data.without, others=True)


def _joined(place: Place, node: ast.expr, parts: Iterable[ast.expr]) -> Value | None:
    """Read an operation: rows stay, if all operands have the same."""
    values = [(part, place.of(part)) for part in parts]
    texts = [v for _, v in values if isinstance(v, Texts)]
    if isinstance(node, ast.BinOp) and len(texts) == _PAIR:
        if any(each.others for each in texts):
            return None
        return Texts(names=texts[0].names | texts[1].names)
    found = [v for _, v in values if isinstance(v, Data)]
    if not found:
        kept = (v for _, v in values if isinstance(v, (Prediction, Statistic)))
        return next(kept, None)
    pure = all(
        isinstance(v, Data) or place.constant(part) is not ... for part, v in values
    )
    same = [each for each in found if each.rows == found[0].rows]
    joined = join(found[0], same, pure=pure and len(same) == len(found))
    learned = [v for _, v in values if isinstance(v, Statistic) and not v.grouped]
    return joined.marked(*(statistic(place, node, each) for each in learned))


def join(first: Data, others: Iterable[Data], *, pure: bool) -> Data:
    """Return values that are computed from several others, row by row."""
    for each in others:
        first = replace(
            first,
            reads=first.reads | each.reads,
            marks=first.marks | each.marks,
            time=first.time or each.time,
            ahead=max(first.ahead, each.ahead),
            pure=first.pure and each.pure,
        )
    return replace(first, pure=first.pure and pure).computed()


def statistic(place: Place, node: ast.AST, value: Statistic) -> Mark:
    """Return what it says of values that a statistic went into them."""
    return Mark(
        kind="statistic", rows=value.rows, step=place.look.step, node=node, of=value.of
    )


def _operands(place: Place, node: ast.BinOp) -> Value | None:
    return _joined(place, node, (node.left, node.right))


def _compared(place: Place, node: ast.Compare) -> Value | None:
    return _joined(place, node, (node.left, *node.comparators))


def _chosen(place: Place, node: ast.IfExp) -> Value | None:
    place.of(node.test)
    values = (place.of(node.body), place.of(node.orelse))
    return values[0] if values[0] is values[1] else None


def _call(place: Place, node: ast.Call) -> Value | None:
    for found in _answers(place, node):
        if found is not None:
            return found
    return None


def _answers(place: Place, node: ast.Call) -> Iterator[Value | None]:
    func = node.func
    on = place.of(func.value) if isinstance(func, ast.Attribute) else None
    given = [*node.args, *(word.value for word in node.keywords)]
    for each in given:
        place.of(each)
    held = any(name in place.names for name in root_name(func))
    if isinstance(func, ast.Attribute) and (held or not place.look.dotted(func)):
        yield models.method(place, node, func, on)
        if on is not None:
            yield methods.method(place, node, func.attr, on)
    else:
        yield models.function(place, node)
        yield functions.function(place, node)


_READERS: Mapping[type, Callable[[Place, Any], Value | None]] = {
    ast.Name: _name,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Attribute: _attribute,
    ast.Subscript: subscript,
    ast.BinOp: _operands,
    ast.Compare: _compared,
    ast.BoolOp: lambda place, node: _joined(place, node, node.values),
    ast.UnaryOp: lambda place, node: _joined(place, node, (node.operand,)),
    ast.IfExp: _chosen,
    ast.Call: _call,
    ast.Lambda: lambda *_: None,
    ast.Constant: lambda *_: None,
    ast.Await: lambda place, node: place.of(node.value),
    ast.Starred: lambda place, node: place.of(node.value),
    ast.NamedExpr: lambda place, node: place.of(node.value),
}
