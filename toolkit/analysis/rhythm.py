"""When the records of each table were made: what the figures of the logs draw."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.logs import times_of

if TYPE_CHECKING:
    from toolkit.scope import Scope


def records_by_day(
    tables: Mapping[str, pd.DataFrame], scope: "Scope", *, since: pd.Timestamp | None
) -> pd.DataFrame:
    """Count the records of each timed table on each calendar day.

    Parameters
    ----------
    tables : mapping of names to DataFrames
    scope : Scope
    since : Timestamp, optional
        Leave out the days before it.

    Returns
    -------
    DataFrame indexed by day, without gaps; a column per table, in records a day
    """
    counts = {
        name: times.floor("D").value_counts()
        for name, times in _times(tables, scope).items()
    }
    table = pd.DataFrame(counts).sort_index().fillna(0.0)
    table = table.asfreq("D", fill_value=0.0)
    return table if since is None else table.loc[since:]


def records_by_hour(tables: Mapping[str, pd.DataFrame], scope: "Scope") -> pd.DataFrame:
    """Count the records of each timed table by the hour of their stamp.

    Returns
    -------
    DataFrame indexed by hour (0 to 23), a column per table
    """
    counts = {
        name: pd.Series(times.hour).value_counts()
        for name, times in _times(tables, scope).items()
    }
    return pd.DataFrame(counts).reindex(range(24)).fillna(0.0)


def lead_hours(
    tables: Mapping[str, pd.DataFrame], scope: "Scope", *, log: str
) -> npt.NDArray[np.float64]:
    """Return how long before each event of the label its entity's last record stands.

    Parameters
    ----------
    tables : mapping of names to DataFrames
    scope : Scope
    log : name of a timed table

    Returns
    -------
    array of shape (n_events,), in hours; NaN where there was no record before
        A record at the very time of the event counts: its lead is 0.
    """
    times = _times(tables, scope)
    label = scope.label.table
    sides = [
        pd.DataFrame(
            {"entity": tables[name][scope.tables[name].entity], "time": times[name]}
        )
        .dropna()
        .sort_values("time", kind="stable")
        for name in (label, log)
    ]
    events, records = sides
    records = records.assign(recorded=records["time"])
    nearest = pd.merge_asof(
        events, records, on="time", by="entity", allow_exact_matches=True
    )
    lead = pd.TimedeltaIndex(nearest["time"] - nearest["recorded"])
    return np.asarray(lead / pd.Timedelta(hours=1), dtype=np.float64)


def _times(
    tables: Mapping[str, pd.DataFrame], scope: "Scope"
) -> dict[str, pd.DatetimeIndex]:
    """Return the known times of every table that has a time column."""
    zone = scope.decisions.timezone
    return {
        name: times_of(tables[name], table, zone)
        for name, table in scope.tables.items()
        if table.time is not None and name in tables
    }
