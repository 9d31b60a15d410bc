"""The report: order, summary, what is accepted, and the error that says how."""

import re
from pathlib import Path

import pandas as pd
import pytest
from sanity_worlds import SCOPE, check, clean, flawed, panel

from toolkit import scope
from toolkit.analysis.findings import Check, Finding, Outcome, Severity
from toolkit.analysis.sanity import (
    SanityReport,
    UnacceptedFindingsError,
    check_panel,
    titles,
)
from toolkit.analysis.sanity.wording import counted, duration, listed, number, percent
from toolkit.errors import ToolkitError
from toolkit.scope import Accepted

DOCS = Path(__file__).parents[1] / "docs" / "checks.md"


def finding(code: str, severity: Severity, place: str = "t", count: int = 1) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        place=place,
        message=f"what {code} found",
        advice="mend it",
        count=count,
    )


def report(*findings: Finding) -> SanityReport:
    codes = sorted({f.code for f in findings})
    checks = [
        Check(
            code=code,
            title=f"title of {code}",
            outcome=Outcome.FOUND,
            findings=tuple(f for f in findings if f.code == code),
        )
        for code in codes
    ]
    quiet = Check(
        code="DS998", title="quiet", outcome=Outcome.PASSED, reason="looked at all"
    )
    absent = Check(
        code="DS997",
        title="absent",
        outcome=Outcome.NOT_APPLICABLE,
        reason="needs more",
    )
    return SanityReport(checks=(*checks, quiet, absent))


NOTE = finding("DS901", Severity.NOTE)
WARNING = finding("DS902", Severity.WARNING)
ERROR = finding("DS903", Severity.ERROR, "maint's[x]")
MANY = finding("DS903", Severity.ERROR, "other", 9)


def test_findings_come_errors_first_then_by_code_then_most_rows() -> None:
    assert report(NOTE, WARNING, ERROR, MANY).findings == (MANY, ERROR, WARNING, NOTE)


def test_the_summary_tells_found_passed_and_not_applicable_apart() -> None:
    summary = report(NOTE, ERROR).summary()
    assert list(summary["code"]) == ["DS903", "DS901", "DS998", "DS997"]
    assert list(summary["outcome"]) == ["found", "found", "passed", "not applicable"]
    assert list(summary["message"])[2:] == ["looked at all", "needs more"]
    assert list(summary.columns) == [
        "code",
        "title",
        "outcome",
        "severity",
        "place",
        "count",
        "message",
    ]


def test_only_errors_have_to_be_accepted() -> None:
    assert report(NOTE, WARNING).unaccepted(()) == ()
    report(NOTE, WARNING).raise_for_errors()
    assert report(ERROR, WARNING).unaccepted(()) == (ERROR,)


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        pytest.param(Accepted(code="DS903", reason="known"), (), id="everywhere"),
        pytest.param(
            Accepted(code="DS903", place="other", reason="known"), (ERROR,), id="place"
        ),
        pytest.param(
            Accepted(code="DS902", reason="known"), (MANY, ERROR), id="another code"
        ),
    ],
)
def test_an_entry_accepts_its_code_at_its_place(
    entry: Accepted, left: tuple[Finding, ...]
) -> None:
    both = report(ERROR, MANY)
    assert both.unaccepted([entry]) == left
    assert both.reason(MANY, [entry]) == (None if MANY in left else "known")


def test_the_error_names_code_place_and_message_and_the_lines_to_paste() -> None:
    with pytest.raises(UnacceptedFindingsError) as caught:
        report(ERROR, WARNING).raise_for_errors()
    text = str(caught.value)
    assert isinstance(caught.value, ToolkitError)
    assert "1 error that nobody accepted" in text
    assert "DS903 maint's[x]: what DS903 found" in text
    assert "DS902" not in text


def test_the_lines_to_paste_are_read_back_as_the_acceptance() -> None:
    with pytest.raises(UnacceptedFindingsError) as caught:
        report(ERROR, MANY).raise_for_errors()
    lines = str(caught.value).partition("accepted:\n")[2]
    filled = lines.replace("reason: ''", "reason: known")
    text = Path(__file__).with_name("sanity_worlds.py").read_text()
    yaml = text.partition('parse(\n    """')[2].partition('"""')[0]
    read = scope.parse(f"{yaml}\naccepted:\n{filled}\n")
    assert report(ERROR, MANY).unaccepted(read.accepted) == ()


def test_an_entry_that_matches_nothing_is_stale() -> None:
    here = Accepted(code="DS903", reason="known")
    gone = Accepted(code="DS903", place="nowhere", reason="was there")
    never = Accepted(code="DS999", reason="typo")
    stale = report(ERROR).stale([here, gone, never])
    assert [f.place for f in stale] == ["scope.accepted[1]", "scope.accepted[2]"]
    assert {f.code for f in stale} == {"DS001"}
    assert "DS903 is accepted at nowhere" in stale[0].message


def test_two_reports_add_up_to_one() -> None:
    tables, both = check(clean()), check_panel(panel(), SCOPE)
    total = tables + both
    assert len(total.checks) == len(tables.checks) + len(both.checks)
    assert [c.code for c in total.checks] == sorted(c.code for c in total.checks)


def test_every_code_is_one_check_and_is_listed() -> None:
    ran = [c.code for c in (check(clean()) + check_panel(panel(), SCOPE)).checks]
    assert len(set(ran)) == len(ran)
    assert {*ran, "DS001"} == set(titles())


def test_docs_and_code_list_the_same_codes_and_titles() -> None:
    headings = dict(re.findall(r"(?m)^### (DS\d{3}) (.+)$", DOCS.read_text()))
    assert headings == titles()


def test_every_code_is_explained_by_what_why_and_what_to_do() -> None:
    sections = re.split(r"(?m)^### ", DOCS.read_text())[1:]
    assert len(sections) == len(titles())
    for section in sections:
        for word in ("**What.**", "**Why it bites.**", "**What to do.**"):
            assert word in section, section.splitlines()[0]


def test_a_finding_keeps_no_more_than_ten_rows() -> None:
    def twice(tables: dict[str, pd.DataFrame]) -> None:
        tables["readings"] = pd.concat([tables["readings"]] * 2)

    findings = [f for f in check(flawed(twice)).findings if f.evidence is not None]
    assert findings
    assert all(len(f.evidence) <= 10 for f in findings if f.evidence is not None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (counted(1, "row"), "1 row"),
        (counted(2, "entity"), "2 entities"),
        (counted(3, "day"), "3 days"),
        (percent(0.0), "0 %"),
        (percent(1.0), "100 %"),
        (percent(0.9994), "99.94 %"),
        (percent(0.994), "99.4 %"),
        (percent(0.004), "0.4 %"),
        (percent(1e-7), "below 0.01 %"),
        (duration(0.2), "0 seconds"),
        (duration(3 * 86_400, hours=True), "72 hours"),
        (duration(4 * 86_400, hours=True), "4 days"),
        (duration(60), "1 minute"),
        (number(float("inf")), "inf"),
        (listed([]), ""),
        (listed(["a"]), "a"),
    ],
)
def test_numbers_read_as_a_client_reads_them(text: str, expected: str) -> None:
    assert text == expected


def test_the_headline_counts_what_stands_open() -> None:
    accepted = [Accepted(code="DS903", place="other", reason="known")]
    both = report(ERROR, MANY, WARNING, NOTE)
    assert both.headline(accepted) == (
        "2 errors, 1 open; 1 warnings, 1 notes; 1 checks passed, 1 not applicable"
    )
    assert both.reasons(both.findings, accepted) == ("known", None, None, None)
