"""Permutation importance on hits: what the list would lose without each feature."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from scipy.special import expit
from threadpoolctl import threadpool_limits

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.error_analysis.explanations import positions
from toolkit.analysis.error_analysis.linear import LinearModel, linear_model
from toolkit.analysis.error_analysis.proportions import LEVEL
from toolkit.analysis.fitting import Classifier, is_probabilistic
from toolkit.analysis.panel import CUTOFF, Panel
from toolkit.errors import ToolkitError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
REPEATS = 3
MAX_PREDICTIONS = 4_000_000
PROBE_ROWS = 256  # that decide whether the transformers act column by column


@dataclass(eq=False)
class NoModelError(ToolkitError, ValueError):
    """A backtest of a strategy has no model that features could matter to."""

    name: str

    def __str__(self) -> str:
        return (
            f"permutation importance: {self.name!r} has no fitted models, expected one "
            "a fold; pass the backtest of a classifier or pipeline"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Importance:
    """Hits lost a decision time when a feature is shuffled among the entities.

    Parameters
    ----------
    table : DataFrame by falling importance with ``feature``, ``importance`` (hits a
        decision time, mean over folds), ``sd`` between folds, ``low`` and ``high`` of
        the mean (t interval over folds; missing with one fold)
    by_fold : DataFrame with ``feature``, ``fold``, ``importance``, ``days``
    """

    table: pd.DataFrame
    by_fold: pd.DataFrame


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Fold:
    """The test rows of one fold, laid out as days x entities."""

    X: pd.DataFrame
    y: Floats
    cell: Codes  # of each row in the grid of days x width
    shape: tuple[int, int]

    @classmethod
    def of(cls, X: pd.DataFrame, y: Floats, cutoffs: pd.Series) -> "_Fold":
        day = pd.factorize(cutoffs, sort=True)[0]
        n = np.bincount(day)
        first = np.cumsum(n) - n
        cell = day * n.max() + np.arange(len(day)) - first[day]
        return cls(X=X, y=y, cell=cell, shape=(len(n), int(n.max())))

    def shuffle(self, rng: np.random.Generator) -> Codes:
        """Return for each row the row of the same day that it takes its value from."""
        row_of = np.full(self.shape[0] * self.shape[1], -1)
        row_of[self.cell] = np.arange(len(self.cell))
        lot = rng.random(self.shape)
        lot.ravel()[row_of < 0] = np.inf  # empty cells stay where they are
        drawn = (
            np.argsort(lot, axis=1) + np.arange(self.shape[0])[:, None] * self.shape[1]
        )
        source: Codes = row_of[drawn.ravel()[self.cell]]
        return source

    def hits(self, score: Floats, capacity: int) -> float:
        """Return the mean hits a day, ties at the last place by expectation."""
        grid = np.full(self.shape, -np.inf)  # an empty cell ranks below a missing score
        grid.ravel()[self.cell] = np.where(np.isnan(score), np.finfo(float).min, score)
        y = np.zeros(self.shape)
        y.ravel()[self.cell] = self.y
        k = min(capacity, self.shape[1])
        if k == 0:
            return 0.0
        cut = np.partition(grid, -k, axis=1)[:, [-k]]
        above, tied = grid > cut, grid == cut
        share = (y * tied).sum(axis=1) / tied.sum(axis=1)
        hits = (y * above).sum(axis=1) + (k - above.sum(axis=1)) * share
        return float(hits.mean())


def permutation_importance(
    backtest: Backtest,
    panel: Panel,
    *,
    random_state: int,
    repeats: int = REPEATS,
    groups: Mapping[str, Sequence[str]] | None = None,
    max_predictions: int = MAX_PREDICTIONS,
) -> Importance:
    """Shuffle each feature among the entities of a day and count the hits lost.

    Parameters
    ----------
    backtest : Backtest with its fitted models
    panel : Panel that it was made from
    random_state : int, seed of the shuffles
    repeats : int, shuffles per fold, averaged
    groups : mapping from a name to the columns shuffled together, default each alone
        Columns that tell the same story stand in for each other when shuffled alone:
        group them to see what the story is worth.
    max_predictions : int
        Bound on the rows predicted by models that are not linear. They are shuffled
        once, for a new day tells more than a second shuffle, and evenly spaced test
        days are left out beyond the bound. Linear pipelines are updated column by
        column and use every day and repeat.

    Returns
    -------
    Importance

    Raises
    ------
    NoModelError : if the backtest is of a strategy

    Notes
    -----
    Shuffling within the day leaves the ranking among days alone: a list is drawn within
    a day. A negative importance is noise, or a feature that does harm.

    References
    ----------
    Breiman (2001), Random Forests, Machine Learning 45, section 10
    """
    if not backtest.models:
        raise NoModelError(name=backtest.name)
    named = groups or {str(column): [str(column)] for column in panel.X.columns}
    columns = {
        name: panel.X.columns.get_indexer(pd.Index(group))
        for name, group in named.items()
    }
    rng = np.random.default_rng(random_state)
    share = max_predictions / (len(columns) * len(backtest.predictions))
    records = []
    for fold, model, rows in _folds(backtest):
        part, linear = _prepared(model, rows, panel, share)
        lost = []
        for _ in range(1 if linear is None else repeats):
            source = part.shuffle(rng)
            scored = _scores(part, model, linear, list(columns.values()), source)
            before, *after = [part.hits(score, backtest.capacity) for score in scored]
            lost.append(before - np.array(after))
        mean = {"feature": list(columns), "importance": np.mean(lost, axis=0)}
        records.append(pd.DataFrame(mean).assign(fold=fold, days=part.shape[0]))
    by_fold = pd.concat(records, ignore_index=True)
    return Importance(table=_summary(by_fold), by_fold=by_fold)


def _prepared(
    model: Classifier, rows: pd.DataFrame, panel: Panel, share: float
) -> tuple[_Fold, LinearModel | None]:
    """Return the rows to shuffle, and the linear view if the quick way is exact."""
    linear = linear_model(model, panel.X.columns)
    if linear is not None and not _by_column(linear, _rows(panel, rows)):
        linear = None
    tested = _thin(rows, share) if linear is None else rows
    y = tested["y"].to_numpy(np.float64)
    return _Fold.of(_rows(panel, tested), y, tested[CUTOFF]), linear


def _folds(backtest: Backtest) -> Iterator[tuple[int, Classifier, pd.DataFrame]]:
    """Yield fold, model and test rows; those without a score stay last anyhow."""
    scored = backtest.predictions[backtest.predictions["score"].notna()]
    by_fold = dict(iter(scored.groupby("fold")))
    for fold, model in zip(backtest.folds["fold"], backtest.models, strict=True):
        if fold in by_fold:
            yield int(fold), model, by_fold[fold]


def _rows(panel: Panel, tested: pd.DataFrame) -> pd.DataFrame:
    return panel.X.iloc[positions(panel, tested)]


def _thin(tested: pd.DataFrame, share: float) -> pd.DataFrame:
    """Keep an even share of the days, at least one."""
    days = np.sort(tested[CUTOFF].unique())
    many = min(len(days), max(1, int(len(days) * share)))
    kept = days[np.linspace(0, len(days) - 1, many).round().astype(int)]
    return tested[tested[CUTOFF].isin(kept)]


def _by_column(linear: LinearModel, X: pd.DataFrame) -> bool:
    """Whether each transformed column depends on its owner alone: shift and compare."""
    probe = X.iloc[np.unique(np.linspace(0, len(X) - 1, PROBE_ROWS).astype(int))]
    owners = linear.owners(X.columns)
    if (owners < 0).any():
        return False
    shifted = probe.copy()
    for at in range(X.shape[1]):
        shifted.isetitem(at, np.roll(probe.iloc[:, at].to_numpy(), at + 1))
    before, after = linear.transform(probe), linear.transform(shifted)
    expected = [np.roll(before[:, at], owner + 1) for at, owner in enumerate(owners)]
    return np.allclose(after, np.column_stack(expected), equal_nan=True)


def _scores(
    part: _Fold,
    model: Classifier,
    linear: LinearModel | None,
    columns: Sequence[Codes],
    source: Codes,
) -> Iterator[Floats]:
    """Yield the scores as they are, then with each group of columns shuffled."""
    if linear is None:
        with threadpool_limits(1):  # a second thread costs more than it brings
            yield from _predicted(part.X, model, columns, source)
        return
    matrix = linear.transform(part.X) * linear.weights
    total = matrix.sum(axis=1) + linear.intercept
    owners = linear.owners(part.X.columns)
    link = expit if linear.probability else np.asarray
    yield link(total)
    for group in columns:
        parts = matrix[:, np.isin(owners, group)].sum(axis=1)
        yield link(total + parts[source] - parts)


def _predicted(
    X: pd.DataFrame, model: Classifier, columns: Sequence[Codes], source: Codes
) -> Iterator[Floats]:
    before = _score(model, X)
    yield before
    for group in columns:
        values = X.iloc[:, group].to_numpy()
        if np.array_equal(values[source], values, equal_nan=True):
            yield before
            continue
        shuffled = X.copy()
        for at in group:
            shuffled.isetitem(at, X.iloc[:, at].to_numpy()[source])
        yield _score(model, shuffled)


def _score(model: Classifier, X: pd.DataFrame) -> Floats:
    if is_probabilistic(model):
        column = list(model.classes_).index(1)
        return np.asarray(model.predict_proba(X), np.float64)[:, column]
    return np.asarray(model.decision_function(X), np.float64)


def _summary(by_fold: pd.DataFrame) -> pd.DataFrame:
    """Average over folds, each by its days."""
    grouped = by_fold.groupby("feature", sort=False)
    weighted = (by_fold["importance"] * by_fold["days"]).groupby(by_fold["feature"])
    n = int(grouped.size().max())
    mean = (weighted.sum() / grouped["days"].sum()).rename("importance")
    sd = grouped["importance"].std().rename("sd")
    half = stats.t.isf((1 - LEVEL) / 2, max(n - 1, 1)) * sd / np.sqrt(n)
    table: pd.DataFrame = pd.concat(
        [mean, sd, (mean - half).rename("low"), (mean + half).rename("high")], axis=1
    )
    table.insert(0, "feature", table.index)
    falling = np.argsort(-table["importance"].to_numpy(np.float64), kind="stable")
    ordered: pd.DataFrame = table.iloc[falling].reset_index(drop=True)
    return ordered
