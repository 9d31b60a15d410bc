"""When decisions fall due: a grid of instants that follows the clock on the wall."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.scope import Decisions

DAY = pd.Timedelta(days=1)
MAX_DECISION_TIMES = 1_000_000


@dataclass(eq=False)
class DecisionStepError(ToolkitError, ValueError):
    """The time between decisions does not fit the days."""

    every: pd.Timedelta

    def __str__(self) -> str:
        return (
            f"decisions.every: found {self.every}, expected whole days, or a part that"
            " divides a day evenly: 12, 8, 6, 4, 3, 2 or 1 hours, 30 minutes"
        )


@dataclass(eq=False)
class NoDecisionsError(ToolkitError, ValueError):
    """Not one decision time lies between the first and the last that are allowed."""

    first: object
    end: object

    def __str__(self) -> str:
        return (
            f"decisions: found no decision time from {self.first} to {self.end};"
            " check decisions.first and decisions.last against the times of the tables"
        )


@dataclass(eq=False)
class NoRecordsError(ToolkitError, ValueError):
    """No record with a time tells when observation began, or when it ended."""

    place: str
    needed: str
    way_out: str

    def __str__(self) -> str:
        return (
            f"{self.place}: found no record with a time, expected one to tell"
            f" {self.needed}; {self.way_out}"
        )


@dataclass(eq=False)
class ManyDecisionsError(ToolkitError, ValueError):
    """The grid is too long to be meant: most often one stray time in a log."""

    first: pd.Timestamp
    end: pd.Timestamp
    count: int
    limit: int
    counted: str  # "decision times" or "rows"

    def __str__(self) -> str:
        return (
            f"decisions: found {self.count:,} {self.counted} from {self.first} to"
            f" {self.end}, expected at most {self.limit:,}; look for a stray time at"
            " either end of the tables, or set decisions.first and decisions.last"
        )


def decision_grid(
    decisions: "Decisions", *, start: pd.Timestamp | None, end: pd.Timestamp
) -> pd.DatetimeIndex:
    """Return the instants at which a list is due, from ``start`` to ``end``.

    Whole days are calendar days: the time on the wall stays the same when the clocks
    change, so that the elapsed time is 23 or 25 hours. If the clocks skip it, the
    decision moves to the first time that exists; if they repeat it, the first counts.
    Parts of a day are every instant at which the clock on the wall shows a time of the
    grid, so that an hourly grid has 23 or 25 decisions on the day of a change.

    Parameters
    ----------
    decisions : scope.Decisions
        ``first`` and ``last`` (local dates, both included) limit the grid;
        ``first`` replaces ``start``, ``last`` cannot exceed ``end``.
    start, end : Timestamp, aware if and only if ``decisions`` names a time zone
        The first and last instant allowed, both included. ``start`` may be None where
        ``decisions.first`` is given.

    Returns
    -------
    DatetimeIndex, sorted, unique, in microseconds; never empty

    Raises
    ------
    DecisionStepError : if the step neither is whole days nor divides a day
    NoRecordsError : if neither ``start`` nor ``decisions.first`` is given
    NoDecisionsError : if no instant of the grid is allowed
    ManyDecisionsError : if there would be more than MAX_DECISION_TIMES

    Examples
    --------
    >>> from datetime import time, timedelta
    >>> from types import SimpleNamespace
    >>> daily = SimpleNamespace(every=timedelta(days=1), ready_by=time(7),
    ...     timezone="Europe/Berlin", first=None, last=None)
    >>> zone = daily.timezone
    >>> for at in decision_grid(daily, start=pd.Timestamp("2015-03-28", tz=zone),
    ...         end=pd.Timestamp("2015-03-29 12:00", tz=zone)):
    ...     print(at)
    2015-03-28 07:00:00+01:00
    2015-03-29 07:00:00+02:00
    """
    step = pd.Timedelta(decisions.every)
    if step <= pd.Timedelta(0) or (step % DAY and DAY % step):
        raise DecisionStepError(every=step)
    if decisions.first is not None:
        start = pd.Timestamp(decisions.first).tz_localize(decisions.timezone)
    if start is None:
        raise NoRecordsError(
            place="the label's table",
            needed="when observation began",
            way_out="set decisions.first",
        )
    if decisions.last is not None:
        after = pd.Timestamp(decisions.last).tz_localize(decisions.timezone) + DAY
        end = min(end, after - pd.Timedelta(1, "us"))
    count = max(int((end - start) / step), 0)
    if count > MAX_DECISION_TIMES:
        raise ManyDecisionsError(
            first=start,
            end=end,
            count=count,
            limit=MAX_DECISION_TIMES,
            counted="decision times",
        )
    times = _localise(_on_the_wall(decisions, start, end), step, decisions.timezone)
    times = times[(times >= start) & (times <= end)]
    if not len(times):
        raise NoDecisionsError(first=start, end=end)
    return times


def _on_the_wall(
    decisions: "Decisions", start: pd.Timestamp, end: pd.Timestamp
) -> pd.DatetimeIndex:
    """Return the naive times of the grid, with a day to spare at the end."""
    step = pd.Timedelta(decisions.every)
    clock = decisions.ready_by
    of_day = pd.Timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
    begin, until = start.tz_localize(None), end.tz_localize(None) + DAY
    first = begin.normalize() + of_day % min(step, DAY)
    if step >= DAY and first < begin:
        first += DAY
    return pd.date_range(first, until, freq=step, unit="us")


def _localise(
    wall: pd.DatetimeIndex, step: pd.Timedelta, zone: str | None
) -> pd.DatetimeIndex:
    """Give each time on the wall the instants at which the clocks show it."""
    if zone is None:
        return wall
    earlier = np.ones(len(wall), dtype=bool)
    if step >= DAY:
        return wall.tz_localize(zone, ambiguous=earlier, nonexistent="shift_forward")
    shown = [
        wall.tz_localize(zone, ambiguous=side, nonexistent="NaT").dropna()
        for side in (earlier, ~earlier)
    ]
    return shown[0].union(shown[1])
