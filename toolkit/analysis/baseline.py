"""The simplest pipeline from data to metric, and its first alteration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from toolkit.errors import ToolkitError

Matrix = pd.DataFrame | npt.NDArray[np.float64]


@dataclass(eq=False)
class NoColumnLeftError(ToolkitError, ValueError):
    """Every column has missing values, so dropping leaves nothing to learn from."""

    n_columns: int

    def __str__(self) -> str:
        return (
            f"all {self.n_columns} columns have missing values among the training "
            "rows, expected at least one without; impute instead of dropping"
        )


@dataclass(eq=False)
class ColumnCountError(ToolkitError, ValueError):
    """The columns to transform are not those that were fitted."""

    found: int
    expected: int

    def __str__(self) -> str:
        return (
            f"found {self.found} columns, expected {self.expected} as in training; "
            "pass the same features to both"
        )


class DropMissingColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn ships no types
    """Drop the columns that have a missing value among the training rows.

    What is missing later only does not change the choice: that would be decided on
    the test rows.

    Attributes
    ----------
    kept_, dropped_ : lists of the columns' names, or of their positions in an array
    n_features_in_ : int

    Examples
    --------
    >>> X = pd.DataFrame({"age": [1.0, 2.0], "since": [np.nan, 3.0]})
    >>> DropMissingColumns().fit(X).dropped_
    ['since']
    """

    def fit(self, X: Matrix, y: object = None) -> Self:
        """Decide on the training rows, ``X`` of shape (n_rows, n_features)."""
        del y
        incomplete = np.any(np.asarray(pd.isna(X)), axis=0)
        if incomplete.all():
            raise NoColumnLeftError(n_columns=len(incomplete))
        names = _names(X)
        self.n_features_in_ = len(names)
        self.kept_ = list(names[~incomplete])
        self.dropped_ = list(names[incomplete])
        self._positions = np.flatnonzero(~incomplete)
        return self

    def transform(self, X: Matrix) -> Matrix:
        """Return the kept columns, rows in C order; ``X`` itself if all are kept."""
        check_is_fitted(self)
        if X.shape[1] != self.n_features_in_:
            raise ColumnCountError(found=X.shape[1], expected=self.n_features_in_)
        if not self.dropped_:
            return X
        values = np.take(np.asarray(X), self._positions, axis=1)
        if not isinstance(X, pd.DataFrame):
            return values
        return pd.DataFrame(values, index=X.index, columns=self.kept_, copy=False)

    def get_feature_names_out(
        self, input_features: object = None
    ) -> npt.NDArray[np.object_]:
        """Return the names of the kept columns."""
        del input_features
        check_is_fitted(self)
        return np.asarray(self.kept_, dtype=object)


def baseline() -> Pipeline:
    """Return the baseline: complete columns, logistic regression, nothing tuned.

    No scaling and no further iterations, so that on most data the fit does not
    converge: a red flag to report, and the first thing to mend (`scaled_baseline`).

    Examples
    --------
    >>> [name for name, _ in baseline().steps]
    ['drop_missing_columns', 'classify']
    """
    return Pipeline(
        [
            ("drop_missing_columns", DropMissingColumns()),
            ("classify", LogisticRegression()),
        ]
    )


def scaled_baseline() -> Pipeline:
    """Return the baseline with its columns brought to unit variance: alteration one.

    Examples
    --------
    >>> [name for name, _ in scaled_baseline().steps]
    ['drop_missing_columns', 'scale', 'classify']
    """
    return Pipeline(
        [
            ("drop_missing_columns", DropMissingColumns()),
            ("scale", StandardScaler()),
            ("classify", LogisticRegression()),
        ]
    )


PIPELINES: Mapping[str, Callable[[], Pipeline]] = {
    "baseline": baseline,
    "scaled_baseline": scaled_baseline,
}


def _names(X: Matrix) -> npt.NDArray[np.object_]:
    names = X.columns if isinstance(X, pd.DataFrame) else range(X.shape[1])
    return np.array(list(names), dtype=object)
