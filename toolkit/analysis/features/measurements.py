"""Aggregates over trailing windows: features from tables of measurements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.analysis.features.grid import Floats, Grid, Ints, latest
from toolkit.analysis.features.ranges import (
    COUNT,
    GREATEST,
    LEAST,
    MEAN,
    SQUARES,
    summarise_ranges,
)
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
        j = 0
        for raw in self.values.values():
            measured = np.isfinite(raw)
            log, values = self.log.select(measured), raw[measured] + 0.0  # no -0.0
            order = np.lexsort((values, log.time, log.entity))
            stops = grid.seen(log)
            for window in grid.windows.values():
                starts = grid.seen(log, before=window)
                columns = _aggregate(log, values[order], starts, stops)
                for aggregate in AGGREGATES:
                    out[:, j] = grid.rows(columns[aggregate])
                    j += 1


def _aggregate(
    log: Log, values: Floats, starts: Ints, stops: Ints
) -> dict[str, Floats]:
    """Return each aggregate of each cell's range of values, by its name."""
    sizes = np.bincount(log.entity, minlength=stops.shape[1])
    summary = summarise_ranges(values, sizes, starts, stops)
    count = summary[COUNT]
    last, _ = latest(log, stops)
    empty = np.full(stops.shape, np.nan)
    columns = {
        "mean": summary[MEAN],
        "min": summary[LEAST],
        "max": summary[GREATEST],
        "last": values[last] if len(values) else empty,
    }
    found = {
        name: np.where(count > 0, cells, np.nan) for name, cells in columns.items()
    }
    variance = np.divide(summary[SQUARES], count - 1, out=empty, where=count > 1)
    return found | {"std": np.sqrt(variance)}


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
