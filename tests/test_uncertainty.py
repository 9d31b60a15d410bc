from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from toolkit.analysis.uncertainty import (
    Difference,
    Interval,
    SeriesError,
    block_length,
    difference,
    interval,
)

DAY = pd.Timedelta(days=1)
Floats = npt.NDArray[np.float64]


def series(values: object, freq: str = "D") -> pd.Series:
    array = np.asarray(values, float)
    return pd.Series(array, pd.date_range("2024-01-01", periods=len(array), freq=freq))


def quick(
    values: pd.Series,
    length: int = 7,
    *,
    over: pd.Series | None = None,
    random_state: int = 0,
    n_resamples: int = 400,
) -> Interval:
    return interval(
        values,
        over=over,
        block_length=length,
        random_state=random_state,
        n_resamples=n_resamples,
    )


values = st.lists(st.integers(0, 9), min_size=7, max_size=40).map(series)


@given(values=values, by=st.integers(-50, 50))
@settings(deadline=None, max_examples=30)
def test_a_shift_moves_the_interval_and_nothing_else(
    values: pd.Series, by: int
) -> None:
    one, other = quick(values), quick(values + by)
    for name in ("mean", "low", "high"):
        assert getattr(other, name) == pytest.approx(getattr(one, name) + by)
    assert other.standard_error == pytest.approx(one.standard_error)


@given(values=values, by=st.sampled_from([0.5, 2.0, 8.0]))
@settings(deadline=None, max_examples=30)
def test_another_unit_scales_the_interval(values: pd.Series, by: float) -> None:
    one, other = quick(values), quick(values * by)
    for name in ("mean", "low", "high", "standard_error", "detectable"):
        assert getattr(other, name) == pytest.approx(by * getattr(one, name))
    assert other.lag1 == pytest.approx(one.lag1, nan_ok=True)


@given(values=values, length=st.integers(1, 7), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_equal_seeds_give_equal_bits_in_any_order(
    values: pd.Series, length: int, seed: int
) -> None:
    one = quick(values, length, random_state=seed)
    again = quick(values[::-1], length, random_state=seed)
    assert repr(one) == repr(again)
    assert values.min() <= one.low <= one.high <= values.max()


def test_another_seed_draws_other_blocks() -> None:
    rows = series(np.random.default_rng(0).normal(size=50))
    assert quick(rows, random_state=0).low != quick(rows, random_state=1).low


def test_blocks_of_one_are_the_plain_bootstrap() -> None:
    rows = series(np.random.default_rng(0).normal(size=200))
    found = quick(rows, 1, n_resamples=4000)
    assert found.standard_error == pytest.approx(rows.std() / np.sqrt(200), rel=0.05)


@pytest.mark.parametrize(("n", "rest"), [(30, 2), (13, 6)])
@pytest.mark.parametrize("day", [0, 3, -1])
def test_every_decision_time_is_drawn_equally_often(
    n: int, rest: int, day: int
) -> None:
    """On a circle the ends count as the middle does: blocks of 7, and the rest."""
    found = quick(series(np.eye(n)[day]), 7, n_resamples=20_000)
    variance = n // 7 * 7 / n * (1 - 7 / n) + rest / n * (1 - rest / n)
    assert found.mean == pytest.approx(1 / n)
    assert found.standard_error == pytest.approx(np.sqrt(variance) / n, rel=0.03)


def test_a_resample_has_as_many_decision_times_as_the_series() -> None:
    for length in (1, 4, 7, 30):
        found = quick(series(np.ones(30)), length)
        assert (found.low, found.high, found.standard_error) == (1.0, 1.0, 0.0)


def coverage(length: int, correlation: float, n: int = 182, worlds: int = 250) -> float:
    rng = np.random.default_rng(5)
    covered = 0
    for seed in range(worlds):
        noise = rng.normal(size=n + 50)
        walk = lfilter([1.0], [1.0, -correlation], noise)[50:]
        found = quick(series(walk), length, random_state=seed)
        covered += found.low <= 0 <= found.high
    return covered / worlds


def test_blocks_cover_correlated_days_where_single_days_do_not() -> None:
    """Nominal 95 %; single days of a series correlated by 0.5 cover 75 % in theory."""
    assert coverage(7, 0.0) == pytest.approx(0.94, abs=0.04)
    assert coverage(1, 0.5) == pytest.approx(0.75, abs=0.06)
    assert coverage(7, 0.5) == pytest.approx(0.91, abs=0.04)


def test_a_ratio_is_resampled_with_its_denominator() -> None:
    places = series(np.tile([10.0, 2.0], 30))
    found = quick(places * 0.3, over=places)
    assert found.mean == pytest.approx(0.3)
    assert found.high - found.low == pytest.approx(0.0, abs=1e-12)


def test_resamples_without_a_denominator_are_left_out() -> None:
    rare = series(np.eye(20)[3])
    found = quick(rare, 7, over=rare)
    assert (found.mean, found.low, found.high) == (1.0, 1.0, 1.0)


def test_fixture_of_the_weekly_interval_by_hand() -> None:
    rows = series(np.repeat([1.0, 2.0, 3.0, 99.0], [7, 7, 7, 3]))
    found = quick(rows)
    assert (found.weekly_low + found.weekly_high) / 2 == pytest.approx(2.0)
    half = 4.302653 * 1.0 / np.sqrt(3)
    assert found.weekly_high - 2.0 == pytest.approx(half, rel=1e-5)


def test_less_than_two_weeks_have_no_weekly_interval() -> None:
    assert np.isnan(quick(series(np.arange(9.0))).weekly_low)


def test_neighbours_that_alternate_correlate_negatively() -> None:
    assert quick(series(np.tile([0.0, 1.0], 40))).lag1 == pytest.approx(-1, abs=0.03)
    assert np.isnan(quick(series(np.full(9, 0.1))).lag1)


@pytest.mark.parametrize(
    ("freq", "horizon", "expected"),
    [
        pytest.param("D", 2 * DAY, 7, id="a week of days"),
        pytest.param("D", 10 * DAY, 10, id="a long horizon"),
        pytest.param("h", 2 * DAY, 168, id="a week of hours"),
        pytest.param("14D", 30 * DAY, 3, id="sparse decisions"),
    ],
)
def test_a_block_holds_the_horizon_and_at_least_a_week(
    freq: str, horizon: pd.Timedelta, expected: int
) -> None:
    times = pd.date_range("2024-01-01", periods=300, freq=freq)
    assert block_length(times, horizon) == expected


def test_one_decision_time_is_one_block() -> None:
    assert block_length(pd.DatetimeIndex(["2024-01-01"]), DAY) == 1


@pytest.mark.parametrize(("n", "short"), [(27, True), (28, False)])
def test_less_than_four_blocks_are_too_short(n: int, short: bool) -> None:  # noqa: FBT001  a parameter
    assert quick(series(np.arange(n))).too_short is short


def days(n: int) -> pd.DatetimeIndex:
    return pd.date_range("2024-01-01", periods=n, freq="D")


@pytest.mark.parametrize(
    ("rows", "over", "length", "found"),
    [
        pytest.param(pd.Series([1.0, 2.0]), None, 1, "int64", id="no times"),
        pytest.param(series([1, np.nan]), None, 1, "missing", id="missing"),
        pytest.param(series([1, np.inf]), None, 1, "infinite", id="infinite"),
        pytest.param(
            pd.Series([1.0, 2.0], days(1).repeat(2)), None, 1, "repeats", id="repeated"
        ),
        pytest.param(series([1, 2]), None, 3, "2 of them", id="shorter than a block"),
        pytest.param(series([1, 2]), None, 0, "2 of them", id="an empty block"),
        pytest.param(series([]), None, 1, "0 of them", id="empty"),
        pytest.param(series([1, 2]), series([0, 0]), 1, "zero", id="no denominator"),
        pytest.param(series([1, 2]), series([1]), 1, "other denom", id="other times"),
    ],
)
def test_what_cannot_be_resampled_is_refused(
    rows: pd.Series, over: pd.Series | None, length: int, found: str
) -> None:
    with pytest.raises(SeriesError, match=found):
        interval(rows, over=over, block_length=length, random_state=0)


def compared(
    ours: Floats | pd.Series, theirs: Floats | pd.Series, length: int = 7
) -> Difference:
    return difference(
        *(one if isinstance(one, pd.Series) else series(one) for one in (ours, theirs)),
        block_length=length,
        random_state=0,
        n_resamples=1000,
    )


def test_pairing_takes_out_what_both_share() -> None:
    rng = np.random.default_rng(0)
    shared, own = rng.normal(0, 5, 100), rng.normal(1, 0.5, 100)
    paired = compared(shared + own, shared)
    single = quick(series(shared + own))
    assert paired.high - paired.low < (single.high - single.low) / 4
    assert paired.verdict == "better"
    assert paired.p_not_better == 0.0
    assert compared(shared, shared + own).verdict == "worse"


def test_no_difference_is_not_shown() -> None:
    rows = np.random.default_rng(0).normal(size=100)
    found = compared(rows, rows)
    assert (found.verdict, found.p_not_better) == ("not shown", 1.0)


def test_the_two_intervals_have_to_agree() -> None:
    found = compared(np.full(60, 1.0), np.zeros(60))
    assert found.verdict == "better"
    assert replace(found, weekly_low=-0.1).verdict == "not shown"
    assert replace(found, weekly_low=float("nan")).verdict == "not shown"


def test_a_short_series_has_no_verdict() -> None:
    assert compared(np.ones(20), np.zeros(20)).verdict == "too short"


def test_only_common_decision_times_are_compared() -> None:
    ours = series(np.ones(40))
    found = compared(ours, ours.iloc[5:] - 1)
    assert (found.n, found.n_dropped, found.mean) == (35, 5, 1.0)


def test_nothing_in_common_is_refused() -> None:
    ours = series(np.ones(9))
    with pytest.raises(SeriesError, match="0 of them"):
        compared(ours, ours.shift(freq=9 * DAY))


def test_the_detectable_difference_is_found_four_times_in_five() -> None:
    """By definition: 2.80 standard errors at 95 % and 80 % power."""
    found = quick(series(np.random.default_rng(0).normal(size=100)))
    assert found.detectable == pytest.approx(2.80 * found.standard_error, rel=0.01)
