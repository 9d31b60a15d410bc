"""DS401 and DS402: logs whose rows coincide with the events or announce them."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Floats
from toolkit.analysis.sanity.pairings import MIN_ROWS, TOGETHER, Pairing, pairings_of
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import duration, percent
from toolkit.analysis.sanity.world import World
from toolkit.scope import Decisions

_KIND_ROWS = 50
_KINDS = 50
_CONSTANT = 1.25  # longest lead of a window over its shortest
_ALONE = 3.0  # times as full as the next window
_EXACT = 0.8  # of a window in one minute
_LATE = 0.05  # share known in time below which an announcement cannot help
_TAIL = 0.02  # of a window at either end


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
    pairs = pairings_of(world)
    if pairs is None:
        return None
    drafts = []
    for pair in pairs:
        found = _coincidence(pair)
        parts = [_coincidence(part) for part in _by_kind(world, pair)]
        drafts += [d for d in ([found] if found else parts) if d is not None]
    return drafts


def _coincidence(pair: Pairing) -> Draft | None:
    match = pair.match(-TOGETHER, TOGETHER)
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
        evidence=_kinds(pair, -TOGETHER, TOGETHER),
    )


def announcements(world: World) -> Iterable[Draft] | None:
    """Find logs whose rows stand at a constant distance before the events."""
    pairs = pairings_of(world)
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
    if len(known) < MIN_ROWS:
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
        needs=f"a log beside the label's, each of {MIN_ROWS} rows",
        advice="ask when such a row is written; leave the table out of the features, "
        "or "
        "give it the delay with which it is really known",
        check=coincidences,
    ),
    Rule(
        code="DS402",
        title="log that announces the label",
        looks_at="set of tables",
        needs=f"a log beside the label's, each of {MIN_ROWS} rows",
        advice="ask when such a row arrives and whether it is written in hindsight; "
        "show "
        "the result with and without the table",
        check=announcements,
    ),
)
