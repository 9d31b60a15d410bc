"""What the entity table says: numbers as they are, a column for each text."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.analysis.features.grid import A_DAY, Floats, Grid, latest
from toolkit.analysis.features.levels import levels_of, texts_of
from toolkit.analysis.logs import Log

if TYPE_CHECKING:
    from toolkit.scope import Table


@dataclass(frozen=True, kw_only=True)
class StaticFeatures:
    """The columns of the entity table: numbers as they are, a column per text.

    Where the entity table has times, a cell takes the last row that had arrived, and
    one more column tells the days since the entity's first.
    """

    table: "Table"
    frame: pd.DataFrame
    log: Log

    @cached_property
    def columns(self) -> tuple[tuple[str, Floats], ...]:
        """Each feature's name and its value in each record of ``log``."""
        found: list[tuple[str, Floats]] = []
        for column in self.frame.columns.drop(
            [self.table.entity, self.table.time], errors="ignore"
        ):
            values = self.frame[column].iloc[self.log.rows]
            place = f"{self.table.name}.{column}"
            if pd.api.types.is_datetime64_any_dtype(values.dtype):
                continue  # a date may lie ahead: only the time column is point-in-time
            if pd.api.types.is_numeric_dtype(values.dtype):
                found.append((place, values.to_numpy(np.float64, na_value=np.nan)))
                continue
            texts = texts_of(values)
            found += [
                (f"{place}={level}", (texts == level).astype(np.float64))
                for level in levels_of(texts, place)
            ]
        return tuple(found)

    @property
    def names(self) -> tuple[str, ...]:
        """``machines.age``, ``machines.model=model1``, ``machines days since``."""
        names = tuple(name for name, _ in self.columns)
        return names if self.table.time is None else (*names, self._since)

    @property
    def _since(self) -> str:
        return f"{self.table.name} days since"

    def write(self, grid: Grid, out: Floats) -> None:
        """Fill ``out`` of shape (n_rows, n_names)."""
        arrived = grid.seen(self.log)
        last, _ = latest(self.log, arrived)
        for j, (_, values) in enumerate(self.columns):
            out[:, j] = grid.rows(values[last])
        if self.table.time is not None:
            first, _ = latest(self.log, np.minimum(arrived, 1))
            elapsed = grid.cutoffs[:, np.newaxis] - self.log.time[first]
            out[:, len(self.columns)] = grid.rows(elapsed / A_DAY)
