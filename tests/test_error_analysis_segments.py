from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from backtests import DAY, START, backtest_of, panel_of
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis.error_analysis import (
    CatchValue,
    ceilings,
    false_alarm_segments,
    find_segments,
    missed_groups,
    missed_segments,
    segment_groups,
)
from toolkit.analysis.error_analysis.conditions import conditions
from toolkit.scope import Costs, Estimate

ROWS = 1500
VALUE = CatchValue(failure=1000, check=10)


def features(rng: np.random.Generator, n: int = ROWS) -> pd.DataFrame:
    numbers = pd.DataFrame(rng.normal(size=(n, 8))).add_prefix("x")
    for one in "ab":
        numbers[f"m.model={one}"] = (rng.random(n) < 0.3) * 1.0
    return numbers.assign(site=rng.choice(["north", "south", "west"], n))


def rows_of(error: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {"entity": rng.integers(0, 300, len(error)), "error": error.astype(bool)}
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_condition_is_found_on_top(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = features(rng)
    wrong = rng.random(ROWS) < np.where(X["site"] == "west", 0.7, 0.4)
    found = find_segments(X, rows_of(wrong, rng), kind="missed")
    assert found.table["segment"].iloc[0] == "site = west"
    assert len(found.table) <= 2


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_pair_is_found_on_top_and_its_parents_are_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = features(rng)
    both = (X["site"] == "west") & (X["m.model=a"] == 1)
    wrong = rng.random(ROWS) < np.where(both, 0.9, 0.4)
    found = find_segments(X, rows_of(wrong, rng), kind="missed")
    assert found.table["segment"].iloc[0] == "m.model=a and site = west"
    assert "site = west" not in set(found.table["segment"])
    assert found.members[0].tolist() == both.tolist()


def test_no_more_are_returned_than_asked_for() -> None:
    rng = np.random.default_rng(0)
    X = features(rng)
    wrong = rng.random(ROWS) < 0.2 + 0.3 * (X["x0"] > 0.7) + 0.3 * (X["x1"] > 0.7)
    both = find_segments(X, rows_of(np.asarray(wrong), rng), kind="missed")
    one = find_segments(X, rows_of(np.asarray(wrong), rng), kind="missed", most=1)
    assert len(both.table) > len(one.table) == 1


def test_almost_nothing_is_found_where_there_is_nothing() -> None:
    reported = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        wrong = rows_of(rng.random(ROWS) < 0.5, rng)
        reported += len(find_segments(features(rng), wrong, kind="missed").table)
    assert reported <= 1


def test_a_noisy_entity_is_not_a_segment() -> None:
    """All rows of a site of four machines fail, but they are four machines, not 200."""
    rng = np.random.default_rng(0)
    rows = rows_of(rng.random(ROWS) < 0.5, rng)
    few = rows["entity"] < 12
    rows.loc[few, "error"] = rows.loc[few, "entity"] % 12 < 9
    X = features(rng).assign(site=np.where(few, "small", "large"))
    found = find_segments(X, rows, kind="missed")
    assert "site = small" not in set(found.table["segment"])


def test_a_segment_of_four_entities_is_not_tested() -> None:
    rng = np.random.default_rng(0)
    rows = rows_of(rng.random(ROWS) < 0.5, rng)
    small = rows["entity"] < 40
    rows.loc[small, "entity"] %= 4
    X = pd.DataFrame({"site": np.where(small, "small", "large")})
    assert find_segments(X, rows, kind="missed").tested == 1


def test_a_pair_that_adds_nothing_to_its_parent_is_left_out() -> None:
    rng = np.random.default_rng(1)
    X = features(rng)
    wrong = rng.random(ROWS) < np.where(X["x0"] > 0.7, 0.95, 0.3)
    found = find_segments(X, rows_of(wrong, rng), kind="missed")
    assert found.table["segment"].str.contains(" and ").sum() <= 1


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = features(rng, 400)
    rows = rows_of(rng.random(400) < np.where(X["x1"] > 0, 0.8, 0.3), rng)
    order = rng.permutation(400)
    one = find_segments(X, rows, kind="missed")
    two = find_segments(
        X.iloc[order].reset_index(drop=True),
        rows.iloc[order].reset_index(drop=True),
        kind="missed",
    )
    assert one.table["segment"].to_list() == two.table["segment"].to_list()
    assert (one.members[:, order] == two.members).all()
    assert one.table["rows"].to_list() == one.members.sum(axis=1).tolist()


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(np.zeros(0, bool), id="no rows"),
        pytest.param(np.zeros(10, bool), id="too few rows"),
        pytest.param(np.ones(100, bool), id="all wrong"),
        pytest.param(np.zeros(100, bool), id="none wrong"),
    ],
)
def test_where_nothing_can_be_found_the_table_is_empty(error: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    found = find_segments(features(rng, len(error)), rows_of(error, rng), kind="missed")
    assert found.table.empty
    assert found.members.shape == (0, len(error))
    assert "q" in found.table.columns


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([0, 0, 0, 0, 0, 3], ["c = 0", "c = 3"], id="two values"),
        pytest.param(
            [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5],
            ["c <= 2.5", "2.5 < c <= 4.5", "4.5 < c <= 6.5", "c > 6.5"],
            id="quantiles",
        ),
        pytest.param(
            [0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
            ["c = 0", "0 < c <= 2", "c > 2"],
            id="many zeros",
        ),
        pytest.param([7, 7, 7], [], id="constant"),
        pytest.param([np.nan, np.nan], [], id="all missing"),
        pytest.param([np.nan, 1, 2], ["c = 1", "c = 2", "c is missing"], id="missing"),
        pytest.param([np.nan, 1, 1], ["c = 1", "c is missing"], id="missing or one"),
    ],
)
def test_a_column_is_cut_at_its_values_or_quantiles(
    values: list[float], expected: list[str]
) -> None:
    cut = conditions(pd.DataFrame({"c": np.array(values, dtype=float)}), bins=4)
    assert list(cut.names) == expected


@given(
    st.lists(st.integers(-3, 3) | st.just(None), min_size=1, max_size=60),
    st.integers(2, 5),
)
@settings(max_examples=50, deadline=None)
def test_the_conditions_of_a_column_divide_the_rows(
    values: list[int | None], bins: int
) -> None:
    column = pd.DataFrame({"c": pd.Series(values, dtype=float)})
    cut = conditions(column, bins=bins)
    assert len(set(cut.names)) == len(cut.names)
    if cut.names:
        assert (cut.members.sum(axis=1) == 1).all()
        assert cut.members.any(axis=0).all()


def test_a_greatest_value_that_most_rows_hold_is_told_from_the_rest() -> None:
    column = pd.DataFrame({"c": [1.0, 2, 3, 4, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]})
    cut = conditions(column, bins=4)
    assert cut.names == ("c <= 4", "c = 9")


NAMES = ["a", "b", "c", "d"]


def test_a_ceiling_puts_the_missed_on_top_and_displaces_the_lowest() -> None:
    panel = panel_of(1, NAMES, [("a", START + DAY / 2), ("d", START + DAY / 2)])
    backtest = backtest_of(panel, np.array([4.0, 3, 2, 1]), capacity=2)
    table = ceilings(backtest, panel, missed_groups(backtest), value=VALUE)
    assert table.loc["everything missed", "hits"] == 1
    assert table.loc["everything missed", "failures"] == 1
    assert table.loc["everything missed", "money"] == 1010


def test_the_value_of_a_catch_is_the_middle_of_the_scope() -> None:
    estimate = Estimate(low=0.0, mid=0.5, high=1.0)
    costs = Costs(
        currency="EUR",
        failure=Estimate(low=1.0, mid=100.0, high=200.0),
        check=Estimate(low=1.0, mid=10.0, high=20.0),
        prevented_share=estimate,
        planned_repair=Estimate(low=1.0, mid=5.0, high=9.0),
    )
    assert CatchValue.from_costs(costs).per_failure == 0.5 * 100 - 5 + 10


def test_a_ceiling_counts_the_hits_that_it_displaces() -> None:
    failed = [(name, START + DAY / 2) for name in ("a", "b", "c")]
    panel = panel_of(1, NAMES, failed)
    backtest = backtest_of(panel, np.array([4.0, 3, 2, 1]), capacity=2)
    table = ceilings(backtest, panel, missed_groups(backtest), value=VALUE)
    assert table.loc["everything missed", "hits"] == 0


def test_a_failure_missed_on_two_mornings_pays_once() -> None:
    panel = panel_of(2, NAMES, [("d", START + 1.5 * DAY)])
    backtest = backtest_of(panel, np.tile([4.0, 3, 2, 1], 2), capacity=1)
    table = ceilings(backtest, panel, missed_groups(backtest), value=VALUE)
    assert table.loc["everything missed", "hits"] == 1
    assert table.loc["everything missed", "failures"] == 1
    assert table.loc["everything missed", "money"] == 1010 / 2


def test_a_false_alarm_that_is_cured_lets_the_next_rank_in() -> None:
    panel = panel_of(1, NAMES, [("b", START + DAY / 2)])
    backtest = backtest_of(panel, np.array([4.0, 3, 2, 1]), capacity=1)
    group = pd.DataFrame({"cutoff": [START], "entity": ["a"]})
    table = ceilings(backtest, panel, {"alarm": group}, value=VALUE)
    assert table.loc["alarm", "hits"] == 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
@settings(max_examples=12, deadline=None)
def test_no_ceiling_is_above_the_oracle_or_below_nothing(
    seed: int, capacity: int
) -> None:
    rng = np.random.default_rng(seed)
    failed = [
        (str(rng.choice(NAMES)), START + pd.Timedelta(hours=int(rng.integers(1, 200))))
        for _ in range(rng.integers(0, 9))
    ]
    panel = panel_of(7, NAMES, failed)
    backtest = backtest_of(panel, rng.normal(size=28), capacity=capacity)
    table = ceilings(backtest, panel, missed_groups(backtest), value=VALUE)
    oracle = backtest.daily["oracle"].mean() - backtest.hit_rate
    assert table["hits"].between(0, oracle + 1e-9).all()


def test_segments_are_found_among_the_positives_and_in_the_list() -> None:
    """Site 1 is missed always, site 2 listed in vain always, site 0 is caught."""
    rng = np.random.default_rng(0)
    names = [f"m{at:03}" for at in range(90)]
    site = np.tile(np.arange(90) % 3, (60, 1)).astype(float)
    failed = [
        (names[at], START + day * DAY + DAY / 2)
        for day in range(58)
        for at in rng.choice(np.flatnonzero(site[0] < 2), 4, replace=False)
    ]
    panel = panel_of(
        60, names, failed, {"site": site, "noise": rng.normal(size=(60, 90))}
    )
    score = np.where(site == 0, panel.y.reshape(60, 90), 0.5 * (site == 2)).ravel()
    score = score + 0.01 * rng.random(len(score))
    backtest = backtest_of(panel, score, capacity=20)
    missed, alarms = (
        missed_segments(backtest, panel),
        false_alarm_segments(backtest, panel),
    )
    assert missed.table["segment"].iloc[0] == "site = 1"
    assert missed.table["rate"].iloc[0] == 1
    assert alarms.table["segment"].iloc[0] == "site = 2"
    groups = segment_groups(missed) | segment_groups(alarms)
    table = ceilings(backtest, panel, groups, value=VALUE)
    assert table.index[0] == "missed: site = 1"
    assert table["hits"]["false alarm: site = 2"] > 0
    assert replace(VALUE, check=0).per_failure == 1000
