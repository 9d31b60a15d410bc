"""Folds of a panel: which rows train, which are tested, and the audit of both."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.panel import Panel
from toolkit.analysis.times import nanoseconds
from toolkit.analysis.windows import FoldTrainingError
from toolkit.errors import ToolkitError

Rows = slice | npt.NDArray[np.intp]  # a slice of consecutive rows is taken as a view


class Splitter(Protocol):
    """scikit-learn's splitter protocol, as much as a backtest needs of it."""

    def split(
        self, X: pd.DataFrame, y: object = None, groups: object = None
    ) -> Iterable[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Yield the positions of training and test rows, fold by fold."""
        ...


@dataclass(eq=False)
class LeakingFoldError(ToolkitError, ValueError):
    """A fold trains on labels that were not known yet when its test begins."""

    fold: int
    train_to: pd.Timestamp
    test_from: pd.Timestamp
    gap: pd.Timedelta

    def __str__(self) -> str:
        return (
            f"fold {self.fold}: trains up to {self.train_to} and tests from "
            f"{self.test_from}, expected a gap of at least {self.gap} (horizon plus "
            "reporting delay); widen the splitter's gap"
        )


@dataclass(eq=False)
class RepeatedTestError(ToolkitError, ValueError):
    """A row is tested in more than one fold."""

    fold: int
    count: int

    def __str__(self) -> str:
        return (
            f"fold {self.fold}: {self.count} of its rows were tested by an earlier "
            "fold, expected each row tested once; use a step no shorter than the test"
        )


@dataclass(eq=False)
class NoTestError(ToolkitError, ValueError):
    """The splitter tests nothing, or only what is not resolved yet."""

    n_resolved: int

    def __str__(self) -> str:
        return (
            f"the splitter tests none of the {self.n_resolved} resolved rows, expected "
            "at least one; start testing earlier or bring more data"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fold:
    """The rows of one fold; slices where they are consecutive."""

    number: int
    train: Rows
    test: Rows


def panel_folds(panel: Panel, splitter: Splitter) -> tuple[Fold, ...]:
    """Return the folds of a panel, resolved rows only, each one audited.

    Raises
    ------
    FoldTrainingError : if a fold has no training row, or no positive among them
    LeakingFoldError : if training and test are nearer than horizon plus delay
    RepeatedTestError : if a row is tested twice
    NoTestError : if no row is tested
    """
    resolved, times = panel.resolved, nanoseconds(panel.cutoffs)
    seen = np.zeros(len(resolved), bool)
    folds = []
    for number, (train, test) in enumerate(splitter.split(panel.X, panel.y)):
        train, test = train[resolved[train]], test[resolved[test]]  # noqa: PLW2901
        if not test.size:
            continue
        _audit(number, panel, times, train, test)
        if seen[test].any():
            raise RepeatedTestError(fold=number, count=int(seen[test].sum()))
        seen[test] = True
        folds.append(Fold(number=number, train=_rows(train), test=_rows(test)))
    if not folds:
        raise NoTestError(n_resolved=int(resolved.sum()))
    return tuple(folds)


def fold_table(panel: Panel, folds: Iterable[Fold]) -> pd.DataFrame:
    """Return one row a fold: its bounds in time, its rows and its positives."""
    times = panel.cutoffs
    rows = []
    for fold in folds:
        row: dict[str, object] = {"fold": fold.number}
        for side, taken in (("train", fold.train), ("test", fold.test)):
            row[f"{side}_from"] = times[taken].min()
            row[f"{side}_to"] = times[taken].max()
            row[f"n_{side}"] = len(times[taken])
            row[f"n_{side}_positives"] = int(panel.y[taken].sum())
        rows.append(row)
    sides = ("train", "test")
    columns = ["fold", *(f"{side}_{end}" for side in sides for end in ("from", "to"))]
    columns += [f"n_{side}{what}" for side in sides for what in ("", "_positives")]
    return pd.DataFrame(rows, columns=columns)


def _audit(
    number: int,
    panel: Panel,
    times: npt.NDArray[np.int64],
    train: npt.NDArray[np.intp],
    test: npt.NDArray[np.intp],
) -> None:
    test_from = panel.X.index[test[times[test].argmin()]][0]
    if not train.size or not panel.y[train].any():
        raise FoldTrainingError(
            fold=number,
            test_from=test_from,
            train_to=panel.X.index[train[-1]][0] if train.size else test_from,
            found="no positive" if train.size else "no row",
        )
    train_to = panel.X.index[train[times[train].argmax()]][0]
    least = panel.horizon + panel.delay
    if test_from - train_to < least:
        raise LeakingFoldError(
            fold=number, train_to=train_to, test_from=test_from, gap=least
        )


def _rows(positions: npt.NDArray[np.intp]) -> Rows:
    """Return consecutive positions as a slice, others as they are."""
    if (np.diff(positions) == 1).all():
        return slice(int(positions[0]), int(positions[-1]) + 1)
    return positions
