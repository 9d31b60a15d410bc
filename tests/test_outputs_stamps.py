"""Which time stamps only say when something was executed, and which are results."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.reproduce.outputs.stamps import Span, hide_stamps
from toolkit.reproduce.outputs.summaries import hide_summaries

SPAN = Span(
    began=datetime(2026, 11, 23, 18, 15, tzinfo=UTC),
    ended=datetime(2026, 11, 23, 18, 16, tzinfo=UTC),
)

# What stands between « and » is hidden; a line without them stays as it is.
LINES = [
    # the prefix of a log line
    "«2026-11-23 18:15:31,239» INFO loaded 3",
    "«2026-11-23 18:15:31.239» - root - INFO - loaded 3",
    "[«2026-11-23 18:15:31»] loaded 3",
    "[«2026-11-23 18:15:31,239»] (main.py:12) INFO - loaded 3",
    "«2026-11-23T18:15:31Z» loaded 3",
    "«2026-11-23T18:15:31.239+00:00» loaded 3",
    "«2026-11-23 18:15:31.239» | INFO     | __main__:<module>:1 - loaded 3",
    "«2026-11-23 18:15:31»  WARNING  hot",
    "«2026-11-23 18:15:31»: loaded 3",
    "«2026-11-23 18:15:31» loaded 3",
    "«2026/11/23 18:15:31» loaded 3",
    "«23/11/2026 18:15:31» loaded 3",
    "«11/23/2026, 6:15:31 PM» loaded 3",
    "«23.11.2026 18:15:31» geladen",
    "«Nov 23 18:15:31» host app: loaded",
    "«Mon Nov 23 18:15:31 2026» loaded",
    "«Mon, 23 Nov 2026 18:15:31 +0000» loaded",
    "[«18:15:31»] loaded",
    "«18:15:31» INFO loaded",
    "«18:15:31,239» loaded",
    # among other words
    "run at «2026-11-23 18:15:31» by eva",
    "run at «2026-11-23 18:15:31.123456+00:00» by eva",
    "made «2026-11-23 18:15»",
    "made on «November 23, 2026 at 6:15 PM»",
    "made on «23 November 2026 18:15» in Bern",
    "it is «Mon Nov 23 18:15:31 2026» now",
    "it is «Mon Nov 23 18:15:31 UTC 2026» now",
    "generated: «2026-11-23T18:15:31Z»",
    '"generated": "«2026-11-23T18:15:31»",',
    "{'rows': 3, 'when': '«2026-11-23 18:15:31»'}",
    "{'rows': 3, 'when': «datetime.datetime(2026, 11, 23, 18, 15, 31, 4)»}",
    "finished at «18:15:31»",
    "Finished: «2026-11-23 18:15:31»",
    "'Last executed: «2026-11-23, 18:15:31»'",
    "The time is: «18:15:31»",
    "<p>made <b>by eva</b> at «2026-11-23 18:15:31»</p>",
    "saved model_«20261123_181531».pkl",
    "saved runs/«2026-11-23_18-15-31»/model.pkl",
    "saved runs/«20261123-181531»/model.pkl",
    # in another zone
    "run at «2026-11-23 19:15:31» by eva",
    "run at «2026-11-24 00:00:31» by eva, in Kathmandu",
    "run at «2026-11-23 19:15:31+01:00» by eva",
    "run at «2026-11-23 18:15:31 UTC» by eva",
    "run at «2026-11-23 13:15:31 EST» by eva",
    # a time that is the result
    "2026-11-23 18:15:31",
    "2026-11-23 18:15:31.123456",
    "2026-11-23T18:15:31Z",
    "  18:15:31",
    "Mon Nov 23 18:15:31 2026",
    "Timestamp('2026-11-23 18:15:31.123456')",
    "datetime.datetime(2026, 11, 23, 18, 15, 31, 4)",
    "numpy.datetime64('2026-11-23T18:15:31')",
    "DatetimeIndex(['2026-11-23 18:15:31'], dtype='datetime64[us]', freq=None)",
    "['2026-11-23 18:15:31', '2026-11-23 18:15:32']",
    "a  2026-11-23 18:15:31  b",
    "when    2026-11-23 18:15:31",
    "pump 3  2026-11-23 18:15:31  ERROR",
    "| pump | 2026-11-23 18:15:31 | 3 |",
    "<td>2026-11-23 18:15:31</td>",
    # a bare date, or a number
    "2026-11-23",
    "report of 2026-11-23",
    "next round in 12 days",
    "1795457731.239",
    "started 1795457731",
    "20261123181531",
    "week 48 of 2026",
    # not now
    "2026-11-23 18:20:31 INFO loaded 3",
    "2026-11-22 18:15:31 INFO loaded 3",
    "2011-03-04 18:15:31 INFO pump stopped",
    "run at 2026-11-23 19:15:31+02:00 by eva",
    "run at 2026-11-23 18:21:31 by eva",
    "pump 3 stopped at 06:00:00",
    "2026-11-23 25:15:31 INFO loaded",
    # a time of day without the mark of a log
    "18:15:31 loaded",
    "the mean departure is 18:15:31",
    "peak at 18:15",
    "ratio 18:15:31:44",
]


def split(line: str) -> tuple[str, str]:
    """What is shown, and what is left of it."""
    return line.translate({ord("«"): "", ord("»"): ""}), re.sub("«.*»", "<now>", line)


@pytest.mark.parametrize("line", LINES)
def test_the_line_is_drawn_here(line: str) -> None:
    shown, left = split(line)
    assert hide_stamps(shown, SPAN) == left
    assert hide_stamps(f"rmse 0.5\n{shown}\nn 3", SPAN) == f"rmse 0.5\n{left}\nn 3"


@pytest.mark.parametrize("line", LINES)
def test_without_knowing_when_nothing_is_taken_for_the_time(line: str) -> None:
    shown, _ = split(line)
    assert hide_stamps(shown, None) == shown


def test_there_are_enough_lines() -> None:
    assert len(set(LINES)) >= 60


@given(
    moment=st.datetimes(datetime(2001, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001
    minutes=st.sampled_from([0, 60, -300, 330, 345, 765, -570]),
)
def test_a_log_line_reads_the_same_whenever_and_wherever(
    moment: datetime, minutes: int
) -> None:
    began = moment.replace(tzinfo=UTC)
    span = Span(began=began, ended=began + timedelta(seconds=10))
    local = moment + timedelta(minutes=minutes, seconds=5)
    for form in (
        "%Y-%m-%d %H:%M:%S",
        "%d %b %Y %H:%M:%S",
        "%m/%d/%Y %I:%M:%S %p",
        "%a %b %d %H:%M:%S %Y",
    ):
        line = f"{local.strftime(form)} INFO loaded 3"
        assert hide_stamps(line, span) == "<now> INFO loaded 3"


def test_a_time_of_day_counts_in_the_kernels_own_zone() -> None:
    there = Span(began=SPAN.began, ended=SPAN.ended, offset=timedelta(hours=9))
    assert hide_stamps("[03:15:31] loaded", there) == "[<now>] loaded"
    assert hide_stamps("[03:15:31] loaded", SPAN) == "[03:15:31] loaded"


SUMMARY = """\
Dep. Variable:   y                  R-squared:       0.9
Date:            Mon, 23 Nov 2026   Prob (F):        1e-10
Time:            18:15:31           Log-Likelihood:  -12"""


def test_a_summary_of_another_day_is_a_text_like_any_other() -> None:
    assert "Date:            <now>   Prob" in hide_summaries(SUMMARY, SPAN)
    later = SUMMARY.replace("Mon, 23", "Tue, 24")
    assert hide_summaries(later, SPAN) == later
    broken = SUMMARY.replace("18:15:31", "18:75:31")
    assert hide_summaries(broken, SPAN) == broken
    markup = (
        "<tr><th>Date:</th> <td>Mon, 23 Nov 2026</td> <th>F</th></tr>\n"
        "<tr><th>Time:</th> <td>18:15:31</td></tr>"
    )
    assert hide_summaries(markup, SPAN).count("<td><now></td>") == 2
