"""Each planted flaw is found by the check that is there for it, where it stands."""

from functools import cache

import pytest
from flaws_in_columns import (
    FLAWS_IN_COLUMNS,
    fahrenheit,
    ids_of_another_form,
    missing_at_one_site,
    nearly_copied,
    numbers_as_text,
    two_date_orders,
    unreadable_dates,
)
from flaws_in_time import (
    FLAWS_IN_TIME,
    announced_24_to_29_hours_before,
    announced_a_day_before,
    batch_at_six,
    dates_only,
    dead_after_failure,
    first_day_flood,
    fleet_shift,
    grid,
    label_ends_early,
    label_in_the_readings,
    label_of_something_else,
    no_rows_before_failures,
    repairs_logged_as_alarms,
    unit_change,
)
from sanity_worlds import Flaw, check, flawed, found

from toolkit.analysis.findings import MAX_EVIDENCE_ROWS, Severity
from toolkit.analysis.sanity import SanityReport


@cache
def checked(flaw: Flaw) -> SanityReport:
    """Return what the checks say of the clean fleet with one flaw; asked twice."""
    return check(flawed(flaw))


@pytest.mark.parametrize(
    ("flaw", "code", "place"),
    [
        pytest.param(*row, id=f"{row[1]} {row[0].__name__} {row[2]}")
        for row in (*FLAWS_IN_COLUMNS, *FLAWS_IN_TIME)
    ],
)
def test_a_planted_flaw_is_found(flaw: Flaw, code: str, place: str) -> None:
    findings = found(checked(flaw), code)
    assert place in [f.place for f in findings]
    finding = next(f for f in findings if f.place == place)
    assert finding.message[:1].strip()
    assert finding.advice
    assert finding.evidence is None or len(finding.evidence) <= MAX_EVIDENCE_ROWS


@pytest.mark.parametrize(
    ("flaw", "code", "severity", "words"),
    [
        pytest.param(
            announced_a_day_before,
            "DS402",
            Severity.ERROR,
            "of the same unit exactly 24 hours later; by chance it would be",
            id="announced",
        ),
        pytest.param(
            announced_24_to_29_hours_before,
            "DS402",
            Severity.ERROR,
            "24.1 hours to 28.9 hours later",
            id="announced within hours",
        ),
        pytest.param(
            repairs_logged_as_alarms,
            "DS401",
            Severity.ERROR,
            "failures rows have a row of alarms with the same unit",
            id="coincides",
        ),
        pytest.param(
            grid,
            "DS310",
            Severity.ERROR,
            "whole multiples of 15 days (by chance 7 %)",
            id="grid",
        ),
        pytest.param(
            first_day_flood,
            "DS305",
            Severity.ERROR,
            "80 of them bear the time 03:00, seldom seen later",
            id="flood",
        ),
        pytest.param(
            label_in_the_readings,
            "DS407",
            Severity.ERROR,
            "the scope lists it as a measurement",
            id="label as measurement",
        ),
        pytest.param(
            label_of_something_else,
            "DS407",
            Severity.WARNING,
            "is named like a label",
            id="not the label",
        ),
        pytest.param(
            no_rows_before_failures,
            "DS408",
            Severity.ERROR,
            "in the 2 days before a label event 100 % of the entities have no row",
            id="absence",
        ),
        pytest.param(
            dead_after_failure,
            "DS304",
            Severity.WARNING,
            "stop within 2 days of a label event",
            id="dead after failure",
        ),
        pytest.param(
            label_ends_early,
            "DS302",
            Severity.WARNING,
            "what happened then is unknown, not nothing",
            id="label ends early",
        ),
        pytest.param(
            unit_change,
            "DS312",
            Severity.WARNING,
            "3 entities of 50 (U010, U011 and U012) jump from about",
            id="unit change",
        ),
        pytest.param(
            fleet_shift,
            "DS312",
            Severity.WARNING,
            "as between psi and bar",
            id="fleet shift",
        ),
        pytest.param(
            fahrenheit,
            "DS116",
            Severity.WARNING,
            "it is 1.8 x temperature + 32",
            id="F",
        ),
        pytest.param(
            nearly_copied, "DS116", Severity.NOTE, "nearly repeats it", id="near copy"
        ),
        pytest.param(
            missing_at_one_site,
            "DS107",
            Severity.WARNING,
            "100 % of the missing values belong to 3 entities of 50",
            id="one site",
        ),
        pytest.param(
            numbers_as_text,
            "DS102",
            Severity.ERROR,
            "though the scope lists the column as a measurement",
            id="text measurement",
        ),
        pytest.param(
            unreadable_dates,
            "DS103",
            Severity.ERROR,
            "40 times of",
            id="unreadable dates",
        ),
        pytest.param(
            two_date_orders,
            "DS104",
            Severity.ERROR,
            "can be read both ways",
            id="orders",
        ),
        pytest.param(
            ids_of_another_form,
            "DS204",
            Severity.ERROR,
            "are in no table of entities",
            id="ids of another form",
        ),
        pytest.param(
            dates_only,
            "DS405",
            Severity.WARNING,
            "what was known at 07:00 of that day",
            id="dates only",
        ),
        pytest.param(
            batch_at_six,
            "DS309",
            Severity.WARNING,
            "06:00 is 1 hour before the decision at 07:00",
            id="batch",
        ),
    ],
)
def test_a_finding_says_what_was_found(
    flaw: Flaw, code: str, severity: Severity, words: str
) -> None:
    findings = found(checked(flaw), code)
    assert [f.severity for f in findings if words in f.message] == [severity]
