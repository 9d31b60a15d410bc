import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from cli_runs import DIGEST, RESULTS, recorded
from evidence import clean, found
from records import a_record, fitting

from toolkit.cli import main
from toolkit.publish.results import Results, Sha256
from toolkit.reproduce.levels import Levels
from toolkit.reproduce.records.record import Failure, Record
from toolkit.reproduce.records.trace import Trace

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_runs_are_listed_with_status_and_numbers(
    project: Path, capsys: Capture
) -> None:
    recorded(
        project,
        a_record(results=RESULTS),
        a_record("01-data", status="failed", started="2026-11-22T00:00:00Z"),
    )
    assert main(["runs"]) == 0
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0] == "run"
    for column in ("trust", "what is missing", "seconds", "commit", "metrics"):
        assert column in header
    assert "01-data" in first
    assert "exploratory  failed, no commit, no lock" in first
    assert second.endswith("hit_rate=1.023 a_b=2 c=3 …")
    assert main(["runs", "notebooks/01-data.ipynb", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["schema"] == 1
    assert [run["status"] for run in listed["runs"]] == ["failed"]
    assert listed["runs"][0]["level"] == "exploratory"
    assert "toolkit run notebooks/01-data.ipynb" in listed["runs"][0]["missing"]
    assert [why["short"] for why in listed["runs"][0]["reasons"]] == [
        "failed",
        "no commit",
        "no lock",
    ]
    assert main(["runs", "--md"]) == 0
    assert capsys.readouterr().out.startswith("| run ")


def test_a_damaged_record_is_told_and_the_others_are_listed(
    project: Path, capsys: Capture
) -> None:
    bad = a_record("01-data")
    recorded(project, a_record(), bad)
    (project / "runs" / bad.run / "record.json").write_text("{}")
    assert main(["runs"]) == 2
    printed = capsys.readouterr()
    assert "02-baseline" in printed.out
    assert "record.json: schema: found None" in printed.err
    assert main(["runs", "--json"]) == 2
    assert len(json.loads(capsys.readouterr().out)["unreadable"]) == 1


def test_no_runs_are_told(project: Path, capsys: Capture) -> None:
    assert project.is_dir()
    assert main(["runs"]) == 0
    assert "no runs yet" in capsys.readouterr().err


def test_a_run_is_shown_with_all_that_decided_it(
    project: Path, capsys: Capture
) -> None:
    record = a_record(results=RESULTS)
    recorded(project, record)
    assert main(["show", "02-baseline"]) == 0
    page = capsys.readouterr().out
    assert page.startswith(f"{record.run}: finished, exploratory\n")
    for text in (
        "n = 10",
        "hit_rate",
        "0.9 to 1.1",
        "tables/t.csv",
        "DS101",
        "network",
    ):
        assert text in page
    assert main(["show", record.run, "--md"]) == 0
    page = capsys.readouterr().out
    assert "### Findings" in page
    assert "failures\\|x" in page
    assert main(["show", record.run, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["schema"] == 1
    assert Record.from_dict(shown["record"]) == record
    assert shown["trust"]["level"] == "exploratory"
    assert shown["verifications"] == []


def test_a_run_is_shown_with_what_it_was_seen_to_do(
    project: Path, capsys: Capture
) -> None:
    trace = Trace(
        inputs={"data/a.csv": DIGEST, "/etc/motd": DIGEST},
        listed={"data": DIGEST},
        absent=("data/b.csv",),
        written={"out.csv": DIGEST},
        modules=tuple(f"pkg.m{n}" for n in range(30)),
        processes=("git",),
        network=("example.org:443",),
        environment={"LEVEL": DIGEST, "DEBUG": None},
        undeclared=("data/a.csv",),
        enforced=("network: refused, by a network namespace", "memory: not seen"),
    )
    recorded(project, replace(a_record(), trace=trace))
    assert main(["show", "02-baseline"]) == 0
    page = capsys.readouterr().out
    for line in (
        r"input +data/a.csv 555555555555 \(in no scope\)",
        r"outside +/etc/motd 555555555555",
        r"listed +data 55",
        r"not there +data/b.csv",
        r"kept +files/out.csv",
        r"module +… and 10 more: --json",
        r"process +git",
        r"network +example.org:443",
        r"variable +LEVEL$",
        r"variable +DEBUG \(not set\)",
        r"enforced +network: refused",
        r"not seen +memory: not seen",
        r"because +it read /etc/motd, outside the project",
    ):
        assert re.search(f"^{line}", page, re.MULTILINE), line


def test_a_run_is_shown_with_its_verifications(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = clean(a_record())
    recorded(project, record)
    evidence = (
        found(record, "differs", cause="listing", finished="2026-11-24T08:00:00Z"),
        found(record, finished="2026-11-25T08:00:00Z"),
    )
    levels = Levels((record,), lambda _: evidence)
    monkeypatch.setattr("toolkit.reproduce.levels.load_levels", lambda *_: levels)
    assert main(["show", record.run]) == 0
    page = capsys.readouterr().out
    assert "finished, reproduced" in page
    assert "2026-11-25, under 14 variations" in page
    assert re.search("^2026-11-24T08:00:00Z +differs +listing", page, re.MULTILINE)
    assert main(["show", record.run, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [one["value"] for one in shown["verifications"]] == ["differs", "reproduced"]


def test_a_failed_run_is_shown_with_its_error_and_all_it_used(
    project: Path, capsys: Capture
) -> None:
    record = a_record(status="failed", results=Results(findings=RESULTS.findings))
    recipe = replace(
        record.recipe,
        parameters={"path": {"expression": "find()"}},
        upstream={"01-data": record.run},
        environment=replace(record.recipe.environment, lock=DIGEST),
        digest=Sha256(""),
    )
    about = replace(record.circumstances, ci="job/7", notes=("drift",), dirty=True)
    error = Failure(cell=1, source="x", ename="E", evalue="why", traceback="a\nb")
    record = replace(record, recipe=recipe, circumstances=about, error=error)
    recorded(project, fitting(record))
    assert main(["show", "02-baseline"]) == 0
    page = capsys.readouterr().out
    assert page.endswith("E: why\n\n    a\n    b\n")
    for text in (
        "path = find()",
        "job/7",
        "drift",
        "none (dirty)",
        f"01-data: {record.run}",
    ):
        assert text in page
    assert "Metrics" not in page
