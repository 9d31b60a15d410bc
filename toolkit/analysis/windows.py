"""Growing and sliding training windows, cut by the value of time, with a gap.

scikit-learn's ``TimeSeriesSplit`` counts rows, so unequal days are cut in two and a
gap in rows is no gap in time. Here every bound is a time, a decision time is never
divided, and the rows may come in any order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.panel import Panel
from toolkit.analysis.times import CutoffIndexError, decision_times, shift
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.scope import Evaluation

Rows = npt.NDArray[np.intp]
_ZERO = pd.Timedelta(0)


@dataclass(eq=False)
class WindowError(ToolkitError, ValueError):
    """A window was described in a way that cannot be used."""

    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"window: {self.field} is {self.found}, expected {self.expected}"


@dataclass(eq=False)
class NoFoldError(ToolkitError, ValueError):
    """No resolved decision time lies at or after the first test."""

    first_test: pd.Timestamp
    last_resolved: pd.Timestamp | None

    def __str__(self) -> str:
        return (
            f"window: the first test is at {self.first_test}, but the last resolved "
            f"decision time is {self.last_resolved or 'none'}; shorten the first "
            "training or bring more data"
        )


@dataclass(eq=False)
class FoldTrainingError(ToolkitError, ValueError):
    """A fold has nothing to learn from."""

    fold: int
    test_from: pd.Timestamp
    train_to: pd.Timestamp
    found: str

    def __str__(self) -> str:
        return (
            f"fold {self.fold} (test from {self.test_from}): {self.found} among the "
            f"training rows up to {self.train_to}; start testing later, or widen the "
            "training window"
        )


@dataclass(frozen=True, kw_only=True)
class GrowingWindow:
    """Test block after block of time, each time on all that was known before it.

    Fold ``j`` tests the decision times in ``[s, s + test_length)``, where ``s`` is
    ``first_test + j * step``, and trains on those up to ``s - gap``, inclusive. Whole
    days are calendar days in the rows' time zone, also across clock changes; the gap
    holds by the calendar and by the clock. The last block may be short, and a block
    without a resolved row gives no fold.

    Parameters
    ----------
    first_test : Timestamp
        Start of the first block.
    test_length : Timedelta, positive
        Length of a block.
    step : Timedelta, at least ``test_length``
        From one block's start to the next; equal to ``test_length``, every resolved
        decision time from ``first_test`` on is tested exactly once.
    gap : Timedelta, positive
        Least distance from the last training to the first test decision time;
        horizon plus reporting delay, or labels would overlap.

    References
    ----------
    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, section 5.10

    Examples
    --------
    >>> days = pd.date_range("2024-01-01 07:00", periods=9, freq="D")
    >>> window = GrowingWindow(
    ...     first_test=days[5],
    ...     test_length=pd.Timedelta(days=2),
    ...     step=pd.Timedelta(days=2),
    ...     gap=pd.Timedelta(days=3),
    ... )
    >>> [(train.tolist(), test.tolist()) for train, test in window.split(days)]
    [([0, 1, 2], [5, 6]), ([0, 1, 2, 3, 4], [7, 8])]
    """

    first_test: pd.Timestamp
    test_length: pd.Timedelta
    step: pd.Timedelta
    gap: pd.Timedelta

    def __post_init__(self) -> None:
        """Refuse lengths that test a row twice or not at all."""
        _at_least("test_length", self.test_length, _ZERO, strict=True)
        _at_least("step", self.step, self.test_length)
        _at_least("gap", self.gap, _ZERO, strict=True)

    def split(
        self, X: pd.DataFrame | pd.Index, y: object = None, groups: object = None
    ) -> Iterator[tuple[Rows, Rows]]:
        """Yield the row positions of each fold's training and test rows.

        Parameters
        ----------
        X : DataFrame or Index of length n_rows
            Decision times as the index, or as its level ``cutoff``, in any order.
        y : array of shape (n_rows,), optional
            1 for an event; missing where unresolved: such rows are in no fold. Without
            it every row counts as resolved, and positives are not asked for.
        groups : ignored

        Raises
        ------
        NoFoldError : if nothing resolved lies at or after the first test
        FoldTrainingError : if a fold's training rows are none, or hold no positive
        """
        del groups
        times = decision_times(X)
        resolved = np.ones(len(times), bool) if y is None else ~_missing(y)
        for fold, (start, test) in enumerate(self._blocks(times, resolved)):
            train_to = min(shift(start, -self.gap), times[test].min() - self.gap)
            train = resolved & self._in_training(times, train_to)
            found = "no row" if not train.any() else None
            if found is None and y is not None and not (_array(y)[train] == 1).any():
                found = "no positive"
            if found:
                raise FoldTrainingError(
                    fold=fold, test_from=start, train_to=train_to, found=found
                )
            yield np.flatnonzero(train), np.flatnonzero(test)

    def get_n_splits(
        self,
        X: pd.DataFrame | pd.Index | None = None,
        y: object = None,
        groups: object = None,
    ) -> int:
        """Return the number of folds, which depends on the rows."""
        del groups
        times = decision_times(X)
        resolved = np.ones(len(times), bool) if y is None else ~_missing(y)
        return sum(1 for _ in self._blocks(times, resolved))

    def _blocks(
        self, times: pd.DatetimeIndex, resolved: npt.NDArray[np.bool_]
    ) -> Iterator[tuple[pd.Timestamp, npt.NDArray[np.bool_]]]:
        """Yield the start and the test rows of each block that has any."""
        if (times.tz is None) != (self.first_test.tz is None):
            raise CutoffIndexError(
                found=f"times in the zone {times.tz}",
                expected=f"the zone of the first test, {self.first_test.tz}",
            )
        last = times[resolved].max() if resolved.any() else None
        if last is None or last < self.first_test:
            raise NoFoldError(first_test=self.first_test, last_resolved=last)
        number, start = 0, self.first_test
        while start <= last:
            end = shift(self.first_test, number * self.step + self.test_length)
            test = resolved & (times >= start) & (times < end)
            if test.any():
                yield start, test
            number += 1
            start = shift(self.first_test, number * self.step)

    def _in_training(
        self, times: pd.DatetimeIndex, train_to: pd.Timestamp
    ) -> npt.NDArray[np.bool_]:
        return np.asarray(times <= train_to)


@dataclass(frozen=True, kw_only=True)
class SlidingWindow(GrowingWindow):
    """As `GrowingWindow`, but train on the last ``train_length`` before the gap only.

    Training rows lie in ``(s - gap - train_length, s - gap]``: of daily decision times,
    14 days hold fourteen.

    Parameters
    ----------
    train_length : Timedelta, positive
        Length of every fold's training window.
    """

    train_length: pd.Timedelta

    def __post_init__(self) -> None:
        """Refuse a training window that holds nothing."""
        super().__post_init__()
        _at_least("train_length", self.train_length, _ZERO, strict=True)

    def _in_training(
        self, times: pd.DatetimeIndex, train_to: pd.Timestamp
    ) -> npt.NDArray[np.bool_]:
        after = shift(train_to, -self.train_length)
        return np.asarray((times <= train_to) & (times > after))


def from_scope(evaluation: "Evaluation", panel: Panel) -> GrowingWindow:
    """Return the splitter that the scope asks for, placed on this panel.

    The first test is the first decision time at or after the panel's first one plus
    ``first_training`` plus ``gap``: what lies before it spans at least
    ``first_training``.

    Raises
    ------
    WindowError : if the gap is shorter than the panel's horizon plus its delay, or the
        panel ends before the first test
    """
    lengths = {
        name: pd.Timedelta(getattr(evaluation, name))
        for name in ("test_length", "step", "gap")
    }
    training = pd.Timedelta(evaluation.first_training)
    least = panel.horizon + panel.delay
    if lengths["gap"] < least:
        raise WindowError(
            field="gap",
            found=str(lengths["gap"]),
            expected=f"at least horizon plus reporting delay, {least}",
        )
    cutoffs = panel.cutoffs
    earliest = shift(cutoffs[0], training + lengths["gap"])
    later = cutoffs[cutoffs >= earliest]
    if later.empty:
        raise NoFoldError(first_test=earliest, last_resolved=cutoffs[-1])
    if evaluation.window == "sliding":
        return SlidingWindow(first_test=later[0], train_length=training, **lengths)
    return GrowingWindow(first_test=later[0], **lengths)


def _array(y: object) -> npt.NDArray[np.generic]:
    return np.asarray(y)


def _missing(y: object) -> npt.NDArray[np.bool_]:
    return np.asarray(pd.isna(_array(y)))


def _at_least(
    field: str, value: pd.Timedelta, least: pd.Timedelta, *, strict: bool = False
) -> None:
    if value < least or (strict and value == least):
        bound = f"more than {least}" if strict else f"at least {least}"
        raise WindowError(field=field, found=str(value), expected=bound)
