from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from backtests import DAY, START, backtest_of, panel_of
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis.error_analysis import (
    ErrorClass,
    ForeignRowsError,
    calibration_table,
    classify,
    error_classes,
    failures,
    mornings,
    worst_misses,
)
from toolkit.analysis.error_analysis.proportions import effective_n, wilson

SIX = ["a", "b", "c", "d", "e", "f"]
FALLING = np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0])


def test_a_row_is_classed_by_its_place_and_what_came() -> None:
    failed = [(name, START + DAY / 2) for name in ("a", "c", "f")]
    panel = panel_of(1, SIX, failed)
    rows = classify(backtest_of(panel, FALLING, capacity=2))
    assert rows["outcome"].to_list() == [
        "caught",
        "false alarm",
        "just outside",
        "quiet",
        "quiet",
        "missed",
    ]
    assert rows["rank"].to_list() == [1, 2, 3, 4, 5, 6]


def test_rows_that_tie_outside_the_list_share_their_rank() -> None:
    panel = panel_of(1, SIX)
    rows = classify(backtest_of(panel, np.array([6.0, 0, 0, 0, 0, 0]), capacity=1))
    assert rows["rank"].to_list() == [1, 4, 4, 4, 4, 4]


def test_no_row_outside_the_list_ranks_within_it() -> None:
    panel = panel_of(1, SIX)
    rows = classify(backtest_of(panel, np.full(6, np.nan), capacity=5))
    assert sorted(rows["rank"]) == [1, 2, 3, 4, 5, 6]
    assert rows.loc[~rows["listed"], "rank"].item() == 6


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
@settings(max_examples=30, deadline=None)
def test_the_classes_agree_with_the_backtest(seed: int, capacity: int) -> None:
    rng = np.random.default_rng(seed)
    failed = [
        (str(rng.choice(SIX)), START + pd.Timedelta(hours=int(rng.integers(1, 240))))
        for _ in range(rng.integers(0, 9))
    ]
    panel = panel_of(8, SIX, failed)
    backtest = backtest_of(panel, np.floor(4 * rng.random(48)), capacity=capacity)
    rows = classify(backtest)
    counts = rows["outcome"].value_counts()
    assert counts[ErrorClass.CAUGHT] == backtest.listed["y"].sum()
    missed = counts[ErrorClass.JUST_OUTSIDE] + counts[ErrorClass.MISSED]
    assert missed == panel.y.sum() - backtest.listed["y"].sum()
    paired = mornings(rows, panel)
    positive = set(np.flatnonzero(rows["y"] == 1))
    assert set(paired["row"]) == positive
    assert list(paired["row"].drop_duplicates()) == list(paired["row"].unique())


def test_a_failure_listed_on_one_of_two_mornings_is_caught() -> None:
    panel = panel_of(2, SIX, [("f", START + 1.5 * DAY)])
    score = np.vstack([FALLING, FALLING[::-1]])
    backtest = backtest_of(panel, score, capacity=1)
    (found,) = failures(classify(backtest), panel, capacity=1).to_dict("records")
    assert found["outcome"] == "caught"
    assert found["cutoff"] == START + DAY
    assert found["mornings"] == 2
    table = error_classes(backtest, panel)
    assert table.loc["caught", "failures"] == 1
    assert table.loc["missed", "rows"] == 1
    assert table.loc["missed", "failures"] == 0


@pytest.mark.parametrize(
    ("after", "mornings_before"),
    [
        pytest.param(pd.Timedelta(0), 0, id="at the decision: too late"),
        pytest.param(pd.Timedelta(hours=1), 1, id="just after it"),
        pytest.param(2 * DAY, 2, id="at the horizon's end: still within"),
        pytest.param(3 * DAY + pd.Timedelta(hours=1), 1, id="after the last morning"),
        pytest.param(5 * DAY, 0, id="beyond the horizon of the last"),
    ],
)
def test_the_horizon_is_open_on_the_left_and_closed_on_the_right(
    after: pd.Timedelta, mornings_before: int
) -> None:
    panel = panel_of(3, SIX, [("a", START + after)])
    rows = classify(backtest_of(panel, np.tile(FALLING, 3), capacity=1))
    assert len(mornings(rows, panel)) == mornings_before


def test_a_failure_without_a_row_before_it_is_not_scored() -> None:
    panel = panel_of(1, SIX, [("a", START + DAY)])
    more = pd.concat([panel.events, panel.events.assign(entity="z")], ignore_index=True)
    backtest = backtest_of(panel, FALLING, capacity=1)
    table = error_classes(backtest, replace(panel, events=more))
    assert table.loc["not scored", "failures"] == 1
    assert table["rows"].isna()["not scored"]
    assert table["share"].sum() == pytest.approx(1)


def test_false_alarms_are_counted_in_rows_and_entities_not_failures() -> None:
    panel = panel_of(3, SIX)
    table = error_classes(backtest_of(panel, np.tile(FALLING, 3), capacity=2), panel)
    assert table.loc["false alarm", "rows"] == 6
    assert table.loc["false alarm", "entities"] == 2
    assert table["failures"].isna()["false alarm"]


def test_rows_of_another_panel_are_refused() -> None:
    backtest = backtest_of(panel_of(2, SIX), np.tile(FALLING, 2), capacity=1)
    with pytest.raises(ForeignRowsError, match="6 rows of the backtest are not in it"):
        worst_misses(backtest, panel_of(1, SIX), n=1)


def test_calibration_holds_the_list_against_all_rows() -> None:
    rng = np.random.default_rng(0)
    names = [f"m{at:03}" for at in range(200)]
    risk = np.linspace(0.0, 0.5, 200)
    failed = [
        (name, START + at * 2 * DAY + DAY / 2)
        for at in range(15)
        for name, one in zip(names, risk, strict=True)
        if rng.random() < one
    ]
    panel = panel_of(29, names, failed)
    right = calibration_table(backtest_of(panel, np.tile(risk, 29), capacity=20))
    assert right["part"].unique().tolist() == ["all rows", "the list"]
    assert right["agrees"].mean() > 0.7
    wrong = calibration_table(backtest_of(panel, np.tile(risk / 2, 29), capacity=20))
    assert not wrong.loc[wrong["part"] == "the list", "agrees"].any()


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_wilson_holds_the_rate_and_stays_within_0_and_1(rate: float, n: int) -> None:
    low, high = wilson(np.array([rate]), np.array([float(n)]))
    assert 0 <= low.item() <= rate <= high.item() <= 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=40))
def test_an_effective_number_is_between_one_and_all(
    rows: list[tuple[bool, int]],
) -> None:
    error = np.array([wrong for wrong, _ in rows])
    n = effective_n(error, np.array([entity for _, entity in rows]))
    assert 1 <= n <= len(rows)


def test_rows_that_go_together_count_less() -> None:
    error = np.repeat([True, False, True, False], 10)
    assert effective_n(error, np.arange(40)) == 40
    assert effective_n(error, np.repeat(np.arange(4), 10)) == pytest.approx(4)
