"""Decision times by entities: the cells that every feature fills."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.logs import MICROSECOND, Log, seen

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Value = TypeVar("Value", bound=np.generic)
A_DAY = pd.Timedelta(days=1) // MICROSECOND


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Decision times by entities, and which of these pairs are rows of the panel.

    Parameters
    ----------
    cutoffs : array of shape (n_cutoffs,), sorted, microseconds since 1970
    n_entities : int
    windows : mapping of a window's text ("7 days") to its length in microseconds
    present : array of shape (n_cutoffs, n_entities), or None if all are present
    """

    cutoffs: Ints
    n_entities: int
    windows: Mapping[str, int]
    present: npt.NDArray[np.bool_] | None = None

    def rows(self, cells: npt.NDArray[Value]) -> npt.NDArray[Value]:
        """Return the values of the panel's rows out of those of all cells."""
        return cells.ravel() if self.present is None else cells[self.present]

    def seen(self, log: Log, *, before: int = 0) -> Ints:
        """Count the records that had arrived ``before`` microseconds ago."""
        return seen(log, log.arrival, self.cutoffs - before, self.n_entities)


class Features(Protocol):
    """Some columns of the panel: planned first, written later into its one block."""

    @property
    def names(self) -> tuple[str, ...]:
        """One name a column."""
        ...

    def write(self, grid: Grid, out: Floats) -> None:
        """Fill ``out`` of shape (n_rows, n_names)."""
        ...


def latest(log: Log, arrived: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return each cell's last arrived record's position, and whether there is one."""
    sizes = np.bincount(log.entity, minlength=arrived.shape[1])
    first = np.cumsum(sizes) - sizes
    any_yet = arrived > 0
    return np.where(any_yet, first + arrived - 1, 0), any_yet
