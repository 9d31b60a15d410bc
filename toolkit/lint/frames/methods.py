"""What pandas and numpy make of rows."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from toolkit.lint.frames.names import (
    KEEP,
    PARTS,
    ROWS,
    STATISTICS,
    TIMELY,
)
from toolkit.lint.frames.place import Place
from toolkit.lint.frames.values import (
    Data,
    Grouped,
    Mark,
    MarkKind,
    Prediction,
    Statistic,
    Texts,
    Value,
    Window,
)
from toolkit.reproduce.diagnosis.sources import keyword
from toolkit.reproduce.diagnosis.words import words

_WINDOWS = words("rolling expanding ewm")
_SHIFTS = words("shift pct_change diff")
_BACKWARD = words("bfill backfill")
_CUMULATIVE = words("cumsum cumcount cummax cummin cumprod rank ngroup nth")
_GROUPED = words("mean median std var min max sum count nunique size agg aggregate")


def method(place: Place, node: ast.Call, name: str, on: Value) -> Value | None:
    """Return what a method gives."""
    if isinstance(on, Data):
        reader = _OF_DATA.get(name)
        if reader is not None:
            return reader(place, node, on)
        return _plain(place, node, name, on)
    if isinstance(on, Grouped):
        return _grouped(place, node, name, on)
    if isinstance(on, Window):
        return on.data.computed()
    if isinstance(on, Texts):
        return _texts(place, node, name, on)
    return on if isinstance(on, (Prediction, Statistic)) else None


def _plain(place: Place, node: ast.Call, name: str, on: Data) -> Value | None:
    if name in STATISTICS:
        across = place.constant(keyword(node, "axis")) in (1, "columns")
        return on.vague() if across else Statistic(rows=on.rows, of=on.reads)
    if name in KEEP:
        return _kept(place, node, name, on)
    if name in ROWS:
        return _merged(place, node, on)
    if name in PARTS:
        return _chosen(place, node, name, on)
    if on.name and not on.made:  # of a column: ``.str.lower()``
        return replace(on, pure=False).computed()
    return None


def _kept(place: Place, node: ast.Call, name: str, on: Data) -> Data | None:
    changed = on
    if name in ("transform", "apply", "pipe", "map") and any(
        isinstance(place.of(each), Data) for each in node.args
    ):
        return None
    if name in ("fillna", "replace", "where", "mask"):
        method_name = place.constant(keyword(node, "method"))
        if method_name in _BACKWARD:
            changed = changed.marked(mark(place, node, "backfilled", on))
        for each in node.args:
            if isinstance(value := place.of(each), Statistic):
                changed = changed.marked(
                    mark(place, node, "statistic", on, of=value.of)
                )
    if name in ("map", "apply", "transform"):
        changed = _mapped(place, node, on)
    return (
        changed.computed()
        if name not in ("copy", "dropna", "reset_index")
        else (changed)
    )


def _mapped(place: Place, node: ast.Call, on: Data) -> Data:
    for each in node.args:
        value = place.of(each)
        if isinstance(value, Statistic) and value.grouped:
            return on.marked(mark(place, node, "statistic", on, of=value.of))
    return replace(on, pure=on.pure and bool(on.name))


def _merged(place: Place, node: ast.Call, on: Data) -> Data:
    for each in node.args[:1]:
        value = place.of(each)
        if isinstance(value, Statistic) and value.grouped:
            return on.marked(mark(place, node, "statistic", on, of=value.of))
    return on


def _chosen(place: Place, node: ast.Call, name: str, on: Data) -> Data | None:
    if name == "sample" and place.constant(keyword(node, "frac")) == 1:
        return replace(on, time=on.time)
    given = ast.unparse(node.args[0]) if node.args else ""
    key = given if name in ("head", "tail") else f"{name} {given} {node.lineno}"
    return on.part(place.story.cut(on.rows, key), name)


def mark(
    place: Place,
    node: ast.AST,
    kind: MarkKind,
    on: Data,
    *,
    ahead: int = 0,
    of: frozenset[str] = frozenset(),
) -> Mark:
    """Return that something was done to rows here."""
    step = place.look.step
    return Mark(kind=kind, rows=on.rows, step=step, node=node, ahead=ahead, of=of)


def _drop(place: Place, node: ast.Call, on: Data) -> Data:
    axis = place.constant(keyword(node, "axis"))
    if axis is ... and len(node.args) > 1:
        axis = place.constant(node.args[1])
    named = keyword(node, "columns")
    if named is None and axis in (1, "columns", "index", 0, ...):
        if axis not in (1, "columns"):
            return on
        named = keyword(node, "labels") or (node.args[0] if node.args else None)
    names = place.texts(named)
    return replace(on, known=False) if names is None else on.dropped(names)


def _assign(place: Place, node: ast.Call, on: Data) -> Data:
    for word in node.keywords:
        if word.arg is None:
            return replace(on, known=False)
        inner = word.value
        if isinstance(inner, ast.Lambda) and inner.args.args:
            name = inner.args.args[0].arg
            before = place.names.get(name)
            place.names[name] = on
            value = place.data(inner.body)
            place.names[name] = before
        else:
            value = place.data(inner)
        on = on.with_column(word.arg, value)
    return on


def _shift(place: Place, node: ast.Call, on: Data) -> Data:
    """Read ``shift`` and what else looks at other rows."""
    given = keyword(node, "periods", "n") or (node.args[0] if node.args else None)
    number = place.constant(given) if given is not None else 1
    back = isinstance(given, ast.UnaryOp) and isinstance(given.op, ast.USub)
    if back or (isinstance(number, int) and number < 0):
        ahead = -number if isinstance(number, int) else 0
        found = mark(place, node, "future", on, ahead=ahead)
        changed = replace(on, ahead=max(on.ahead, ahead)).marked(found)
    else:
        changed = replace(on, pure=False)
    time = on.time or f"`{place.look.text(node)}` looks at earlier or later rows"
    return replace(changed, time=time).computed()


def _window(place: Place, node: ast.Call, on: Data) -> Window:
    time = on.time or f"`{place.look.text(node)}` goes over neighbouring rows"
    changed = replace(on, time=time, pure=False)
    if place.constant(keyword(node, "center")) is True:
        changed = changed.marked(mark(place, node, "centred", on))
    return Window(data=changed)


def _resample(place: Place, node: ast.Call, on: Data) -> Window:
    text = place.look.text(node)
    fresh = place.fresh(real=on.real, time=f"`{text}` makes rows by time")
    return Window(data=replace(fresh, made=on.made, listed=on.listed))


def _backfill(place: Place, node: ast.Call, on: Data) -> Data:
    backwards = (
        node.func.attr != "interpolate"
        if (isinstance(node.func, ast.Attribute))
        else True
    )
    onward = place.constant(keyword(node, "method")) in ("pad", "ffill", "previous")
    if not backwards and onward:
        return on
    return on.marked(mark(place, node, "backfilled", on)).computed()


def _sorted(place: Place, node: ast.Call, on: Data) -> Data:
    given = keyword(node, "by", "keys") or (node.args[0] if node.args else None)
    names = place.texts(given) or frozenset()
    if names & on.dates or any(name.lower() in TIMELY - {"hour"} for name in names):
        text = place.look.text(node)
        return replace(on, time=on.time or f"`{text}` puts rows in the order of time")
    return on


def _index(place: Place, node: ast.Call, on: Data) -> Data:
    names = place.texts(node.args[0] if node.args else None) or frozenset()
    return _sorted(place, node, on).dropped(names)


def _pop(place: Place, node: ast.Call, on: Data) -> Data | None:
    names = place.texts(node.args[0] if node.args else None)
    if not names or len(names) > 1:
        return None
    return on.column(next(iter(names)))


def _group(_place: Place, _node: ast.Call, on: Data) -> Grouped:
    return Grouped(data=on, of=frozenset({on.name} if on.name else ()))


def _grouped(place: Place, node: ast.Call, name: str, on: Grouped) -> Value | None:  # noqa: PLR0911 -- a table of cases
    data = replace(on.data, reads=on.of, pure=False)
    if len(on.of) == 1:
        data = replace(data.column(next(iter(on.of))), pure=False)
    if name in _SHIFTS:
        return _shift(place, node, data)
    if name in _WINDOWS:
        return _window(place, node, data)
    if name in _BACKWARD or name == "interpolate":
        return _backfill(place, node, data)
    if name in ("transform", "apply"):
        return _transformed(place, node, data, on.of)
    if name in _CUMULATIVE or name == "ffill":
        return data.computed()
    if name in _GROUPED:
        return Statistic(rows=data.rows, of=on.of, grouped=True)
    return None


def _transformed(
    place: Place, node: ast.Call, data: Data, of: frozenset[str]
) -> Value | None:
    """Read ``groupby(…)[…].transform(…)``."""
    given = node.args[0] if node.args else None
    if isinstance(given, ast.Lambda) and given.args.args:
        before = dict(place.names)
        place.names[given.args.args[0].arg] = data
        found = place.of(given.body)
        place.names.clear()
        place.names.update(before)
        return found if isinstance(found, Data) else None
    name = place.constant(given)
    if isinstance(name, str) and name in STATISTICS | {"count", "nunique"}:
        return data.marked(mark(place, node, "statistic", data, of=of)).computed()
    return data.computed()


def _texts(place: Place, node: ast.Call, name: str, on: Texts) -> Texts | None:
    """Read ``frame.columns.drop("price")``, ``.difference([…])``, ``.tolist()``."""
    if name in ("tolist", "to_list", "copy", "unique"):
        return on
    if name in ("drop", "difference"):
        names = place.texts(node.args[0] if node.args else None)
        if names is not None:
            kept = on.names | names if on.others else on.names - names
            return replace(on, names=kept)
    return None


_Reader = Callable[[Place, ast.Call, Data], Value | None]
_OF_DATA: Mapping[str, _Reader] = {
    "drop": _drop,
    "assign": _assign,
    **dict.fromkeys(_SHIFTS, _shift),
    **dict.fromkeys(_WINDOWS, _window),
    **dict.fromkeys(("resample", "asfreq"), _resample),
    **dict.fromkeys((*_BACKWARD, "interpolate"), _backfill),
    "sort_values": _sorted,
    "set_index": _index,
    "groupby": _group,
    "pop": _pop,
}


def marks_of(data: Data) -> Iterator[Mark]:
    """Yield each mark of a frame once."""
    yield from dict.fromkeys(data.all_marks())
