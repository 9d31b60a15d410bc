"""Estimators, splitters and metrics: what learns from which rows."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from toolkit.lint.frames.names import (
    CROSS,
    HARMLESS,
    LEARNERS,
    METRICS,
    PIPES,
    RESAMPLERS,
    SEARCHES,
    SHUFFLED,
    SPLITTERS,
    SUPERVISED,
)
from toolkit.lint.frames.place import Place
from toolkit.lint.frames.values import (
    Data,
    Fit,
    Folds,
    Index,
    Mark,
    MarkKind,
    Model,
    Prediction,
    Rows,
    Score,
    Split,
    Splitter,
    Value,
)
from toolkit.reproduce.diagnosis.sources import keyword

_LIBRARIES = (
    "sklearn.", "imblearn.", "xgboost.", "lightgbm.", "catboost.", "mlxtend.",
    "feature_engine.", "category_encoders.", "sklego.",
)  # fmt: skip
_PREDICTS = ("predict", "predict_proba", "decision_function", "predict_log_proba")
_PAIR = 2


def function(place: Place, node: ast.Call) -> Value | None:  # noqa: PLR0911 -- a table of cases
    """Return what a constructor, a split or a metric gives."""
    dotted = place.look.dotted(node.func)
    last = dotted.rpartition(".")[2]
    if last == "train_test_split":
        return _split(place, node)
    if last in CROSS:
        _cross(place, node)
        return None
    if last in METRICS:
        _measured(place, node)
        return None
    if last in SPLITTERS:
        return _splitter(place, node, last)
    known = last in LEARNERS | SUPERVISED | RESAMPLERS | PIPES | SEARCHES | HARMLESS
    if known or (dotted.startswith(_LIBRARIES) and last[:1].isupper()):
        return _model(place, node, last)
    if last == "clone" and node.args:
        value = place.of(node.args[0])
        return replace(value, fitted=None) if isinstance(value, Model) else None
    return None


def _split(place: Place, node: ast.Call) -> Value | None:
    given = [place.of(each) for each in node.args]
    found = [each for each in given if isinstance(each, Data)]
    shuffle = place.constant(keyword(node, "shuffle"))
    if found:
        shuffles = keyword(node, "shuffle") is None or shuffle is True
        place.story.events.append(
            Split(step=place.look.step, node=node, data=tuple(found), shuffles=shuffles)
        )
    cut = next(place.story.numbers)
    sides: list[Value | None] = []
    for each in given:
        sides += [
            each.part(cut, side) if isinstance(each, Data) else None
            for side in ("train", "test")
        ]
    return tuple(sides)


def _splitter(place: Place, node: ast.Call, kind: str) -> Splitter:
    shuffle = place.constant(keyword(node, "shuffle"))
    given = keyword(node, "gap")
    gap = place.constant(given) if given is not None else 0
    unpacked = any(word.arg is None for word in node.keywords)
    return Splitter(
        kind=kind,
        call=node,
        step=place.look.step,
        shuffles=kind in SHUFFLED or shuffle is True,
        gap=gap if isinstance(gap, int) and not unpacked else None,
    )


def _model(place: Place, node: ast.Call, kind: str) -> Model:
    given = keyword(node, "cv")
    cv = place.of(given)
    stopping = any(word.arg == "early_stopping_rounds" for word in node.keywords)
    filling = place.constant(keyword(node, "strategy"))
    constant = kind == "SimpleImputer" and filling == "constant"
    return Model(
        kind="" if constant else kind,
        call=node,
        inner=tuple(_inside(place, node)),
        splitter=cv if isinstance(cv, Splitter) else None,
        stopping=stopping,
    )


def _inside(place: Place, node: ast.Call) -> Iterator[Model]:
    for each in [*node.args, *(word.value for word in node.keywords)]:
        for part in ast.walk(each):
            if isinstance(part, (ast.Name, ast.Call)):
                value = place.of(part)
                if isinstance(value, Model):
                    yield value
                    yield from value.inner


def learns(model: Model) -> MarkKind | None:
    """Return how a transformer learns from the rows that it is fitted on."""
    kinds = {model.kind}
    if model.kind in PIPES:
        kinds |= {each.kind for each in model.inner}
    if kinds & SUPERVISED:
        return "supervised"
    if kinds & RESAMPLERS:
        return "resampled"
    return "fitted" if kinds & LEARNERS else None


def method(
    place: Place, node: ast.Call, func: ast.Attribute, on: Value | None
) -> Value | None:
    """Return what a method of an estimator or a splitter gives."""
    name = func.attr
    if isinstance(on, Splitter):
        return _folds(place, node, on) if name == "split" else None
    model = on if isinstance(on, Model) else Model()
    if name in ("fit", "fit_transform", "fit_predict", "fit_resample", "partial_fit"):
        return _fit(place, node, func, model)
    if isinstance(on, Prediction):
        return on
    if name in ("transform", *_PREDICTS) and isinstance(on, Model):
        return _applied(place, node, name, on)
    if name in ("score", "evaluate") and isinstance(on, Model):
        x = place.data(node.args[0]) if node.args else None
        if x is not None and len(node.args) >= _PAIR:
            _scored(place, node, on, x.rows)
    if isinstance(on, Model) and name in ("set_params", "set_output"):
        return on
    return None


def _fit(
    place: Place, node: ast.Call, func: ast.Attribute, model: Model
) -> Value | None:
    given = [*node.args, None, None]
    x = place.data(keyword(node, "X", "x") or given[0])
    y = place.data(keyword(node, "y") or given[1])
    if x is None:
        return None
    stopping = model.stopping or _stops(node)
    fitted = replace(model, fitted=x.rows, supervised=y is not None, stopping=stopping)
    watched = tuple(_watched(place, node)) if stopping else ()
    event = Fit(
        step=place.look.step, node=node, model=fitted, x=x, y=y, watched=watched
    )
    place.story.events.append(event)
    if model.kind in SEARCHES:
        cv = keyword(model.call, "cv")
        default = cv is None or isinstance(place.constant(cv), int)
        place.story.events.append(
            Folds(
                step=place.look.step,
                node=node,
                model=fitted,
                x=x,
                y=y,
                splitter=model.splitter,
                default=default,
            )
        )
    place.bind(func.value, fitted)
    if func.attr == "fit_transform":
        return _marked(place, node, fitted, x)
    if func.attr == "fit_resample":
        return (_marked(place, node, fitted, x), y)
    return (
        Prediction(model=fitted, rows=x.rows)
        if func.attr == "fit_predict"
        else (fitted)
    )


def _stops(node: ast.Call) -> bool:
    """Whether training ends early: ``early_stopping_rounds``, a callback."""
    if keyword(node, "early_stopping_rounds") is not None:
        return True
    callbacks = keyword(node, "callbacks")
    text = ast.unparse(callbacks).lower() if callbacks is not None else ""
    return "stop" in text or "checkpoint" in text


def _watched(place: Place, node: ast.Call) -> Iterator[Rows]:
    given = keyword(node, "eval_set", "validation_data")
    if given is None:
        return
    pairs = given.elts if isinstance(given, ast.List) else [given]
    for pair in pairs[-1:]:  # the last one decides
        if isinstance(pair, ast.Tuple) and pair.elts:
            data = place.data(pair.elts[0])
            if data is not None:
                yield data.rows


def _marked(place: Place, node: ast.Call, model: Model, x: Data) -> Data:
    """Return what a transformer makes of rows: it knows those that it learned from."""
    kind = learns(model)
    if model.kind in PIPES or kind is None:
        changed = replace(x.vague(), name="")
    else:
        changed = replace(x, name="", pure=False, known=False)
    if kind is None or model.fitted is None:
        return changed
    found = Mark(kind=kind, rows=model.fitted, step=place.look.step, node=node)
    return changed.marked(found)


def _applied(place: Place, node: ast.Call, name: str, model: Model) -> Value | None:
    given = node.args[0] if node.args else keyword(node, "X", "x")
    x = place.data(given)
    if x is None:
        return None
    if name == "transform":
        return _marked(place, node, model, x)
    return Prediction(model=model, rows=x.rows)


def _measured(place: Place, node: ast.Call) -> None:
    for each in [*node.args, *(word.value for word in node.keywords)]:
        value = place.of(each)
        if isinstance(value, Prediction):
            _scored(place, node, value.model, value.rows)
            return


def _scored(place: Place, node: ast.Call, model: Model, rows: Rows) -> None:
    place.story.events.append(
        Score(step=place.look.step, node=node, model=model, rows=rows),
    )


def _cross(place: Place, node: ast.Call) -> None:
    given = [*node.args, None, None, None]
    model = place.of(given[0] or keyword(node, "estimator"))
    x = place.data(given[1] or keyword(node, "X"))
    y = place.data(given[2] or keyword(node, "y"))
    cv = keyword(node, "cv")
    value = place.of(cv)
    default = cv is None or isinstance(place.constant(cv), int)
    if x is not None:
        place.story.events.append(
            Folds(
                step=place.look.step,
                node=node,
                model=model if isinstance(model, Model) else None,
                splitter=value if isinstance(value, Splitter) else None,
                default=default,
                x=x,
                y=y,
            )
        )


def _folds(place: Place, node: ast.Call, splitter: Splitter) -> Value | None:
    """Read ``for train, test in splitter.split(X, y)``."""
    given = [*node.args, None, None]
    x = place.data(given[0] or keyword(node, "X"))
    y = place.data(given[1] or keyword(node, "y"))
    if x is not None:
        place.story.events.append(
            Folds(
                step=place.look.step,
                node=node,
                model=None,
                splitter=splitter,
                default=False,
                x=x,
                y=y,
            )
        )
    cut = next(place.story.numbers)
    return (Index(cut=cut, side="train"), Index(cut=cut, side="test"))
