"""Rules of evaluation: which rows scores are of, and which rows settings are for."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from toolkit.lint.frames.names import SEARCHES
from toolkit.lint.frames.reading import events
from toolkit.lint.frames.values import Event, Fit, Folds, Score
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.places import hit_at

if TYPE_CHECKING:
    import ast

_SAYS_SO = ("train", "in-sample", "in_sample", "insample", "fitted", "resubstitution")


def _trained(subject: Subject) -> Iterator[Hit]:
    """Find scores on rows that the model has learned from."""
    seen = events(subject)
    elsewhere = _is_tested(seen)
    for event in seen:
        if not isinstance(event, Score) or not event.model.supervised:
            continue
        fitted = event.model.fitted
        if fitted is None:
            continue
        text = event.step.source.snippet(event.node)
        if event.rows in fitted and event.rows != fitted:
            if event.rows.side == "train":
                continue
            yield hit_at(
                event.step.source,
                event.node,
                f"`{text}` scores a model on rows that are among those it learned from",
            )
        elif fitted in event.rows and event.rows != fitted:
            yield hit_at(
                event.step.source,
                event.node,
                f"`{text}` scores a model on all rows, those included that it learned "
                f"from",
            )
        elif event.rows == fitted and not elsewhere and not _says_so(event):
            yield hit_at(
                event.step.source,
                event.node,
                f"`{text}` scores a model on the rows that it learned from, and "
                f"nothing scores it on others",
            )


def _is_tested(seen: Sequence[Event]) -> bool:
    """Whether some model is scored on rows that it did not learn from."""
    return any(
        isinstance(event, Folds)
        or (
            isinstance(event, Score)
            and (event.model.fitted is None or event.rows not in event.model.fitted)
        )
        for event in seen
    )


def _says_so(event: Score) -> bool:
    """Whether the text calls it what it is: a score on training rows."""
    lines = event.step.source.lines
    last = event.step.last_line
    text = "\n".join(lines[max(event.step.line - 2, 0) : last]).lower()
    return any(word in text for word in _SAYS_SO)


def _tuned(subject: Subject) -> Iterator[Hit]:
    """Find searches on test rows, and training that stops by them."""
    seen = events(subject)
    scored = [event for event in seen if isinstance(event, Score)]
    told: set[ast.AST] = set()
    for event in seen:
        if not isinstance(event, Fit) or event.node in told:
            continue
        told.add(event.node)
        if event.model.kind in SEARCHES and event.x.rows.side == "test":
            yield hit_at(
                event.step.source,
                event.node,
                f"{event.model.kind} chooses settings on the test rows",
            )
        for rows in event.watched:
            again = any(
                each.rows == rows and each.model.call is event.model.call
                for each in scored
                if each.step.position > event.step.position
            )
            if again and rows.side == "test" and rows != event.x.rows:
                yield hit_at(
                    event.step.source,
                    event.node,
                    "the test rows decide when training stops, and are scored "
                    "afterwards",
                )


_START = (
    'import pandas as pd\nframe = pd.read_csv("data/pumps.csv")\n'
    'X, y = frame[["flow", "head"]], frame["power"]\n'
    "from sklearn.linear_model import Ridge\n"
    "from sklearn.model_selection import train_test_split, GridSearchCV\n"
    "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\n"
)
_BOOSTED = (
    "from xgboost import XGBRegressor\nmodel = XGBRegressor(early_stopping_rounds=9)\n"
)
_VALID = "X_fit, X_valid, y_fit, y_valid = train_test_split(X_train, y_train)\n"
RULES: tuple[Rule, ...] = (
    Rule(
        code="LEAK301",
        name="scored-on-training-rows",
        severity="error",
        why="A model remembers what it was trained on: a score on those rows says "
        "how well it remembers, not how well it will predict.",
        mend="Score on rows that were held back, and call a score on training rows so.",
        bad=(
            _START + "model = Ridge().fit(X, y)\nmodel.score(X, y)",
            _START + "model = Ridge().fit(X, y)\nprint(model.score(X_test, y_test))",
            _START + "model = Ridge().fit(X_train, y_train)\nmodel.score(X, y)",
        ),
        good=(
            _START + "model = Ridge().fit(X_train, y_train)\n"
            "model.score(X_test, y_test)",
            _START + "model = Ridge().fit(X_train, y_train)\n"
            'print("train", model.score(X_train, y_train))\n'
            'print("test", model.score(X_test, y_test))',
        ),
        check=_trained,
    ),
    Rule(
        code="LEAK302",
        name="tuned-on-test-rows",
        severity="error",
        why="Settings that were chosen by the test rows fit them; the score on them "
        "is then the best of many tries, and no estimate any more.",
        mend="Choose on a part of the training rows, and use the test rows once.",
        bad=(
            _START + 'search = GridSearchCV(Ridge(), {"alpha": [1, 2]})\n'
            "search.fit(X_test, y_test)",
            _START
            + _BOOSTED
            + "model.fit(X_train, y_train, eval_set=[(X_test, y_test)])\n"
            "model.score(X_test, y_test)",
        ),
        good=(
            _START + 'search = GridSearchCV(Ridge(), {"alpha": [1, 2]})\n'
            "search.fit(X_train, y_train)\nsearch.score(X_test, y_test)",
            _START
            + _BOOSTED
            + _VALID
            + "model.fit(X_fit, y_fit, eval_set=[(X_valid, y_valid)])\n"
            "model.score(X_test, y_test)",
        ),
        check=_tuned,
    ),
)
