from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis.backtest import Backtest, backtest
from toolkit.analysis.money import HorizonMismatchError, Money, money
from toolkit.analysis.panel import Panel
from toolkit.analysis.strategies import RandomOrder
from toolkit.analysis.windows import GrowingWindow
from toolkit.scope import Costs, Estimate

DAY = pd.Timedelta(days=1)
DAYS = pd.date_range("2024-01-01 07:00", periods=9, freq="D")


def costs(**changed: Estimate) -> Costs:
    exact = {
        name: Estimate(low=value, mid=value, high=value)
        for name, value in {
            "failure": 100.0,
            "check": 10.0,
            "prevented_share": 0.5,
            "planned_repair": 20.0,
        }.items()
    }
    return Costs(currency="EUR", **(exact | changed))


class Given:
    """Score rows as told."""

    def __init__(self, score: object) -> None:
        self.score = score

    def rank_scores(
        self,
        panel: Panel,
        tested: npt.NDArray[np.bool_],
        *,
        capacity: int,
        random_state: int,
    ) -> npt.NDArray[np.float64]:
        del panel, capacity, random_state
        return np.broadcast_to(np.asarray(self.score, float), int(tested.sum())).copy()


def panel(
    events: list[tuple[int, float]], n_days: int, n_entities: int, horizon: float
) -> Panel:
    """Events are (entity, day); the first day is only there to be trained on."""
    index = pd.MultiIndex.from_product(
        [DAYS[:n_days], range(n_entities)], names=["cutoff", "entity"]
    )
    y = np.array(
        [
            any(e == i and day < at <= day + horizon for e, at in events)
            for day in range(n_days)
            for i in range(n_entities)
        ],
        float,
    )
    y[0] = 1.0
    table = pd.DataFrame(sorted(set(events)), columns=["entity", "day"])
    time = DAYS[0] + pd.to_timedelta(table["day"].astype(float), unit="D")
    return Panel(
        X=pd.DataFrame({"x": np.zeros(len(y))}, index=index),
        y=y,
        events=pd.DataFrame({"entity": table["entity"], "time": time}),
        horizon=horizon * DAY,
        delay=pd.Timedelta(0),
    )


def run(rows: Panel, score: object, capacity: int = 1) -> Backtest:
    splitter = GrowingWindow(
        first_test=DAYS[1], test_length=20 * DAY, step=20 * DAY, gap=DAY
    )
    near = replace(rows, horizon=DAY / 2)  # else the gap would cost every test
    found = backtest(
        Given(score), near, splitter, capacity=capacity, name="tried", random_state=0
    )
    return replace(found, horizon=rows.horizon)


def paid(rows: Panel, score: object, capacity: int = 1, **changed: Estimate) -> Money:
    return money(run(rows, score, capacity), rows, costs(**changed))


def test_a_failure_seen_on_two_mornings_is_paid_once() -> None:
    rows = panel([(0, 2.5)], n_days=4, n_entities=2, horizon=2)
    found = paid(rows, [1, 0] * 3)
    assert found.daily["hits"].tolist() == [1.0, 1.0, 0.0]
    assert found.daily["caught"].tolist() == [1.0, 0.0, 0.0]
    assert found.daily["unneeded"].tolist() == [0.0, 1.0, 1.0]
    assert found.daily["saved"].tolist() == [0.5 * 100 - 20, -10.0, -10.0]
    assert found.saved_per_day == pytest.approx(10 / 3)
    assert found.label_level_per_day == pytest.approx((2 * 100 - 10) / 3)


@pytest.mark.parametrize(
    ("at", "caught"),
    [
        pytest.param(1.0, 0, id="at the decision"),
        pytest.param(1.01, 1, id="just after"),
        pytest.param(3.0, 1, id="at the horizon's end"),
        pytest.param(3.01, 0, id="just beyond"),
    ],
)
def test_the_horizon_is_open_to_the_left_and_closed_to_the_right(
    at: float, caught: int
) -> None:
    rows = panel([(0, at)], n_days=4, n_entities=2, horizon=2)
    only_first = [1, 0, 0, 1, 0, 1]
    assert paid(rows, only_first).caught == caught


def test_two_failures_in_reach_of_one_place_need_that_place_once() -> None:
    rows = panel([(0, 1.5), (0, 2.5)], n_days=2, n_entities=2, horizon=2)
    found = paid(rows, [1, 0])
    assert (found.caught, found.unneeded, found.n_failures) == (2.0, 0.0, 2)


def test_failures_that_no_tested_decision_could_announce_do_not_count() -> None:
    rows = panel([(0, 0.5), (1, 9.9), (0, 1.5)], n_days=3, n_entities=2, horizon=1)
    assert paid(rows, 0.0).n_failures == 1


def test_failures_of_entities_that_are_in_no_row_are_passed_over() -> None:
    rows = panel([(7, 1.5), (0, 1.5)], n_days=3, n_entities=2, horizon=1)
    assert paid(rows, [1, 0] * 2).caught == 1.0


def test_a_replay_without_failures_only_costs() -> None:
    rows = panel([], n_days=3, n_entities=2, horizon=1)
    found = paid(rows, 0.0)
    assert (found.caught, found.n_failures) == (0.0, 0)
    assert found.saved_per_day == -10.0


def naive(rows: Panel, lists: list[set[int]], horizon: float) -> tuple[int, int]:
    """Distinct failures caught and places unneeded, failure by failure."""
    at = (rows.events["time"] - DAYS[0]) / DAY
    credited: set[tuple[int, int]] = set()
    caught = 0
    for entity, when in zip(rows.events["entity"], at, strict=True):
        for day, listed in enumerate(lists, start=1):
            if entity in listed and day < when <= day + horizon:
                credited.add((day, entity))
                caught += 1
                break
    return caught, sum(map(len, lists)) - len(credited)


worlds = st.tuples(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 16).map(lambda n: n / 2)),
        max_size=12,
    ),
    st.integers(1, 4),
    st.integers(0, 5),
)


@given(world=worlds, seed=st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_failures_are_credited_as_one_by_one(
    world: tuple[list[tuple[int, float]], int, int], seed: int
) -> None:
    events, horizon, capacity = world
    rows = panel(events, n_days=7, n_entities=4, horizon=horizon)
    score = np.random.default_rng(seed).permutation(24)
    lists = [set(np.argsort(-day)[:capacity]) for day in score.reshape(6, 4)]
    found = paid(rows, score, capacity)
    assert (found.caught, found.unneeded) == naive(rows, lists, horizon)
    total = found.daily[["slots", "unneeded"]].sum()
    assert 0 <= total["unneeded"] <= total["slots"]
    assert found.caught <= found.n_failures


@given(world=worlds)
@settings(deadline=None, max_examples=4)
def test_ties_are_worth_the_mean_of_many_draws(
    world: tuple[list[tuple[int, float]], int, int],
) -> None:
    events, horizon, capacity = world
    rows = panel(events, n_days=5, n_entities=4, horizon=horizon)
    rng = np.random.default_rng(0)
    draws = [
        [set(rng.permutation(4)[:capacity]) for _ in range(4)] for _ in range(1500)
    ]
    simulated = np.mean([naive(rows, lists, horizon) for lists in draws], axis=0)
    found = paid(rows, 0.0, capacity)
    assert (found.caught, found.unneeded) == pytest.approx(tuple(simulated), abs=0.25)


def test_a_random_order_is_the_same_in_closed_form() -> None:
    rows = panel([(0, 2.5)], n_days=4, n_entities=4, horizon=2)
    found = paid(rows, 0.0)
    assert found.daily["caught"].tolist() == pytest.approx([1 / 4, 3 / 4 * 1 / 4, 0])


def test_fixture_of_the_sensitivity_by_hand() -> None:
    rows = panel([(0, 2.5)], n_days=4, n_entities=2, horizon=2)
    share = Estimate(low=0.2, mid=0.5, high=1.0)
    check = Estimate(low=5.0, mid=10.0, high=30.0)
    table = paid(rows, [1, 0] * 3, prevented_share=share, check=check).sensitivity()
    assert table.index.tolist()[:2] == ["prevented_share", "check"]
    assert table.index[-1] == "all"
    by_hand = {
        "prevented_share": [-20, 10, 60],
        "check": [-30, 10, 20],
        "failure": [10, 10, 10],
        "all": [0 - 60, 10, 80 - 10],
    }
    for name, total in by_hand.items():
        found = table.loc[name, ["worst", "mid", "best"]].to_numpy() * 3
        assert found.tolist() == pytest.approx(total), name
    inputs = table.drop(columns=["worst", "mid", "best"]).T
    assert inputs["check"].to_list() == [30, 5]
    assert inputs["prevented_share"].to_list() == [0.2, 1]
    assert inputs["all"].isna().all()


def test_hourly_decisions_are_paid_by_the_day() -> None:
    hours = pd.date_range("2024-01-01", periods=6, freq="h")
    index = pd.MultiIndex.from_product([hours, [0]], names=["cutoff", "entity"])
    rows = Panel(
        X=pd.DataFrame({"x": np.zeros(6)}, index=index),
        y=np.ones(6),
        events=pd.DataFrame({"entity": [], "time": pd.DatetimeIndex([])}),
        horizon=hours[1] - hours[0],
        delay=pd.Timedelta(0),
    )
    window = GrowingWindow(
        first_test=hours[2], test_length=DAY, step=DAY, gap=hours[1] - hours[0]
    )
    found = backtest(
        RandomOrder(), rows, window, capacity=1, name="tried", random_state=0
    )
    assert money(found, rows, costs()).saved_per_day == -240.0


def test_one_decision_time_counts_as_one_day() -> None:
    rows = panel([(0, 1.5)], n_days=2, n_entities=2, horizon=1)
    assert paid(rows, [1, 0]).saved_per_day == 30.0


def test_another_horizon_than_the_backtests_is_refused() -> None:
    rows = panel([(0, 1.5)], n_days=3, n_entities=2, horizon=1)
    other = panel([(0, 1.5)], n_days=3, n_entities=2, horizon=2)
    with pytest.raises(HorizonMismatchError, match=r"tried: .* horizon of 1 days"):
        money(run(rows, 0.0), other, costs())
