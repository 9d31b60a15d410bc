"""Why a row got its score: what is unusual in it, and what moved the model."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.error_analysis.linear import LinearModel, linear_model
from toolkit.analysis.panel import CUTOFF, ENTITY, Panel
from toolkit.errors import ToolkitError

Floats = npt.NDArray[np.float64]
MAD_TO_SD = 1.482602218505602  # of a normal distribution
MEAN_DEVIATION_TO_SD = 1.2533141373155003


@dataclass(eq=False)
class ForeignRowsError(ToolkitError, KeyError):
    """Rows of a backtest that are not in the panel it is explained with."""

    count: int
    first: tuple[object, ...]

    def __str__(self) -> str:
        return (
            f"panel: {self.count} rows of the backtest are not in it, the first is "
            f"{self.first}; pass the panel that the backtest was made from"
        )


def positions(panel: Panel, rows: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return where each row (``cutoff``, ``entity``) lies in the panel.

    Raises
    ------
    ForeignRowsError : if a row is not in the panel
    """
    wanted = pd.MultiIndex.from_frame(rows[[CUTOFF, ENTITY]])
    at = panel.X.index.get_indexer(wanted)
    absent = np.flatnonzero(at < 0)
    if absent.size:
        raise ForeignRowsError(count=absent.size, first=wanted[absent[0]])
    return at


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Population:
    """Where the values of each feature lie, robustly.

    Parameters
    ----------
    median, scale : arrays of shape (n_features,)
        ``scale`` estimates the standard deviation; 0 where a column never varies.
    """

    median: Floats
    scale: Floats

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Describe a matrix of shape (n_rows, n_features); missing values do not count.

        The scale is 1.4826 times the median absolute deviation (MAD), and 1.2533 times
        the mean absolute deviation where more than half the values are equal: there the
        MAD is 0.

        References
        ----------
        Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, section 3.3
        """
        filled = np.where(np.isnan(values).all(axis=0), 0.0, values)
        median = np.nanmedian(filled, axis=0)
        away = np.abs(filled - median)
        mad, mean = np.nanmedian(away, axis=0), np.nanmean(away, axis=0)
        scale = np.where(mad > 0, MAD_TO_SD * mad, MEAN_DEVIATION_TO_SD * mean)
        return cls(median=median, scale=scale)

    def z(self, values: Floats) -> Floats:
        """Return robust z-scores; 0 for missing values and columns that never vary.

        Examples
        --------
        >>> population = Population.of(np.array([[1.0], [2.0], [3.0]]))
        >>> population.z(np.array([[5.0]])).round(2).item()
        2.02
        """
        z = (values - self.median) / np.where(self.scale > 0, self.scale, np.inf)
        return np.nan_to_num(z, nan=0.0)


def contributions(
    backtest: Backtest, panel: Panel, rows: pd.DataFrame
) -> Floats | None:
    """Return what each feature added to the score of rows, for linear models.

    Parameters
    ----------
    backtest : Backtest
    panel : Panel
    rows : DataFrame with ``cutoff``, ``entity`` and ``fold``, as in the predictions

    Returns
    -------
    array of shape (n_rows, n_features) in the score's own unit (log-odds for a logistic
    regression), or None if some fold has no model or one that is not linear
        weight * (x - mean), the mean taken over the test rows of the row's own fold,
        for they are what it was ranked against. Columns made of one feature are summed.
    """
    out = np.zeros((len(rows), panel.X.shape[1]))
    folds = rows["fold"].to_numpy()
    for fold in np.unique(folds):
        linear = _of_fold(backtest, int(fold), panel)
        if linear is None:
            return None
        tested = backtest.predictions.loc[backtest.predictions["fold"] == fold]
        mean = linear.transform(panel.X.iloc[positions(panel, tested)]).mean(axis=0)
        mine = np.flatnonzero(folds == fold)
        matrix = linear.transform(panel.X.iloc[positions(panel, rows.iloc[mine])])
        parts = (matrix - mean) * linear.weights
        for column, owner in enumerate(linear.owners(panel.X.columns)):
            out[mine, owner] += parts[:, column]
    return out


def _of_fold(backtest: Backtest, fold: int, panel: Panel) -> LinearModel | None:
    if not backtest.models:
        return None
    at = backtest.folds["fold"].to_list().index(fold)
    linear = linear_model(backtest.models[at], panel.X.columns)
    if linear is None or (linear.owners(panel.X.columns) < 0).any():
        return None
    return linear


def describe(
    names: pd.Index, weights: Floats, values: Floats, *, most: int
) -> list[str]:
    """Name each row's heaviest features: ``age = 18 (+2.3); errors count = 0 (-1.1)``.

    Parameters
    ----------
    names : feature names, length n_features
    weights, values : arrays of shape (n_rows, n_features)
    most : int, at most so many features a row; those of weight 0 are left out

    Examples
    --------
    >>> weights, values = np.array([[0.5, -2.0]]), np.array([[1.0, 18.0]])
    >>> describe(pd.Index(["count", "age"]), weights, values, most=1)
    ['age = 18 (-2.0)']
    """
    order = np.argsort(-np.abs(weights), axis=1, kind="stable")[:, :most]
    return [
        "; ".join(
            f"{names[at]} = {value[at]:.4g} ({weight[at]:+.1f})"
            for at in top
            if weight[at] != 0
        )
        for top, weight, value in zip(order, weights, values, strict=True)
    ]
