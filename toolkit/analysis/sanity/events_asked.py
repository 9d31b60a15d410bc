"""DS508 and DS509: what the label's own history does to a result."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import counted, percent
from toolkit.analysis.sanity.world import World

_EVENTS = 50
_DAYS = 3
_SHARE = 0.1
_Z = 6.0
_SPARE = 4  # events above that: Poisson's tail where a day has hardly any
_SPAN = 1 << 40
_DAY = 86_400


def shocks(world: World) -> Iterable[Draft] | None:
    """Find labels of which a few days hold a large part."""
    events = world.events
    if events is None or len(events) < _EVENTS:
        return None
    days, rows = np.unique(events.second // _DAY, return_counts=True)
    span = int(days[-1] - days[0]) + 1
    order = np.lexsort((days, -rows))[:_DAYS]
    usual = float(rows.sum() - rows[order].sum()) / max(1, span - _DAYS)
    order = order[rows[order] >= usual + _Z * np.sqrt(usual) + _SPARE]
    top = int(rows[order].sum())
    share = top / len(events)
    if share < _SHARE:
        return ()
    return [
        Draft(
            severity=Severity.WARNING,
            place=events.name,
            message=f"{counted(len(order), 'day')} of {span:,} "
            f"{'holds' if len(order) == 1 else 'hold'} {percent(share)} of the "
            f"{len(events):,} events ({top:,}): one shock can decide the result",
            count=top,
            evidence=pd.DataFrame(
                {
                    "day": [str(np.datetime64(int(d), "D")) for d in days[order]],
                    "events": rows[order],
                }
            ),
        )
    ]


def treated(world: World) -> Iterable[Draft] | None:
    """Count how often a check falls into the horizon, where it may prevent an event."""
    name = world.scope.current_strategy.checks
    table = next((t for t in world.dated if t.name == name), None)
    events = world.events
    if table is None or events is None:
        return None
    checks = world.log(table)
    horizon = int(world.scope.horizon.total_seconds())
    rows = np.unique(checks.entity * _SPAN + checks.second)
    span = max(1, int(np.ptp(checks.second))) * max(1, len(world.ids))
    share = min(1.0, len(rows) * horizon / span)
    keys = events.entity * _SPAN + events.second
    start = np.searchsorted(rows, keys - horizon, "left")
    before = float((np.searchsorted(rows, keys, "left") > start).mean())
    if not share:
        return ()
    return [
        Draft(
            severity=Severity.WARNING if share >= _SHARE else Severity.NOTE,
            place=table.name,
            message=f"about {percent(share)} of the rows of the panel have a {name} "
            "row "
            f"within the horizon, and {percent(before)} of the events have one in as "
            "long "
            "a time before: what a check prevented is no failure in the data",
            count=len(rows),
        )
    ]


RULES: tuple[Rule[World], ...] = (
    Rule(
        code="DS508",
        title="rows treated by the present strategy",
        looks_at="set of tables",
        needs="current_strategy.checks in the scope, and label events",
        advice="show the result with these rows as 0 and as 1; record what checks find",
        check=treated,
    ),
    Rule(
        code="DS509",
        title="a few days hold many of the events",
        looks_at="set of tables",
        needs=f"{_EVENTS} label events",
        advice="show the result without these days beside it",
        check=shocks,
    ),
)
