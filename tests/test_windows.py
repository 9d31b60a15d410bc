import numpy as np
import pandas as pd
import pytest
from days_of import DAY, START, days, growing, panel
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_validate

from toolkit.analysis.times import (
    CutoffIndexError,
    missing_decision_times,
    shift,
    spacing,
)
from toolkit.analysis.windows import (
    FoldTrainingError,
    GrowingWindow,
    NoFoldError,
    SlidingWindow,
    WindowError,
)

windows = st.builds(
    growing,
    first=st.integers(8, 14),
    length=st.integers(1, 5),
    gap=st.integers(1, 8),
)


@given(window=windows, present=st.sets(st.integers(0, 30)), copies=st.integers(1, 3))
@settings(deadline=None, max_examples=50)
def test_each_resolved_time_from_the_first_test_on_is_tested_exactly_once(
    window: GrowingWindow, present: set[int], copies: int
) -> None:
    assume(present and max(present) * DAY + START >= window.first_test)
    times = days(31)[sorted({0, *present})].repeat(copies)
    tested = np.concatenate([test for _, test in window.split(times)])
    due = np.flatnonzero(times >= window.first_test)
    assert sorted(tested) == due.tolist()


@given(window=windows, order=st.permutations(range(30)))
@settings(deadline=None, max_examples=50)
def test_the_gap_separates_training_from_test_in_any_row_order(
    window: GrowingWindow, order: list[int]
) -> None:
    times = days(30)[order]
    for train, test in window.split(times):
        assert times[test].min() - times[train].max() == window.gap


@given(window=windows, order=st.permutations(range(30)))
@settings(deadline=None, max_examples=50)
def test_permuted_rows_make_the_same_folds(
    window: GrowingWindow, order: list[int]
) -> None:
    straight, permuted = days(30), days(30)[order]
    for one, other in zip(window.split(straight), window.split(permuted), strict=True):
        for side, other_side in zip(one, other, strict=True):
            assert set(straight[side]) == set(permuted[other_side])


def test_fixture_of_a_growing_window() -> None:
    folds = [(a.tolist(), b.tolist()) for a, b in growing().split(days(10))]
    assert folds == [
        ([0, 1, 2], [5, 6]),
        ([0, 1, 2, 3, 4], [7, 8]),
        ([0, 1, 2, 3, 4, 5, 6], [9]),
    ]


def test_a_sliding_window_trains_on_its_last_days_only() -> None:
    window = SlidingWindow(
        first_test=START + 6 * DAY,
        test_length=2 * DAY,
        step=2 * DAY,
        gap=2 * DAY,
        train_length=3 * DAY,
    )
    folds = [(a.tolist(), b.tolist()) for a, b in window.split(days(9))]
    assert folds == [([2, 3, 4], [6, 7]), ([4, 5, 6], [8])]


def test_a_longer_step_tests_sparsely() -> None:
    tested = [test.tolist() for _, test in growing(length=1, step=3).split(days(12))]
    assert tested == [[5], [8], [11]]


def test_a_block_without_rows_makes_no_fold() -> None:
    times = days(12).delete([7, 8])
    tested = [times[test].tolist() for _, test in growing().split(times)]
    assert tested == [list(days(12)[[5, 6]]), list(days(12)[[9, 10]]), [days(12)[11]]]
    assert growing().get_n_splits(times) == 3


def test_a_time_of_many_rows_is_never_divided() -> None:
    times = days(9).repeat(4)
    for train, test in growing().split(times):
        assert not set(times[train]) & set(times[test])
        assert np.bincount(test // 4)[test[0] // 4] == 4


def test_unresolved_rows_are_in_no_fold() -> None:
    y = np.array([1.0, np.nan, 0, 1, 0, 1, 0, np.nan, 0, 1, np.nan])
    used = np.concatenate([np.r_[pair] for pair in growing().split(days(11), y)])
    assert set(used) == {0, 2, 3, 4, 5, 6, 8, 9}


def test_no_row_is_resolved() -> None:
    with pytest.raises(NoFoldError, match="last resolved decision time is none"):
        growing().get_n_splits(days(9), np.full(9, np.nan))


def test_nothing_left_to_test() -> None:
    with pytest.raises(NoFoldError, match="2024-01-06 07:00:00, but the last resolved"):
        next(growing().split(days(3)))


@pytest.mark.parametrize(
    ("gap", "y", "found"),
    [
        pytest.param(9, None, "no row among", id="empty"),
        pytest.param(3, np.zeros(9), "no positive among", id="no positive"),
        pytest.param(3, np.r_[np.zeros(3), np.ones(6)], "fold 0", id="positive later"),
    ],
)
def test_a_fold_without_anything_to_learn_is_refused(
    gap: int, y: np.ndarray | None, found: str
) -> None:
    with pytest.raises(FoldTrainingError, match=found):
        list(growing(gap=gap).split(days(9), y))


def test_a_test_without_positives_is_normal() -> None:
    assert len(list(growing().split(days(9), np.r_[1, np.zeros(8)]))) == 2


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        pytest.param({"length": 0}, "test_length is .*more than 0", id="length"),
        pytest.param({"length": 3, "step": 2}, "step is 2 .* at least 3", id="step"),
        pytest.param({"gap": 0}, "gap is 0 days.*more than 0", id="gap"),
    ],
)
def test_lengths_that_cannot_be_used_are_refused(
    given_: dict[str, int], text: str
) -> None:
    with pytest.raises(WindowError, match=text):
        growing(**given_)


def test_an_empty_sliding_window_is_refused() -> None:
    with pytest.raises(WindowError, match="train_length"):
        SlidingWindow(
            first_test=START, test_length=DAY, step=DAY, gap=DAY, train_length=0 * DAY
        )


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(pd.RangeIndex(3), "RangeIndex", id="numbers"),
        pytest.param(np.zeros((3, 1)), "ndarray", id="array"),
        pytest.param(
            pd.MultiIndex.from_arrays([[1], [2]], names=["day", "id"]),
            "MultiIndex",
            id="other levels",
        ),
        pytest.param(days(9, tz="UTC"), "times in the zone UTC", id="time zone"),
    ],
)
def test_rows_without_decision_times_are_refused(
    rows: pd.DataFrame, found: str
) -> None:
    with pytest.raises(CutoffIndexError, match=found):
        growing().get_n_splits(rows)


@pytest.mark.parametrize("change", ["2024-03-28", "2024-10-24"])
def test_days_are_calendar_days_across_a_clock_change(change: str) -> None:
    first = pd.Timestamp(f"{change} 07:00", tz="Europe/Paris")
    times = pd.date_range(first, periods=12, freq="D")
    window = GrowingWindow(
        first_test=times[4], test_length=2 * DAY, step=2 * DAY, gap=2 * DAY
    )
    for train, test in window.split(times):
        assert len(test) == 2
        assert times[test].min() - times[train].max() >= 2 * DAY


def test_a_splitter_serves_cross_validate() -> None:
    rows = panel(12)
    result = cross_validate(
        DummyClassifier(), rows.X, rows.y, cv=growing(), scoring="accuracy"
    )
    assert len(result["test_score"]) == growing().get_n_splits(rows.X, rows.y)


def test_two_times_have_no_gap() -> None:
    assert missing_decision_times(days(2)).empty


def test_the_usual_spacing_is_the_most_frequent() -> None:
    assert spacing(days(9).delete([3, 4])) == DAY


def test_a_shift_keeps_the_hour_of_the_day() -> None:
    before = pd.Timestamp("2024-03-30 07:00", tz="Europe/Paris")
    assert shift(before, DAY).hour == 7
    assert shift(before, DAY) - before == pd.Timedelta(hours=23)
    assert shift(before, pd.Timedelta(hours=30)).hour == 13
