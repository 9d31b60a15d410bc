"""Rules of evaluation: what features know of the target and of the future."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.lint.frames.reading import events
from toolkit.lint.frames.values import COMPUTED, Data, Fit, Folds, Mark, Split
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.places import hit_at

if TYPE_CHECKING:
    import ast

_SELECTS = ("Pipeline", "ColumnTransformer", "make_pipeline", "make_column_transformer")


def _pairs(subject: Subject) -> Iterator[tuple[Fit | Folds, Data, Data]]:
    """Yield features with their target, wherever a model is given both."""
    for event in events(subject):
        if not isinstance(event, (Fit, Folds)) or event.y is None:
            continue
        model = event.model
        if model is None:  # a splitter only counts rows
            continue
        kinds = {model.kind, *(each.kind for each in model.inner)}
        if not model.kind or kinds & set(_SELECTS):  # may choose columns itself
            continue
        yield event, event.x, event.y


def _contained(subject: Subject) -> Iterator[Hit]:
    told: set[str] = set()
    for event, x, y in _pairs(subject):
        if x.rows.origin != y.rows.origin or not y.name or y.name == COMPUTED:
            continue
        if x.has(y.name) and y.name not in told:
            told.add(y.name)
            yield hit_at(
                event.step.source,
                event.node,
                f"the target {y.name!r} is still among the features",
            )


def _derived(subject: Subject) -> Iterator[Hit]:
    for event, x, y in _pairs(subject):
        if x.rows.origin != y.rows.origin or not y.pure or x.has(y.name):
            continue
        sources = y.reads - {y.name}
        ahead = any(mark.kind == "future" for mark in y.all_marks())
        if sources and not ahead and y.real and all(map(x.has, sources)):
            names = ", ".join(map(repr, sorted(sources)))
            yield hit_at(
                event.step.source,
                event.node,
                f"the target is computed from {names}, still among the features",
            )


def _future(subject: Subject) -> Iterator[Hit]:
    for mark, name in _features(subject, ("future",)):
        yield hit_at(
            mark.step.source,
            mark.node,
            f"the feature {name!r} holds values of later rows",
        )


def _centred(subject: Subject) -> Iterator[Hit]:
    for mark, name in _features(subject, ("centred",)):
        yield hit_at(
            mark.step.source,
            mark.node,
            f"the window of the feature {name!r} reaches into later rows",
        )


def _features(subject: Subject, kinds: tuple[str, ...]) -> Iterator[tuple[Mark, str]]:
    """Yield marks of columns that are certainly given to a model as features."""
    told: set[ast.AST] = set()
    for _, x, y in _pairs(subject):
        for name, column in x.made.items():
            if not x.has(name) or name in (y.reads | {y.name}):
                continue
            for mark in column.marks:
                if mark.kind in kinds and mark.node not in told:
                    told.add(mark.node)
                    yield mark, name


def _encoded(subject: Subject) -> Iterator[Hit]:
    told: set[ast.AST] = set()
    for event, x, y in _pairs(subject):
        target = (y.reads | {y.name}) - {"", COMPUTED}
        for mark in x.all_marks():
            if mark.kind != "statistic" or not mark.of & target or mark.node in told:
                continue
            scored = isinstance(event, Folds) or event.x.rows != mark.rows
            if scored and x.rows in mark.rows:
                told.add(mark.node)
                names = ", ".join(map(repr, sorted(mark.of & target)))
                yield hit_at(
                    mark.step.source,
                    mark.node,
                    f"a statistic of the target {names} over all rows is a feature",
                )


def _filled(subject: Subject) -> Iterator[Hit]:
    told: set[ast.AST] = set()
    for event in events(subject):
        if isinstance(event, Split):
            frames = event.data[:1]
        elif isinstance(event, (Fit, Folds)) and event.y is not None:
            frames = (event.x,)
        else:
            continue
        for x in frames:
            for mark in x.all_marks():
                across = x.rows in mark.rows and (
                    not isinstance(event, Fit) or x.rows != mark.rows
                )
                if mark.kind != "backfilled" or not x.time or not across:
                    continue
                if mark.node not in told:
                    told.add(mark.node)
                    text = mark.step.source.snippet(mark.node)
                    yield hit_at(
                        mark.step.source,
                        mark.node,
                        f"`{text}` fills gaps from later rows, before rows are divided",
                    )


_START = (
    "import pandas as pd\nfrom sklearn.linear_model import Ridge\n"
    'frame = pd.read_csv("data/pumps.csv").sort_values("day")\n'
)
_FIT = "Ridge().fit(X, y)"
RULES: tuple[Rule, ...] = (
    Rule(
        code="LEAK401",
        name="target-among-features",
        severity="error",
        why="A model that is given the answer repeats it: the score is nearly perfect "
        "and worth nothing.",
        mend='Take it out: `X = frame.drop(columns=["…"])`.',
        bad=(_START + 'X, y = frame, frame["power"]\n' + _FIT,),
        good=(
            _START + 'X, y = frame.drop(columns=["power"]), frame["power"]\n' + _FIT,
            _START + 'y = frame.pop("power")\nX = frame\n' + _FIT,
        ),
        check=_contained,
    ),
    Rule(
        code="LEAK402",
        name="target-computed-from-features",
        severity="error",
        why="If the target follows from columns that are features, the model only "
        "finds that formula again.",
        mend="Take the columns out of the features from which the target is computed.",
        bad=(
            _START + 'frame["high"] = (frame["power"] > 90).astype(int)\n'
            'X, y = frame.drop(columns=["high"]), frame["high"]\n' + _FIT,
        ),
        good=(
            _START + 'frame["high"] = (frame["power"] > 90).astype(int)\n'
            'X, y = frame.drop(columns=["high", "power"]), frame["high"]\n' + _FIT,
            _START + 'frame["next"] = frame["power"].shift(-1)\n'
            'X, y = frame.drop(columns=["next"]), frame["next"]\n' + _FIT,
        ),
        check=_derived,
    ),
    Rule(
        code="LEAK403",
        name="feature-of-the-future",
        severity="error",
        why="`shift(-1)` brings later rows into this one: at the time of the decision "
        "nobody knows them.",
        mend="Shift forwards: `shift(1)`; only labels look ahead.",
        bad=(
            _START + 'frame["next"] = frame["flow"].shift(-1)\n'
            'X, y = frame[["flow", "next"]], frame["power"]\n' + _FIT,
        ),
        good=(
            _START + 'frame["last"] = frame["flow"].shift(1)\n'
            'X, y = frame[["flow", "last"]], frame["power"]\n' + _FIT,
            _START + 'frame["next"] = frame["power"].shift(-1)\n'
            'X, y = frame[["flow", "power"]], frame["next"]\n' + _FIT,
        ),
        check=_future,
    ),
    Rule(
        code="LEAK404",
        name="centred-window",
        severity="error",
        why="A window that is centred on a row contains rows that come after it.",
        mend="Leave `center=True` out: the window then ends at its row.",
        bad=(
            _START + 'frame["mean"] = frame["flow"].rolling(7, center=True).mean()\n'
            'X, y = frame[["flow", "mean"]], frame["power"]\n' + _FIT,
        ),
        good=(
            _START + 'frame["mean"] = frame["flow"].rolling(7).mean()\n'
            'X, y = frame[["flow", "mean"]], frame["power"]\n' + _FIT,
        ),
        check=_centred,
    ),
    Rule(
        code="LEAK405",
        name="target-encoded-before-split",
        severity="error",
        why="The mean of the target for each group contains the targets of test rows, "
        "and in small groups little else.",
        mend="Take the means of training rows alone, or use `TargetEncoder` in a "
        "pipeline.",
        bad=(
            _START + "from sklearn.model_selection import train_test_split\n"
            'means = frame.groupby("site")["power"].mean()\n'
            'frame["site_mean"] = frame["site"].map(means)\n'
            "train, test = train_test_split(frame, shuffle=False)\n"
            'Ridge().fit(train[["flow", "site_mean"]], train["power"])',
        ),
        good=(
            _START + "from sklearn.model_selection import train_test_split\n"
            "train, test = train_test_split(frame, shuffle=False)\n"
            'means = train.groupby("site")["power"].mean()\n'
            'train["site_mean"] = train["site"].map(means)\n'
            'Ridge().fit(train[["flow", "site_mean"]], train["power"])',
        ),
        check=_encoded,
    ),
    Rule(
        code="LEAK406",
        name="filled-from-the-future",
        severity="warning",
        why="Filling a gap from the next value, or between two values, brings the "
        "future into the past, and test rows into training.",
        mend="Fill forwards: `ffill()`; or divide first.",
        bad=(
            _START + "from sklearn.model_selection import train_test_split\n"
            "frame = frame.bfill()\n"
            "train, test = train_test_split(frame, shuffle=False)",
        ),
        good=(
            _START + "from sklearn.model_selection import train_test_split\n"
            "frame = frame.ffill()\n"
            "train, test = train_test_split(frame, shuffle=False)",
        ),
        check=_filled,
    ),
)
