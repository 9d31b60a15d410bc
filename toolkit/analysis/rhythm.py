"""When the records of each table were made: what the figures of the logs draw."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.logs import times_of

if TYPE_CHECKING:
    from toolkit.scope import Scope


def records_by_day(tables: Mapping[str, pd.DataFrame], scope: "Scope") -> pd.DataFrame:
    """Count the records of each timed table on each calendar day.

    Parameters
    ----------
    tables : mapping of names to DataFrames
    scope : Scope

    Returns
    -------
    DataFrame indexed by day, without gaps; a column per table, in records a day
    """
    counts = {
        name: times.floor("D").value_counts()
        for name, times in _times(tables, scope).items()
    }
    table = pd.DataFrame(counts).sort_index().fillna(0.0)
    return table.asfreq("D", fill_value=0.0)


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


def leads(tables: Mapping[str, pd.DataFrame], scope: "Scope") -> pd.DataFrame:
    """Return how long before each event of the label its entity's last records stand.

    Parameters
    ----------
    tables : mapping of names to DataFrames
    scope : Scope

    Returns
    -------
    DataFrame of shape (n_events, n_other_logs), in hours; NaN where there was none
        A record at the very time of the event counts: its lead is 0.
    """
    times = _times(tables, scope)
    label = scope.label.table
    logs = {
        name: pd.DataFrame(
            {"entity": tables[name][scope.tables[name].entity], "time": times[name]}
        ).dropna()
        for name in times
    }
    events = logs.pop(label).sort_values("time", kind="stable", ignore_index=True)
    return pd.DataFrame({name: _lead_hours(events, log) for name, log in logs.items()})


def _lead_hours(events: pd.DataFrame, log: pd.DataFrame) -> npt.NDArray[np.float64]:
    records = log.assign(recorded=log["time"]).sort_values("time", kind="stable")
    last = pd.merge_asof(events, records, on="time", by="entity")
    lead = pd.TimedeltaIndex(last["time"] - last["recorded"])
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
