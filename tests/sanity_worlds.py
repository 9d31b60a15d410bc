"""A clean fleet, and flaws to plant into a copy of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit import scope
from toolkit.analysis.findings import Finding, Severity
from toolkit.analysis.panel import Panel
from toolkit.analysis.sanity import SanityReport, check_tables

Tables = dict[str, pd.DataFrame]
Flaw = Callable[[Tables], None]

START = pd.Timestamp("2023-01-01")
DAYS = 364
FLEET = 50
SENSORS = ("temperature", "vibration", "pressure")

SCOPE = scope.parse(
    """
horizon: 2 days
capacity: 5
decisions: {every: 1 day, ready_by: 07:00}
success: {metric: hit_rate, threshold: 0.5, unit: of 5}
tables:
  units: {source: units.csv, role: entities, entity: unit}
  failures: {source: f.csv, role: events, entity: unit, time: at, kind: part}
  alarms: {source: a.csv, role: events, entity: unit, time: at, kind: code}
  readings:
    source: r.csv
    role: measurements
    entity: unit
    time: at
    values: [temperature, vibration, pressure]
label: {table: failures}
evaluation:
  {window: growing, first_training: 120 days, test_length: 28 days, step: 28 days,
   gap: 2 days}
"""
)


def log(
    rng: np.random.Generator, column: str, kinds: Sequence[str], rate: float
) -> pd.DataFrame:
    """Events at uniform times: ``rate`` a day over the fleet, a Poisson number."""
    n = rng.poisson(rate * DAYS)
    seconds = rng.integers(0, DAYS * 86_400, n)
    return pd.DataFrame(
        {
            "at": START + pd.to_timedelta(seconds, unit="s"),
            "unit": [f"U{i:03d}" for i in rng.integers(0, FLEET, n)],
            column: rng.choice(kinds, n),
        }
    )


@cache
def _clean(seed: int) -> Tables:
    rng = np.random.default_rng(seed)
    units = [f"U{i:03d}" for i in range(FLEET)]
    level = dict(zip(SENSORS, (60.0, 2.0, 101.0), strict=True))
    n = FLEET * DAYS
    return {
        "units": pd.DataFrame(
            {"unit": units, "model": rng.choice(["north", "south"], FLEET)}
        ),
        "failures": log(rng, "part", ["belt", "motor"], 3.0),
        "alarms": log(rng, "code", ["A1", "B2", "C3"], 8.0),
        "readings": pd.DataFrame(
            {
                "unit": np.repeat(units, DAYS),
                "at": np.tile(
                    START + pd.to_timedelta(np.arange(DAYS) * 24 + 6, "h"), FLEET
                ),
            }
            | {name: rng.normal(mean, mean / 20, n) for name, mean in level.items()}
        ),
    }


def clean(seed: int = 0) -> Tables:
    """Return a fresh copy of a fleet without a flaw."""
    return {name: frame.copy() for name, frame in _clean(seed).items()}


def flawed(flaw: Flaw, seed: int = 0) -> Tables:
    """Return the clean fleet with one flaw planted."""
    tables = clean(seed)
    flaw(tables)
    return tables


def loud(report: SanityReport) -> list[Finding]:
    """Return the errors and warnings."""
    return [f for f in report.findings if f.severity is not Severity.NOTE]


def found(report: SanityReport, code: str) -> list[Finding]:
    """Return the findings of one code."""
    return [f for f in report.findings if f.code == code]


def check(tables: Tables, asked: scope.Scope = SCOPE) -> SanityReport:
    """Return the report of the tables, by default of the fleet's scope."""
    return check_tables(tables, asked)


def with_table(name: str, **changes: object) -> scope.Scope:
    """Return the fleet's scope with one table described differently."""
    table = replace(SCOPE.tables[name], **changes)  # type: ignore[arg-type]  # any field
    return replace(SCOPE, tables={**SCOPE.tables, name: table})


def panel(
    seed: int = 0, *, entities: int = 40, days: int = 300, rate: float = 0.03
) -> Panel:
    """Return a panel of three measured features that know nothing of the label."""
    rng = np.random.default_rng(seed)
    cutoffs = START + pd.to_timedelta(np.arange(days) * 24 + 7, unit="h")
    units = [f"U{i:03d}" for i in range(entities)]
    index = pd.MultiIndex.from_product([cutoffs, units], names=["cutoff", "entity"])
    happened = rng.random((days + 2, entities)) < rate / 2
    day, unit = np.nonzero(happened)
    y = (happened[1 : days + 1] | happened[2 : days + 2]).astype(np.float64)
    y[-2:] = np.nan
    events = pd.DataFrame(
        {
            "entity": np.array(units)[unit],
            "time": START + pd.to_timedelta(day * 24 + 1, unit="h"),
        }
    )
    X = pd.DataFrame(
        rng.normal(size=(days * entities, 3)), index=index, columns=["a", "b", "c"]
    )
    return remade(X, y.ravel(), events.sort_values(["time", "entity"]))


def remade(X: pd.DataFrame, y: npt.NDArray[np.float64], events: pd.DataFrame) -> Panel:
    """Return a panel with the fleet's horizon and no delay."""
    end = X.index.get_level_values("cutoff").max()
    return Panel(
        X=X,
        y=y,
        events=events.reset_index(drop=True),
        horizon=pd.Timedelta(days=2),
        delay=pd.Timedelta(0),
        end=end,
    )
