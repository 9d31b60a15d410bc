"""Strategies that are no model: chance, perfect foresight, and what is done today.

They run through the same backtest as any model, on the same decision times and with
the same capacity.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.listing import text_hash
from toolkit.analysis.panel import Panel
from toolkit.analysis.times import nanoseconds
from toolkit.errors import ToolkitError

Floats = npt.NDArray[np.float64]
_NEVER = np.iinfo(np.int64).min
_NO_DELAY = pd.Timedelta(0)


@dataclass(eq=False)
class CheckLogError(ToolkitError, ValueError):
    """The log of past checks has not the columns that are read from it."""

    found: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"log of checks: found the columns {self.found}, expected 'entity' and "
            "'time'; rename those of the checks table"
        )


@runtime_checkable
class Strategy(Protocol):
    """What ranks entities without being fitted."""

    def rank_scores(
        self,
        panel: Panel,
        tested: npt.NDArray[np.bool_],
        *,
        capacity: int,
        random_state: int,
    ) -> Floats:
        """Return one score per tested row, in the panel's order."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomOrder:
    """Draw the list by lot.

    All scores are equal, so that every expectation over ties is that of chance in
    closed form: no seed, no repetition.
    """

    def rank_scores(
        self,
        panel: Panel,
        tested: npt.NDArray[np.bool_],
        *,
        capacity: int,
        random_state: int,
    ) -> Floats:
        """Return zeros."""
        del panel, capacity, random_state
        return np.zeros(int(tested.sum()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Oracle:
    """Know the outcome: the most that any list of this length can hit."""

    def rank_scores(
        self,
        panel: Panel,
        tested: npt.NDArray[np.bool_],
        *,
        capacity: int,
        random_state: int,
    ) -> Floats:
        """Return the labels."""
        del capacity, random_state
        return panel.y[tested]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CurrentStrategy:
    """Check the longest-unchecked entities first: a replay of what is done today.

    Each decision time takes from the entities present those never checked, then those
    whose last check is the oldest, then by their order in the panel, and notes the
    check. The state at a decision time knows only what had been known by then. It
    starts from the log, and runs from the first to the last tested decision time, those
    between two tests included.

    A replay uses failures as they were logged, and the log's own checks prevented some
    of them: the strategy looks worse than it is, by a factor of eight in one
    simulation. Show chance beside it, and take the higher of the two as the bar
    (`toolkit.analysis.bar`).

    Parameters
    ----------
    checks : DataFrame with the columns ``entity`` and ``time``, optional
        Past checks. Without it every entity is unchecked at the start, in an order
        drawn from the seed: repeat it over seeds.
    delay : Timedelta
        How long after it a check of the log becomes known.
    failure_is_visit : bool
        Whether a failure counts as a check, since somebody was there.
    """

    checks: pd.DataFrame | None = None
    delay: pd.Timedelta = _NO_DELAY
    failure_is_visit: bool = True

    def __post_init__(self) -> None:
        """Refuse a log that cannot be read."""
        if self.checks is not None and not {"entity", "time"} <= set(self.checks):
            raise CheckLogError(found=tuple(map(str, self.checks.columns)))

    def rank_scores(
        self,
        panel: Panel,
        tested: npt.NDArray[np.bool_],
        *,
        capacity: int,
        random_state: int,
    ) -> Floats:
        """Return minus the place of each tested row in its decision time's queue."""
        code, entities = pd.factorize(panel.entities, sort=True)
        times = nanoseconds(panel.cutoffs)
        rows = np.flatnonzero(tested)
        days, starts = np.unique(times, return_index=True)
        ends = np.append(starts[1:], len(times))
        due = (days >= times[rows[0]]) & (days <= times[rows[-1]])
        visits = self._visits(panel, entities, until=times[rows[0]])
        queue = self._queue(entities, random_state)
        last = np.full(len(entities), _NEVER)
        score = np.full(len(times), np.nan)
        seen = 0
        for day, start, end in zip(days[due], starts[due], ends[due], strict=True):
            known = int(np.searchsorted(visits.known, day, side="right"))
            np.maximum.at(last, visits.code[seen:known], visits.time[seen:known])
            seen = known
            present = code[start:end]
            order = np.lexsort((queue[present], last[present]))
            score[start + order] = -np.arange(len(order), dtype=np.float64)
            last[present[order[:capacity]]] = day
        return score[tested]

    def _queue(self, entities: pd.Index, random_state: int) -> npt.NDArray[np.uint64]:
        """Return each entity's turn among equals: by id, or by lot without a log."""
        if self.checks is not None:
            return np.arange(len(entities), dtype=np.uint64)
        return text_hash(entities, f"first round {random_state}")

    def _visits(self, panel: Panel, entities: pd.Index, *, until: int) -> "_Visits":
        """Return checks up to the start, and failures, as they became known."""
        visits = _Visits.of(pd.DataFrame({"entity": [], "time": []}), entities)
        if self.checks is not None:
            visits = _Visits.of(self.checks, entities, delay=self.delay)
            visits = visits.up_to(until)
        if self.failure_is_visit:
            visits = visits.and_(_Visits.of(panel.events, entities, delay=panel.delay))
        return visits


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Visits:
    """Who was visited when, sorted by the time at which it became known."""

    code: npt.NDArray[np.intp]
    time: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]

    @classmethod
    def of(
        cls, log: pd.DataFrame, entities: pd.Index, *, delay: pd.Timedelta = _NO_DELAY
    ) -> "_Visits":
        """Read a log, without the entities that the panel has not."""
        code = entities.get_indexer(pd.Index(log["entity"]))
        times = pd.DatetimeIndex(log["time"])[code >= 0]
        time, known = nanoseconds(times), nanoseconds(times + delay)
        order = np.argsort(known, kind="stable")
        return cls(code=code[code >= 0][order], time=time[order], known=known[order])

    def up_to(self, until: int) -> "_Visits":
        """Return those made by then, known or not."""
        made = self.time <= until
        return _Visits(
            code=self.code[made], time=self.time[made], known=self.known[made]
        )

    def and_(self, other: "_Visits") -> "_Visits":
        """Return both together, sorted."""
        known = np.concatenate([self.known, other.known])
        order = np.argsort(known, kind="stable")
        return _Visits(
            code=np.concatenate([self.code, other.code])[order],
            time=np.concatenate([self.time, other.time])[order],
            known=known[order],
        )
