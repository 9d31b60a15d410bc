import json
import os
import re
import signal
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from evidence import clean, found
from records import a_record, fitting, put

from notebooks import cell, write
from toolkit import __main__, cli
from toolkit.cli import VERBS, main
from toolkit.cli.interrupts import orderly
from toolkit.cli.output import table
from toolkit.publish.results import (
    Column,
    Figure,
    Metric,
    PublishedFinding,
    Results,
    Sha256,
    Table,
)
from toolkit.reproduce.levels import Levels
from toolkit.reproduce.records.record import Failure, Record
from toolkit.reproduce.records.trace import Trace

DIGEST = Sha256("5" * 64)
RESULTS = Results(
    metrics=(
        Metric(name="hit_rate", value=1.0234567, unit="a day", interval=(0.9, 1.1)),
        Metric(name="a_b", value=2.0),
        Metric(name="c", value=3.0),
        Metric(name="d", value=4.0),
    ),
    tables=(
        Table(
            name="t",
            title="Hires",
            columns=(Column(name="a", kind="int64"),),
            rows=3,
            digest=DIGEST,
            preview=((1,),),
        ),
    ),
    figures=(Figure(name="f", alt="a line", caption="", digest=DIGEST),),
    findings=(
        PublishedFinding(
            code="DS101",
            severity="warning",
            place="failures|x",
            message="3 rows",
            advice="",
            count=3,
            accepted="known",
        ),
    ),
)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recorded(project: Path, *records: Record) -> None:
    for record in records:
        put(record, project / "runs")


@pytest.mark.parametrize(("name", "module", "text"), VERBS)
def test_the_help_of_each_verb_is_the_one_that_is_listed(
    name: str, module: str, text: str
) -> None:
    parser = ArgumentParser()
    import_module(module).add_parser(parser.add_subparsers())
    listed = " ".join(parser.format_help().split())
    assert f"{name} {text}" in listed


def test_help_imports_no_verb_and_nothing_heavy() -> None:
    code = (
        "import sys\nfrom toolkit.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    heavy = {"pandas", "numpy", "yaml", "pydantic", "papermill"}
    assert not loaded & heavy
    assert not [name for name in loaded if name.startswith("toolkit.cli.")]
    assert all(text in " ".join(done.stdout.split()) for _, _, text in VERBS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["rnus"], "no verb 'rnus'; did you mean 'runs'?", id="misspelt"),
        pytest.param(["-C", ".", "zzz"], "verbs: run, ", id="unknown"),
        pytest.param([], "required: VERB", id="none"),
        pytest.param(["run", "--timeout", "0"], "no number of seconds", id="zero"),
        pytest.param(["run", "--timeout", "x"], "no number of seconds", id="text"),
        pytest.param(["runs", "--md", "--json"], "not allowed with", id="two-shapes"),
    ],
)
def test_usage_errors_exit_with_2(
    capsys: Capture, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_what_a_user_can_mend_is_one_line(project: Path, capsys: Capture) -> None:
    assert main(["show", "02-baseline"]) == 2
    assert main(["-C", str(project / "no"), "runs"]) == 2
    assert main(["run", "-f", "no.yaml", "-p", "n=1"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("toolkit: ")
    assert "no run '02-baseline'; there is none yet" in lines[0]
    assert "No such file" in lines[1]
    assert len(lines) == 3


def test_another_folder_is_worked_in(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(project, a_record())
    monkeypatch.chdir("/")
    assert main(["-C", str(project), "runs"]) == 0
    assert "02-baseline" in capsys.readouterr().out


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


def test_parameters_are_listed_without_executing(
    project: Path, capsys: Capture
) -> None:
    source = "n: int = 10  # checks a day\npath = find()\nday: str"
    path = write(project, "nb", cell(source, "parameters"))
    assert main(["params", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "n          int   10          checks a day",
        "path       any   find()",
        "day        str   (required)",
    ]
    assert main(["params", str(path), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["parameters"][0]
    assert (first["name"], first["default"]) == ("n", 10)
    bare = write(project, "bare", "1")
    assert main(["params", str(bare), "--md"]) == 0
    assert capsys.readouterr().out == "bare.ipynb declares no parameters\n"


def test_tables_for_pull_requests_are_escaped_and_aligned() -> None:
    text = table(["a", "n"], [["x\ny|z", "1,000"], ["z", ""]], markdown=True)
    assert text.splitlines() == [
        "| a      |     n |",
        "| ------ | ----: |",
        "| x y\\|z | 1,000 |",
        "| z      |       |",
    ]
    assert table(["a"], [], markdown=False) == "a"


def test_a_crash_exits_with_2_and_says_whose_fault_it_is(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash() -> int:
        raise RuntimeError("unforeseen")  # noqa: EM101 -- what nobody planned

    monkeypatch.setattr(cli, "main", crash)
    with pytest.raises(SystemExit) as stop:
        __main__.run()
    assert stop.value.code == 2
    printed = capsys.readouterr().err
    assert "RuntimeError: unforeseen" in printed
    assert "a fault in the toolkit itself" in printed


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(KeyboardInterrupt(), 130, id="ctrl-c"),
        pytest.param(SystemExit(2), 2, id="usage"),
        pytest.param(SystemExit(None), 0, id="help"),
        pytest.param(OSError("unforeseen"), 2, id="os"),
    ],
)
def test_how_the_program_ends_is_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, error: BaseException, code: int
) -> None:
    def end() -> int:
        raise error

    monkeypatch.setattr(cli, "main", end)
    with pytest.raises(SystemExit) as stop:
        __main__.run()
    assert stop.value.code == code
    assert ("interrupted" in capsys.readouterr().err) == (code == 130)


def test_a_reader_that_has_seen_enough_is_no_error(project: Path) -> None:
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", "runs", "--json"],
        cwd=project,
        stdout=written,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(written)
    assert (done.returncode, done.stderr) == (141, b"")


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


def test_the_first_signal_interrupts_and_the_second_has_to_wait(
    capsys: Capture,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with orderly():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before
    assert "keeping the record; once more ends it" in capsys.readouterr().err


def test_what_nobody_foresaw_is_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: object) -> int:
        raise OSError

    monkeypatch.setattr("toolkit.cli.runs.run", crash)
    with pytest.raises(OSError, match=r"^$"):
        main(["runs"])
