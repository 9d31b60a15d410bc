"""DS401 and DS402: logs whose rows coincide with the events or announce them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Floats, Ints, Mask
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import duration, percent
from toolkit.analysis.sanity.world import Log, World
from toolkit.scope import Decisions

_ROWS = 20
_KIND_ROWS = 50
_KINDS = 50
_TOGETHER = 60  # seconds
_SOME = 0.2  # of the rows, or of the events
_MOST = 0.5
_BY_CHANCE = 5.0  # times as often
_CONSTANT = 1.25  # longest lead of a window over its shortest
_ALONE = 3.0  # times as full as the next window
_EXACT = 0.8  # of a window in one minute
_LATE = 0.05  # share known in time below which an announcement cannot help
_TAIL = 0.02  # of a window at either end
_SPAN = 1 << 40  # seconds; wider than any log


@dataclass(frozen=True, kw_only=True, eq=False)
class _Match:
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
        at = np.searchsorted(self.event_keys, self.row_keys + _TOGETHER, "right")
        there = at < len(self.event_keys)
        at = np.minimum(at, len(self.event_keys) - 1)
        there &= self.events.entity[at] == self.log.entity
        return np.where(
            there, (self.event_keys[at] - self.row_keys).astype(float), np.nan
        )

    def match(self, low: float, high: float) -> _Match:
        """Count rows with an event ``low`` to ``high`` seconds later, and events so."""
        followed = _held(self.event_keys, self.row_keys, low, high)
        preceded = _held(self.row_keys, self.event_keys, -high, -low)
        return _Match(
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


def pairings(world: World) -> list[Pairing] | None:
    """Return every log of enough rows beside the label's events."""
    events = world.events
    if events is None or len(events) < _ROWS:
        return None
    listed = {text for table in world.entities for text in table.ids}
    n = len(listed) or len(world.ids)
    pairs = [Pairing(log=log, events=events, entities=n) for log in world.logs]
    return [pair for pair in pairs if len(pair.log) >= _ROWS] or None


def _by_kind(world: World, pair: Pairing) -> list[Pairing]:
    """Cut the log into its kinds, each a log of its own."""
    table = pair.log.table
    if table.kind is None or len(table.kinds) > _KINDS:
        return []
    loose = ~world.is_event if table is world.label else np.ones(len(table.rows), bool)
    parts = [
        world.log(table, loose & (table.what == code), f"{table.name}[{kind}]")
        for code, kind in enumerate(table.kinds)
    ]
    return [
        Pairing(log=log, events=pair.events, entities=pair.entities)
        for log in parts
        if len(log) >= _KIND_ROWS
    ]


def coincidences(world: World) -> Iterable[Draft] | None:
    """Find logs whose rows bear the same id and time as the events."""
    pairs = pairings(world)
    if pairs is None:
        return None
    drafts = []
    for pair in pairs:
        found = _coincidence(pair)
        parts = [_coincidence(part) for part in _by_kind(world, pair)]
        drafts += [d for d in ([found] if found else parts) if d is not None]
    return drafts


def _coincidence(pair: Pairing) -> Draft | None:
    match = pair.match(-_TOGETHER, _TOGETHER)
    if not match.gives_away:
        return None
    label, entity = pair.events.name, pair.log.table.spec.entity
    return Draft(
        severity=match.severity,
        place=pair.log.name,
        message=f"{percent(match.of_events)} of the {len(pair.events):,} {label} rows "
        f"have a row of {pair.log.name} with the same {entity} and time; by chance it "
        f"would be {percent(match.events_by_chance)}. {percent(match.of_rows)} of the "
        f"{len(pair.log):,} {pair.log.name} rows are such: they record the event "
        "itself, "
        "not what led to it",
        count=int(match.rows.sum()),
        evidence=_kinds(pair, -_TOGETHER, _TOGETHER),
    )


def announcements(world: World) -> Iterable[Draft] | None:
    """Find logs whose rows stand at a constant distance before the events."""
    pairs = pairings(world)
    if pairs is None:
        return None
    drafts = []
    for pair in pairs:
        found = _announcement(pair, world.scope.decisions)
        parts = [
            _announcement(part, world.scope.decisions) for part in _by_kind(world, pair)
        ]
        drafts += [d for d in ([found] if found else parts) if d is not None]
    return drafts


def _announcement(pair: Pairing, decisions: Decisions) -> Draft | None:
    leads = pair.leads()
    known = np.sort(leads[np.isfinite(leads)])
    if len(known) < _ROWS:
        return None
    low, high, n = _fullest(known)
    inside = known[(known >= low) & (known <= high)]
    rest = known[(known < low / _CONSTANT) | (known > high * _CONSTANT)]
    if len(rest) and n < _ALONE * _fullest(rest)[2]:
        return None
    low, high = np.quantile(inside, [_TAIL, 1 - _TAIL], method="nearest")
    match = pair.match(low, high)
    if not match.gives_away:
        return None
    label, name = pair.events.name, pair.log.name
    delay = pair.log.table.spec.delay.total_seconds()
    in_time = _known_in_time(decisions, pair, high)
    return Draft(
        severity=match.severity if in_time >= _LATE else Severity.WARNING,
        place=name,
        message=f"{percent(match.of_rows)} of the {len(pair.log):,} {name} rows are "
        f"followed by a {label} row of the same {pair.log.table.spec.entity} "
        f"{_lead(inside, low, high)} later; by chance it would be "
        f"{percent(match.rows_by_chance)}. {percent(match.of_events)} of the "
        f"{len(pair.events):,} {label} rows are announced so. "
        f"{_delay(delay, in_time)}",
        count=int(match.rows.sum()),
        evidence=_kinds(pair, low, high),
    )


def _fullest(leads: Floats) -> tuple[float, float, int]:
    """Return the bounds and size of the fullest window of nearly equal leads."""
    stop = np.searchsorted(leads, leads * _CONSTANT, "right")
    sizes = stop - np.arange(len(leads))
    best = int(np.argmax(sizes))
    return float(leads[best]), float(leads[stop[best] - 1]), int(sizes[best])


def _lead(leads: Floats, low: float, high: float) -> str:
    minutes, times = np.unique(np.round(leads / 60), return_counts=True)
    top = int(np.argmax(times))
    if times[top] >= _EXACT * len(leads):
        return f"exactly {duration(float(minutes[top]) * 60, hours=True)}"
    return f"{duration(low, hours=True)} to {duration(high, hours=True)}"


def _known_in_time(decisions: Decisions, pair: Pairing, high: float) -> float:
    """Share of the announced events with a decision between the row and the event."""
    every = int(decisions.every.total_seconds())
    ready = decisions.ready_by
    anchor = ready.hour * 3_600 + ready.minute * 60 + ready.second
    delay = int(pair.log.table.spec.delay.total_seconds())
    leads = pair.leads()
    announced = leads <= high
    row = pair.log.second[announced]
    decision = -(-(row + delay - anchor) // every) * every + anchor
    return float((decision < row + leads[announced]).mean())


def _delay(delay: float, in_time: float) -> str:
    said = (
        f"With the declared delay of {duration(delay)}"
        if delay
        else "With no delay declared"
    )
    if in_time >= _LATE:
        return (
            f"{said}, {percent(in_time)} of them are known at a decision before the "
            "event: the result would say how early they arrive, and no more"
        )
    rest = (
        "the whole result hangs on that delay"
        if delay
        else "one every few hours would see them"
    )
    return f"{said}, no decision falls between them and the event; {rest}"


def _kinds(pair: Pairing, low: float, high: float) -> pd.DataFrame:
    """Say, for each kind of row, how many match and which kind of event they meet."""
    start = np.searchsorted(pair.event_keys, pair.row_keys + int(low), "left")
    stop = np.searchsorted(pair.event_keys, pair.row_keys + int(high), "right")
    met = np.maximum(stop - start, 0)
    row = np.repeat(np.arange(len(met)), met)
    event = np.arange(len(row)) + np.repeat(start - np.cumsum(met) + met, met)
    kind, label = pair.log.kind, pair.events.table
    pairs = pd.DataFrame(
        {"kind": kind[row], "event": pair.events.kind[event], "row": row}
    )
    most = pairs.drop_duplicates().groupby(["kind", "event"]).size()
    lines = []
    for code in np.unique(kind):
        rows, matched = int((kind == code).sum()), int((met[kind == code] > 0).sum())
        line: dict[str, object] = {"kind": np.append(pair.log.table.kinds, "")[code]}
        line |= {"rows": rows, "matched": percent(matched / rows)}
        if matched:
            top = most.loc[code].sort_values(ascending=False, kind="stable")
            line["mostly with"] = np.append(label.kinds, "")[top.index[0]]
            line["in"] = percent(float(top.iloc[0]) / matched)
        lines.append(line)
    return pd.DataFrame(lines)


RULES: tuple[Rule[World], ...] = (
    Rule(
        code="DS401",
        title="log that coincides with the label",
        looks_at="set of tables",
        needs=f"a log beside the label's, each of {_ROWS} rows",
        advice="ask when such a row is written; leave the table out of the features, "
        "or "
        "give it the delay with which it is really known",
        check=coincidences,
    ),
    Rule(
        code="DS402",
        title="log that announces the label",
        looks_at="set of tables",
        needs=f"a log beside the label's, each of {_ROWS} rows",
        advice="ask when such a row arrives and whether it is written in hindsight; "
        "show "
        "the result with and without the table",
        check=announcements,
    ),
)
