"""What functions of pandas and numpy make of rows."""

import ast
from dataclasses import replace

from toolkit.lint.frames.names import ELEMENTWISE, READERS
from toolkit.lint.frames.place import Place
from toolkit.lint.frames.values import Data, Prediction, Texts, Value
from toolkit.reproduce.diagnosis.sources import keyword


def function(place: Place, node: ast.Call) -> Value | None:  # noqa: PLR0911 -- a table of cases
    """Return what a function of pandas or numpy gives."""
    dotted = place.look.dotted(node.func)
    last = dotted.rpartition(".")[2]
    first = place.of(node.args[0]) if node.args else None
    if last in READERS:
        return _read(place, node)
    if dotted in ("list", "sorted", "tuple", "set") and isinstance(first, Texts):
        return first
    if dotted == "pandas.to_datetime":
        return replace(first, pure=False) if isinstance(first, Data) else place.fresh()
    if dotted == "pandas.get_dummies" and isinstance(first, Data):
        names = place.texts(keyword(node, "columns")) or frozenset()
        return first.dropped(names)
    if dotted in ("pandas.DataFrame", "pandas.Series"):
        return _framed(place, node, first)
    if dotted == "pandas.concat":
        return _stacked(place, node)
    if isinstance(first, Prediction):
        return first
    if dotted in ELEMENTWISE and isinstance(first, Data):
        return first.computed()
    return None


def _read(place: Place, node: ast.Call) -> Data:
    data = place.fresh(real=True)
    dates = keyword(node, "parse_dates")
    names = place.texts(dates) or frozenset()
    index = keyword(node, "index_col")
    if index is not None and dates is not None and place.constant(dates) is not False:
        text = place.look.text(node)
        return replace(data, time=f"`{text}` has dates as its index", dates=names)
    return replace(data, dates=names)


def _framed(place: Place, node: ast.Call, first: Value | None) -> Value | None:
    """Read ``DataFrame(…)`` and ``Series(…)``."""
    index = keyword(node, "index")
    dated = isinstance(index, ast.Call) and place.look.dotted(index.func) in (
        "pandas.date_range",
        "pandas.bdate_range",
    )
    if isinstance(first, Prediction):
        return first
    if isinstance(first, Data):
        names = place.texts(keyword(node, "columns"))
        return replace(first.vague(), listed=names, known=False)
    time = f"`{place.look.text(index)}` is its index" if dated and index else ""
    made = place.fresh(time=time)
    given = node.args[0] if node.args else None
    if isinstance(given, ast.Dict):
        keys = [place.constant(key) for key in given.keys]
        if all(isinstance(key, str) for key in keys):
            return replace(made, listed=frozenset(map(str, keys)))
    return made


def _stacked(place: Place, node: ast.Call) -> Value | None:
    """Put parts together again: the rows that they are parts of."""
    if not node.args or not isinstance(node.args[0], (ast.List, ast.Tuple)):
        return None
    parts = [place.of(each) for each in node.args[0].elts]
    found = [each for each in parts if isinstance(each, Data)]
    if len(found) != len(parts) or not found:
        return None
    first, rest = found[0], found[1:]
    across = place.constant(keyword(node, "axis")) in (1, "columns")
    if all(each.rows == first.rows for each in rest):
        marks = frozenset(m for each in found for m in each.all_marks())
        return replace(first.vague(), marks=marks) if across else None
    above = first.rows.path[:-1]
    if across or not first.rows.path:
        return None
    if all(
        e.rows.origin == first.rows.origin and e.rows.path[:-1] == above for e in rest
    ):
        return replace(first, rows=replace(first.rows, path=above))
    return None
