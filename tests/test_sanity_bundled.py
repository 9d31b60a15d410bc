"""What is really wrong with the bundled data, as the general checks find it."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from toolkit import datasets, scope
from toolkit.analysis.findings import Finding, Severity
from toolkit.analysis.sanity import check_tables

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE


@cache
def findings(*, delay_days: int | None = None) -> tuple[Finding, ...]:
    asked = scope.load()
    if delay_days is not None:
        delay = timedelta(days=delay_days)
        tables = {n: replace(t, delay=delay) for n, t in asked.tables.items()}
        asked = replace(asked, tables=tables)
    return check_tables(datasets.load("azure-pdm-1000"), asked).findings


KNOWN = [
    ("DS401", E, "maint", "97 % of the 6,726 failures rows have a row of maint"),
    ("DS310", E, "failures.datetime", "whole multiples of 15 days"),
    ("DS310", W, "maint.datetime", "whole multiples of 15 days"),
    (
        "DS302",
        W,
        "failures.datetime",
        "(1 of errors and 84 of maint, up to",
    ),
    ("DS303", W, "maint.datetime", "no row at all on 199 days of 580"),
    (
        "DS305",
        W,  # the scope's first decision lies after it
        "failures.datetime",
        "186 of them bear the time 03:00, never seen later",
    ),
    ("DS306", N, "errors.datetime", "the last day holds 1 row (2016-01-01)"),
    ("DS308", W, "maint.datetime", "(4.5 times as many)"),
    ("DS309", W, "maint.datetime", "all 32,592 rows of maint bear the time 06:00"),
    ("DS309", W, "errors.datetime", "bear the time 06:00 (77 %)"),
    ("DS311", W, "maint.datetime", "the first 4,000 rows"),
    (
        "DS402",
        W,
        "errors",
        "76 % of the 11,967 errors rows are followed by",
    ),
    ("DS405", W, "failures.datetime", "06:00 (97 %) and 03:00 (3 %)"),
    ("DS203", N, "failures.failure", "358 instants of 6,368"),
    ("DS209", N, "failures[comp3]", "model3 and model4, where 738 were to be expected"),
    ("DS210", N, "machines.age", "as of which day is it?"),
]


@pytest.mark.parametrize(("code", "severity", "place", "words"), KNOWN)
def test_a_known_flaw_of_the_bundled_data_is_found(
    code: str, severity: Severity, place: str, words: str
) -> None:
    messages = [
        f.message
        for f in findings()
        if (f.code, f.severity, f.place) == (code, severity, place)
    ]
    assert [words in message for message in messages] == [True]


def test_no_other_error_or_warning_is_raised() -> None:
    known = {(code, place) for code, _, place, _ in KNOWN}
    other = [f for f in findings() if f.severity is not N]
    assert {(f.code, f.place) for f in other} <= known


def test_without_a_delay_the_announcements_are_an_error() -> None:
    found = [f for f in findings(delay_days=0) if f.code == "DS402"]
    assert [f.severity for f in found] == [E]
    assert "exactly 24 hours later; by chance it would be 1 %" in found[0].message


def test_each_kind_of_error_announces_one_component() -> None:
    found = next(f for f in findings() if f.code == "DS402")
    assert found.evidence is not None
    assert list(found.evidence["mostly with"]) == [
        "comp1",
        "comp2",
        "comp2",
        "comp3",
        "comp4",
    ]
