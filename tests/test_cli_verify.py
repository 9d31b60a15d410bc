import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cli_verified import SAME, parsed_of, rewrite, verify_in, worse_by_clock
from verified import Fake, put_run, renamed

from toolkit.cli import verify
from toolkit.reproduce.execution.executing import Executed
from toolkit.reproduce.variation import NAMES, Variation
from toolkit.reproduce.verification.evidence import load_evidence

Capture = pytest.CaptureFixture[str]
Verify = Callable[..., int]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


@pytest.fixture
def verified(project: Path) -> Verify:
    return verify_in(project)


def test_a_run_is_reproduced(project: Path, verified: Verify, capsys: Capture) -> None:
    record = put_run(project, SAME)
    assert verified(record.run) == 0
    headers, row = capsys.readouterr().out.splitlines()
    assert headers.split() == ["run", "verdict", "cause", "seconds", "executions"]
    assert row.split()[:2] == [record.run, "reproduced"]
    (evidence,) = load_evidence(project / "runs" / record.run).evidence
    assert evidence.record == record.digest
    assert evidence.variations == NAMES


@pytest.mark.parametrize("asked", ["nb", "notebooks/nb.ipynb", "notebooks", "20261123"])
def test_a_run_is_named_in_several_ways(
    project: Path, verified: Verify, capsys: Capture, asked: str
) -> None:
    record = put_run(project, SAME)
    assert verified(asked) == 0
    assert record.run in capsys.readouterr().out


def test_a_difference_reads_as_a_person_would_tell_it(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    put_run(project, SAME)
    assert verified("nb", behaviour=worse_by_clock) == 1
    out = capsys.readouterr().out
    assert "nb: differs: clock\n" in out
    assert "its results depend on the clock, which must not matter" in out
    assert "accuracy: 0.9 → 0.8, 0.1 lower, 11 %" in out
    assert "first parts in cell 2" in out


def test_the_json_has_all_of_it(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    record = put_run(project, SAME)
    assert verified("nb", "--json", behaviour=worse_by_clock) == 1
    plain = json.loads(capsys.readouterr().out)
    (found,) = plain["verdicts"]
    assert plain["schema"] == 1
    assert (found["run"], found["value"]) == (record.run, "differs")
    assert (found["cause"], found["culprits"]) == ("variation", ["clock"])
    assert found["suspects"]
    assert Path(found["evidence"]).exists()


def test_markdown_keeps_the_details(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    put_run(project, SAME)
    verified("nb", "--md", behaviour=worse_by_clock)
    out = capsys.readouterr().out
    assert out.startswith("| run ")
    assert "```\nnb: differs: clock\n" in out


@pytest.mark.parametrize("how", ["--github", "GITHUB_ACTIONS"])
def test_github_gets_an_annotation(
    project: Path,
    verified: Verify,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    put_run(project, SAME)
    arguments = ["nb"]
    if how.startswith("--"):
        arguments.append(how)
    else:
        monkeypatch.setenv(how, "true")
    verified(*arguments, behaviour=worse_by_clock)
    last = capsys.readouterr().out.splitlines()[-1]
    start = "::error file=notebooks/nb.ipynb,line=1,title=nb%3A differs%3A clock::"
    assert last.startswith(start)
    assert "%0A" in last


def test_all_are_the_latest_finished_runs_of_each_notebook(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    one, two = put_run(project, SAME), put_run(project, SAME, "other")
    later = replace(one.circumstances, started="2026-11-24T18:15:00.000000Z")
    failed = renamed(replace(one, circumstances=later, status="failed"))
    (project / "runs" / failed.run).mkdir()
    rewrite(project, failed)
    assert verified("--all") == 0
    out = capsys.readouterr().out
    assert one.run in out
    assert two.run in out
    assert failed.run not in out


def test_a_notebook_that_cannot_be_run_does_not_keep_others_from_it(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    put_run(project, SAME)
    (project / "broken.ipynb").write_text("{")
    assert verified("broken.ipynb", "nb") == 2
    out = capsys.readouterr().out
    assert "broken.ipynb" in out
    assert "could not be checked: cannot be run" in out
    assert "breaks off at line 1" in out
    assert "reproduced" in out


def test_evidence_is_kept_unless_told(project: Path, verified: Verify) -> None:
    record = put_run(project, SAME)
    verified("nb", "--no-keep")
    folder = project / "runs" / record.run
    assert not load_evidence(folder).evidence
    verified("nb")
    assert load_evidence(folder).evidence


def test_evidence_that_cannot_be_written_is_told(
    project: Path,
    verified: Verify,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_run(project, SAME)

    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    name = "toolkit.reproduce.verification.evidence.write_whole"
    monkeypatch.setattr(name, read_only)
    assert verified("nb") == 0
    err = capsys.readouterr().err
    assert "nothing can be written there (Read-only file system)" in err


def test_nothing_is_left_behind(
    project: Path,
    verified: Verify,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path_factory.mktemp("tmp")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    put_run(project, SAME)
    verified("nb")
    assert list(folder.iterdir()) == []


@pytest.mark.xdist_group("signals")
def test_ctrl_c_ends_all_of_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The executions are told to stop, and what they gave is thrown away."""
    record = put_run(project, SAME)
    stopped = threading.Event()
    monkeypatch.setattr("toolkit.reproduce.execution.executing.stop_all", stopped.set)
    fake = Fake(lambda _, __: SAME)

    def execute(*arguments: object) -> Executed:
        if len(fake.told) == 0:
            os.kill(os.getpid(), signal.SIGINT)
        stopped.wait(10)
        return fake(*arguments)  # type: ignore[arg-type]  # passed on as they are

    assert verify.run(parsed_of(["nb"]), execute) == 130  # type: ignore[arg-type]  # as above
    assert stopped.is_set()
    assert "interrupted" in capsys.readouterr().err
    assert not load_evidence(project / "runs" / record.run).evidence


def test_progress_is_shown_in_a_terminal_only(
    project: Path, verified: Verify, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_run(project, SAME)
    verified("nb")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    verified("nb")
    err = capsys.readouterr().err
    assert "nb (execution 2): plain, 14 varied" in err
    assert err.endswith("\r\x1b[K")


def test_limits_are_ten_times_what_the_run_took(project: Path) -> None:
    record = put_run(project, SAME)
    slow = replace(record, circumstances=replace(record.circumstances, seconds=50.0))
    rewrite(project, slow)
    fake = Fake(lambda _, __: SAME)
    verify.run(parsed_of(["nb", "--no-vary"]), fake)
    verify.run(parsed_of(["nb", "--no-vary", "--timeout", "5"]), fake)
    limits = [(told.limits.cell_s, told.limits.run_s) for told in fake.told]
    assert limits == [(60.0, 500.0), (5.0, 500.0)]


def test_the_notebooks_folder_is_given_as_it_was(project: Path) -> None:
    put_run(project, SAME)
    fake = Fake(lambda _, __: SAME)
    verify.run(parsed_of(["nb", "--no-vary"]), fake)
    (place,) = fake.places
    assert place.root == project.resolve()
    assert place.notebook == "notebooks/nb.ipynb"
    (told,) = fake.told
    assert told.wait
    assert told.variation == Variation()
    assert told.until is None
