import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from caching import Executor
from cli_runs import PUBLISHES, RESULTS, USES
from records import a_record

from notebooks import cell, content, write
from toolkit.cli import main
from toolkit.reproduce.execution.runner import Progress, Step
from toolkit.reproduce.pipeline import plans as pipeline
from toolkit.reproduce.records.record import Failure, Record, Status

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    parameters = cell("n: int = 3  # rows", "parameters")
    write(tmp_path / "notebooks", "01-data", parameters, PUBLISHES)
    write(tmp_path / "notebooks", "02-base", USES)
    return tmp_path


def no_kernel(monkeypatch: pytest.MonkeyPatch, **statuses: Status) -> list[Any]:
    """Let notebooks end as told, without a kernel; return their limits."""
    limits_seen: list[Any] = []

    def run(step: Step, _: object, __: object, limits: object, bar: Progress) -> Record:
        limits_seen.append(limits)
        bar.started(step)
        for one in step.notebook.code:
            bar.cell(one)
        status = statuses.get(step.notebook.stem[3:], "finished")
        record = a_record(step.notebook.stem, status=status, results=RESULTS)
        if status != "finished":
            traceback = "Cell In[1], line 2\nValueError: no"
            error = Failure(
                cell=0,
                source="a\nb",
                ename="ValueError",
                evalue="no",
                traceback=traceback,
            )
            record = replace(
                record, error=error, cells=(replace(record.cells[0], index=0),)
            )
        bar.ended(record)
        return record

    monkeypatch.setattr(pipeline, "run_plan", partial(pipeline.run_plan, run=run))
    return limits_seen


def test_without_arguments_all_notebooks_run_in_order(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    limits = no_kernel(monkeypatch)
    assert main(["run", "--timeout", "5", "--run-timeout", "60"]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].split() == ["notebook", "metric", "value", "interval", "unit"]
    assert "0.9 to 1.1" in lines[1]
    assert re.search(
        r"01-data +finished .*1 warning \(1 accepted\) +runs/2026", lines[-2]
    )
    assert printed.err == ""
    assert (limits[0].cell_s, limits[0].run_s) == (5, 60)
    assert project.is_dir()


def test_a_failure_shows_cell_line_error_and_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    no_kernel(monkeypatch, data="failed")
    assert main(["run", "notebooks", "-p", "n=5", "--junit", "out/junit.xml"]) == 2
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "notebooks/01-data.ipynb: failed in cell 1 of 2 [In 1]",
        "      1 | a",
        "  >   2 | b",
        "    …",
        "    Cell In[1], line 2",
        "    ValueError: no",
        "  parameters: n=5",
        next(line for line in printed.err.splitlines() if "kept: runs/" in line),
        "  next: mend the cell, or the code it calls, and run it again",
    ]
    assert "not run: needs 01-data" in printed.out
    suites = ET.parse(project / "out" / "junit.xml").getroot()  # noqa: S314 -- ours
    assert [suite.get("failures") for suite in suites] == ["1", "0"]


def test_an_interrupted_run_exits_with_130(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    no_kernel(monkeypatch, data="interrupted")
    assert main(["run"]) == 130
    assert "not run: interrupted" in capsys.readouterr().out
    assert project.is_dir()


def test_json_and_markdown_tell_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    no_kernel(monkeypatch, data="failed")
    assert main(["run", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    first, second = told["runs"]
    assert told["schema"] == 1
    assert first["parameters"] == {"n": 3}
    assert first["error"]["ename"] == "ValueError"
    assert first["folder"].startswith("runs/")
    assert (second["status"], second["blocked_by"]) == ("not run", ["01-data"])
    assert main(["run", "--md"]) == 2
    assert capsys.readouterr().out.startswith("| notebook ")
    assert project.is_dir()


def test_a_sweep_is_told_by_its_values(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    no_kernel(monkeypatch)
    (project / "values.yaml").write_text("n: [1, 2]")
    path = "notebooks/01-data.ipynb"
    assert main(["run", path, "-f", "values.yaml", "--runs", "elsewhere"]) == 0
    out = capsys.readouterr().out
    assert "01-data n=1" in out
    assert "01-data n=2" in out
    assert "elsewhere/2026" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["-p", "m=1"], "declares no parameter 'm'", id="unknown"),
        pytest.param(["-p", "n=x"], "n='x' does not fit notebooks/01", id="ill-typed"),
        pytest.param(["bad.ipynb"], "bad.ipynb: is empty (0 bytes)", id="empty"),
        pytest.param(["no.ipynb"], "no.ipynb: No such file", id="missing"),
        pytest.param(["r.ipynb"], "is written in 'R'", id="foreign"),
        pytest.param(["bytes.ipynb"], "is no notebook", id="bytes"),
        pytest.param(["-f", "bytes.ipynb"], "bytes.ipynb: is no YAML", id="no-yaml"),
    ],
)
def test_what_is_wrong_is_told_before_anything_starts(
    project: Path, capsys: Capture, arguments: list[str], message: str
) -> None:
    (project / "bad.ipynb").touch()
    (project / "bytes.ipynb").write_bytes(b"\xff\xfe\x00\x00\x89")
    (project / "r.ipynb").write_bytes(content(["1"], language_info={"name": "R"}))
    assert main(["run", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.startswith("toolkit: ")
    assert "Traceback" not in printed.err
    assert not (project / "runs").exists()


def keep(monkeypatch: pytest.MonkeyPatch) -> Executor:
    """Let notebooks be executed without a kernel, into records on disk."""
    executor = Executor()
    monkeypatch.setattr(pipeline, "run_plan", partial(pipeline.run_plan, run=executor))
    return executor


def test_what_did_not_change_is_shown_and_not_executed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    executor = keep(monkeypatch)
    assert main(["run"]) == 0
    capsys.readouterr()
    assert main(["run"]) == 0
    assert executor.executed == ["01-data", "02-base"]
    printed = capsys.readouterr()
    assert re.search(r"01-data +unchanged +runs/2026", printed.out)
    assert printed.err == ""
    assert main(["run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["runs"]
    assert {run["status"] for run in told} == {"finished"}
    assert [(run["executed"], run["unchanged"]) for run in told] == [(False, True)] * 2
    assert main(["run", "--force", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["runs"]
    assert [(run["executed"], run["unchanged"]) for run in told] == [(True, False)] * 2
    assert executor.executed == ["01-data", "02-base"] * 2
    assert project.is_dir()


@pytest.mark.parametrize("clean", [True, False])
def test_a_run_of_uncommitted_files_that_stands_is_told_to_count_for_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, *, clean: bool
) -> None:
    executor = keep(monkeypatch)
    executor.dirty = True
    assert main(["run"]) == 0
    if clean:
        (project / ".gitignore").write_text("runs/\n")
        git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org"]
        for step in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
            subprocess.run([*git, *step], check=True, cwd=project)  # noqa: S603
    capsys.readouterr()
    assert main(["run"]) == 0
    told = capsys.readouterr().err
    assert ("toolkit run --force" in told) == clean
    assert ("made before its files were committed" in told) == clean


def test_finding_out_that_nothing_changed_imports_nothing_heavy(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(monkeypatch)
    assert main(["run"]) == 0
    code = (
        "import sys; from toolkit.cli import main; code = main(['run']); "
        "heavy = {'papermill', 'nbclient', 'nbformat', 'pandas', 'jupyter_client', "
        "'matplotlib', 'zmq', 'nbdime', 'numpy', 'IPython'}; "
        "sys.exit(code or sorted(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", code],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("unchanged") == 2


@pytest.mark.kernel
def test_a_message_of_several_lines_is_told_once(
    project: Path, capsys: Capture
) -> None:
    write(project / "bad", "bad", "raise ValueError('first line\\nsecond line')")
    assert main(["run", "bad/bad.ipynb"]) == 2
    told = capsys.readouterr().err
    assert told.count("ValueError: first line") == 1
    assert told.count("    second line") == 1
