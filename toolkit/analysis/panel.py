"""The panel: one row per decision time and entity, known before, labelled after."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.errors import ToolkitError

CUTOFF = "cutoff"
ENTITY = "entity"


@dataclass(eq=False)
class PanelShapeError(ToolkitError, ValueError):
    """The parts of a panel do not fit each other."""

    found: str
    expected: str

    def __str__(self) -> str:
        return f"panel: found {self.found}, expected {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Panel:
    """Features known at each decision time, and the label that came after it.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features), all float64 in one block
        Indexed by the unique levels (``cutoff``, ``entity``), sorted by both, so that
        the rows before any time are a slice.
    y : array of shape (n_rows,), float64
        1.0 if an event falls in (cutoff, cutoff + horizon], else 0.0; NaN where the
        horizon ends after the data does: unresolved, never negative.
    events : DataFrame with the columns ``entity`` and ``time``
        The distinct events behind the label, sorted by time then entity.
    horizon : Timedelta
        How far ahead the label looks.
    delay : Timedelta
        How long after it an event becomes known (the label's reporting delay).
    end : Timestamp or None
        The end of observation: rows with cutoff + horizon + delay after it are
        unresolved. None where the panel was not built from logs.
    """

    X: pd.DataFrame
    y: npt.NDArray[np.float64]
    events: pd.DataFrame
    horizon: pd.Timedelta
    delay: pd.Timedelta
    end: pd.Timestamp | None = None

    def __post_init__(self) -> None:
        """Refuse a panel that the evaluation would misread."""
        index = self.X.index
        names = list(index.names)
        if names != [CUTOFF, ENTITY]:
            raise PanelShapeError(
                found=f"levels {names}", expected=f"{CUTOFF}, {ENTITY}"
            )
        if len(self.y) != len(self.X):
            raise PanelShapeError(
                found=f"{len(self.y)} labels", expected=f"{len(self.X)}, one a row"
            )
        if not index.is_monotonic_increasing:
            raise PanelShapeError(
                found="unsorted rows", expected="rows sorted by cutoff, then entity"
            )
        if not index.is_unique:
            raise PanelShapeError(
                found="repeated rows", expected="one row per cutoff and entity"
            )

    @property
    def cutoffs(self) -> pd.DatetimeIndex:
        """Decision time of each row, shape (n_rows,)."""
        return pd.DatetimeIndex(self.X.index.get_level_values(CUTOFF))

    @property
    def entities(self) -> pd.Index:
        """Entity of each row, shape (n_rows,)."""
        return self.X.index.get_level_values(ENTITY)

    @property
    def resolved(self) -> npt.NDArray[np.bool_]:
        """Whether each row's label is known, shape (n_rows,)."""
        return ~np.isnan(self.y)
