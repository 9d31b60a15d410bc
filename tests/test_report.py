import pytest
import report_records as sprint
import report_sprint
from report_pages import OPEN, html, latest, only_metrics, page, words

from toolkit.publish.results import Metric, Results
from toolkit.report import NoFinishedRunError
from toolkit.report.headline import build_headline
from toolkit.report.latest import select_latest
from toolkit.report.runs import Run


def test_the_first_screen_says_metric_interval_and_verdict() -> None:
    headline = page().headline
    assert headline is not None
    assert headline.shown.value == "1.02"
    assert headline.span == "95\N{NO-BREAK SPACE}% interval: 0.86 to 1.19"
    assert headline.verdict.sentence == (
        "Better than the current strategy, 2.5 times as much, but the goal of 3 is not "
        "reached: 1.98 to go."
    )
    assert "10 machines on each list appear in failures within the next 2 days" in (
        headline.meaning
    )


def test_the_scale_shows_all_references_in_order_of_value() -> None:
    headline = page().headline
    assert headline is not None
    assert [row.mark.label for row in headline.scale.rows] == [
        "Picked at random",
        "Current strategy",
        "Baseline",
        "Goal",
        "Perfect foresight",
    ]
    assert "Perfect foresight: 9.97, beyond this scale" in headline.scale.description


def test_a_whole_number_that_is_certain_needs_no_decimals() -> None:
    shown = page(
        only_metrics(
            sprint.metric("hit_rate", 2.0, interval=[1.8, 2.2]),
            sprint.metric("oracle_hit_rate", 10.0, interval=[10.0, 10.0]),
        )
    ).headline
    assert shown is not None
    assert [row.mark.shown.value for row in shown.scale.rows] == ["2.00", "3", "10"]


def test_the_goal_is_the_scopes_unless_a_run_published_its_own() -> None:
    agreed = page(only_metrics(sprint.metric("hit_rate", 2.0))).headline
    assert agreed is not None
    assert agreed.scale.goal is not None
    assert (agreed.scale.goal.mark.value, agreed.scale.goal.mark.run) == (3.0, 0)
    own = only_metrics(
        sprint.metric("hit_rate", 2.0), sprint.metric("goal_hit_rate", 4.0)
    )
    published = page(own).headline
    assert published is not None
    assert published.scale.goal is not None
    assert (published.scale.goal.mark.value, published.scale.goal.mark.run) == (4.0, 1)


def test_an_unpublished_success_metric_is_said() -> None:
    shown = html(report_sprint.sanity())
    assert "No run has published the success metric, hit_rate." in words(shown)
    assert "No run has published an amount of money." in words(shown)


def test_an_open_scope_is_no_obstacle() -> None:
    shown = words(html(asked=OPEN))
    assert "The scope names no success criterion yet." in shown
    assert "The scope states no costs yet." in shown
    assert "not stated yet" in shown


def test_no_run_says_how_to_make_one() -> None:
    with pytest.raises(NoFinishedRunError, match=r"runs: found none.*`toolkit run`"):
        select_latest([], folder="runs")


def test_only_failed_runs_are_named() -> None:
    with pytest.raises(NoFinishedRunError, match=r"only unfinished runs .*02-baseline"):
        latest(sprint.record("02-baseline", status="failed"))


def test_the_latest_finished_run_is_shown_and_a_later_failure_said() -> None:
    failure = {
        "cell": 5,
        "source": "1 / 0",
        "ename": "ZeroDivisionError",
        "evalue": "division by zero",
        "traceback": "",
    }
    shown = page(
        report_sprint.sanity(day=20),
        report_sprint.sanity(day=22),
        sprint.record("01-data-sanity", day=23, status="failed", error=failure),
        sprint.record("02-baseline", status="timed out"),
        sprint.record(
            "03-error-analysis", status="kernel died", error={**failure, "cell": None}
        ),
    )
    assert [dict(origin.facts)["Run"] for origin in shown.origins] == [
        sprint.run_id("01-data-sanity", 22)
    ]
    said = " ".join(shown.notices)
    assert "latest run of Data sanity came to nothing (failed in cell 5: Zero" in said
    assert "Baseline has never finished (timed out)" in said
    assert "Error analysis has never finished (kernel died: ZeroDivisionError)" in said


def test_results_of_a_replaced_run_are_said_to_be_outdated() -> None:
    shown = page(report_sprint.sanity(day=25), report_sprint.baseline())
    assert (
        "Baseline was executed with results of Data sanity that have been replaced"
        in (" ".join(shown.notices))
    )
    assert not page().notices


def test_a_run_of_many_notebooks_keeps_the_latest_number_of_a_name() -> None:
    older = sprint.record("02-a", day=20, metrics=[sprint.metric("hit_rate", 1.0)])
    newer = sprint.record("01-b", day=21, metrics=[sprint.metric("hit_rate", 2.0)])
    headline = build_headline(latest(older, newer), sprint.SCOPE)
    assert headline is not None
    assert headline.shown.value == "2.00"


def test_results_need_no_footnote_before_they_are_shown() -> None:
    run = Run(record=sprint.as_record(report_sprint.baseline()))
    assert run.number == 0
    assert isinstance(run.results, Results)
    assert isinstance(run.metric("hit_rate"), Metric)
    assert run.metric("none") is None
