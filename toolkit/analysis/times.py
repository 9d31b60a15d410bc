"""Decision times: found in an index, moved by the calendar, and missed where due."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.panel import CUTOFF
from toolkit.errors import ToolkitError

_DAY = pd.Timedelta(days=1)
_FORWARD: Final = "shift_forward"  # of a time that the clocks skip


@dataclass(eq=False)
class CutoffIndexError(ToolkitError, TypeError):
    """The rows to split carry no decision times, or in another time zone."""

    found: str
    expected: str

    def __str__(self) -> str:
        return f"window: rows are indexed by {self.found}, expected {self.expected}"


def decision_times(X: object) -> pd.DatetimeIndex:
    """Return the decision time of each row, from its index or the level ``cutoff``."""
    index = X if isinstance(X, pd.Index) else getattr(X, "index", None)
    if isinstance(index, pd.MultiIndex) and CUTOFF in index.names:
        index = index.get_level_values(CUTOFF)
    if not isinstance(index, pd.DatetimeIndex):
        raise CutoffIndexError(
            found=type(X if index is None else index).__name__,
            expected=f"decision times, or a level {CUTOFF!r} that holds them",
        )
    return index


def missing_decision_times(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the decision times that the usual spacing expects, but no row has.

    Examples
    --------
    >>> days = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-04"])
    >>> missing_decision_times(days).strftime("%d").tolist()
    ['03']
    """
    present = times.unique().sort_values()
    if len(present) < 3:  # noqa: PLR2004  two times have one spacing and no gap
        return present[:0]
    every = spacing(present)
    calendar = present.tz is not None and every >= _DAY
    wall = present.tz_localize(None) if calendar else present
    absent = np.rint(np.diff(nanoseconds(wall)) / every.value).astype(np.int64) - 1
    absent = np.maximum(absent, 0)
    nth = np.arange(1, absent.sum() + 1) - np.repeat(np.cumsum(absent) - absent, absent)
    due = wall[:-1].repeat(absent) + pd.to_timedelta(nth * every.value, unit="ns")
    if calendar:
        due = due.tz_localize(present.tz, ambiguous=nth > 0, nonexistent=_FORWARD)
    return due


def spacing(times: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the usual distance between neighbouring decision times.

    The most frequent one, and the shortest of several.

    Parameters
    ----------
    times : DatetimeIndex with at least two distinct times
    """
    present = times.unique().sort_values()
    gaps, counts = np.unique(np.diff(nanoseconds(present)), return_counts=True)
    return pd.Timedelta(int(gaps[counts.argmax()]), "ns")


def shift(time: pd.Timestamp, by: pd.Timedelta) -> pd.Timestamp:
    """Return a time moved by whole calendar days in its zone, then by the rest."""
    if time.tz is None:
        return time + by
    days = by.floor("D")
    wall = time.tz_localize(None) + days
    moved = wall.tz_localize(time.tz, ambiguous=True, nonexistent=_FORWARD)
    return moved + (by - days)


def nanoseconds(times: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """Return instants as integers that can be compared, whatever their unit or zone."""
    return times.as_unit("ns").asi8
