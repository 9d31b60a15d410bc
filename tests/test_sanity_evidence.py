"""What a finding counts and quotes, and how the declared delay decides it."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from flaws_in_time import announced_a_day_before, first_day_flood, label
from sanity_worlds import SCOPE, Tables, check, clean, flawed, found, with_table

from toolkit.analysis.findings import Severity
from toolkit.scope import Accepted


def test_what_a_kind_announces_stands_in_the_evidence() -> None:
    def flaw(t: Tables) -> None:
        announced_a_day_before(t)
        belts = t["alarms"]["code"] == "A1"
        t["alarms"].loc[belts, "code"] = "belt soon"

    evidence = found(check(flawed(flaw)), "DS402")[0].evidence
    assert evidence is not None
    row = evidence.set_index("kind").loc["belt soon"]
    assert row["mostly with"] in {"belt", "motor"}
    assert int(str(row["matched"]).split()[0]) > 50


@pytest.mark.parametrize(
    ("delay", "severity", "words"),
    [
        (timedelta(0), Severity.ERROR, "With no delay declared"),
        (timedelta(hours=6), Severity.ERROR, "With the declared delay of 6 hours"),
        (timedelta(days=1), Severity.WARNING, "the whole result hangs on that delay"),
    ],
)
def test_the_declared_delay_decides_what_an_announcement_is_worth(
    delay: timedelta, severity: Severity, words: str
) -> None:
    finding = found(
        check(flawed(announced_a_day_before), with_table("alarms", delay=delay)),
        "DS402",
    )[0]
    assert finding.severity is severity
    assert words in finding.message


def test_an_announcement_between_two_decisions_cannot_help() -> None:
    def flaw(t: Tables) -> None:
        for name in ("failures", "alarms"):
            t[name]["at"] = t[name]["at"].dt.normalize() + pd.Timedelta(hours=12)
        before = t["failures"].rename(columns={"part": "code"})
        before["at"] -= pd.Timedelta(hours=2)
        t["alarms"] = pd.concat([t["alarms"], before], ignore_index=True)

    finding = found(check(flawed(flaw)), "DS402")[0]
    assert finding.severity is Severity.WARNING
    assert "no decision falls between them and the event" in finding.message


def test_a_flood_before_the_first_decision_is_no_error() -> None:
    later = replace(
        SCOPE, decisions=replace(SCOPE.decisions, first=date(2023, 1, 8), last=None)
    )
    finding = found(check(flawed(first_day_flood), later), "DS305")[0]
    assert finding.severity is Severity.WARNING


def test_kinds_beside_the_label_in_its_own_table_are_a_log_as_well() -> None:
    def flaw(t: Tables) -> None:
        before = t["failures"][t["failures"]["part"] == "belt"].assign(part="warning")
        before["at"] -= pd.Timedelta(hours=30)
        t["failures"] = pd.concat([t["failures"], before], ignore_index=True)

    belts = replace(SCOPE, label=replace(SCOPE.label, kinds=("belt",)))
    assert [f.place for f in found(check(flawed(flaw), belts), "DS402")] == ["failures"]


def test_treated_rows_are_counted() -> None:
    strategy = replace(SCOPE.current_strategy, checks="alarms")
    finding = found(check(clean(), replace(SCOPE, current_strategy=strategy)), "DS508")[
        0
    ]
    assert finding.severity is Severity.WARNING
    assert "within the horizon" in finding.message


def test_rows_before_an_entity_began_are_found() -> None:
    tables = clean()
    tables["units"]["since"] = pd.Timestamp("2020-01-01")
    tables["units"].loc[3, "since"] = pd.Timestamp("2023-06-01")
    findings = found(check(tables, with_table("units", time="since")), "DS315")
    assert {f.place for f in findings} == {"alarms.at", "failures.at", "readings.at"}


def test_a_unit_names_no_unit_change_that_is_none() -> None:
    def flaw(t: Tables) -> None:
        late = t["readings"]["at"] >= pd.Timestamp("2023-06-15")
        t["readings"].loc[late, "temperature"] += 41.7

    finding = found(check(flawed(flaw)), "DS312")[0]
    assert finding.message.endswith("-06-18")


def test_a_pause_of_the_whole_fleet_is_no_gap_of_single_entities() -> None:
    def flaw(t: Tables) -> None:
        at = t["readings"]["at"]
        t["readings"] = t["readings"][~at.between("2023-04-01", "2023-06-01")]

    report = check(flawed(flaw))
    assert found(report, "DS303")
    assert not found(report, "DS318")


def test_accepting_is_by_code_and_place() -> None:
    report = check(flawed(announced_a_day_before))
    here = Accepted(code="DS402", place="alarms", reason="as in the scope")
    there = Accepted(code="DS402", place="failures", reason="elsewhere")
    assert not report.unaccepted([here])
    assert len(report.unaccepted([there])) == 1


def test_rows_after_the_last_event_are_not_compared_with_a_label_column() -> None:
    def flaw(t: Tables) -> None:
        t["readings"]["target"] = label(t)
        early = t["failures"]["at"] < pd.Timestamp("2023-11-01")
        t["failures"] = t["failures"][early]

    finding = found(check(flawed(flaw)), "DS407")[0]
    assert "agrees with the events in 100 % of" in finding.message
