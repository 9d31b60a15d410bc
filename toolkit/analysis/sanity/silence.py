"""DS304, DS318, DS408: entities that fall silent, for a while, or after an event."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Floats, Ints, Mask
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import DAY, TableView
from toolkit.analysis.sanity.wording import counted, day, duration, listed, percent
from toolkit.analysis.sanity.world import SECOND, Log, World

_LEAST = 14.0  # rows expected where there are none: by chance once in a million
_ROWS = 20
_PERIODS = 20  # of the usual distance between measurements
_SOON = 3.0  # times as often as chance
_ENOUGH = 20  # label events
_PRESENT = 0.5  # drop of the share of entities with a row


def vanishing(world: World) -> Iterable[Draft] | None:
    """Find entities whose rows end long before the table does."""
    tables = [t for t in world.dated if len(t.rows) >= _ROWS]
    if not tables:
        return None
    return [draft for table in tables for draft in _vanishing(world, table)]


def _vanishing(world: World, table: TableView) -> Iterable[Draft]:
    first, last = table.bounds
    rows = np.bincount(table.who, minlength=len(table.ids))
    ends = np.full(len(table.ids), first)
    ends[table.who] = table.micro  # rows are sorted: the latest stays
    begins = np.full(len(table.ids), last)
    begins[table.who[::-1]] = table.micro[::-1]
    silent = np.maximum(last - ends, 0)
    if table.spec.role == "measurements":
        gone = (silent > _PERIODS * _period(table)) & (silent > DAY) & (rows > 1)
    else:
        whole = np.maximum(last - begins, 1)
        expected = -rows * np.log1p(-np.minimum(silent / whole, 1 - 1e-9))
        gone = (expected >= _LEAST) & (rows >= _ROWS)
    if not gone.any() or table.time is None:
        return
    who = np.flatnonzero(gone)
    who = who[np.lexsort((who, ends[who]))]
    soon, usual = _after_event(world, table, who, ends[who])
    leak = soon >= 0.5 * len(who) and soon > _SOON * usual * len(who)
    n = len(who)
    yield Draft(
        severity=Severity.WARNING,
        place=table.name,
        message=f"{counted(n, 'entity')} ({listed(table.ids[who])}) "
        f"{'has' if n == 1 else 'have'} no more rows long before the table ends on "
        f"{day(last)}"
        + (
            f"; {percent(soon / n)} of them stop within {duration(_horizon(world))} "
            "of a "
            "label event, so absence tells the label"
            if leak
            else ""
        ),
        count=n,
        evidence=pd.DataFrame(
            {
                table.spec.entity: table.ids[who],
                "last row": ends[who].astype("datetime64[us]"),
                "rows": rows[who],
            }
        ),
    )


def _period(table: TableView) -> float:
    """Usual distance between two rows of one entity, in microseconds."""
    gaps = np.diff(table.micro)[np.diff(table.who) == 0]
    gaps = gaps[gaps > 0]
    return float(np.median(gaps)) if len(gaps) else float(DAY)


def _horizon(world: World) -> float:
    return world.scope.horizon.total_seconds()


def _after_event(
    world: World, table: TableView, who: Ints, ends: Ints
) -> tuple[int, float]:
    """Count who stops within the horizon around an event, and the share by chance."""
    events = world.events
    if events is None or table is world.label:
        return 0, 1.0
    horizon = int(_horizon(world))
    at = events.entity * _SPAN + events.second
    key = world.entity_codes(table)[who] * _SPAN + ends // SECOND
    near = np.searchsorted(at, key + horizon, "right") > np.searchsorted(
        at, key - horizon, "left"
    )
    seconds = max(1, int(np.ptp(events.second)))
    usual = len(events) * 2 * horizon / seconds / max(1, len(world.ids))
    return int(near.sum()), min(1.0, usual)


_SPAN = 1 << 40  # seconds; wider than any log


def pauses(table: TableView) -> Iterable[Draft] | None:
    """Find entities of a table of measurements that pause while others go on."""
    if table.spec.role != "measurements" or not table.dated or len(table.rows) < _ROWS:
        return None
    same = np.diff(table.who) == 0
    gap = np.diff(table.micro)
    usual = _period(table)
    wide = same & (gap > _PERIODS * usual)
    wide &= ~_fleet_wide(table, wide)
    places = np.flatnonzero(wide)
    if not len(places):
        return ()
    who = np.unique(table.who[places])
    order = places[np.lexsort((places, -gap[places]))]
    return [
        Draft(
            severity=Severity.WARNING,
            place=table.name,
            message=f"{counted(len(places), 'gap')} in the rows of "
            f"{counted(len(who), 'entity')} ({listed(table.ids[who])}), up to "
            f"{duration(gap[order[0]] / SECOND)} where a row comes every "
            f"{duration(usual / SECOND)}",
            count=len(places),
            evidence=pd.DataFrame(
                {
                    table.spec.entity: table.ids[table.who[order]],
                    "from": table.micro[order].astype("datetime64[us]"),
                    "to": table.micro[order + 1].astype("datetime64[us]"),
                }
            ),
        )
    ]


def _fleet_wide(table: TableView, wide: Mask) -> Mask:
    """Gaps within a stretch in which no entity at all has a row: those are DS303's."""
    present = np.zeros(int(np.ptp(table.days)) + 2, dtype=np.int64)
    first = table.days.min()
    present[1:][np.unique(table.days) - first] = 1
    seen = np.cumsum(present)
    start, stop = table.days[:-1] - first, table.days[1:] - first
    nobody: Mask = seen[stop] - seen[start + 1] <= 0
    fleet_wide: Mask = wide & (stop - start > 1) & nobody
    return fleet_wide


def absence_after_events(world: World) -> Iterable[Draft] | None:
    """Find measurements that stop around an event, so that absence tells the label."""
    events = world.events
    tables = [t for t in world.dated if t.spec.role == "measurements"]
    if events is None or not tables or len(events) < _ENOUGH:
        return None
    return [draft for table in tables for draft in _absent(world, table, events)]


def _absent(world: World, table: TableView, events: Log) -> Iterable[Draft]:
    log = world.log(table)
    horizon = max(int(_horizon(world)), int(_PERIODS * _period(table) / SECOND / 10))
    rows = log.entity * _SPAN + log.second
    key = events.entity * _SPAN + events.second
    first, last = (bound // SECOND for bound in table.bounds)
    inside = (events.second - 2 * horizon >= first) & (events.second + horizon <= last)
    if inside.sum() < _ENOUGH:
        return
    key = key[inside]
    shares: Floats = np.array(
        [_share(rows, key + a * horizon, horizon) for a in (-2, -1, 0)]
    )
    earlier, before, after = (float(share) for share in shares)
    side, share = ("before", before) if before <= after else ("after", after)
    if earlier - share < _PRESENT:
        return
    yield Draft(
        severity=Severity.ERROR if side == "before" else Severity.WARNING,
        place=table.name,
        message=f"in the {duration(horizon)} {side} a label event "
        f"{percent(1 - share)} of "
        f"the entities have no row, {percent(1 - earlier)} in as long a time earlier: "
        "absence tells the label",
        count=round((1 - share) * float(inside.sum())),
        evidence=pd.DataFrame(
            {
                "time": ["well before", "just before", "just after"],
                "share with a row": np.round(shares, 3),
            }
        ),
    )


def _share(rows: Ints, start: Ints, length: int) -> float:
    """Share of the windows (start, start + length] that hold a row."""
    held = np.searchsorted(rows, start + length, "right") > np.searchsorted(
        rows, start, "right"
    )
    return float(held.mean())


WORLD_RULES: tuple[Rule[World], ...] = (
    Rule(
        code="DS304",
        title="entities that fall silent",
        looks_at="set of tables",
        needs=f"a dated table of {_ROWS} rows",
        advice="ask whether they left the fleet; then they must leave the list as well",
        check=vanishing,
    ),
    Rule(
        code="DS408",
        title="rows that stop around the label's events",
        looks_at="set of tables",
        needs=f"a table of measurements and {_ENOUGH} label events",
        advice="ask who drops the rows and when; count no feature over that time",
        check=absence_after_events,
    ),
)
TABLE_RULES: tuple[Rule[TableView], ...] = (
    Rule(
        code="DS318",
        title="gaps of single entities",
        looks_at="dated table",
        needs="a table of measurements",
        advice="ask whether the sensor was off; a mean over the gap is of other days",
        check=pauses,
    ),
)
