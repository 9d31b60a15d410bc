"""Evaluate a scorer as it will be used: fitted on the past, listed up to capacity."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis import metrics
from toolkit.analysis.fitting import (
    Classifier,
    FitError,
    FittedFold,
    FitWarning,
    fit_folds,
    is_probabilistic,
)
from toolkit.analysis.folds import Fold, Splitter, fold_table, panel_folds
from toolkit.analysis.listing import delivered
from toolkit.analysis.panel import Panel
from toolkit.analysis.strategies import Strategy
from toolkit.analysis.times import missing_decision_times
from toolkit.errors import ToolkitError

Floats = npt.NDArray[np.float64]


@dataclass(eq=False)
class ScorerError(ToolkitError, TypeError):
    """The scorer can neither be fitted nor rank by itself."""

    name: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.found} cannot rank entities, expected a scikit-learn "
            "classifier with predict_proba or decision_function, or a strategy with "
            "rank_scores"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Backtest:
    """Scores and outcomes of every tested row, and the metrics that follow.

    Parameters
    ----------
    name : str
    capacity : int
        Length N of the list.
    horizon : Timedelta
    random_state : int
        Seed of the fits and of the hash that breaks ties in the delivered list.
    predictions : DataFrame with the columns cutoff, entity, fold, score, y
        One row per tested row, sorted by cutoff and entity; ``y`` is 0 or 1.
    daily : DataFrame indexed by cutoff, see `toolkit.analysis.metrics.daily_hits`
    listed : DataFrame with the columns cutoff, entity, rank, score, y
        The delivered list, k rows a decision time.
    folds : DataFrame, one row a fold
        Bounds in time, rows and positives of training and test.
    missing : DatetimeIndex
        Decision times that are due from the first to the last test, and have no row.
    warnings : of all fits
    models : fitted estimators, one a fold; none of a strategy
    probabilistic : bool
        Whether the scores are probabilities.
    """

    name: str
    capacity: int
    horizon: pd.Timedelta
    random_state: int
    predictions: pd.DataFrame
    daily: pd.DataFrame
    listed: pd.DataFrame
    folds: pd.DataFrame
    missing: pd.DatetimeIndex
    warnings: tuple[FitWarning, ...] = ()
    models: tuple[Classifier, ...] = ()
    probabilistic: bool = False

    @property
    def hit_rate(self) -> float:
        """Mean hits a decision time."""
        return metrics.hit_rate(self.daily)

    @property
    def precision(self) -> float:
        """Hits over places."""
        return metrics.precision(self.daily)

    @property
    def recall(self) -> float:
        """Hits over positives."""
        return metrics.recall(self.daily)

    @property
    def lift(self) -> float:
        """Precision over the base rate."""
        return metrics.lift(self.daily)

    @property
    def skill(self) -> float:
        """Place of the hit rate between chance (0) and the oracle (1)."""
        return metrics.skill(self.daily)

    @property
    def average_precision(self) -> float:
        """Average precision of all rows together."""
        return metrics.average_precision(*self._scores())

    @property
    def brier(self) -> float:
        """Brier score; NaN if the scores are no probabilities."""
        return metrics.brier(*self._scores()) if self.probabilistic else float("nan")

    @property
    def brier_of_base_rate(self) -> float:
        """Brier score of always saying the base rate."""
        return metrics.brier_of_base_rate(self._scores()[1])

    def calibration(self, *, n_bins: int = 10) -> pd.DataFrame:
        """Return predicted against observed rates of all rows."""
        return metrics.calibration(*self._scores(), n_bins=n_bins)

    def calibration_of_list(self, *, n_bins: int = 5) -> pd.DataFrame:
        """Return the same of the delivered list alone, where decisions are made."""
        score = self.listed["score"].to_numpy(np.float64)
        y = self.listed["y"].to_numpy(np.float64)
        return metrics.calibration(score, y, n_bins=n_bins)

    def cumulative_gain(self) -> pd.DataFrame:
        """Return what lists of 1 to 3N places would have caught."""
        return metrics.cumulative_gain(self.predictions, capacity=self.capacity)

    def warning_table(self) -> pd.DataFrame:
        """Return the warnings of the fits, one kind a row.

        Returns
        -------
        DataFrame with the columns category, folds (how many it was seen in), message
        (its first line)
        """
        seen: dict[tuple[str, str], set[int]] = {}
        for one in self.warnings:
            first = one.message.strip().partition("\n")[0].rstrip(": ")
            seen.setdefault((one.category, first), set()).add(one.fold)
        rows = [(kind, len(folds), text) for (kind, text), folds in seen.items()]
        return pd.DataFrame(rows, columns=["category", "folds", "message"])

    def _scores(self) -> tuple[Floats, Floats]:
        score = self.predictions["score"].to_numpy(np.float64)
        return score, self.predictions["y"].to_numpy(np.float64)


def backtest(
    scorer: Classifier | Strategy,
    panel: Panel,
    splitter: Splitter,
    *,
    capacity: int,
    name: str,
    random_state: int,
    n_jobs: int = 1,
) -> Backtest:
    """Fit a scorer on each fold's past, score its test, and evaluate the lists.

    Parameters
    ----------
    scorer : scikit-learn classifier or pipeline, or a `Strategy`
        A classifier is cloned for each fold, never fitted itself.
    panel : Panel
    splitter : scikit-learn splitter, such as `toolkit.analysis.windows.GrowingWindow`
        Its rows are audited; unresolved ones are left out.
    capacity : int
        Length N of the list.
    name : str
        What tables, charts and errors call the scorer.
    random_state : int
        Seed of the fits and of ties in the delivered list.
    n_jobs : int
        Processes that fit; the results are the same for any number.

    Raises
    ------
    ScorerError : if the scorer is neither of the two
    FitError : if a fit or its scoring fails; names the fold and its dates
    LeakingFoldError : if a fold's training is nearer to its test than horizon and delay
    """
    folds = panel_folds(panel, splitter)
    tested, numbers = _tested(panel, folds)
    table = fold_table(panel, folds)
    score = np.full(len(panel.y), np.nan)
    fitted: list[FittedFold] = []
    if isinstance(scorer, Strategy):
        score[tested] = scorer.rank_scores(
            panel, tested, capacity=capacity, random_state=random_state
        )
    else:
        _check_scorer(scorer, name)
        fitted = fit_folds(
            scorer, panel, folds, n_jobs=n_jobs, random_state=random_state
        )
        for fold, one in zip(folds, fitted, strict=True):
            _raise_failure(one, name, table)
            score[fold.test] = one.score
    predictions = _predictions(panel, tested, numbers, score)
    return Backtest(
        name=name,
        capacity=capacity,
        horizon=panel.horizon,
        random_state=random_state,
        predictions=predictions,
        daily=metrics.daily_hits(predictions, capacity=capacity),
        listed=delivered(predictions, capacity=capacity, random_state=random_state),
        folds=table,
        missing=_missing(panel, tested),
        warnings=tuple(flag for one in fitted for flag in one.warnings),
        models=tuple(one.model for one in fitted if one.model is not None),
        probabilistic=bool(fitted) and is_probabilistic(fitted[0].model),
    )


def _tested(
    panel: Panel, folds: tuple[Fold, ...]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Return which rows are tested, and in which fold."""
    numbers = np.full(len(panel.y), -1, dtype=np.intp)
    for fold in folds:
        numbers[fold.test] = fold.number
    return numbers >= 0, numbers


def _predictions(
    panel: Panel,
    tested: npt.NDArray[np.bool_],
    numbers: npt.NDArray[np.intp],
    score: Floats,
) -> pd.DataFrame:
    index = panel.X.index[tested]
    return pd.DataFrame(
        {
            "cutoff": index.get_level_values(0),
            "entity": index.get_level_values(1),
            "fold": numbers[tested],
            "score": score[tested],
            "y": panel.y[tested].astype(np.int8),
        }
    )


def _missing(panel: Panel, tested: npt.NDArray[np.bool_]) -> pd.DatetimeIndex:
    times = panel.cutoffs
    due = missing_decision_times(times)
    first, last = times[tested][[0, -1]]
    return due[(due >= first) & (due <= last)]


def _check_scorer(scorer: object, name: str) -> None:
    scores = hasattr(scorer, "predict_proba") or hasattr(scorer, "decision_function")
    if isinstance(scorer, type) or not (
        scores and hasattr(scorer, "fit") and hasattr(scorer, "get_params")
    ):
        found = f"the class {scorer.__name__}" if isinstance(scorer, type) else None
        raise ScorerError(name=name, found=found or type(scorer).__name__)


def _raise_failure(one: FittedFold, name: str, table: pd.DataFrame) -> None:
    """Raise what a fit ran into, with the fold's dates and the trace as a note."""
    if not one.error:
        return
    row = table.set_index("fold").loc[one.fold]
    bounds = ("train_from", "train_to", "test_from", "test_to")
    failure = FitError(
        name=name,
        fold=one.fold,
        error=one.error,
        **{bound: str(row[bound]) for bound in bounds},
    )
    failure.add_note(one.trace)
    raise failure
