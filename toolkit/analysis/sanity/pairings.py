"""A log beside the label's events: who stands how long before whom, and by chance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Floats, Ints, Mask
from toolkit.analysis.sanity.world import Log, World

TOGETHER = 60  # seconds
MIN_ROWS = 20
_SOME = 0.2  # of the rows, or of the events
_MOST = 0.5
_BY_CHANCE = 5.0  # times as often
_SPAN = 1 << 40  # seconds; wider than any log


@dataclass(frozen=True, kw_only=True, eq=False)
class Match:
    """How often rows and events stand in one window of time, and by chance."""

    rows: Mask  # of the log, those that are followed
    of_rows: float
    of_events: float
    rows_by_chance: float
    events_by_chance: float

    @property
    def gives_away(self) -> bool:
        """Whether one of the shares is high, and not by chance."""
        return (
            self.of_rows >= _SOME and self.of_rows >= _BY_CHANCE * self.rows_by_chance
        ) or (
            self.of_events >= _SOME
            and self.of_events >= _BY_CHANCE * self.events_by_chance
        )

    @property
    def severity(self) -> Severity:
        """An error if it holds for half of the rows or events."""
        strong = max(self.of_rows, self.of_events) >= _MOST
        return Severity.ERROR if strong else Severity.WARNING


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairing:
    """One log beside the label's events."""

    log: Log
    events: Log
    entities: int

    @cached_property
    def row_keys(self) -> Ints:
        """Entity and second of each row in one number, ascending."""
        return self.log.entity * _SPAN + self.log.second

    @cached_property
    def event_keys(self) -> Ints:
        """Entity and second of each event in one number, ascending."""
        return self.events.entity * _SPAN + self.events.second

    def leads(self) -> Floats:
        """Seconds from each row to the entity's next event; NaN if there is none."""
        at = np.searchsorted(self.event_keys, self.row_keys + TOGETHER, "right")
        there = at < len(self.event_keys)
        at = np.minimum(at, len(self.event_keys) - 1)
        there &= self.events.entity[at] == self.log.entity
        return np.where(
            there, (self.event_keys[at] - self.row_keys).astype(float), np.nan
        )

    def match(self, low: float, high: float) -> Match:
        """Count rows with an event ``low`` to ``high`` seconds later, and events so."""
        followed = _held(self.event_keys, self.row_keys, low, high)
        preceded = _held(self.row_keys, self.event_keys, -high, -low)
        return Match(
            rows=followed,
            of_rows=float(followed.mean()),
            of_events=float(preceded.mean()),
            rows_by_chance=self._chance(self.events, self.log, low, high),
            events_by_chance=self._chance(self.log, self.events, -high, -low),
        )

    def _chance(self, there: Log, here: Log, low: float, high: float) -> float:
        """Share that would match if the ids were dealt out at random, times kept."""
        seconds = np.sort(there.second)
        found = np.searchsorted(seconds, here.second + high, "right")
        found -= np.searchsorted(seconds, here.second + low, "left")
        return float(np.minimum(found / self.entities, 1.0).mean())


def _held(keys: Ints, around: Ints, low: float, high: float) -> npt.NDArray[np.bool_]:
    """Whether a key lies between ``low`` and ``high`` from each of ``around``."""
    start = np.searchsorted(keys, around + int(low), "left")
    return np.asarray(np.searchsorted(keys, around + int(high), "right") > start)


def pairings_of(world: World) -> list[Pairing] | None:
    """Return every log of enough rows beside the label's events."""
    events = world.events
    if events is None or len(events) < MIN_ROWS:
        return None
    listed = {text for table in world.entities for text in table.ids}
    n = len(listed) or len(world.ids)
    pairs = [Pairing(log=log, events=events, entities=n) for log in world.logs]
    return [pair for pair in pairs if len(pair.log) >= MIN_ROWS] or None
