from datetime import timedelta
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from days_of import DAY, START, days, panel

from toolkit.analysis.times import missing_decision_times
from toolkit.analysis.windows import NoFoldError, WindowError, from_scope
from toolkit.scope import Evaluation


def evaluation(
    window: Literal["growing", "sliding"] = "growing", gap: int = 2
) -> Evaluation:
    return Evaluation(
        window=window,
        first_training=timedelta(days=5),
        test_length=timedelta(days=3),
        step=timedelta(days=3),
        gap=timedelta(days=gap),
    )


def test_the_scope_places_the_first_test_behind_training_and_gap() -> None:
    rows = panel(20)
    window = from_scope(evaluation(), rows)
    assert window.first_test == START + 7 * DAY
    train, test = next(window.split(rows.X, rows.y))
    times = rows.cutoffs
    assert times[train].max() - times[train].min() >= timedelta(days=5)
    assert times[test].min() - times[train].max() == timedelta(days=2)


def test_the_scope_asks_for_a_sliding_window() -> None:
    rows = panel(20)
    window = from_scope(evaluation("sliding"), rows)
    sizes = {len(train) // 2 for train, _ in window.split(rows.X, rows.y)}
    assert sizes == {5}


def test_a_gap_below_the_panels_horizon_is_refused() -> None:
    with pytest.raises(WindowError, match=r"gap is 1 days .* at least horizon"):
        from_scope(evaluation(gap=1), panel(20))


def test_a_panel_that_ends_before_the_first_test_is_refused() -> None:
    with pytest.raises(NoFoldError, match="shorten the first training"):
        from_scope(evaluation(), panel(6))


def test_decision_times_that_are_due_and_absent_are_listed() -> None:
    times = days(9).delete([3, 6]).repeat(2)
    assert list(missing_decision_times(times[::-1])) == list(days(9)[[3, 6]])


def test_no_day_is_missed_across_a_clock_change() -> None:
    times = pd.date_range("2024-03-28 07:00", periods=6, freq="D", tz="Europe/Paris")
    assert missing_decision_times(times).empty
    assert list(missing_decision_times(times.delete(3))) == [times[3]]


@pytest.mark.parametrize("start", ["2024-03-30 02:00", "2024-10-26 02:00"])
def test_a_grid_within_the_day_misses_nothing_across_a_clock_change(start: str) -> None:
    wall = pd.date_range(start, periods=12, freq="6h")
    times = wall.tz_localize(
        "Europe/Paris", nonexistent="shift_forward", ambiguous=np.ones(12, bool)
    )
    assert missing_decision_times(times).empty
    assert list(missing_decision_times(times.delete([8, 9]))) == list(times[[8, 9]])
