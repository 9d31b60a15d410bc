"""How often and how long ago: features from tables of events."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from toolkit.analysis.features.grid import A_DAY, Floats, Grid, latest
from toolkit.analysis.features.levels import levels_of
from toolkit.analysis.logs import Log


@dataclass(frozen=True, kw_only=True)
class EventFeatures:
    """Counts in trailing windows and the time since the last, for any and each kind.

    A window (t - w, t] holds the records that arrived in it; the time since the last
    record that had arrived runs from when it happened. A record without a kind counts
    for any kind only.
    """

    table: str
    log: Log
    kinds: npt.NDArray[np.object_]  # the kind of each record, text or None
    windows: tuple[str, ...]

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The kinds that occur, sorted."""
        return levels_of(self.kinds, self.table)

    @property
    def names(self) -> tuple[str, ...]:
        """``errors count 7 days``, ``errors days since``, ``errors[error1] …``."""
        stems = [self.table, *(f"{self.table}[{kind}]" for kind in self.levels)]
        ends = [*(f"count {window}" for window in self.windows), "days since"]
        return tuple(f"{stem} {end}" for stem in stems for end in ends)

    def write(self, grid: Grid, out: Floats) -> None:
        """Fill ``out`` of shape (n_rows, n_names)."""
        width = len(self.windows) + 1
        _write_events(grid, self.log, out[:, :width])
        for j, kind in enumerate(self.levels, start=1):
            of_kind = self.log.select(self.kinds == kind)
            _write_events(grid, of_kind, out[:, j * width : (j + 1) * width])


def _write_events(grid: Grid, log: Log, out: Floats) -> None:
    """Write one count per window, then the days since the last record."""
    arrived = grid.seen(log)
    for j, window in enumerate(grid.windows.values()):
        out[:, j] = grid.rows(arrived - grid.seen(log, before=window))
    last, any_yet = latest(log, arrived)
    since = np.full(arrived.shape, np.nan)
    if len(log.time):
        elapsed = grid.cutoffs[:, np.newaxis] - log.time[last]
        since = np.where(any_yet, elapsed / A_DAY, np.nan)
    out[:, len(grid.windows)] = grid.rows(since)
