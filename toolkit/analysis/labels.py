"""What came after each decision: the label, and the events behind it."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.features.grid import Floats, Grid
from toolkit.analysis.features.levels import texts_of
from toolkit.analysis.logs import Log, seen

if TYPE_CHECKING:
    from toolkit.scope import Label, Table


def label_log(log: Log, frame: pd.DataFrame, table: "Table", label: "Label") -> Log:
    """Return the records that the label counts: all, or those of its kinds."""
    if not label.kinds or table.kind is None:
        return log
    kinds = texts_of(frame[table.kind].iloc[log.rows])
    return log.select(np.isin(kinds, list(label.kinds)))


def label_rows(grid: Grid, log: Log, *, horizon: int, delay: int, end: int) -> Floats:
    """Return 1.0 where an event falls in (cutoff, cutoff + horizon], else 0.0.

    A row is resolved if all that its horizon holds had been reported by the end of
    observation: cutoff + horizon + delay <= end. All others are NaN, even where an
    event is already known: keeping those alone would bias the tail.

    Parameters
    ----------
    grid : Grid
    log : Log of the label's events
    horizon, delay, end : int, microseconds; ``end`` since 1970

    Returns
    -------
    array of shape (n_rows,)
    """
    after = seen(log, log.time, grid.cutoffs + horizon, grid.n_entities)
    before = seen(log, log.time, grid.cutoffs, grid.n_entities)
    hit: npt.NDArray[np.bool_] = after > before
    unresolved = grid.cutoffs + horizon + delay > end
    return grid.rows(np.where(unresolved[:, np.newaxis], np.nan, hit))


def label_events(log: Log, entities: pd.Index, zone: str | None) -> pd.DataFrame:
    """Return the distinct (entity, time) of a label's log, by time, then entity."""
    times = pd.DatetimeIndex(log.time.view("datetime64[us]"))
    if zone is not None:
        times = times.tz_localize("UTC").tz_convert(zone)
    events = pd.DataFrame({"entity": log.entity, "time": times}).drop_duplicates()
    events = events.sort_values(["time", "entity"], ignore_index=True)
    return events.assign(entity=entities.take(events["entity"].to_numpy()))
