"""DS309 to DS311 and DS405: clock times and intervals that no nature makes."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Ints, Mask
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import DAY, TableView
from toolkit.analysis.sanity.wording import clock, counted, duration, listed, percent
from toolkit.analysis.sanity.world import World

_MINUTE = 60_000_000
_MINUTES = 1_440
_ROWS = 50
_ALL = 0.99
_FEW = 3  # clock times
_HALF = 0.5
_PERIODS = 20  # candidates
_SHORTEST = 3  # resolutions; a shorter period is met by chance
_BY_CHANCE = 3.0
_PAIRS = 100  # entities by kinds
_BEFORE = 0.5  # of the pairs seen before one comes twice
_ONCE = 0.8  # of the rows: then the whole log is one row each


def _clock_counts(table: TableView, mask: Mask | None = None) -> Ints:
    micro = table.micro if mask is None else table.micro[mask]
    return np.bincount(micro // _MINUTE % _MINUTES, minlength=_MINUTES)


def clock_times(world: World) -> Iterable[Draft] | None:
    """Find logs, the label's left out, whose rows bear only a few times of day."""
    tables = [t for t in world.dated if len(t.rows) >= _ROWS and t is not world.label]
    if not tables:
        return None
    drafts = list[Draft]()
    for table in tables:
        counts = _clock_counts(table)
        if table.spec.role == "events" or counts[0] >= _ALL * counts.sum():
            drafts.extend(_few_times(world, table, counts))
    return drafts


def label_clock_times(world: World) -> Iterable[Draft] | None:
    """Find label events that all bear a few times of day."""
    table = world.label
    if table is None or world.is_event.sum() < _ROWS:
        return None
    return list(_few_times(world, table, _clock_counts(table, world.is_event)))


def _few_times(world: World, table: TableView, counts: Ints) -> Iterable[Draft]:
    rows = int(counts.sum())
    order = np.lexsort((np.arange(_MINUTES), -counts))
    few = counts[order[:_FEW]].sum() >= _ALL * rows
    top = int(order[0])
    if (not few and counts[top] < _HALF * rows) or table.time is None:
        return
    used = int(np.count_nonzero(counts))
    shown = order[: min(_FEW, used) if few else 1]
    names = [f"{clock(60 * int(m))} ({percent(counts[m] / rows)})" for m in shown]
    if counts[top] == rows:
        names = [clock(60 * top)]
    ready = world.scope.decisions.ready_by
    decision = 60 * ready.hour + ready.minute
    if top == 0 and counts[0] >= _ALL * rows:
        tail = (
            f"; without a time of day nobody can tell what was known at "
            f"{clock(60 * decision)} of that day"
        )
    elif few:
        lag = duration(60 * ((decision - top) % _MINUTES))
        then = clock(60 * decision)
        tail = f"; {clock(60 * top)} is {lag} before the decision at {then}"
    else:
        tail = (
            f"; evenly spread over the times that occur it would be {percent(1 / used)}"
        )
    regular = table.spec.role == "measurements"
    yield Draft(
        severity=Severity.NOTE if regular else Severity.WARNING,
        place=table.time.place,
        message=f"{'all' if few else 'most of the'} {rows:,} rows of {table.name} bear "
        f"{'the time' if len(names) == 1 else 'one of the times'} "
        f"{listed(names)}{tail}",
        count=int(counts[shown].sum()),
        evidence=pd.DataFrame(
            {
                "time of day": [clock(60 * int(m)) for m in order[: min(10, used)]],
                "rows": counts[order[: min(10, used)]],
            }
        ),
    )


def regularity(world: World) -> Iterable[Draft] | None:
    """Find logs in which an entity's rows keep to multiples of one period."""
    tables = [
        t for t in world.dated if t.spec.role == "events" and len(t.rows) >= _ROWS
    ]
    if not tables:
        return None
    return [d for t in tables for d in _regular(t, is_label=t is world.label)]


def _regular(table: TableView, *, is_label: bool) -> Iterable[Draft]:
    gaps = np.diff(table.micro)[np.diff(table.who) == 0]
    gaps = gaps[gaps > 0]
    clocks = _clock_counts(table)
    unit = DAY if clocks.max() >= 0.9 * clocks.sum() else 60 * _MINUTE
    if (table.micro % unit != table.micro[0] % unit).mean() > 0.1:  # noqa: PLR2004
        unit = _MINUTE
    if len(gaps) < _ROWS:
        return
    steps = np.round(gaps / unit).astype(np.int64)
    lengths, times = np.unique(steps, return_counts=True)
    order = np.lexsort((lengths, -times))[:_PERIODS]
    candidates = np.sort(lengths[order][lengths[order] >= _SHORTEST])
    if not len(candidates):
        return
    near = np.abs(gaps - steps * unit) <= unit // 100
    shares = np.array([(near & (steps % p == 0)).mean() for p in candidates])
    chosen = np.flatnonzero(shares >= 0.9 * shares.max())[-1]
    period, share = int(candidates[chosen]), float(shares[chosen])
    if share < _HALF or share < _BY_CHANCE / period or table.time is None:
        return
    text = duration(period * unit / 1e6)
    yield Draft(
        severity=_regular_severity(share, is_label=is_label),
        place=table.time.place,
        message=f"{percent(share)} of the {len(gaps):,} intervals between rows of one "
        f"{table.spec.entity} are whole multiples of {text} (by chance "
        f"{percent(1 / period)}): its next row can only fall on a grid that is known "
        "in advance",
        count=round(share * len(gaps)),
        evidence=pd.DataFrame(
            {
                "interval": [duration(int(n) * unit / 1e6) for n in lengths[order]],
                "times": times[order],
            }
        ),
    )


def _regular_severity(share: float, *, is_label: bool) -> Severity:
    if is_label:
        return Severity.ERROR
    return Severity.WARNING if share >= 0.9 else Severity.NOTE  # noqa: PLR2004


def backfilled_start(world: World) -> Iterable[Draft] | None:
    """Find logs that open with one row for each entity and kind, as an inventory."""
    tables = [t for t in world.dated if t.spec.role == "events"]
    if not tables:
        return None
    return [draft for table in tables for draft in _backfilled(table)]


def _backfilled(table: TableView) -> Iterable[Draft]:
    pair = table.who * (len(table.kinds) + 1) + table.what
    pairs = len(np.unique(pair))
    order = np.lexsort((table.micro, pair))
    again = order[1:][np.diff(pair[order]) == 0]  # rows of a pair seen before
    if pairs < _PAIRS or not len(again) or table.time is None:
        return
    first_repeat = int(table.micro[again].min())
    opening = table.micro < first_repeat
    n = int(opening.sum())
    if n < _BEFORE * pairs or n > _ONCE * len(table.rows):
        return
    days = np.unique(table.days[opening])
    start, stop = np.datetime64(int(days[0]), "D"), np.datetime64(int(days[-1]), "D")
    unit = (
        f"{table.spec.entity} and {table.spec.kind}"
        if table.kind
        else table.spec.entity
    )
    yield Draft(
        severity=Severity.WARNING,
        place=table.time.place,
        message=f"the first {counted(n, 'row')} ({start} to {stop}, on "
        f"{counted(len(days), 'date')}) hold no {unit} twice, {percent(n / pairs)} of "
        f"all {pairs:,}: an inventory entered once, not a log of what happened",
        count=n,
        evidence=table.evidence(table.rows[opening]),
    )


RULES: tuple[Rule[World], ...] = (
    Rule(
        code="DS309",
        title="rows at only a few times of day",
        looks_at="set of tables",
        needs=f"a dated table of {_ROWS} rows beside the label's",
        advice="ask when a row is really written; state the table's delay in the scope",
        check=clock_times,
    ),
    Rule(
        code="DS310",
        title="suspicious regularity",
        looks_at="set of tables",
        needs=f"a log of events of {_ROWS} rows",
        advice="ask what makes the grid; hold the model against one that knows only it",
        check=regularity,
    ),
    Rule(
        code="DS311",
        title="log that opens with an inventory",
        looks_at="set of tables",
        needs="a log of events",
        advice="begin the features after it, or keep it as the state at the start",
        check=backfilled_start,
    ),
    Rule(
        code="DS405",
        title="label events at only a few times of day",
        looks_at="set of tables",
        needs=f"{_ROWS} label events with times",
        advice="ask when the event happened and when it was entered: known is not "
        "happened",
        check=label_clock_times,
    ),
)
