"""What a list is worth: distinct failures prevented, less the checks in vain.

A failure that is announced on two mornings is one failure. Dollars from hits would pay
it twice; they are kept under their own name, as an upper figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.metrics import Ranking
from toolkit.analysis.panel import Panel
from toolkit.analysis.times import nanoseconds, spacing
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.scope import Costs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
_DAY = pd.Timedelta(days=1)
_ESTIMATES = ("failure", "check", "prevented_share", "planned_repair")


@dataclass(eq=False)
class HorizonMismatchError(ToolkitError, ValueError):
    """The backtest was made on a panel with another horizon."""

    name: str
    found: pd.Timedelta
    expected: pd.Timedelta

    def __str__(self) -> str:
        return (
            f"{self.name}: backtest with a horizon of {self.found}, panel with "
            f"{self.expected}; pass the panel that was tested"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Money:
    """What a list would have saved against doing nothing, by replay.

    A replay: the failures are those logged, a check prevents its share of them, repairs
    last, and the crew has the time. Where history was made by checks, it is a range,
    not a promise.

    Parameters
    ----------
    name : str
    costs : scope.Costs
    daily : DataFrame indexed by cutoff
        ``slots`` used; distinct failures ``caught``, credited to the first list that
        announced them; slots that were ``unneeded``; ``saved``, in the currency, at the
        middle estimates; ``hits``. Expected over the ways to break ties.
    n_failures : int
        Distinct failures that some tested decision time could have announced.
    """

    name: str
    costs: "Costs"
    daily: pd.DataFrame
    n_failures: int

    @property
    def caught(self) -> float:
        """Distinct failures that a list announced."""
        return float(self.daily["caught"].sum())

    @property
    def unneeded(self) -> float:
        """Slots that announced no failure, or only such as were announced before."""
        return float(self.daily["unneeded"].sum())

    @property
    def per_day(self) -> pd.Series:
        """Saved at each decision time, in the currency a day; intervals resample it."""
        return self.daily["saved"] * _times_a_day(self.daily)

    @property
    def saved_per_day(self) -> float:
        """Saved a day against doing nothing, at the middle estimates."""
        return float(self.per_day.mean())

    @property
    def label_level_per_day(self) -> float:
        """Upper figure: every hit paid, so that a failure on two lists pays twice."""
        hits, slots = self.daily["hits"].mean(), self.daily["slots"].mean()
        gain, loss = self.costs.failure.mid, self.costs.check.mid
        return float(gain * hits - loss * (slots - hits)) * _times_a_day(self.daily)

    def sensitivity(self) -> pd.DataFrame:
        """Return what is saved a day as each estimate goes from worst to best.

        Returns
        -------
        DataFrame indexed by estimate, the widest first, then ``all`` together; columns
        ``worst``, ``mid``, ``best`` in the currency a day, and what was put in for the
        first and the last: ``worst_input``, ``best_input``, NaN for ``all``
        """
        middle = _middle(self.costs)
        ends = {name: _ends(self.costs, name) for name in _ESTIMATES}
        rows = {
            name: [self._at(middle | {name: end}) for end in ends[name]]
            for name in _ESTIMATES
        }
        rows["all"] = [
            self._at({name: ends[name][side] for name in _ESTIMATES}) for side in (0, 1)
        ]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["worst", "best"])
        table.insert(1, "mid", self.saved_per_day)
        inputs = pd.DataFrame(ends, index=["worst_input", "best_input"]).T
        table = table.join(inputs)
        width = (
            (table["best"] - table["worst"]).drop("all").sort_values(ascending=False)
        )
        return table.loc[[*width.index, "all"]].rename_axis("estimate")

    def _at(self, estimates: Mapping[str, float]) -> float:
        caught, unneeded = self.daily["caught"].mean(), self.daily["unneeded"].mean()
        gain, loss = _worth(estimates)
        return float(gain * caught - loss * unneeded) * _times_a_day(self.daily)


def money(backtest: Backtest, panel: Panel, costs: "Costs") -> Money:
    """Return what the list of a backtest would have saved.

    A failure of entity i at f is caught if i is in the list of some tested decision
    time a with a < f <= a + horizon, and is credited to the first such list. With F the
    cost of a failure, e the share that a check prevents, R a planned repair and U a
    check in vain, ``saved = caught * (e * F - R) - U * unneeded``.

    A tie at the end of a list is broken by lot, anew at each decision time, so every
    entity has a probability to be listed, and all figures are exact expectations: a
    random order needs no repetition.

    Raises
    ------
    HorizonMismatchError : if the panel has another horizon than the backtest
    """
    if backtest.horizon != panel.horizon:
        raise HorizonMismatchError(
            name=backtest.name, found=backtest.horizon, expected=panel.horizon
        )
    rows = backtest.predictions
    day, cutoffs = pd.factorize(rows["cutoff"], sort=True)
    ranking = Ranking.of(
        day, rows["score"].to_numpy(np.float64), rows["y"].to_numpy(np.float64)
    )
    listed = ranking.inclusion(backtest.capacity)
    caught, needed, n_failures = _credit(rows["entity"], day, cutoffs, listed, panel)
    gain, loss = _worth(_middle(costs))
    daily = pd.DataFrame(
        {
            "slots": np.bincount(day, listed),
            "caught": np.bincount(day, caught),
            "unneeded": np.bincount(day, listed - needed),
        },
        index=pd.Index(cutoffs, name="cutoff"),
    )
    daily["saved"] = gain * daily["caught"] - loss * daily["unneeded"]
    daily["hits"] = backtest.daily["hits"]
    return Money(name=backtest.name, costs=costs, daily=daily, n_failures=n_failures)


def _credit(
    entity: pd.Series,
    day: Ints,
    cutoffs: pd.Index,
    listed: Floats,
    panel: Panel,
) -> tuple[Floats, Floats, int]:
    """Return failures caught and places needed by each row, and the failures in reach.

    A row catches a failure if it is listed and no earlier row that announces the same
    failure is. Of several failures that one row announces, the latest has the fewest
    earlier rows, so its credit is the probability that the place was needed.
    """
    code, entities = pd.factorize(entity)
    rows, valid = _announcing(code, day, entities, cutoffs, panel)
    chance = np.where(valid, listed[rows], 0.0)
    not_before = np.cumprod(1 - chance, axis=1)
    not_before = np.column_stack([np.ones(len(rows)), not_before[:, :-1]])
    credit = (chance * not_before)[valid]
    caught, needed = np.zeros(len(entity)), np.zeros(len(entity))
    np.add.at(caught, rows[valid], credit)
    np.maximum.at(needed, rows[valid], credit)
    return caught, needed, int(valid.any(axis=1).sum())


def _announcing(
    code: Ints, day: Ints, entities: pd.Index, cutoffs: pd.Index, panel: Panel
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the rows whose horizon holds each failure, oldest first.

    Returns
    -------
    rows, valid : arrays of shape (n_events, most rows that announce one event)
        Row positions, and which of them are meant.
    """
    order = np.lexsort((day, code))
    times, n_times = nanoseconds(pd.DatetimeIndex(cutoffs)), len(cutoffs) + 1
    key = code[order] * n_times + day[order]
    whose = entities.get_indexer(pd.Index(panel.events["entity"]))
    at = nanoseconds(pd.DatetimeIndex(panel.events["time"]))[whose >= 0]
    whose = whose[whose >= 0] * n_times
    first = np.searchsorted(
        key, whose + np.searchsorted(times, at - panel.horizon.value)
    )
    after = np.searchsorted(key, whose + np.searchsorted(times, at))
    columns = np.arange(max(1, int((after - first).max(initial=0))))
    place = first[:, np.newaxis] + columns
    valid = place < after[:, np.newaxis]
    return order[np.where(valid, place, 0)], valid


def _worth(estimates: Mapping[str, float]) -> tuple[float, float]:
    """Return what a failure caught saves, and what a place in vain costs."""
    prevented = estimates["prevented_share"] * estimates["failure"]
    return prevented - estimates["planned_repair"], estimates["check"]


def _middle(costs: "Costs") -> dict[str, float]:
    return {name: float(getattr(costs, name).mid) for name in _ESTIMATES}


def _ends(costs: "Costs", name: str) -> tuple[float, float]:
    """Return the estimate's end that saves least, and the one that saves most."""
    estimate = getattr(costs, name)
    rising = name in ("failure", "prevented_share")
    return (estimate.low, estimate.high) if rising else (estimate.high, estimate.low)


def _times_a_day(daily: pd.DataFrame) -> float:
    """Return how many decision times a day has; one, if that cannot be seen."""
    times = pd.DatetimeIndex(daily.index)
    return _DAY / spacing(times) if len(times) > 1 else 1.0
