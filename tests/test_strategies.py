import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis.backtest import Backtest, backtest
from toolkit.analysis.panel import Panel
from toolkit.analysis.strategies import (
    CheckLogError,
    CurrentStrategy,
    Oracle,
    RandomOrder,
    Strategy,
)
from toolkit.analysis.windows import GrowingWindow

DAY = pd.Timedelta(days=1)
DAYS = pd.date_range("2024-01-01 07:00", periods=20, freq="D")
FROM_DAY_4 = GrowingWindow(
    first_test=DAYS[4], test_length=3 * DAY, step=3 * DAY, gap=DAY
)


def log(*rows: tuple[str, float]) -> pd.DataFrame:
    """Rows of entity and day, at six in the morning."""
    frame = pd.DataFrame(rows, columns=["entity", "time"])
    hours = pd.to_timedelta(frame["time"].astype(float) * 24 - 1, unit="h")
    return frame.assign(time=DAYS[0] + hours)


def panel(
    n_days: int = 10,
    entities: str = "abcd",
    events: pd.DataFrame | None = None,
    absent: tuple[tuple[int, str], ...] = (),
    delay: pd.Timedelta = 0 * DAY,
) -> Panel:
    index = pd.MultiIndex.from_tuples(
        [
            (DAYS[d], e)
            for d in range(n_days)
            for e in sorted(entities)
            if (d, e) not in absent
        ],
        names=["cutoff", "entity"],
    )
    return Panel(
        X=pd.DataFrame({"x": np.zeros(len(index))}, index=index),
        y=np.ones(len(index)),
        events=log() if events is None else events,
        horizon=DAY - delay,
        delay=delay,
    )


def run(
    strategy: Strategy,
    rows: Panel | None = None,
    capacity: int = 1,
    seed: int = 0,
    splitter: GrowingWindow = FROM_DAY_4,
) -> Backtest:
    return backtest(
        strategy,
        rows or panel(),
        splitter,
        capacity=capacity,
        name="tried",
        random_state=seed,
    )


def visited(found: Backtest) -> list[str]:
    """Who is listed, day by day."""
    return ["".join(day) for _, day in found.listed.groupby("cutoff")["entity"]]


def test_fixture_of_the_rounds_by_hand() -> None:
    """Never checked first (a, d), then the oldest (c, b), then all over again."""
    checks = log(("b", 3), ("c", 1), ("c", 2))
    assert visited(run(CurrentStrategy(checks=checks))) == list("adcbad")


def test_two_places_take_two_a_day() -> None:
    checks = log(("b", 3), ("c", 1))
    found = run(CurrentStrategy(checks=checks), capacity=2)
    assert visited(found) == ["ad", "cb", "ad", "bc", "ad", "bc"]


def test_equally_old_checks_go_by_id() -> None:
    checks = log(("c", 3), ("b", 3), ("a", 3), ("d", 3))
    assert visited(run(CurrentStrategy(checks=checks))) == list("abcdab")


def test_checks_made_during_the_test_are_not_known() -> None:
    """The replay makes its own checks; those of the log belong to another history."""
    before = log(("b", 3), ("c", 1))
    later = log(("b", 3), ("c", 1), ("a", 5), ("d", 5), ("c", 6))
    expected = visited(run(CurrentStrategy(checks=before)))
    assert visited(run(CurrentStrategy(checks=later))) == expected


def test_a_failure_counts_as_a_visit_unless_switched_off() -> None:
    checks = log(("a", 1), ("b", 2), ("c", 3), ("d", 3.5))
    rows = panel(events=log(("a", 3.8), ("b", 5), ("unknown", 5)))
    assert visited(run(CurrentStrategy(checks=checks), rows)) == list("bcdabc")
    switched = CurrentStrategy(checks=checks, failure_is_visit=False)
    assert visited(run(switched, rows)) == list("abcdab")


def test_a_failure_is_known_only_after_its_delay() -> None:
    checks = log(("a", 1), ("b", 2), ("c", 3), ("d", 3.5))
    rows = panel(events=log(("a", 3.8)), delay=DAY / 2)
    assert visited(run(CurrentStrategy(checks=checks), rows))[0] == "a"


def test_a_check_is_known_only_after_its_delay() -> None:
    checks = log(("a", 1), ("b", 2), ("c", 3), ("d", 0))
    late = CurrentStrategy(checks=checks, delay=1.5 * DAY)
    assert visited(run(late)) == list("cdabcd")
    assert visited(run(CurrentStrategy(checks=checks))) == list("dabcda")


def test_a_failure_of_today_is_not_known_this_morning() -> None:
    checks = log(("a", 1), ("b", 2), ("c", 3), ("d", 3.5))
    rows = panel(events=log(("a", 4.2)))
    assert visited(run(CurrentStrategy(checks=checks), rows))[0] == "a"


def test_the_absent_are_not_listed_and_keep_their_turn() -> None:
    checks = log(("a", 1), ("b", 2), ("c", 3), ("d", 3.5))
    rows = panel(absent=((4, "a"), (5, "a")))
    assert visited(run(CurrentStrategy(checks=checks), rows)) == list("bcadbc")


def test_the_round_goes_on_between_two_tests() -> None:
    checks = log(("a", 1), ("b", 2), ("c", 3), ("d", 3.5))
    sparse = GrowingWindow(first_test=DAYS[4], test_length=DAY, step=3 * DAY, gap=DAY)
    assert visited(run(CurrentStrategy(checks=checks), splitter=sparse)) == list("ad")


def test_without_a_log_the_first_round_is_drawn_from_the_seed() -> None:
    firsts = {visited(run(CurrentStrategy(), seed=seed))[0] for seed in range(20)}
    assert firsts == set("abcd")
    same = (visited(run(CurrentStrategy(), seed=5)) for _ in range(2))
    assert next(same) == next(same)


@given(
    checks=st.lists(
        st.tuples(st.sampled_from("abcde"), st.floats(0, 9)), max_size=12
    ).map(lambda rows: log(*rows)),
    capacity=st.integers(1, 6),
)
@settings(deadline=None, max_examples=30)
def test_nobody_waits_longer_than_a_round(checks: pd.DataFrame, capacity: int) -> None:
    rows = panel(n_days=20, entities="abcde")
    listed = run(CurrentStrategy(checks=checks), rows, capacity).listed
    round_length = int(np.ceil(5 / capacity))
    for start in DAYS[4 : 20 - round_length]:
        end = start + round_length * DAY
        within = (listed["cutoff"] >= start) & (listed["cutoff"] < end)
        assert set(listed.loc[within, "entity"]) == set("abcde")


def test_the_list_has_no_tie() -> None:
    daily = run(CurrentStrategy(), capacity=2).daily
    assert (daily["hits_lowest"] == daily["hits_highest"]).all()


def test_a_log_with_other_columns_is_refused() -> None:
    with pytest.raises(CheckLogError, match="'machine'"):
        CurrentStrategy(checks=pd.DataFrame({"machine": [], "time": []}))


@pytest.mark.parametrize("strategy", [RandomOrder(), Oracle(), CurrentStrategy()])
def test_every_strategy_keeps_the_protocol(strategy: object) -> None:
    assert isinstance(strategy, Strategy)
