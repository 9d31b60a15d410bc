import argparse
import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import report_records as sprint
from evidence import found
from hypothesis import given
from hypothesis import strategies as st
from records import put

from toolkit import scope
from toolkit.cli import report as cli
from toolkit.publish.results import Column, Metric, Results, Table
from toolkit.report import NoFinishedRunError, ReportFileError, write_report
from toolkit.report.credits import quote_credits
from toolkit.report.figures import MAX_IMAGE_BYTES
from toolkit.report.headline import build_headline
from toolkit.report.latest import Latest, select_latest
from toolkit.report.money import build_money
from toolkit.report.numerals import MINUS, MISSING, amount, decimals, number, quantity
from toolkit.report.page import Page, build_page
from toolkit.report.provenance import command
from toolkit.report.render import render
from toolkit.report.runs import Run
from toolkit.report.scale import Mark, draw_scale
from toolkit.report.tables import view_table
from toolkit.report.texts import label
from toolkit.report.verdict import Evidence, judge
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.trust import Trust, trust_of

TrustOf = Callable[[Record], Trust]
OPEN = replace(sprint.SCOPE, question="", stated_costs=None, stated_success=None)


def unverified(record: Record) -> Trust:
    return trust_of(record, ())


def latest(*documents: sprint.Document, trust: TrustOf = unverified) -> Latest:
    records = [sprint.as_record(document) for document in documents or sprint.sprint()]
    return select_latest(records, folder="runs", trust=trust)


def with_images(found: Latest) -> Latest:
    images = {
        figure.name: sprint.SVG for run in found.shown for figure in run.results.figures
    }
    return replace(
        found, shown=tuple(replace(run, images=images) for run in found.shown)
    )


def page(
    *documents: sprint.Document,
    asked: scope.Scope = sprint.SCOPE,
    trust: TrustOf = unverified,
) -> Page:
    return build_page(with_images(latest(*documents, trust=trust)), asked)


def html(*documents: sprint.Document, asked: scope.Scope = sprint.SCOPE) -> str:
    return render(page(*documents, asked=asked))


def words(markup: str) -> str:
    """Return what a reader sees, without tags and style."""
    body = re.sub(r"<(style|svg|sup).*?</\1>", "", markup, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def only_metrics(*metrics: sprint.Document) -> sprint.Document:
    return sprint.record("02-baseline", metrics=metrics)


# the first screen


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


def test_a_bar_below_a_random_pick_is_not_the_one_to_beat() -> None:
    shown = page(
        only_metrics(
            sprint.metric("hit_rate", 0.35, interval=[0.3, 0.4]),
            sprint.metric("bar_hit_rate", 0.2),
            sprint.metric("random_hit_rate", 0.34),
        )
    ).headline
    assert shown is not None
    assert shown.verdict.standing == "unclear"
    assert "picking at random" in shown.verdict.sentence


def test_a_published_paired_difference_decides_against_the_bar() -> None:
    metrics = [
        sprint.metric("hit_rate", 0.5, interval=[0.3, 0.7]),
        sprint.metric("bar_hit_rate", 0.4, interval=[0.2, 0.6]),
    ]
    paired = sprint.metric("hit_rate_over_bar", 0.1, interval=[0.02, 0.18])
    alone = page(only_metrics(*metrics)).headline
    both = page(only_metrics(*metrics, paired)).headline
    assert alone is not None
    assert both is not None
    assert (alone.verdict.standing, both.verdict.standing) == ("unclear", "above")


@pytest.mark.parametrize(
    ("facts", "standing", "sentence"),
    [
        pytest.param(
            {"value": 3.2, "interval": (3.1, 3.3)},
            "reached",
            "The goal of 3 is reached.",
            id="reached",
        ),
        pytest.param(
            {"value": 3.2, "interval": (2.9, 3.5)},
            "reached",
            "The goal of 3 is reached on average, but lower values are within the "
            "uncertainty.",
            id="reached on average",
        ),
        pytest.param(
            {"value": 1.1, "interval": (1.05, 1.2)},
            "above",
            "Better than the bar, by 0.10, but the goal of 3 is not reached: 1.90 to "
            "go.",
            id="a little above",
        ),
        pytest.param(
            {"goal": None},
            "above",
            "Better than the bar, 2.0 times as much, and no goal is set.",
            id="no goal",
        ),
        pytest.param(
            {"value": 1.1, "interval": (0.9, 1.3)},
            "unclear",
            "Not shown to be better than the bar: a difference of 0.10 is within the "
            "uncertainty.",
            id="unclear",
        ),
        pytest.param(
            {"value": 0.5, "interval": (0.4, 0.6)},
            "below",
            "Worse than the bar, by 0.50.",
            id="below",
        ),
        pytest.param(
            {"reference": None},
            "unknown",
            "The goal of 3 is not reached: 1.00 to go. There is no published bar to "
            "hold this number against.",
            id="no bar",
        ),
        pytest.param(
            {"reference": None, "goal": None},
            "unknown",
            "There is no published bar to hold this number against.",
            id="neither",
        ),
        pytest.param(
            {"sign": -1, "goal": 0.1, "value": 0.2, "interval": (0.15, 0.25)},
            "above",
            "Better than the bar, by 0.80, but the goal of 0.1 is not reached: 0.10 to "
            "go.",
            id="lower is better",
        ),
    ],
)
def test_the_verdict_follows_from_the_numbers(
    facts: dict[str, Any], standing: str, sentence: str
) -> None:
    evidence = Evidence(
        value=2.0,
        interval=(1.8, 2.2),
        reference=1.0,
        reference_interval=None,
        reference_name="the bar",
        difference_interval=None,
        goal=3.0,
        sign=1,
        places=2,
    )
    verdict = judge(replace(evidence, **facts))
    assert (verdict.standing, verdict.sentence) == (standing, sentence)


@given(
    value=st.floats(-1e6, 1e6),
    width=st.floats(0, 1e6),
    reference=st.floats(-1e6, 1e6),
    sign=st.sampled_from([-1, 1]),
)
def test_better_is_claimed_only_where_the_interval_excludes_the_bar(
    value: float, width: float, reference: float, sign: int
) -> None:
    interval = (value - width, value + width)
    verdict = judge(
        Evidence(
            value=value,
            interval=interval,
            reference=reference,
            reference_interval=None,
            reference_name="the bar",
            difference_interval=None,
            goal=None,
            sign=sign,
            places=2,
        )
    )
    worst = interval[0] if sign > 0 else interval[1]
    assert (verdict.standing == "above") == (sign * (worst - reference) > 0)


marks = st.lists(
    st.builds(
        lambda role, value, width: Mark(
            role=role,
            label=role,
            value=value,
            shown=quantity(value),
            interval=(value - width, value + width),
        ),
        st.sampled_from(["model", "bar", "random", "goal", "oracle"]),
        st.floats(-1e9, 1e9).map(lambda x: round(x, 6)),
        st.floats(0, 1e3),
    ),
    min_size=1,
    max_size=5,
)


@given(marks=marks)
def test_every_mark_stands_within_the_scale(marks: list[Mark]) -> None:
    scale = draw_scale(marks, metric="Hit rate")
    for row in scale.rows:
        assert 0 <= row.x <= 100
        assert row.low is not None
        assert row.width is not None
        assert 0 <= row.low <= row.low + row.width <= 100.01
        assert row.beyond <= (row.mark.role == "oracle")
    assert [tick.x for tick in scale.ticks] == sorted({t.x for t in scale.ticks})
    assert 2 <= len(scale.ticks) <= 20


# what is missing is said


def test_an_unpublished_success_metric_is_said() -> None:
    shown = html(sprint.sanity())
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
        sprint.sanity(day=20),
        sprint.sanity(day=22),
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
    shown = page(sprint.sanity(day=25), sprint.baseline())
    assert (
        "Baseline was executed with results of Data sanity that have been replaced"
        in (" ".join(shown.notices))
    )
    assert not page().notices


# money


def test_money_is_shown_per_day_and_per_year() -> None:
    money = build_money(latest(), sprint.SCOPE)
    over_bar, idle = money.savings
    assert (over_bar.day.value, over_bar.day.low, over_bar.day.high) == (
        "$1,440",
        "$400",
        "$4,160",
    )
    assert over_bar.year.value == "$525,000"
    assert idle.day.low == f"{MINUS}$310"
    assert ("Cost of a failure", "$2,500", "$5,000", "$10,000") in money.assumptions


def test_an_amount_without_a_range_stands_alone() -> None:
    money = build_money(
        latest(only_metrics(sprint.metric("saved_per_day", 612.4))), sprint.SCOPE
    )
    assert [(s.day.value, s.day.low, s.year.span) for s in money.savings] == [
        ("$612", "", "")
    ]
    assert "no costs" in words(html(sprint.baseline(), asked=OPEN))


@pytest.mark.parametrize(
    ("interval", "standing"),
    [
        ([400.0, 900.0], ""),
        ([-100.0, 900.0], "Not shown to be a saving."),
        ([-900.0, -100.0], "A loss."),
    ],
)
def test_what_is_no_saving_is_not_shown_as_one(
    interval: list[float], standing: str
) -> None:
    amount_a_day = sum(interval) / 2
    document = only_metrics(
        sprint.metric("saved_per_day", amount_a_day, unit="USD", interval=interval)
    )
    shown = page(document)
    assert shown.money.savings[0].standing == standing
    assert shown.facts[0].note.endswith(standing or "a year")


def test_an_amount_in_another_currency_is_not_given_the_scopes_symbol() -> None:
    document = only_metrics(sprint.metric("saved_per_day", 612.4, unit="EUR a day"))
    saving = page(document).money.savings[0]
    assert (saving.day.value, saving.unit) == ("612", "EUR a day")
    assert "612 per day (EUR a day)" in words(html(document))


# red flags


def test_red_flags_stand_by_severity_and_open_ones_first() -> None:
    document = sprint.record(
        "01-data-sanity",
        findings=[
            sprint.finding("DS1", "note", "a", "n"),
            sprint.finding("DS2", "error", "a", "accepted one", accepted="known"),
            sprint.finding("DS3", "error", "a", "open one", count=1),
        ],
    )
    groups = page(document, sprint.record("02-baseline", **document["results"])).flags
    assert [(severity, [v.flag.code for v in views]) for severity, views in groups] == [
        ("error", ["DS3", "DS2"]),
        ("note", ["DS1"]),
    ]
    shown = words(html(document))
    assert "1 to decide" in shown
    assert shown.count("Open DS3") == 1
    assert "Open DS1" not in shown
    assert "Reason: known" in shown


# tables, figures and their places


def view(kind: str, *cells: object) -> list[str]:
    table = Table(
        name="t",
        title="",
        columns=(Column(name="x", kind=kind),),
        rows=len(cells),
        digest=hashlib.sha256(b"").hexdigest(),  # type: ignore[arg-type]  # a NewType
        preview=tuple((cell,) for cell in cells),
    )
    return [row[0] for row in view_table(table, latest().shown[0]).rows]


@pytest.mark.parametrize(
    ("kind", "cells", "shown"),
    [
        ("float64", [1.0187, 0.4133, ""], ["1.02", "0.41", MISSING]),
        ("float64", [0.02, 0.04], ["0.02", "0.04"]),
        ("float64", [0.00712, -0.5], ["0.01", f"{MINUS}0.50"]),
        ("float64", ["inf", 1.5], ["inf", "1.5"]),
        ("float64", [0.0, ""], ["0", MISSING]),
        ("float64", [1e-5, -1e-5, 0.02], ["<0.0001", f">{MINUS}0.0001", "0.0200"]),
        ("float64", [-1778.0, 629.0], [f"{MINUS}1,778", "629"]),
        ("float64", [""], [MISSING]),
        ("int64", [2015, 400], ["2015", "400"]),
        ("int64", [2015, 174000], ["2,015", "174,000"]),
        ("datetime64[us]", ["2015-10-03T00:00:00", "2015-10-03T07:00:00"],
         ["2015-10-03", "2015-10-03 07:00"]),
        ("bool", [True, False], ["yes", "no"]),
        ("str", ["<b>", "", None, 12000], ["<b>", MISSING, MISSING, "12,000"]),
    ],
)  # fmt: skip
def test_cells_are_set_for_reading(
    kind: str, cells: list[object], shown: list[str]
) -> None:
    assert view(kind, *cells) == shown


def test_identifiers_are_not_grouped() -> None:
    columns = {"machineID": "int64", "entity": "int64", "n": "int64"}
    table = sprint.table("t", columns, [[12345, 12345, 12345]])
    shown = page(sprint.record("09-other", tables=[table])).blocks["other"].tables[0]
    assert shown.rows == (("12345", "12345", "12,345"),)


def test_a_short_row_does_not_break_the_page() -> None:
    table = sprint.table("t", {"a": "str", "b": "str"}, [["x"], ["x", "y", "z"]])
    shown = page(sprint.record("09-other", tables=[table])).blocks["other"].tables[0]
    assert shown.rows == (("x", MISSING), ("x", "y"))


def test_known_names_have_their_place_and_order() -> None:
    blocks = page().blocks
    assert [view.title for view in blocks["tried"].tables] == [
        "Held against the same days",
        "Fit warnings",
        "Folds",
    ]
    assert [view.title for view in blocks["tried"].figures] == [
        "Hit rate by week",
        "Cumulative gain",
    ]
    assert blocks["errors"].tables[0].title == "Segments"
    assert [view.title for view in blocks["next"].tables] == [
        "Alterations, cheapest first"
    ]
    assert not blocks["other"].tables


def test_unknown_names_stand_with_their_notebook() -> None:
    extra = sprint.table("pumps", {"pump": "str"}, [["a"]])
    documents = sprint.sprint()
    for document in documents:
        document["results"]["tables"].append(extra)
    documents.append(sprint.record("09-other", tables=[extra]))
    blocks = page(*documents).blocks
    for section in ("flags", "tried", "errors", "other"):
        assert "Pumps" in [view.title for view in blocks[section].tables]
    assert "Other results" in words(html(*documents))
    assert "Other results" not in words(html())


def test_a_long_table_scrolls_and_a_cut_one_says_where_the_rest_is() -> None:
    tables = {view.title: view for view in page().blocks["tried"].tables}
    assert tables["Folds"].long
    errors = {view.title: view for view in page().blocks["errors"].tables}
    assert "of 3,012 rows; all are in runs/" in (
        errors["Worst misses: failed, but ranked last"].note
    )


def test_a_figure_that_is_not_the_recorded_one_is_not_shown() -> None:
    large = sprint.SVG + b" " * MAX_IMAGE_BYTES
    document = sprint.record(
        "01-data-sanity",
        figures=[
            sprint.figure("here", "Alt."),
            sprint.figure("absent", "Alt."),
            sprint.figure("changed", "Alt.", image=b"<svg/>"),
            sprint.figure("large", "Alt.", image=large),
        ],
    )
    found = latest(document)
    images = {"here": sprint.SVG, "changed": sprint.SVG, "large": large}
    run = replace(found.shown[0], images=images)
    block = build_page(replace(found, shown=(run,)), sprint.SCOPE).blocks["other"]
    assert [bool(view.source) for view in block.figures] == [True, False, False, False]
    reasons = ("not at hand here", "not the one that the record describes", "too large")
    for shown, reason in zip(block.figures[1:], reasons, strict=True):
        assert reason in shown.absent


# provenance


def test_the_command_repeats_the_run_at_its_commit() -> None:
    document = sprint.baseline()
    document["recipe"]["parameters"] = {
        "n": 10,
        "name": "a b",
        "on": True,
        "over": None,
        "windows": ["7 days", 30],
    }
    run = latest(document).shown[0]
    assert command(run) == (
        "git checkout 3f2a9c1b7d5e48f6a0b1c2d3e4f5061728394a5b && "
        "toolkit run notebooks/02-baseline.ipynb -p n=10 -p 'name=a b' -p on=true "
        "-p over=null -p 'windows=[\"7 days\", 30]'"
    )


@pytest.mark.parametrize(("commit", "dirty"), [(None, None), ("3f2a9c1b7d5e", True)])
def test_what_no_commit_holds_is_exploratory(
    commit: str | None,
    dirty: bool | None,  # noqa: FBT001 -- a fact of the record
) -> None:
    document = sprint.record("02-baseline", commit=commit, dirty=dirty)
    shown = page(document, trust=sprint.verified)
    assert not shown.origins[0].quotable
    assert shown.origins[0].command.startswith("toolkit run")
    assert shown.standings[1].mark == "Not to be quoted: exploratory"
    facts = dict(shown.origins[0].facts)
    assert facts["Level"].startswith("Exploratory")
    assert facts["To make it count"].startswith("commit your changes")
    assert facts["Commit"] in (
        "none",
        "3f2a9c1b7d5e, with changes that no commit holds",
    )


# what may be quoted


def test_what_nobody_verified_is_marked_at_every_number() -> None:
    shown = page()
    markup = render(shown)
    assert "Not verified: toolkit verify --all" in words(markup).split("Report for")[0]
    assert not shown.proof.quotable
    assert {one.mark for one in shown.standings.values()} == {
        "Not to be quoted: not verified"
    }
    loose = Elements(markup).within("loose")
    for numeral in ("1.02", "0.86 to 1.19", "0.41", "$525,000", "$1,440", "174,000"):
        assert numeral in loose, numeral


def test_what_is_reproduced_is_shown_as_it_is() -> None:
    shown = page(trust=sprint.verified)
    markup = render(shown)
    assert shown.proof.quotable
    assert "Reproduced 2026-11-24 under 14 variations" in words(markup)
    assert not Elements(markup).within("loose")
    assert "mark-loose" not in re.sub("<style>.*?</style>", "", markup, flags=re.DOTALL)
    assert "verify" not in words(markup)
    assert dict(shown.origins[0].facts)["Level"].startswith("Reproduced 2026-11-24")


@pytest.mark.parametrize(
    ("verified", "sentence"),
    [
        pytest.param("01-data-sanity", "Not verified: toolkit verify --all", id="rest"),
        pytest.param("02-baseline", "and marked, is what Data sanity, Err", id="first"),
    ],
)
def test_only_what_is_not_reproduced_is_marked(verified: str, sentence: str) -> None:
    def trust(record: Record) -> Trust:
        own = record.notebook == verified
        return sprint.verified(record) if own else trust_of(record, ())

    shown = page(trust=trust)
    assert sentence in shown.proof.sentence
    marked = {
        run.number: bool(shown.standings[run.number].mark) for run in latest().shown
    }
    assert marked == {run.number: run.stem != verified for run in latest().shown}
    loose = Elements(render(shown)).within("loose")
    assert ("0.41" in loose) == (verified != "02-baseline")


def test_a_refuted_number_says_why() -> None:
    def trust(record: Record) -> Trust:
        return trust_of(record, (found(record, "differs", cause="hash seed"),))

    shown = page(sprint.baseline(), trust=trust)
    assert shown.standings[1].mark == "Not to be quoted: came out differently"
    assert "gave other results (hash seed)" in shown.proof.details[0]


def test_every_footnote_leads_to_its_run() -> None:
    markup = html()
    targets = set(re.findall(r'href="#([^"]+)"', markup))
    ids = re.findall(r' id="([^"]+)"', markup)
    assert targets <= set(ids)
    assert len(ids) == len(set(ids))
    assert {"run-1", "run-2", "run-3"} <= targets


def test_nothing_is_called_verified() -> None:
    said = words(html())
    assert "Not verified" in said
    assert not re.search(r"(?<!not )(?<!Not )verified", said)


# numbers


@given(value=st.floats(-1e12, 1e12), places=st.integers(-3, 6))
def test_a_number_reads_back_as_itself(value: float, places: int) -> None:
    shown = number(value, places)
    assert "-" not in shown
    read = float(shown.replace(MINUS, "-").replace(",", ""))
    assert read == pytest.approx(value, rel=1e-12, abs=0.51 * 10.0**-places)


@given(value=st.floats(1e-3, 1e9), width=st.floats(1e-3, 1e9))
def test_the_interval_decides_the_digits(value: float, width: float) -> None:
    places = decimals(value, (value - width, value + width))
    assert 10.0 ** (-places + 1) <= width * 1.0001


@pytest.mark.parametrize(
    ("unit", "currency", "value", "rest"),
    [
        ("USD per day", "USD", "$1,440", "per day"),
        ("USD/day", "USD", "$1,440", "per day"),
        ("$", "USD", "$1,440", ""),
        ("$ a day", "USD", "$1,440", "a day"),
        ("EUR", "EUR", "€1,440", ""),
        ("CHF", "CHF", "CHF\N{NO-BREAK SPACE}1,440", ""),
        ("USDT", "USD", "1,440", "USDT"),
        ("hits", "USD", "1,440", "hits"),
        ("hits", "", "1,440", "hits"),
    ],
)
def test_money_carries_its_symbol(
    unit: str, currency: str, value: str, rest: str
) -> None:
    shown = quantity(1440.0, unit, currency=currency)
    assert (shown.value, shown.unit) == (value, rest)


def test_zero_needs_no_decimals() -> None:
    assert (decimals(0.0), number(0.0), number(-0.0)) == (0, "0", "0")


def test_cents_are_shown_where_they_matter() -> None:
    assert (amount(1.5, "USD"), amount(2500.4, "USD")) == ("$1.50", "$2,500")


def test_labels_are_words() -> None:
    assert [label(name) for name in ("hit_rate", "02-baseline", "1", "")] == [
        "Hit rate",
        "Baseline",
        "1",
        "",
    ]


# the document


VOID = ("meta", "img", "line", "rect", "circle", "path", "br")


class Elements(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[tuple[str, list[str]]] = []
        self._texts: list[tuple[str, list[str]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            classes = (dict(attrs).get("class") or "").split()
            self._open.append((tag, classes))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        classes = [name for _, names in self._open for name in names]
        self._texts.append((data.strip(), classes))

    def within(self, name: str) -> set[str]:
        """Return the texts that stand inside an element of a class."""
        return {text for text, classes in self._texts if text and name in classes}


def test_the_page_is_deterministic_and_small() -> None:
    assert html() == html()
    assert len(html().encode()) < 200_000


def test_the_page_runs_nothing_and_asks_nobody() -> None:
    elements = Elements(html()).found
    assert not {"script", "iframe", "object", "link", "form"} & {t for t, _ in elements}
    for tag, attributes in elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert "style" not in attributes
        if tag == "a":
            assert str(attributes["href"]).startswith("#")
        if "src" in attributes:
            assert str(attributes["src"]).startswith("data:image/svg+xml;base64,")
    policy = next(a for t, a in elements if a.get("http-equiv"))["content"]
    style = re.search(r"<style>(.*?)</style>", html(), re.DOTALL)
    assert style is not None
    assert policy is not None
    assert "default-src 'none'" in policy
    digest = hashlib.sha256(style[1].encode()).digest()
    assert base64.b64encode(digest).decode() in policy


HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}{x}"


def test_whatever_a_record_says_stays_text() -> None:
    markup = html(hostile_record(), asked=hostile_scope())
    assert "<script" not in markup
    assert "<img src=x" not in markup
    assert "{{ 7 * 7 }}{x}" in markup


def hostile_record() -> sprint.Document:
    document = sprint.record(
        "02-baseline",
        metrics=[
            sprint.metric("hit_rate", 1.0, unit=HOSTILE, description=HOSTILE),
            sprint.metric("saved_per_day", 1.0, unit=HOSTILE, description=HOSTILE),
        ],
        tables=[sprint.table("t", {HOSTILE: "str"}, [[HOSTILE]], title=HOSTILE)],
        figures=[sprint.figure("f", HOSTILE, HOSTILE)],
        findings=[
            sprint.finding(HOSTILE, "error", HOSTILE, HOSTILE, accepted=HOSTILE),
        ],
    )
    document["recipe"]["parameters"] = {"name": HOSTILE}
    return document


def hostile_scope() -> scope.Scope:
    asked = sprint.SCOPE
    return replace(
        asked,
        question=HOSTILE,
        client=HOSTILE,
        user=HOSTILE,
        assumptions=(HOSTILE,),
        disruption=(HOSTILE,),
    )


# on disk


def stored(folder: Path, *documents: sprint.Document) -> Path:
    for document in documents or sprint.sprint():
        run = put(sprint.as_record(document), folder)
        (run / "figures").mkdir()
        for figure in document["results"]["figures"]:
            (run / "figures" / f"{figure['name']}.svg").write_bytes(sprint.SVG)
    return folder


def test_the_report_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "out" / "report.html"
    size = write_report(stored(tmp_path / "runs"), target, sprint.SCOPE)
    assert target.stat().st_size == size
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]
    assert target.read_text("utf-8").count("data:image/svg+xml") == 4


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    runs = stored(tmp_path / "runs")
    (tmp_path / "file").write_text("old")
    for target in (tmp_path / "file" / "report.html", tmp_path / "runs"):
        with pytest.raises(ReportFileError, match="name another file with -o"):
            write_report(runs, target, sprint.SCOPE)
    assert (tmp_path / "file").read_text() == "old"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_damaged_record_is_said_on_the_page(tmp_path: Path) -> None:
    runs = stored(tmp_path / "runs")
    (runs / sprint.run_id("02-baseline") / "record.json").write_text("{")
    write_report(runs, tmp_path / "report.html", sprint.SCOPE)
    assert "record.json" in (tmp_path / "report.html").read_text("utf-8")


def test_what_the_publisher_says_of_the_data_is_quoted(tmp_path: Path) -> None:
    asked = replace(sprint.SCOPE, root=str(tmp_path))
    (tmp_path / "plant").mkdir()
    (tmp_path / "plant" / "README.md").write_text(
        "Simulated by its maker. Licence: CC0."
    )
    write_report(stored(tmp_path / "runs"), tmp_path / "report.html", asked)
    shown = words((tmp_path / "report.html").read_text("utf-8"))
    assert "Simulated by its maker." in shown
    assert "Licence: CC0." in shown


def test_a_readme_in_the_projects_root_is_not_about_the_data(tmp_path: Path) -> None:
    tables = {
        name: replace(table, source=table.name)
        for name, table in sprint.SCOPE.tables.items()
    }
    asked = replace(sprint.SCOPE, root=str(tmp_path), tables=tables)
    (tmp_path / "README.md").write_text("Simulated by its maker.")
    write_report(stored(tmp_path / "runs"), tmp_path / "report.html", asked)
    assert "Simulated" not in (tmp_path / "report.html").read_text("utf-8")


def test_credits_are_quoted_once_and_in_order() -> None:
    readme = "# A\n\n- Synthetic data. Licence: X.\n- `credit line`: Y"
    assert quote_credits([readme, readme]) == (
        ("Synthetic data.",),
        ("Licence: X.", "credit line: Y"),
    )


def test_a_changed_scope_is_said(tmp_path: Path) -> None:
    asked = replace(sprint.SCOPE, root=str(tmp_path))
    (tmp_path / "scope.yaml").write_text("other")
    write_report(stored(tmp_path / "runs"), tmp_path / "report.html", asked)
    assert "scope.yaml has changed" in (tmp_path / "report.html").read_text("utf-8")


# the command line


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        ([], r"{target}, \d+ kB\n"),
        (["--md"], r"\[{target}\]\(<{target}>\), \d+ kB\n"),
    ],
)
def test_the_verb_prints_path_and_size(
    arguments: list[str],
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = project(tmp_path, monkeypatch) / "runs" / "report.html"
    assert run_verb(*arguments) == 0
    pattern = printed.replace("{target}", re.escape(str(target)))
    assert re.fullmatch(pattern, capsys.readouterr().out)


def test_the_verb_speaks_json(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project(tmp_path, monkeypatch)
    target = tmp_path / "page.html"
    assert run_verb("--runs", "runs", "-o", str(target), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1,
        "path": str(target),
        "bytes": target.stat().st_size,
    }


def test_the_verb_without_runs_names_the_one_that_makes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, monkeypatch)
    with pytest.raises(NoFinishedRunError, match="toolkit run"):
        run_verb("--runs", "nowhere")


def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a scope and three runs, and go there."""
    (folder / "scope.yaml").write_text(sprint.SCOPE_TEXT, "utf-8")
    stored(folder / "runs")
    monkeypatch.chdir(folder)
    return folder


def run_verb(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers())
    args = parser.parse_args(["report", *arguments])
    code: int = args.run(args)
    return code


def test_a_run_of_many_notebooks_keeps_the_latest_number_of_a_name() -> None:
    older = sprint.record("02-a", day=20, metrics=[sprint.metric("hit_rate", 1.0)])
    newer = sprint.record("01-b", day=21, metrics=[sprint.metric("hit_rate", 2.0)])
    headline = build_headline(latest(older, newer), sprint.SCOPE)
    assert headline is not None
    assert headline.shown.value == "2.00"


def test_results_need_no_footnote_before_they_are_shown() -> None:
    run = Run(record=sprint.as_record(sprint.baseline()))
    assert run.number == 0
    assert isinstance(run.results, Results)
    assert isinstance(run.metric("hit_rate"), Metric)
    assert run.metric("none") is None
