"""Conditions on the features of a row: the building blocks of a segment."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Conditions:
    """Single conditions and the rows that meet them.

    Parameters
    ----------
    names : what each says: ``age > 15``
    features : the column each is about; two of one column are never paired
    members : array of shape (n_rows, n_conditions)
    """

    names: tuple[str, ...]
    features: tuple[str, ...]
    members: Bools


def conditions(X: pd.DataFrame, *, bins: int) -> Conditions:
    """Cut every column into conditions: its values, or bins of about equal size.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Numbers with more than ``bins`` values are cut at quantiles, everything else at
        its values. A column named ``a.b=c`` that is 0 or 1 gives the one condition of
        that name. Missing values are a condition of their own.
    bins : int, at least 2

    Examples
    --------
    >>> X = pd.DataFrame({"age": [1.0, 2, 3, 4], "m.model=a": [0.0, 1, 1, 0]})
    >>> conditions(X, bins=2).names
    ('age <= 2', 'age > 2', 'm.model=a')
    """
    found = [
        (name, str(column), member)
        for column in X.columns
        for name, member in _of_column(str(column), X[column], bins)
    ]
    members = [member for _, _, member in found]
    return Conditions(
        names=tuple(name for name, _, _ in found),
        features=tuple(feature for _, feature, _ in found),
        members=np.column_stack(members) if members else np.empty((len(X), 0), bool),
    )


def _of_column(name: str, column: pd.Series, bins: int) -> Iterator[tuple[str, Bools]]:
    missing = column.isna().to_numpy()
    known = column[~missing]
    values = np.unique(known.to_numpy())
    if len(values) > 1 or missing.any():
        if not pd.api.types.is_numeric_dtype(column.dtype):
            for value in values:
                yield f"{name} = {value}", (column == value).to_numpy(dtype=bool)
        elif "=" in name and set(values) <= {0.0, 1.0}:
            yield name, (column == 1).to_numpy(dtype=bool)
        elif len(values) <= bins:
            for value in values:
                yield f"{name} = {value:.4g}", (column == value).to_numpy(dtype=bool)
        else:
            yield from _binned(name, column.to_numpy(dtype=np.float64), bins)
    if missing.any() and len(values):
        yield f"{name} is missing", missing


def _binned(
    name: str, values: npt.NDArray[np.float64], bins: int
) -> Iterator[tuple[str, Bools]]:
    shares = np.linspace(0, 1, bins + 1)[1:-1]
    cuts = np.unique(np.nanquantile(values, shares, method="inverted_cdf"))
    cuts = cuts[cuts < np.nanmax(values)]
    if not len(cuts):  # more than 1 - 1/bins of the rows hold the greatest value
        cuts = np.array([np.nanmax(values[values < np.nanmax(values)])])
    for low, high in pairwise([-np.inf, *cuts, np.inf]):
        member = (low < values) & (values <= high)
        yield _bin_name(name, np.unique(values[member]), low, high), member


def _bin_name(
    name: str, values: npt.NDArray[np.float64], low: float, high: float
) -> str:
    """Name a bin by its bounds, or by its value if it holds but one."""
    if len(values) == 1:
        return f"{name} = {values[0]:.4g}"
    if np.isinf(low):
        return f"{name} <= {high:.4g}"
    return (
        f"{name} > {low:.4g}" if np.isinf(high) else f"{low:.4g} < {name} <= {high:.4g}"
    )
