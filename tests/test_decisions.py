from dataclasses import replace
from datetime import date, time, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import DAILY, DAY, HOUR

from toolkit.analysis.decisions import (
    DecisionStepError,
    ManyDecisionsError,
    NoDecisionsError,
    NoRecordsError,
    decision_grid,
)
from toolkit.scope import Decisions

BERLIN = replace(DAILY, timezone="Europe/Berlin")


def grid(decisions: Decisions, start: str, end: str) -> list[str]:
    zone = decisions.timezone
    times = decision_grid(
        decisions,
        start=pd.Timestamp(start, tz=zone),
        end=pd.Timestamp(end, tz=zone),
    )
    return [str(at) for at in times]


@pytest.mark.parametrize(
    ("decisions", "start", "end", "expected"),
    [
        pytest.param(
            DAILY,
            "2015-01-01 07:00",
            "2015-01-02 07:00",
            ["2015-01-01 07:00:00", "2015-01-02 07:00:00"],
            id="both ends included",
        ),
        pytest.param(
            DAILY,
            "2015-01-01 07:01",
            "2015-01-03 06:59",
            ["2015-01-02 07:00:00"],
            id="nothing outside",
        ),
        pytest.param(
            replace(DAILY, every=7 * DAY),
            "2015-01-01 08:00",
            "2015-01-10",
            ["2015-01-02 07:00:00", "2015-01-09 07:00:00"],
            id="weeks start with the first decision",
        ),
        pytest.param(
            replace(DAILY, every=8 * HOUR),
            "2015-01-01 07:00",
            "2015-01-02 00:00",
            ["2015-01-01 07:00:00", "2015-01-01 15:00:00", "2015-01-01 23:00:00"],
            id="shifts",
        ),
        pytest.param(
            replace(DAILY, every=8 * HOUR, ready_by=time(23)),
            "2015-01-01 00:00",
            "2015-01-01 12:00",
            ["2015-01-01 07:00:00"],
            id="shifts that are named by the last one",
        ),
        pytest.param(
            replace(DAILY, first=date(2015, 1, 2), last=date(2015, 1, 3)),
            "2014-01-01",
            "2016-01-01",
            ["2015-01-02 07:00:00", "2015-01-03 07:00:00"],
            id="limits are dates, both included",
        ),
        pytest.param(
            replace(DAILY, first=date(2015, 1, 1)),
            "2015-01-02 12:00",
            "2015-01-02 12:00",
            ["2015-01-01 07:00:00", "2015-01-02 07:00:00"],
            id="a first date goes before the first record",
        ),
        pytest.param(
            BERLIN,
            "2015-03-28",
            "2015-03-29 23:00",
            ["2015-03-28 07:00:00+01:00", "2015-03-29 07:00:00+02:00"],
            id="the wall clock stays when summer time begins",
        ),
        pytest.param(
            replace(BERLIN, last=date(2015, 10, 25)),
            "2015-10-24",
            "2015-12-01",
            ["2015-10-24 07:00:00+02:00", "2015-10-25 07:00:00+01:00"],
            id="and when it ends",
        ),
        pytest.param(
            replace(BERLIN, ready_by=time(2, 30)),
            "2015-03-28",
            "2015-03-30",
            ["2015-03-28 02:30:00+01:00", "2015-03-29 03:00:00+02:00"],
            id="a skipped time moves to the first that exists",
        ),
        pytest.param(
            replace(BERLIN, ready_by=time(2, 30)),
            "2015-10-25",
            "2015-10-26",
            ["2015-10-25 02:30:00+02:00"],
            id="of a repeated time the first counts",
        ),
        pytest.param(
            replace(BERLIN, every=HOUR),
            "2015-03-29 01:00",
            "2015-03-29 04:00",
            [
                "2015-03-29 01:00:00+01:00",
                "2015-03-29 03:00:00+02:00",
                "2015-03-29 04:00:00+02:00",
            ],
            id="hourly, an hour is skipped",
        ),
        pytest.param(
            replace(BERLIN, every=HOUR),
            "2015-10-25 01:00",
            "2015-10-25 03:00",
            [
                "2015-10-25 01:00:00+02:00",
                "2015-10-25 02:00:00+02:00",
                "2015-10-25 02:00:00+01:00",
                "2015-10-25 03:00:00+01:00",
            ],
            id="hourly, an hour comes twice",
        ),
    ],
)
def test_the_grid_follows_the_clock_on_the_wall(
    decisions: Decisions, start: str, end: str, expected: list[str]
) -> None:
    assert grid(decisions, start, end) == expected


@settings(max_examples=50, deadline=None)
@given(
    every=st.sampled_from([DAY, 2 * DAY, 7 * DAY, HOUR, 6 * HOUR, HOUR / 4]),
    ready_by=st.times(timezones=st.none()).map(lambda at: at.replace(microsecond=0)),
    zone=st.sampled_from([None, "Europe/Berlin", "Australia/Lord_Howe", "UTC"]),
    start=st.datetimes(pd.Timestamp("2015-01-01"), pd.Timestamp("2015-12-01")),
    days=st.integers(14, 40),
)
def test_the_grid_is_sorted_unique_within_its_limits_and_on_the_minute(
    every: timedelta,
    ready_by: time,
    zone: str | None,
    start: pd.Timestamp,
    days: int,
) -> None:
    decisions = Decisions(every=every, ready_by=ready_by, timezone=zone)
    begin = (
        pd.Timestamp(start)
        .as_unit("us")
        .tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    )
    times = decision_grid(decisions, start=begin, end=begin + days * DAY)
    assert times.is_monotonic_increasing
    assert times.is_unique
    assert begin <= times[0] <= times[-1] <= begin + days * DAY
    due = pd.Timedelta(hours=ready_by.hour, minutes=ready_by.minute)
    due += pd.Timedelta(seconds=ready_by.second)
    wall = times.tz_localize(None)
    off = (wall - wall.normalize() - due) % min(pd.Timedelta(every), pd.Timedelta(DAY))
    assert (off == pd.Timedelta(0)).mean() > (0.9 if every < DAY else 0.4)
    assert abs(len(times) - days * DAY / every) <= max(5, HOUR / every)


@pytest.mark.parametrize(
    ("decisions", "start", "end", "error", "match"),
    [
        pytest.param(
            replace(DAILY, every=5 * HOUR),
            "2015-01-01",
            "2015-02-01",
            DecisionStepError,
            "found 0 days 05:00:00, expected whole days, or a part",
            id="does not divide a day",
        ),
        pytest.param(
            replace(DAILY, every=36 * HOUR),
            "2015-01-01",
            "2015-02-01",
            DecisionStepError,
            "found 1 days 12:00:00",
            id="no whole days",
        ),
        pytest.param(
            replace(DAILY, every=timedelta()),
            "2015-01-01",
            "2015-02-01",
            DecisionStepError,
            "found 0 days",
            id="no step",
        ),
        pytest.param(
            DAILY,
            "2015-01-01 08:00",
            "2015-01-02 06:00",
            NoDecisionsError,
            "no decision time from 2015-01-01 08:00:00 to 2015-01-02 06:00:00",
            id="too short",
        ),
        pytest.param(
            replace(DAILY, first=date(2017, 1, 1)),
            "2015-01-01",
            "2016-01-02",
            NoDecisionsError,
            "check decisions.first and decisions.last",
            id="first after the end",
        ),
        pytest.param(
            DAILY,
            "2015-01-01",
            "9999-12-31",
            ManyDecisionsError,
            "found 2,916,460 decision times .* look for a stray time",
            id="a date that means never",
        ),
    ],
)
def test_a_grid_that_cannot_be_meant_is_refused(
    decisions: Decisions, start: str, end: str, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        grid(decisions, start, end)


def test_without_a_record_the_first_date_must_be_given() -> None:
    with pytest.raises(NoRecordsError, match=r"set decisions\.first"):
        decision_grid(DAILY, start=None, end=pd.Timestamp("2015-01-01"))
