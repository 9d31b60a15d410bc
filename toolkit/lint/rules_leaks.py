"""Rules of evaluation: how rows are divided, and what knows of rows it is tested on."""

import ast
from collections.abc import Iterator

from toolkit.lint.frames.names import FOLDS, SHUFFLED
from toolkit.lint.frames.reading import events
from toolkit.lint.frames.values import Data, Fit, Folds, Mark, Rows, Split
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.places import hit_at
from toolkit.reproduce.diagnosis.steps import Step

_ORDERED = ("TimeSeriesSplit",)
_LEARNED = {
    "fitted": "learns from all rows, before they are divided",
    "supervised": "learns from all rows and their targets, before they are divided",
    "resampled": "makes rows out of all rows, before they are divided",
    "statistic": "takes a statistic of all rows, before they are divided",
}


def _random(subject: Subject) -> Iterator[Hit]:
    for event in events(subject):
        if isinstance(event, Split) and event.shuffles:
            if time := _time(event.data):
                yield _hit(
                    event.step, event.node, f"rows are divided by chance: {time}"
                )
        elif isinstance(event, Folds) and event.splitter and event.splitter.shuffles:
            time = _time((event.x, *([event.y] if event.y else ())))
            if time and event.splitter.kind in FOLDS:
                kind = event.splitter.kind
                yield _hit(
                    event.step, event.node, f"{kind} deals rows out by chance: {time}"
                )


def _future_folds(subject: Subject) -> Iterator[Hit]:
    for event in events(subject):
        if not isinstance(event, Folds):
            continue
        splitter = event.splitter
        plain = splitter is not None and splitter.kind in FOLDS - SHUFFLED
        if not event.default and not (plain and splitter and not splitter.shuffles):
            continue
        if time := _time((event.x, *([event.y] if event.y else ()))):
            yield _hit(
                event.step,
                event.node,
                f"all folds but the last are tested by a model of later rows: {time}",
            )


def _time(data: tuple[Data, ...]) -> str:
    return next((each.time for each in data if each.time), "")


def _gap(subject: Subject) -> Iterator[Hit]:
    for event in events(subject):
        if not isinstance(event, Folds) or event.splitter is None:
            continue
        splitter = event.splitter
        if splitter.kind not in _ORDERED or splitter.gap is None:
            continue
        ahead = event.y.ahead if event.y is not None else event.x.ahead
        if splitter.gap < ahead - 1:
            yield _hit(
                splitter.step,
                splitter.call,
                f"the gap is {splitter.gap}, but labels look {ahead} rows ahead: the "
                f"last labels of training are made of rows that are tested",
            )


def _before(subject: Subject) -> Iterator[Hit]:
    yield from _marked(subject, ("fitted", "supervised"))


def _resampled(subject: Subject) -> Iterator[Hit]:
    yield from _marked(subject, ("resampled",))


def _statistics(subject: Subject) -> Iterator[Hit]:
    yield from _marked(subject, ("statistic",))


def _marked(subject: Subject, kinds: tuple[str, ...]) -> Iterator[Hit]:
    told: set[tuple[Step, int]] = set()
    for mark in _leaked(subject):
        place = (mark.step, getattr(mark.node, "lineno", 0))
        if mark.kind in kinds and place not in told and not _of_target(mark):
            told.add(place)
            yield _hit(
                mark.step,
                mark.node,
                f"`{mark.step.source.snippet(mark.node)}` {_LEARNED[mark.kind]}",
            )


def _of_target(mark: Mark) -> bool:
    return mark.kind == "statistic" and bool(mark.of) and _is_grouped(mark.node)


def _is_grouped(node: ast.AST) -> bool:
    return any(getattr(part, "attr", "") == "groupby" for part in ast.walk(node))


def _leaked(subject: Subject) -> Iterator[Mark]:
    """Yield what was done to more rows than the training rows that it reaches."""
    for event in events(subject):
        if isinstance(event, Split):
            for data in event.data[:1]:
                yield from (m for m in data.all_marks() if data.rows in m.rows)
        elif isinstance(event, Folds):
            for mark in event.x.all_marks():
                mild = mark.kind in ("fitted", "statistic")
                if event.x.rows in mark.rows and not (mild and mark.rows.path):
                    yield mark
        elif isinstance(event, Fit) and event.y is not None:
            for mark in event.x.all_marks():
                if _less(event.x.rows, mark.rows) and _held_out(event.x.rows, mark):
                    yield mark


def _less(rows: Rows, more: Rows) -> bool:
    return rows != more and rows in more


def _held_out(rows: Rows, mark: Mark) -> bool:
    """Whether others of the rows that a mark knows are for testing."""
    return rows.side == "train" or (rows.side == "before" and not mark.rows.path)


def _hit(step: Step, node: ast.AST, what: str) -> Hit:
    return hit_at(step.source, node, what)


_READ = 'import pandas as pd\nframe = pd.read_csv("data/pumps.csv")\n'
_DATED = (
    "import pandas as pd\n"
    'frame = pd.read_csv("data/pumps.csv", parse_dates=["day"])\n'
    'frame = frame.sort_values("day")\n'
    'X, y = frame[["flow", "head"]], frame["power"]\n'
)
_AHEAD = (
    "import pandas as pd\n"
    "from sklearn.model_selection import TimeSeriesSplit, cross_val_score\n"
    "from sklearn.linear_model import Ridge\n"
    'frame = pd.read_csv("data/pumps.csv").sort_values("day")\n'
    'frame["later"] = frame["power"].shift(-7)\n'
    'frame = frame.dropna()\nX, y = frame[["flow", "head"]], frame["later"]\n'
)
_CROSS = "from sklearn.model_selection import cross_val_score, {}\n"
_SCALED = (
    "from sklearn.model_selection import train_test_split\n"
    "from sklearn.preprocessing import StandardScaler\n"
    'X, y = frame[["flow", "head"]], frame["power"]\n'
)
RULES: tuple[Rule, ...] = (
    Rule(
        code="LEAK101",
        name="random-split-of-time",
        severity="error",
        why="Rows that stand in the order of time resemble their neighbours. Divided "
        "by chance, each test row has neighbours in training, and the score says "
        "nothing about days that are still to come.",
        mend="Train on rows before a moment and test on those after it: by date, "
        "`shuffle=False`, or `TimeSeriesSplit`.",
        bad=(
            _DATED + "from sklearn.model_selection import train_test_split\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
            _DATED + _CROSS.format("KFold") + "from sklearn.linear_model import Ridge\n"
            "folds = KFold(5, shuffle=True, random_state=0)\n"
            "cross_val_score(Ridge(), X, y, cv=folds)",
        ),
        good=(
            _DATED + "from sklearn.model_selection import train_test_split\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)",
            _READ + "from sklearn.model_selection import train_test_split\n"
            "train, test = train_test_split(frame, random_state=0)",
        ),
        check=_random,
    ),
    Rule(
        code="LEAK102",
        name="folds-that-know-the-future",
        severity="warning",
        why="Without a splitter for time, cross-validation trains on later rows to "
        "predict earlier ones, which nobody can do when it counts.",
        mend="Pass a splitter that tests only what comes after training: "
        "`cv=TimeSeriesSplit(…)`.",
        bad=(
            _DATED + _CROSS.format("KFold") + "from sklearn.linear_model import Ridge\n"
            "cross_val_score(Ridge(), X, y, cv=5)",
        ),
        good=(
            _DATED
            + _CROSS.format("TimeSeriesSplit")
            + "from sklearn.linear_model import Ridge\n"
            "cross_val_score(Ridge(), X, y, cv=TimeSeriesSplit(5))",
        ),
        check=_future_folds,
    ),
    Rule(
        code="LEAK103",
        name="gap-below-horizon",
        severity="error",
        why="A label that looks ahead is known only when its time has come. Without a "
        "gap of that length, training uses labels that were not known when the test "
        "begins.",
        mend="Leave out as many rows between training and test as the label looks "
        "ahead: `TimeSeriesSplit(gap=…)`.",
        bad=(_AHEAD + "cross_val_score(Ridge(), X, y, cv=TimeSeriesSplit(5, gap=1))",),
        good=(_AHEAD + "cross_val_score(Ridge(), X, y, cv=TimeSeriesSplit(5, gap=7))",),
        check=_gap,
    ),
    Rule(
        code="LEAK201",
        name="fitted-before-split",
        severity="warning",
        why="A transformer that has seen the test rows carries what it learned of "
        "them into training, so that the score is better than it will ever be again.",
        mend="Divide first and fit on training rows alone, or put it into a pipeline "
        "with the model.",
        bad=(
            _READ + _SCALED + "X = StandardScaler().fit_transform(X)\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
        ),
        good=(
            _READ
            + _SCALED
            + "X_train, X_test, y_train, y_test = train_test_split(X, y)\n"
            "scaler = StandardScaler().fit(X_train)\n"
            "X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)",
            _READ + "from sklearn.decomposition import PCA\n"
            'PCA(2).fit_transform(frame[["flow", "head"]])',
        ),
        check=_before,
    ),
    Rule(
        code="LEAK202",
        name="resampled-before-split",
        severity="error",
        why="Rows that are copied or mixed out of others end up on both sides: the "
        "model is tested on what it was trained on.",
        mend="Divide first and resample training rows alone, or use the pipeline of "
        "imbalanced-learn.",
        bad=(
            _READ
            + "from imblearn.over_sampling import SMOTE\n"
            + _SCALED
            + "X, y = SMOTE(random_state=0).fit_resample(X, y)\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, y)",
        ),
        good=(
            _READ
            + "from imblearn.over_sampling import SMOTE\n"
            + _SCALED
            + "X_train, X_test, y_train, y_test = train_test_split(X, y)\n"
            "X_train, y_train = SMOTE(random_state=0).fit_resample(X_train, y_train)",
        ),
        check=_resampled,
    ),
    Rule(
        code="LEAK203",
        name="statistic-before-split",
        severity="note",
        why="A mean or median over all rows contains the test rows: filled in or "
        "subtracted, it tells training something about them.",
        mend="Divide first and take the statistic of training rows alone, e.g. with "
        "`SimpleImputer` or `StandardScaler` in a pipeline.",
        bad=(
            _READ + _SCALED + "X = X.fillna(X.mean())\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, y)",
        ),
        good=(
            _READ
            + _SCALED
            + "X_train, X_test, y_train, y_test = train_test_split(X, y)\n"
            "mean = X_train.mean()\n"
            "X_train, X_test = X_train.fillna(mean), X_test.fillna(mean)",
        ),
        check=_statistics,
    ),
)
