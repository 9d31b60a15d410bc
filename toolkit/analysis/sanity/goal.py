"""DS503, DS504, DS506, DS507: what the label lets the goal be."""

from collections.abc import Iterable

import numpy as np

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Floats
from toolkit.analysis.sanity.panel_view import PanelView, panel_rule
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import counted, duration, number, percent

_NEAR = 0.8  # of what perfect foresight gives


def _per_time(view: PanelView) -> tuple[Floats, Floats, Floats]:
    """Rows, list lengths and positives of each resolved decision time under test."""
    folds = view.folds
    start = folds[0].test_from if isinstance(folds, tuple) and folds else view.times[0]
    chosen = view.resolved & np.asarray(view.panel.cutoffs >= start)
    at = view.moment[chosen]
    rows = np.bincount(at).astype(np.float64) if len(at) else np.empty(0)
    positives = np.bincount(at, weights=view.panel.y[chosen])
    kept = rows > 0
    places = np.minimum(rows, view.scope.capacity).astype(np.float64)
    return rows[kept], places[kept], positives[kept].astype(np.float64)


def goal_above_oracle(view: PanelView) -> Iterable[Draft] | None:
    """Find goals that not even perfect foresight would reach, or just about."""
    success = view.scope.stated_success
    if success is None or not view.resolved.any():
        return None
    rows, places, positives = _per_time(view)
    if not len(rows) or not positives.any():
        return None
    oracle = _oracle(view, rows, places, positives)
    if oracle is None or success.threshold <= _NEAR * oracle:
        return () if oracle is not None else None
    beyond = success.threshold > oracle
    goal = f"{success.metric} {number(success.threshold)}"
    return [
        Draft(
            severity=Severity.ERROR if beyond else Severity.WARNING,
            place="success.threshold",
            message=f"the goal is {goal}, perfect foresight gives {number(oracle)}"
            + (
                ""
                if beyond
                else f": it asks for {percent(success.threshold / oracle)} of it"
            ),
            count=len(rows),
        )
    ]


def _oracle(
    view: PanelView, rows: Floats, places: Floats, positives: Floats
) -> float | None:
    """Best possible value of the scope's metric, or an upper bound of it."""
    success, costs = view.scope.stated_success, view.scope.stated_costs
    hits = np.minimum(places, positives)
    metric = "" if success is None else success.metric
    precision = float(hits.sum() / places.sum())
    best = {
        "hit_rate": float(hits.mean()),
        "precision": precision,
        "recall": float(hits.sum() / positives.sum()),
        "lift": float(precision / (positives.sum() / rows.sum())),
        "average_precision": 1.0,
    }
    if metric == "saved_per_day" and costs is not None:
        share, failure = costs.prevented_share.mid, costs.failure.mid
        gain = max(0.0, share * failure - costs.planned_repair.mid)
        steps = np.diff(view.times.as_unit("s").asi8)
        days = len(rows) * float(np.median(steps)) / 86_400 if len(steps) else 1.0
        best[metric] = gain * float(hits.sum()) / max(days, 1e-9)
    return best.get(metric)


def unresolved_tail(view: PanelView) -> Iterable[Draft]:
    """State how many rows at the end have no label yet."""
    n = int((~view.resolved).sum())
    if not n:
        return
    first = view.panel.cutoffs[~view.resolved].min()
    yield Draft(
        severity=Severity.NOTE,
        place="panel.y",
        message=f"{counted(n, 'row')} from {first} on have no label: their horizon of "
        f"{duration(view.panel.horizon.total_seconds())} ends after the data do",
        count=n,
    )


def capacity(view: PanelView) -> Iterable[Draft] | None:
    """Find decision times with no more entities than can be acted on."""
    if not len(view.times):
        return None
    rows = np.bincount(view.moment)
    full = int((rows <= view.scope.capacity).sum())
    if not full:
        return ()
    return [
        Draft(
            severity=Severity.ERROR if full == len(rows) else Severity.WARNING,
            place="capacity",
            message=f"at {counted(full, 'decision time')} of {len(rows):,} there are "
            "no "
            f"more than {view.scope.capacity:,} entities: all are on the list, "
            "whatever "
            "their rank",
            count=full,
        )
    ]


def repeated_events(view: PanelView) -> Iterable[Draft] | None:
    """State at how many decision times one event makes a positive row."""
    positives = len(view.positives)
    if not positives or len(view.times) <= 1:
        return None
    last = view.panel.cutoffs[view.resolved].max()
    events = view.events_within(view.times[0], last)
    ratio = positives / max(1, events)
    if ratio <= 1.1 or not events:  # noqa: PLR2004  # at the ends a row more or less
        return ()
    return [
        Draft(
            severity=Severity.NOTE,
            place="panel.y",
            message=f"{counted(positives, 'positive row')} stand for "
            f"{counted(events, 'distinct event')}: hits count one event "
            f"{number(round(ratio, 2))} times, money counts it once",
            count=positives,
        )
    ]


RULES: tuple[Rule[PanelView], ...] = (
    panel_rule(
        "DS503",
        "goal beyond perfect foresight",
        "a success criterion and a positive resolved row",
        "show the client what perfect foresight gives and agree on a goal below it",
        goal_above_oracle,
    ),
    panel_rule(
        "DS504",
        "rows without a label yet",
        "a panel",
        "leave them out of training and test, as the splitters do; never call them 0",
        unresolved_tail,
    ),
    panel_rule(
        "DS506",
        "capacity above the number of entities",
        "rows",
        "correct capacity, or the table of entities",
        capacity,
    ),
    panel_rule(
        "DS507",
        "one event, several positive rows",
        "a positive row and two decision times",
        "say which of the two a number counts",
        repeated_events,
    ),
)
