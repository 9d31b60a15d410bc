from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from toolkit import scope
from toolkit.analysis.bar import bar, strategy_from_scope
from toolkit.analysis.logs import TimeColumnError
from toolkit.analysis.money import money
from toolkit.analysis.panel import Panel
from toolkit.analysis.strategies import (
    CurrentStrategy,
    Oracle,
    RandomOrder,
)
from toolkit.analysis.windows import GrowingWindow
from toolkit.scope import Costs, Estimate

DAY = pd.Timedelta(days=1)
DAYS = pd.date_range("2024-01-01 07:00", periods=20, freq="D")
WINDOW = GrowingWindow(
    first_test=DAYS[4], test_length=3 * DAY, step=3 * DAY, gap=2 * DAY
)
COSTS = Costs(
    currency="EUR",
    failure=Estimate(low=100, mid=100, high=100),
    check=Estimate(low=10, mid=10, high=10),
    prevented_share=Estimate(low=1, mid=1, high=1),
)
TEXT = """
horizon: 1 day
capacity: 2
decisions: {every: 1 day, ready_by: "07:00", timezone: Europe/Paris}
current_strategy: {rule: longest-unchecked, checks: rounds}
tables:
  pumps: {source: pumps.csv, role: entities, entity: id}
  stops: {source: stops.csv, role: events, entity: id, time: at}
  rounds: {source: r.csv, role: events, entity: pump, time: on, delay: 1 day}
label: {table: stops}
evaluation:
  {window: growing, first_training: 9 days, test_length: P7D, step: P7D, gap: P2D}
"""
ROUNDS = pd.DataFrame(
    {"pump": [1, 2, None], "on": [DAYS[0] + DAY / 4, pd.NaT, DAYS[1]]}
)


def panel(*, worst: bool = False) -> Panel:
    """One of four fails each day: the one that was checked last, or any by turns."""
    index = pd.MultiIndex.from_product([DAYS, range(4)], names=["cutoff", "entity"])
    turn = np.repeat(np.arange(len(DAYS)), 4) % 4
    entity = np.tile(np.arange(4), len(DAYS))
    y = (entity == ((turn + 3) % 4 if worst else turn)).astype(float)
    time = DAYS + DAY / 2
    events = pd.DataFrame({"entity": entity[y == 1], "time": time})
    return Panel(
        X=pd.DataFrame({"x": y}, index=index),
        y=y,
        events=events,
        horizon=DAY,
        delay=DAY,
    )


def checked(*entities: int) -> CurrentStrategy:
    log = pd.DataFrame({"entity": entities, "time": DAYS[: len(entities)]})
    return CurrentStrategy(checks=log, failure_is_visit=False)


def test_todays_strategy_is_the_bar_where_it_beats_chance() -> None:
    found = bar(checked(0, 1, 2, 3), panel(), WINDOW, capacity=1, random_state=0)
    assert (found.name, found.hit_rate, found.spread) == ("current strategy", 1.0, 0.0)
    assert found.hits.tolist() == [1.0] * 16


def test_chance_is_the_bar_where_todays_strategy_is_worse() -> None:
    rows = panel(worst=True)
    found = bar(checked(0, 1, 2, 3), rows, WINDOW, capacity=1, random_state=0)
    assert found.current_hit_rate == 0.0
    assert (found.name, found.hit_rate) == ("random", 0.25)
    assert found.hits.tolist() == [0.25] * 16


def test_a_strategy_without_a_log_is_repeated_over_seeds() -> None:
    strategy = CurrentStrategy(failure_is_visit=False)
    found = bar(strategy, panel(), WINDOW, capacity=1, random_state=0, n_seeds=24)
    rates = [one.hit_rate for one in found.current]
    assert len(rates) == 24
    assert found.current_hit_rate == pytest.approx(np.mean(rates))
    assert found.spread == pytest.approx(np.std(rates))
    assert found.spread > 0


def test_the_bars_series_are_means_over_its_backtests() -> None:
    strategy = CurrentStrategy(failure_is_visit=False)
    rows = panel()
    found = bar(strategy, rows, WINDOW, capacity=1, random_state=3, n_seeds=4)
    found = replace(found, random=found.current[0]) if len(found.higher) == 1 else found
    assert found.hits.mean() == pytest.approx(found.hit_rate)
    paid = np.mean([money(one, rows, COSTS).saved_per_day for one in found.higher])
    assert found.per_day(rows, COSTS).mean() == pytest.approx(paid)


def test_another_strategy_runs_once() -> None:
    found = bar(Oracle(), panel(), WINDOW, capacity=1, random_state=0)
    assert len(found.current) == 1
    assert found.hit_rate == 1.0


def test_the_scope_names_the_log_of_checks() -> None:
    asked = scope.parse(TEXT)
    found = strategy_from_scope(asked, {"rounds": ROUNDS})
    assert isinstance(found, CurrentStrategy)
    assert found.checks is not None
    assert found.checks.to_dict("records") == [
        {"entity": 1, "time": pd.Timestamp("2024-01-01 13:00", tz="Europe/Paris")}
    ]
    assert found.delay == DAY


def test_a_scope_without_a_log_starts_unchecked() -> None:
    asked = scope.parse(TEXT.replace(", checks: rounds", ""))
    found = strategy_from_scope(asked, {})
    assert isinstance(found, CurrentStrategy)
    assert found.checks is None


def test_the_scope_asks_for_chance() -> None:
    asked = scope.parse(TEXT.replace("longest-unchecked, checks: rounds", "random"))
    assert isinstance(strategy_from_scope(asked, {}), RandomOrder)


def test_checks_without_times_are_refused() -> None:
    with pytest.raises(TimeColumnError, match=r"rounds\.on"):
        strategy_from_scope(
            scope.parse(TEXT), {"rounds": ROUNDS.assign(on=["x", "y", "z"])}
        )
