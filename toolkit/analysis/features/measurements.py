"""Aggregates over trailing windows: features from tables of measurements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from toolkit.analysis.features.grid import Floats, Grid, Ints, latest
from toolkit.analysis.features.ranges import summarise_ranges
from toolkit.analysis.logs import Log
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.scope import Table

AGGREGATES = ("mean", "min", "max", "last", "std")


@dataclass(eq=False)
class NotNumericError(ToolkitError, ValueError):
    """A column of measurements holds something else than numbers."""

    place: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.place}: found type {self.found}, expected numbers; see the data"
            " sanity checks for the values that are none"
        )


@dataclass(frozen=True, kw_only=True)
class MeasurementFeatures:
    """Mean, least, greatest, last and standard deviation of values, by window.

    A window (t - w, t] holds the measurements that arrived in it; without any, all are
    NaN, and with one, the standard deviation (of a sample) is. Missing and infinite
    values are no measurements. Of several at the last instant, the greatest counts.
    """

    table: str
    log: Log
    values: Mapping[str, Floats]  # of each record, by column
    windows: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """``readings.pressure mean 7 days``, then min, max, last, std; by window."""
        return tuple(
            f"{self.table}.{column} {aggregate} {window}"
            for column in self.values
            for window in self.windows
            for aggregate in AGGREGATES
        )

    def write(self, grid: Grid, out: Floats) -> None:
        """Fill ``out`` of shape (n_rows, n_names)."""
        every = _Ranges.of(self.log, grid)
        at = 0
        for column in self.values.values():
            measured = np.isfinite(column)
            whole = bool(measured.all())
            ranges = every if whole else _Ranges.of(self.log.select(measured), grid)
            values = _sorted(ranges.log, column[measured] + 0.0)  # no -0.0
            for starts in ranges.starts:
                found = _aggregate(ranges.log, values, starts, ranges.stops)
                for name in AGGREGATES:
                    out[:, at] = grid.rows(found[name])
                    at += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ranges:
    """Which of its entity's records each cell's windows hold."""

    log: Log
    starts: tuple[Ints, ...]  # one a window
    stops: Ints

    @classmethod
    def of(cls, log: Log, grid: Grid) -> Self:
        starts = tuple(
            grid.seen(log, before=length) for length in grid.windows.values()
        )
        return cls(log=log, starts=starts, stops=grid.seen(log))


def _sorted(log: Log, values: Floats) -> Floats:
    """Return the values, those of one entity and instant in ascending order."""
    tied = (np.diff(log.time) == 0) & (np.diff(log.entity) == 0)
    if not tied.any():
        return values
    return values[np.lexsort((values, log.time, log.entity))]


def _aggregate(
    log: Log, values: Floats, starts: Ints, stops: Ints
) -> dict[str, Floats]:
    """Return each aggregate of each cell's range of values, by its name."""
    sizes = np.bincount(log.entity, minlength=stops.shape[1])
    summary = summarise_ranges(values, sizes, starts, stops)
    last, _ = latest(log, stops)
    found = {
        "mean": summary.mean,
        "min": summary.least,
        "max": summary.greatest,
        "last": values[last] if len(values) else summary.mean,
        "std": np.sqrt(summary.squares / np.maximum(summary.size - 1, 1)),
    }
    least = {"std": 2}
    return {
        name: np.where(summary.size >= least.get(name, 1), cells, np.nan)
        for name, cells in found.items()
    }


def numbers_of(frame: pd.DataFrame, table: "Table", column: str) -> Floats:
    """Return a column of measurements as floats.

    Raises
    ------
    NotNumericError : if its type is not numeric
    """
    values = frame[column]
    if not pd.api.types.is_numeric_dtype(values.dtype) and not values.isna().all():
        raise NotNumericError(place=f"{table.name}.{column}", found=str(values.dtype))
    return pd.to_numeric(values).to_numpy(np.float64, na_value=np.nan)
