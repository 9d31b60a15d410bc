"""Fit a clone on each fold and score its test rows, here or in other processes.

Every fit runs on one BLAS thread: sums are then the same on any machine, and on tall
and narrow matrices a second thread costs more than it brings.
"""

import traceback
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from toolkit.analysis.folds import Fold, Rows
from toolkit.analysis.panel import Panel
from toolkit.errors import ToolkitError

Floats = npt.NDArray[np.float64]
_FIT_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Classifier(Protocol):
    """scikit-learn's classifier protocol, as much as a backtest needs of it."""

    classes_: Sequence[int]

    def fit(self, X: pd.DataFrame, y: npt.NDArray[np.int8]) -> object:
        """Learn from the training rows."""
        ...

    def predict_proba(self, X: pd.DataFrame) -> Floats:
        """Return one column of probabilities per class."""
        ...

    def decision_function(self, X: pd.DataFrame) -> Floats:
        """Return one score per row; asked where there are no probabilities."""
        ...

    def get_params(self, *, deep: bool) -> Mapping[str, object]:
        """Return the parameters, those of steps included."""
        ...

    def set_params(self, **params: object) -> object:
        """Set parameters by name."""
        ...


@dataclass(eq=False)
class FitError(ToolkitError, RuntimeError):
    """A fold could not be fitted or scored."""

    name: str
    fold: int
    train_from: str
    train_to: str
    test_from: str
    test_to: str
    error: str

    def __str__(self) -> str:
        return (
            f"{self.name}, fold {self.fold} (trained {self.train_from} to "
            f"{self.train_to}, tested {self.test_from} to {self.test_to}): {self.error}"
        )


class UnscoredRowsWarning(UserWarning):
    """Test rows miss a value where no training row did, and the model refuses them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FitWarning:
    """A warning that a fit or its prediction gave; red flags of the run."""

    fold: int
    category: str  # "ConvergenceWarning"
    message: str
    count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FittedFold:
    """What came of one fold: a model and scores, or an error's text."""

    fold: int
    model: Classifier | None = None
    score: Floats | None = None
    warnings: tuple[FitWarning, ...] = ()
    error: str = ""
    trace: str = ""


def fit_folds(
    estimator: Classifier,
    panel: Panel,
    folds: Sequence[Fold],
    *,
    n_jobs: int,
    random_state: int,
) -> list[FittedFold]:
    """Fit a clone per fold and score the fold's test rows.

    Folds of consecutive rows are views of one matrix. Other processes get it once, as
    a memory map, and copy what a fold needs. The longest fits start first. Results do
    not depend on ``n_jobs``.

    Parameters
    ----------
    estimator : scikit-learn classifier or pipeline
    panel : Panel
    folds : folds of that panel
    n_jobs : int
        Processes, as joblib counts them (-1: one a core).
    random_state : int
        Given to every ``random_state`` parameter that the estimator leaves at None.
    """
    matrix = panel.X.to_numpy()
    y = np.where(panel.resolved, panel.y, 0.0).astype(np.int8)
    longest_first = sorted(folds, key=lambda fold: -_length(fold.train))
    seeded = _seeded(estimator, random_state)
    parts = (matrix, panel.X.index, panel.X.columns, y)
    one_thread = parallel_config(backend="loky", inner_max_num_threads=1)
    with one_thread, threadpool_limits(1):  # in other processes, and in this one
        fitted = Parallel(n_jobs=n_jobs, batch_size=1, pre_dispatch="all")(
            delayed(_fit_fold)(clone(seeded), *parts, fold) for fold in longest_first
        )
    return sorted(fitted, key=lambda one: one.fold)


def _fit_fold(
    model: Classifier,
    matrix: Floats,
    index: pd.Index,
    columns: pd.Index,
    y: npt.NDArray[np.int8],
    fold: Fold,
) -> FittedFold:
    """Fit and score one fold; an error comes back as text, for it may not travel."""
    n = max(_end(fold.train), _end(fold.test))
    block = matrix[:n]
    if isinstance(block, np.memmap):  # small pages: a fit on them takes a third longer
        block = np.array(block)
        block.flags.writeable = False
    X = pd.DataFrame(block, index=index[:n], columns=columns, copy=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model.fit(X.iloc[fold.train], y[fold.train])
            score = _score(model, X, fold)
        except _FIT_ERRORS as error:
            text = f"{type(error).__name__}: {error}"
            trace = "".join(traceback.format_exception(error))
            return FittedFold(fold=fold.number, error=text, trace=trace)
    counts = Counter((one.category.__name__, str(one.message)) for one in caught)
    flags = tuple(
        FitWarning(fold=fold.number, category=category, message=message, count=count)
        for (category, message), count in counts.items()
    )
    return FittedFold(fold=fold.number, model=model, score=score, warnings=flags)


def _score(model: Classifier, X: pd.DataFrame, fold: Fold) -> Floats:
    """Score the test rows; those that a model cannot read get NaN, and rank last."""
    test = X.iloc[fold.test]
    try:
        return _of_positives(model, test)
    except ValueError:
        complete = ~X.iloc[fold.train].isna().any(axis=0)
        missing = test.loc[:, complete].isna()
        unread = missing.any(axis=1).to_numpy()
        if not unread.any():
            raise
    columns = list(missing.columns[missing.any(axis=0)])
    text = f"{unread.sum()} test rows miss a value in {columns}, no training row does"
    warnings.warn(f"{text}: ranked last", UnscoredRowsWarning, stacklevel=2)
    score = np.full(len(test), np.nan)
    if not unread.all():
        score[~unread] = _of_positives(model, test.loc[~unread])
    return score


def _of_positives(model: Classifier, X: pd.DataFrame) -> Floats:
    """Return the probability of an event, or the decision function's value."""
    if is_probabilistic(model):
        column = list(model.classes_).index(1)
        return np.asarray(model.predict_proba(X), np.float64)[:, column]
    return np.asarray(model.decision_function(X), np.float64)


def is_probabilistic(model: object) -> bool:
    """Return whether the scores of a classifier are probabilities."""
    return hasattr(model, "predict_proba")


def _seeded(estimator: Classifier, random_state: int) -> Classifier:
    """Return a copy in which nothing draws from a global generator."""
    model: Classifier = clone(estimator)
    unset = {
        name: random_state
        for name, value in model.get_params(deep=True).items()
        if value is None and name.rpartition("__")[2] == "random_state"
    }
    model.set_params(**unset)
    return model


def _length(rows: Rows) -> int:
    return rows.stop - rows.start if isinstance(rows, slice) else len(rows)


def _end(rows: Rows) -> int:
    return int(rows.stop if isinstance(rows, slice) else rows.max() + 1)
