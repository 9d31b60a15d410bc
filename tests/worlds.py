"""Scopes and tables that are small enough to reckon by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import pandas as pd

from toolkit.scope import (
    Costs,
    Decisions,
    Estimate,
    Evaluation,
    Label,
    Scope,
    Strategy,
    Success,
    Table,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PUMPS = Table(name="pumps", source="pumps.csv", role="entities", entity="pump")
STOPS = Table(name="stops", source="stops.csv", role="events", entity="pump", time="at")
ALARMS = Table(
    name="alarms",
    source="alarms.csv",
    role="events",
    entity="pump",
    time="at",
    kind="code",
)
READINGS = Table(
    name="readings",
    source="readings.csv",
    role="measurements",
    entity="pump",
    time="at",
    values=("flow",),
)

STOP = Label(table="stops")
DAILY = Decisions(every=DAY, ready_by=time(7))


def sure(value: float) -> Estimate:
    return Estimate(low=value, mid=value, high=value)


def scope_of(
    tables: Sequence[Table] = (PUMPS, STOPS, ALARMS, READINGS),
    *,
    decisions: Decisions = DAILY,
    label: Label = STOP,
    horizon: timedelta = DAY,
    root: str = ".",
) -> Scope:
    return Scope(
        question="Which pumps will stop?",
        why="",
        pain_point="",
        client="",
        user="",
        decision="",
        current_strategy=Strategy(description="", worth="", rule="random"),
        horizon=horizon,
        decisions=decisions,
        capacity=1,
        stated_costs=Costs(
            currency="EUR",
            failure=sure(100.0),
            check=sure(1.0),
            prevented_share=sure(1.0),
            planned_repair=sure(0.0),
        ),
        stated_success=Success(metric="hit_rate", threshold=0.5),
        assumptions=(),
        disruption=(),
        tables={table.name: table for table in tables},
        label=label,
        evaluation=Evaluation(
            window="growing",
            first_training=7 * DAY,
            test_length=7 * DAY,
            step=7 * DAY,
            gap=DAY,
        ),
        root=root,
    )


def delayed(table: Table, delay: timedelta) -> Table:
    return replace(table, delay=delay)


def log(*rows: tuple[object, ...], columns: str = "at pump code") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split()[: len(rows[0])])
    return frame.assign(at=pd.to_datetime(frame["at"], format="ISO8601"))
