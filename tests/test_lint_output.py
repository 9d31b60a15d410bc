import json
from pathlib import Path
from typing import Any

import pytest
from lint_projects import FAKES, linted, project

from notebooks import content
from toolkit import __version__
from toolkit.lint.engine import Report
from toolkit.lint.pages import INDEX, explanation, pages
from toolkit.lint.registry import all_rules
from toolkit.lint.rendering import counted, github_lines, plain_report, text_lines
from toolkit.lint.sarif import sarif_log

BY_CODE = {rule.code: rule for rule in FAKES}
DOCS = Path(__file__).parents[1] / "docs" / "rules"
LEVELS = ("none", "note", "warning", "error")


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    path = project(
        tmp_path, "n = 1", "x = bad()\nbad()  # noqa: BAD101 it, is: shown", "bad()"
    )
    path.rename(path.with_name("n ü,b.ipynb"))
    (path.parent / "r.ipynb").write_bytes(content([], language_info={"name": "R"}))
    return linted(Path("notebooks"))


def test_a_finding_is_a_line_that_can_be_clicked(report: Report) -> None:
    lines = [*text_lines(report, BY_CODE)]
    unchecked = "1 notebook could not be checked"
    assert lines == [
        "notebooks/n ü,b.ipynb:cell 2:1:5: BAD101 bad() is called; Call good().",
        "notebooks/n ü,b.ipynb:cell 3:1:1: BAD101 bad() is called; Call good().",
        f"2 errors in 1 notebook (1 suppressed); {unchecked}; --fix mends 2",
    ]
    with_why = [*text_lines(report, BY_CODE, why=True)]
    assert with_why[:3] == [lines[0], "    It is bad.", lines[1]]


def test_quiet_is_said_with_what_was_looked_at() -> None:
    assert counted(Report(notebooks=3)) == "nothing found in 3 notebooks"


def test_json_has_what_the_text_has(report: Report) -> None:
    plain: Any = json.loads(json.dumps(plain_report(report)))
    assert plain["findings"][0] == {
        "notebook": "notebooks/n ü,b.ipynb",
        "cell": 2,
        "line": 1,
        "column": 5,
        "file_line": 1,
        "code": "BAD101",
        "name": "bad-call",
        "severity": "error",
        "message": "bad() is called",
        "mend": "Call good().",
        "fixable": True,
    }
    assert [each["reason"] for each in plain["suppressed"]] == ["it, is: shown"]
    assert [each["notebook"] for each in plain["unchecked"]] == ["notebooks/r.ipynb"]


def test_github_gets_annotations_with_their_signs_escaped(report: Report) -> None:
    first, *_, last = github_lines(report)
    assert first == (
        "::error file=notebooks/n ü%2Cb.ipynb,line=1,title=BAD101 bad-call"
        "::cell 2: bad() is called; Call good()."
    )
    assert last.startswith("::error file=notebooks/r.ipynb::notebooks/r.ipynb: is writ")


def test_sarif_is_what_the_standard_asks_for(report: Report) -> None:
    """Section 3 of the standard, as far as we write it."""
    log: Any = json.loads(json.dumps(sarif_log(report, FAKES, version=__version__)))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in LEVELS
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
    assert len(run["results"]) == 3
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS
        assert result["message"]["text"]
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert artifact == {
            "uri": "notebooks/n%20%C3%BC%2Cb.ipynb",
            "uriBaseId": "SRCROOT",
        }
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        assert location["logicalLocations"][0]["name"].startswith("cell ")
        assert result["partialFingerprints"]
    (suppressed,) = run["results"][-1]["suppressions"]
    assert suppressed == {"kind": "inSource", "justification": "it, is: shown"}
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told["level"] == "error"


def test_marks_stay_where_a_cell_moves(tmp_path: Path) -> None:
    (before,) = linted(project(tmp_path, "x = bad()")).findings
    (after,) = linted(project(tmp_path, "n = 1", "\n\nx = bad()")).findings
    assert before.mark == after.mark
    assert before.cell != after.cell


def test_a_rule_is_explained_with_its_examples() -> None:
    lines = [*explanation(BY_CODE["BAD101"])]
    assert lines[0] == "BAD101 bad-call (error)"
    assert "    bad()" in lines
    assert "    good()" in lines


def test_the_pages_of_the_rules_are_fresh() -> None:
    """``python -m toolkit rule --docs docs/rules`` writes them."""
    written = {path.name: path.read_text("utf-8") for path in DOCS.glob("*.md")}
    assert written == dict(pages(all_rules()))


def test_the_index_leads_to_each_page() -> None:
    found = pages(FAKES)
    assert all(f"]({name})" in found[INDEX] for name in found if name != INDEX)
