import hashlib
from dataclasses import replace

import pytest
import report_records as sprint
import report_sprint
from report_pages import OPEN, html, latest, only_metrics, page, words

from toolkit.publish.results import Column, Table
from toolkit.report.figures import MAX_IMAGE_BYTES
from toolkit.report.money import build_money
from toolkit.report.numerals import MINUS, MISSING
from toolkit.report.page import build_page
from toolkit.report.tables import view_table


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
    assert "no costs" in words(html(report_sprint.baseline(), asked=OPEN))


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
    documents = report_sprint.sprint()
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
