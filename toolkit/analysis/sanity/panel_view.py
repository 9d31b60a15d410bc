"""The panel as its checks see it: folds, positives, a sample of negatives."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from toolkit.analysis import windows
from toolkit.analysis.panel import Panel
from toolkit.analysis.sanity.columns import Floats, Ints, Mask
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.errors import ToolkitError
from toolkit.scope import Scope

_SAMPLE = 50_000  # rows; the standard error of a rank AUC is then below 0.002


@dataclass(frozen=True, kw_only=True, slots=True)
class Fold:
    """Bounds and counts of one fold."""

    test_from: pd.Timestamp
    test_to: pd.Timestamp
    train_positives: int
    train_events: int
    test_positives: int
    test_events: int


@dataclass(frozen=True, kw_only=True, eq=False)
class PanelView:
    """A panel and the scope that it was built for."""

    panel: Panel
    scope: Scope

    @cached_property
    def names(self) -> list[str]:
        """Names of the features."""
        return [str(name) for name in self.panel.X.columns]

    def feature(self, position: int) -> Floats:
        """Values of one feature, shape (n_rows,)."""
        return self.panel.X.iloc[:, position].to_numpy(dtype=np.float64)

    @cached_property
    def resolved(self) -> Mask:
        """Rows whose label is known, shape (n_rows,)."""
        return self.panel.resolved

    @cached_property
    def positives(self) -> Ints:
        """Positions of the positive rows."""
        return np.flatnonzero(self.panel.y == 1)

    @cached_property
    def negatives(self) -> Ints:
        """Positions of the negative rows, evenly thinned out."""
        found = np.flatnonzero(self.panel.y == 0)
        return found[:: max(1, len(found) // _SAMPLE)]

    @cached_property
    def n_negatives(self) -> int:
        """Number of negative rows, none left out."""
        return int((self.panel.y == 0).sum())

    @cached_property
    def times(self) -> pd.DatetimeIndex:
        """The distinct decision times, ascending."""
        return self.panel.cutoffs.unique()

    @cached_property
    def moment(self) -> Ints:
        """Position of each row's decision time among ``times``."""
        cutoffs = self.panel.cutoffs.asi8
        return np.cumsum(np.diff(cutoffs, prepend=cutoffs[:1]) != 0)

    @cached_property
    def months(self) -> Ints:
        """Calendar month of each decision time, counted from the first."""
        wall = self.times.tz_localize(None).to_numpy().astype("datetime64[M]")
        return (wall - wall[0]).astype(np.int64) if len(wall) else np.empty(0, np.int64)

    @cached_property
    def folds(self) -> tuple[Fold, ...] | ToolkitError:
        """The folds that the scope asks for; none of no rows; or why there are none."""
        panel = self.panel
        if not len(panel.X):
            return ()
        try:
            splitter = windows.from_scope(self.scope.evaluation, panel)
            split = [*splitter.split(panel.X, panel.y)]
        except ToolkitError as error:
            return error
        return tuple(self._fold(train, test) for train, test in split)

    def _fold(self, train: Ints, test: Ints) -> Fold:
        cutoffs, y = self.panel.cutoffs, self.panel.y
        return Fold(
            test_from=cutoffs[test[0]],
            test_to=cutoffs[test[-1]],
            train_positives=int((y[train] == 1).sum()),
            train_events=self.events_within(cutoffs[train[0]], cutoffs[train[-1]]),
            test_positives=int((y[test] == 1).sum()),
            test_events=self.events_within(cutoffs[test[0]], cutoffs[test[-1]]),
        )

    def events_within(self, first: pd.Timestamp, last: pd.Timestamp) -> int:
        """Count the distinct events that decisions from first to last can announce."""
        times = pd.DatetimeIndex(self.panel.events["time"])
        return int(((times > first) & (times <= last + self.panel.horizon)).sum())


def panel_rule(
    code: str,
    title: str,
    needs: str,
    advice: str,
    check: Callable[[PanelView], Iterable[Draft] | None],
) -> Rule[PanelView]:
    """Return a rule that looks at the panel."""
    return Rule(
        code=code,
        title=title,
        looks_at="panel",
        needs=needs,
        advice=advice,
        check=check,
    )
