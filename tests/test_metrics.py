from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis import metrics
from toolkit.analysis.metrics import Ranking, daily_hits

NAN = float("nan")
scores = st.one_of(st.sampled_from([-0.1, 0.2, 0.3]), st.just(NAN))
day = st.lists(st.tuples(scores, st.integers(0, 1)), min_size=1, max_size=5)


def frame(*days: list[tuple[float, int]]) -> pd.DataFrame:
    rows = [(number, *row) for number, rows in enumerate(days) for row in rows]
    return pd.DataFrame(rows, columns=["cutoff", "score", "y"])


def all_fillings(rows: list[tuple[float, int]], capacity: int) -> list[int]:
    """Hits of every order that the scores allow, one by one."""
    keys = [(np.isnan(score), 0.0 if np.isnan(score) else -score) for score, _ in rows]
    orders = (
        order
        for order in permutations(range(len(rows)))
        if [keys[i] for i in order] == sorted(keys)
    )
    return [sum(rows[i][1] for i in order[:capacity]) for order in orders]


@given(days=st.lists(day, min_size=1, max_size=4), capacity=st.integers(0, 6))
@settings(deadline=None, max_examples=60)
def test_ties_count_by_the_mean_of_all_orders_with_worst_and_best(
    days: list[list[tuple[float, int]]], capacity: int
) -> None:
    daily = daily_hits(frame(*days), capacity=capacity)
    for rows, found in zip(days, daily.itertuples(), strict=True):
        fillings = all_fillings(rows, capacity)
        assert found.hits == pytest.approx(np.mean(fillings))
        assert found.hits_lowest == min(fillings)
        assert found.hits_highest == max(fillings)
        assert found.k == min(capacity, len(rows))


@given(days=st.lists(day, min_size=1, max_size=4), capacity=st.integers(1, 3))
@settings(deadline=None, max_examples=40)
def test_the_gain_at_every_length_is_the_hit_rate_of_that_length(
    days: list[list[tuple[float, int]]], capacity: int
) -> None:
    rows = frame(*days)
    gain = metrics.cumulative_gain(rows, capacity=capacity)
    assert gain.index.tolist() == list(range(1, 3 * capacity + 1))
    for places, found in zip(gain.index, gain.itertuples(), strict=True):
        daily = daily_hits(rows, capacity=int(places))
        assert found.hits == pytest.approx(metrics.hit_rate(daily))
        assert found.oracle == pytest.approx(daily["oracle"].mean())
        assert found.random == pytest.approx(daily["random"].mean())
        assert found.precision == pytest.approx(metrics.precision(daily))
        assert found.recall == pytest.approx(metrics.recall(daily), nan_ok=True)


@given(days=st.lists(day, min_size=1, max_size=3), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_row_order_changes_nothing(
    days: list[list[tuple[float, int]]], seed: int
) -> None:
    rows = frame(*days)
    shuffled = rows.sample(frac=1.0, random_state=seed)
    pd.testing.assert_frame_equal(
        daily_hits(rows, capacity=2), daily_hits(shuffled, capacity=2)
    )


@given(rows=day, capacity=st.integers(0, 6))
@settings(deadline=None, max_examples=60)
def test_inclusion_is_the_share_of_orders_that_list_the_row(
    rows: list[tuple[float, int]], capacity: int
) -> None:
    score, y = (np.array(part, float) for part in zip(*rows, strict=True))
    ranking = Ranking.of(np.zeros(len(rows), np.intp), score, y)
    inclusion = ranking.inclusion(capacity)
    assert inclusion.sum() == pytest.approx(min(capacity, len(rows)))
    for row in range(len(rows)):
        marked = [(s, int(i == row)) for i, (s, _) in enumerate(rows)]
        assert inclusion[row] == pytest.approx(np.mean(all_fillings(marked, capacity)))


def test_fixture_of_one_day_by_hand() -> None:
    """Above the tie one of one; two of the four tied fill two places."""
    rows = [(0.9, 1), (0.5, 1), (0.5, 0), (0.5, 0), (0.5, 1), (0.1, 1)]
    found = daily_hits(frame(rows), capacity=3).to_dict("records")[0]
    assert found == {
        "n": 6,
        "k": 3,
        "hits": 2.0,
        "hits_lowest": 1.0,
        "hits_highest": 3.0,
        "positives": 4.0,
        "oracle": 3.0,
        "random": 2.0,
        "random_sd": pytest.approx(np.sqrt(3 * 2 / 3 * 1 / 3 * 3 / 5)),
    }


def test_fixture_of_the_pooled_metrics_by_hand() -> None:
    one = [(0.9, 1), (0.8, 0), (0.7, 1), (0.6, 0)]
    two = [(0.9, 0), (0.8, 0), (0.7, 0), (0.6, 0)]
    daily = daily_hits(frame(one, two), capacity=2)
    assert metrics.hit_rate(daily) == 0.5
    assert metrics.precision(daily) == 0.25
    assert metrics.recall(daily) == 0.5
    assert metrics.lift(daily) == 1.0
    assert metrics.skill(daily) == 0.0


def test_a_day_without_positives_counts() -> None:
    daily = daily_hits(frame([(0.9, 1)], [(0.9, 0)]), capacity=1)
    assert metrics.hit_rate(daily) == 0.5


def test_a_decision_time_without_a_list_counts_no_hits() -> None:
    due = pd.Index([0, 1], name="cutoff")
    daily = daily_hits(frame([(0.9, 1)]), capacity=1, due=due)
    assert daily.loc[[1]].to_numpy().tolist() == [[0.0] * len(daily.columns)]
    assert metrics.hit_rate(daily) == 0.5
    assert metrics.precision(daily) == 1.0


def test_no_prediction_at_all_counts_no_hits() -> None:
    due = pd.Index([0, 1], name="cutoff")
    daily = daily_hits(frame(), capacity=1, due=due)
    assert daily["hits"].tolist() == [0.0, 0.0]
    assert np.isnan(metrics.precision(daily))
    assert metrics.hit_rate(daily) == 0


def test_nothing_to_divide_by_is_not_a_number() -> None:
    daily = daily_hits(frame([(0.9, 0)]), capacity=0)
    undefined = (metrics.precision, metrics.recall, metrics.lift, metrics.skill)
    assert np.isnan([metric(daily) for metric in undefined]).all()


def test_a_constant_score_is_worth_as_much_as_chance() -> None:
    rows = frame([(0.0, y) for y in (1, 1, 0, 0, 0)], [(0.0, y) for y in (0, 1)])
    daily = daily_hits(rows, capacity=2)
    assert daily["hits"].tolist() == pytest.approx(daily["random"].tolist())
    assert metrics.skill(daily) == pytest.approx(0)


def test_chance_has_the_spread_of_the_hypergeometric_distribution() -> None:
    rng = np.random.default_rng(0)
    y = np.r_[np.ones(4), np.zeros(9)]
    drawn = [rng.permutation(y)[:5].sum() for _ in range(4000)]
    found = daily_hits(frame([(0.0, int(one)) for one in y]), capacity=5).iloc[0]
    assert found["random"] == pytest.approx(np.mean(drawn), abs=0.05)
    assert found["random_sd"] == pytest.approx(np.std(drawn), abs=0.05)


def test_average_precision_ranks_missing_scores_last() -> None:
    y = np.array([1.0, 0.0, 1.0])
    last = metrics.average_precision(np.array([0.9, 0.8, NAN]), y)
    assert last == metrics.average_precision(np.array([0.9, 0.8, -9.0]), y)
    assert last == pytest.approx((1 + 2 / 3) / 2)


def test_average_precision_takes_infinite_scores() -> None:
    y = np.array([1.0, 0.0])
    assert metrics.average_precision(np.array([np.inf, -np.inf]), y) == 1.0


def test_average_precision_without_a_positive_is_undefined() -> None:
    assert np.isnan(metrics.average_precision(np.array([0.5]), np.array([0.0])))


def test_brier_of_the_base_rate_is_what_always_saying_it_scores() -> None:
    y = np.array([1.0, 0.0, 0.0, 0.0])
    assert metrics.brier(np.full(4, 0.25), y) == metrics.brier_of_base_rate(y)
    assert metrics.brier(y, y) == 0.0


def test_brier_with_a_missing_score_is_undefined() -> None:
    assert np.isnan(metrics.brier(np.array([NAN, 1.0]), np.array([0.0, 1.0])))


def test_calibration_by_hand() -> None:
    score = np.array([0.1, 0.2, 0.3, 0.4, NAN])
    y = np.array([0.0, 1.0, 1.0, 1.0, 0.0])
    table = metrics.calibration(score, y, n_bins=2)
    assert table["n"].tolist() == [2, 2]
    assert table["score"].tolist() == pytest.approx([0.15, 0.35])
    assert table["rate"].tolist() == [0.5, 1.0]
    assert table["positives"].tolist() == [1.0, 2.0]


@given(
    score=st.lists(st.sampled_from([0.1, 0.2, 0.3, NAN]), max_size=30),
    n_bins=st.integers(1, 5),
)
@settings(deadline=None, max_examples=50)
def test_calibration_keeps_equal_scores_together_and_loses_none(
    score: list[float], n_bins: int
) -> None:
    values = np.array(score, float)
    table = metrics.calibration(values, np.ones(len(values)), n_bins=n_bins)
    assert table["n"].sum() == (~np.isnan(values)).sum()
    assert len(table) <= min(n_bins, len(np.unique(values[~np.isnan(values)])))
    assert table["score"].is_monotonic_increasing
