"""The rebuild test: whether every feature was known when it was used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.logs import as_of
from toolkit.analysis.panel import CUTOFF, Panel
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.scope import Scope

TOLERANCE = 1e-9
COLUMNS = ("cutoff", "feature", "rows", "entity", "as_of", "in_full")


@dataclass(eq=False)
class UnknownCutoffError(ToolkitError, ValueError):
    """A time was given at which nothing is decided."""

    cutoff: object
    first: object
    last: object

    def __str__(self) -> str:
        return (
            f"cutoffs: found {self.cutoff}, expected decision times of the panel, from"
            f" {self.first} to {self.last}"
        )


class BuildPanel(Protocol):
    """Anything that builds a panel as ``build_panel`` does."""

    def __call__(
        self,
        tables: Mapping[str, pd.DataFrame],
        scope: "Scope",
        *,
        end: pd.Timestamp | None = None,
    ) -> Panel:
        """Return the panel, with decisions up to ``end``."""
        ...


def find_future_leaks(
    build: BuildPanel,
    tables: Mapping[str, pd.DataFrame],
    scope: "Scope",
    cutoffs: Sequence[pd.Timestamp],
) -> pd.DataFrame:
    """Return the features that change when the future is taken away.

    For each cutoff, the panel is built once more from the records that had arrived by
    then, and the rows of that cutoff are compared with those of the whole panel. A
    feature that differs has seen the future. A column that only one of the two builds
    has (a kind that had not occurred yet) must be 0 or missing in the other.
    Tables without times cannot be cut: what they leak, this test cannot see.

    Parameters
    ----------
    build : callable like ``build_panel``, which may add features of its own
    tables, scope : as for ``build_panel``
    cutoffs : sequence of Timestamp, decision times of the panel
        A few, drawn at random, are enough to catch a column that leaks at all times.

    Returns
    -------
    DataFrame, empty if nothing leaks, with a row per cutoff and feature that differ:
    ``cutoff``, ``feature``, how many ``rows`` differ, and for the first of them its
    ``entity`` and the values ``as_of`` the cutoff and ``in_full``. If the entities
    differ, ``feature`` is ``"(rows)"``, and the values are the numbers of rows.

    Raises
    ------
    UnknownCutoffError : if a cutoff is no decision time of the panel
    """
    full = build(tables, scope).X
    known = full.index.unique(CUTOFF)
    for cutoff in cutoffs:
        if cutoff not in known:
            raise UnknownCutoffError(cutoff=cutoff, first=known.min(), last=known.max())
    found = [
        difference
        for cutoff in cutoffs
        for difference in _differences(
            cutoff,
            build(cut(tables, scope, cutoff), scope, end=cutoff).X,
            full,
        )
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def draw_cutoffs(
    panel: Panel, *, n: int, random_state: int
) -> tuple[pd.Timestamp, ...]:
    """Draw decision times of a panel, each at most once, in their order.

    Parameters
    ----------
    panel : Panel
    n : int, how many; all of them if there are fewer
    random_state : int
    """
    cutoffs = panel.cutoffs.unique()
    drawn = np.random.default_rng(random_state).permutation(len(cutoffs))[:n]
    return tuple(cutoffs[np.sort(drawn)])


def cut(
    tables: Mapping[str, pd.DataFrame], scope: "Scope", cutoff: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Return the tables as they were known at ``cutoff``."""
    zone = scope.decisions.timezone
    return {
        name: tables[name]
        if table.time is None
        else as_of(tables[name], table, zone, cutoff)
        for name, table in scope.tables.items()
    }


def _differences(
    cutoff: pd.Timestamp, before: pd.DataFrame, full: pd.DataFrame
) -> list[tuple[object, ...]]:
    """Compare the rows of one cutoff in two builds."""
    known, later = _rows_at(before, cutoff), _rows_at(full, cutoff)
    if not known.index.equals(later.index):
        surplus = abs(len(known) - len(later))
        return [(cutoff, "(rows)", surplus, None, len(known), len(later))]
    found: list[tuple[object, ...]] = []
    for name in dict.fromkeys([*later.columns, *known.columns]):
        a, b = _values(known, name), _values(later, name)
        same = np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
        if name not in known or name not in later:
            same = (np.nan_to_num(a) == 0) & (np.nan_to_num(b) == 0)
        if not same.all():
            at = int(np.argmin(same))
            count = int((~same).sum())
            found.append((cutoff, name, count, known.index[at], a[at], b[at]))
    return found


def _rows_at(X: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    return X[X.index.get_level_values(CUTOFF) == cutoff].droplevel(CUTOFF)


def _values(rows: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """Return a column's values, all missing if there is no such column."""
    if name in rows:
        return rows[name].to_numpy(np.float64)
    return np.full(len(rows), np.nan)
