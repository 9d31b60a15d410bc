"""The statements of a notebook, read in their order for what they do to rows."""

import ast
from dataclasses import replace

from toolkit.lint.frames.expressions import evaluate, less, more
from toolkit.lint.frames.place import Place, Story
from toolkit.lint.frames.values import Data, Event, Index, Model, Texts, Value
from toolkit.lint.model import Subject
from toolkit.reproduce.diagnosis.names import root_name
from toolkit.reproduce.diagnosis.sources import keyword
from toolkit.reproduce.diagnosis.steps import Scope, Step
from toolkit.reproduce.diagnosis.words import words

_WAKES = words(
    "fit train_test_split cross_val_score cross_validate split fit_transform"
)
_PAIR = 2


def events(subject: Subject) -> tuple[Event, ...]:
    """Return what models learn from and are scored on, in the order of the cells.

    Functions that cells define are read each for itself: of what they are given
    nothing is known.
    """
    cache = subject.facts.cache
    if "frames" not in cache:
        cache["frames"] = tuple(_read(subject))
    found = cache["frames"]
    return found if isinstance(found, tuple) else ()


def _read(subject: Subject) -> list[Event]:
    story = Story()
    if any(subject.program.steps_with(word) for word in _WAKES):
        waiting = [subject.program.main]
        while waiting:
            scope = waiting.pop(0)
            waiting += scope.inner
            _read_scope(subject, scope, story)
    return story.events


def _read_scope(subject: Subject, scope: Scope, story: Story) -> None:
    names: dict[str, Value | None] = {}
    for step in scope.steps:
        place = Place(
            look=subject.look(step), names=names, story=story, evaluate=evaluate
        )
        before = dict(names) if _branch(step) else None
        _statement(place, step)
        if before is not None:
            _blur(place, step, before)


def _branch(step: Step) -> bool:
    return isinstance(getattr(step.within, "node", None), (ast.If, ast.Match))


def _blur(place: Place, step: Step, before: dict[str, Value | None]) -> None:
    """Know nothing of a name that a branch may have set, or not."""
    for name in step.binds | step.changes:
        if name in before and place.names.get(name) is not before[name]:
            place.names[name] = place.fresh()


def _statement(place: Place, step: Step) -> None:
    match step.node:
        case ast.Assign(targets=targets, value=value):
            _assign(place, targets, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            _assign(place, [target], value)
        case ast.AugAssign(target=target, value=value):
            _augment(place, target, value)
        case ast.For(target=target, iter=around):
            _loop(place, target, around)
        case ast.Expr(value=value):
            _effect(place, step, value)
        case ast.Delete(targets=targets):
            for each in targets:
                _delete(place, each)
        case _:
            for part in step.parts:
                place.of(part)


def _assign(place: Place, targets: list[ast.expr], node: ast.expr) -> None:
    value = place.of(node)
    for target in targets:
        _bind(place, target, value, node)
    _taken_out(place, node)


def _bind(
    place: Place, target: ast.expr, value: Value | None, node: ast.expr | None
) -> None:
    if isinstance(target, (ast.Tuple, ast.List)):
        parts = value if isinstance(value, tuple) else ()
        whole = len(parts) == len(target.elts)
        for i, each in enumerate(target.elts):
            _bind(place, each, parts[i] if whole else None, None)
    elif isinstance(target, ast.Name):
        place.names[target.id] = value if value is not None else place.fresh()
    elif isinstance(target, ast.Subscript):
        _set_columns(place, target, value, node)
    elif isinstance(target, ast.Attribute):
        _set_attribute(place, target, value, node)


def _set_columns(
    place: Place, target: ast.Subscript, value: Value | None, node: ast.expr | None
) -> None:
    """Read ``frame["x"] = …``, ``frame[["x", "y"]] = …`` and ``frame.loc[…, "x"]``."""
    base = target.value
    chosen = target.slice
    rows: ast.expr | None = None
    if isinstance(base, ast.Attribute) and base.attr in ("loc", "iloc"):
        base = base.value
        if isinstance(chosen, ast.Tuple) and len(chosen.elts) == _PAIR:
            rows, chosen = chosen.elts
    frame = place.of(base)
    if not isinstance(frame, Data):
        return
    names = place.texts(chosen)
    data = value if isinstance(value, Data) else None
    if names is None:
        marks = data.all_marks() if data else ()
        place.bind(base, replace(frame, known=False).marked(*marks))
        return
    if _is_dates(place, node):
        frame = replace(frame, dates=frame.dates | names)
    for name in names:
        kept = rows is None or (isinstance(rows, ast.Slice) and not rows.upper)
        if data is None and not kept:
            continue
        frame = frame.with_column(name, data)
    place.bind(base, frame)


def _is_dates(place: Place, node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and (
        place.look.dotted(node.func) == "pandas.to_datetime"
    )


def _set_attribute(
    place: Place, target: ast.Attribute, value: Value | None, node: ast.expr | None
) -> None:
    """Read ``frame.columns = …`` and ``frame.index = …``."""
    frame = place.of(target.value)
    if not isinstance(frame, Data):
        return
    if target.attr == "columns":
        place.bind(target.value, replace(frame, made={}, known=False))
    elif target.attr == "index":
        if _is_dates(place, node):
            time = f"`{place.look.text(target)}` is made of dates"
            place.bind(target.value, replace(frame, time=frame.time or time))
    elif isinstance(value, Data):
        place.bind(target.value, frame.with_column(target.attr, value))


def _augment(place: Place, target: ast.expr, node: ast.expr) -> None:
    added = place.of(node)
    if isinstance(target, ast.Name):
        old = place.names.get(target.id)
        if isinstance(old, Texts) and isinstance(added, Texts):
            place.names[target.id] = more(old, added.names)
        elif isinstance(old, Data):
            marks = added.marks if isinstance(added, Data) else ()
            place.names[target.id] = replace(old, pure=False).marked(*marks).computed()
    elif isinstance(target, ast.Subscript):
        reading = ast.Subscript(value=target.value, slice=target.slice, ctx=ast.Load())
        both = ast.BinOp(left=reading, op=ast.Add(), right=node)
        _set_columns(place, target, place.of(both), None)


def _loop(place: Place, target: ast.expr, around: ast.expr) -> None:
    value = place.of(around)
    if isinstance(around, ast.Call) and place.look.dotted(around.func) == "enumerate":
        value = place.of(around.args[0]) if around.args else None
        if isinstance(target, ast.Tuple) and len(target.elts) == _PAIR:
            _bind(place, target.elts[0], None, None)
            target = target.elts[1]
    folds = isinstance(value, tuple) and all(isinstance(v, Index) for v in value)
    _bind(place, target, value if folds else None, None)


def _delete(place: Place, node: ast.expr) -> None:
    if isinstance(node, ast.Subscript):
        frame, names = place.of(node.value), place.texts(node.slice)
        if isinstance(frame, Data):
            known = frame.dropped(names) if names else replace(frame, known=False)
            place.bind(node.value, known)
    elif isinstance(node, ast.Name):
        place.names.pop(node.id, None)


def _effect(place: Place, step: Step, node: ast.expr) -> None:
    """Read a call that stands alone: it may change what it is called on."""
    value = place.of(node)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        _given_away(place, step, node)
        return
    base, name = node.func.value, node.func.attr
    on = place.of(base)
    if isinstance(on, Texts):
        place.bind(base, _listed(place, node, name, on))
    elif isinstance(on, Data):
        if place.constant(keyword(node, "inplace")) is True:
            kept = value if isinstance(value, Data) else replace(on, known=False)
            _store(place, base, kept)
        elif name == "insert" and len(node.args) > _PAIR:
            names = place.texts(node.args[1]) or frozenset()
            for each in names:
                place.bind(base, on.with_column(each, place.data(node.args[_PAIR])))
        _taken_out(place, node)
    elif not isinstance(on, Model):
        _given_away(place, step, node)


def _store(place: Place, base: ast.expr, value: Data) -> None:
    """Let the name, or the column, hold what a change in place made of it."""
    if isinstance(base, ast.Name):
        place.names[base.id] = value
    elif isinstance(base, ast.Subscript):
        _set_columns(place, base, value, None)


def _listed(place: Place, node: ast.Call, name: str, on: Texts) -> Value | None:
    names = place.texts(node.args[0] if node.args else None)
    if names is not None and name == "remove":
        return less(on, names)
    if names is not None and name in ("append", "extend", "insert"):
        return more(on, names)
    return place.fresh()


def _taken_out(place: Place, node: ast.expr) -> None:
    """Read ``y = frame.pop("price")``, also inside another call."""
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Attribute(value=base, attr="pop"), args=[given]):
                frame, names = place.of(base), place.texts(given)
                if isinstance(frame, Data) and names:
                    place.bind(base, frame.dropped(names))


def _given_away(place: Place, step: Step, node: ast.expr) -> None:
    """Know less of frames that an unknown function may have changed."""
    for name in step.changes:
        value = place.names.get(name)
        if isinstance(value, Data):
            place.names[name] = replace(value, known=False)
        elif isinstance(value, Texts):
            place.names[name] = place.fresh()
    if isinstance(node, ast.Call):
        for root in root_name(node.func):
            if isinstance(place.names.get(root), Texts):
                place.names[root] = place.fresh()
