import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from caching import Executor, Quiet

from notebooks import cell, write
from toolkit.cli import main
from toolkit.reproduce.execution.prepared import prepare
from toolkit.reproduce.execution.runner import Project, Step
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.fingerprints import Fingerprints
from toolkit.reproduce.parameters.arguments import parse_assignment
from toolkit.reproduce.pipeline.cache import Cache
from toolkit.reproduce.pipeline.plans import find_notebooks, plan, run_plan
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import Store

Capture = pytest.CaptureFixture[str]
SOURCES = ("n: int = 1", "open('data/a.csv')", "n + 1", "n + 2")


class Keeping(Executor):
    """Keeps the executed notebook as a real run does."""

    def keep(self, project: Project, step: Step, record: Record) -> None:
        content = prepare(step.notebook, step.values).content
        path = project.runs_dir / record.run / "notebook.ipynb"
        path.write_text(json.dumps(content))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI"):
            monkeypatch.delenv(name)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "data").mkdir()
    for name in "ab":
        (tmp_path / "data" / f"{name}.csv").write_text("1234")
    (tmp_path / "lib.py").write_text("x = 1")
    (tmp_path / "extra.py").write_text("x = 1")
    parameters = cell(SOURCES[0], "parameters")
    write(tmp_path / "notebooks", "01-a", parameters, *SOURCES[1:])
    needs = "from toolkit import upstream\nupstream.load('01-a')"
    write(tmp_path / "notebooks", "03-c", needs)
    return Project(root=tmp_path, runs_dir=tmp_path / "runs")


def go(project: Project, *given: str) -> Sequence[Record]:
    """Execute what needs it, without a kernel."""
    executor = Keeping()
    values = [parse_assignment(text) for text in given]
    planned = plan(find_notebooks(project.root / "notebooks"), project, values)
    cache = Cache(project, Fingerprints(), {})
    done = []
    for outcome in run_plan(planned, project, Limits(), Quiet(), executor, cache=cache):
        assert outcome.record is not None
        if not outcome.unchanged:
            executor.keep(project, outcome.step, outcome.record)
        done.append(outcome.record)
    return done


def why(capsys: Capture, *arguments: str) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = main(["why", *arguments])
    return code, capsys.readouterr().out.splitlines()


def test_what_never_ran_cannot_be_judged(project: Project, capsys: Capture) -> None:
    assert why(capsys) == (2, ["01-a: it never ran", "03-c: it never ran"])
    assert not project.runs_dir.exists()


def test_nothing_changed_is_said_with_the_run_that_stands(
    project: Project, capsys: Capture
) -> None:
    first, second = go(project)
    assert why(capsys) == (
        0,
        [
            f"01-a: nothing changed: {first.run} stands",
            f"03-c: nothing changed: {second.run} stands",
        ],
    )
    for name in ("03-c", "notebooks/03-c.ipynb"):
        assert why(capsys, name) == (0, [f"03-c: nothing changed: {second.run} stands"])


def test_a_changed_input_is_told_with_the_cell_that_names_it(
    project: Project, capsys: Capture
) -> None:
    first, second = go(project)
    (project.root / "data" / "a.csv").write_text("12345")
    code, lines = why(capsys)
    assert code == 1
    assert lines == [
        f"01-a: data/a.csv: 03ac… → 5994…, named in cell 2 (since {first.run})",
        f"03-c: upstream 01-a: would be executed first (since {second.run})",
    ]
    assert why(capsys, "03-c") == (1, lines[1:])


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        pytest.param((*SOURCES[:2], "n + 9", SOURCES[3]), "cell 3 changed", id="one"),
        pytest.param(
            (*SOURCES[:2], "n + 9", "n + 8"), "cells 3 and 4 changed", id="two"
        ),
        pytest.param((*SOURCES, "n + 3"), "cell 5 is new", id="new"),
        pytest.param(
            (*SOURCES[:2], "n", "m", *SOURCES[2:]),
            "cells 3 and 4 are new",
            id="between",
        ),
        pytest.param(SOURCES[:3], "1 cell gone", id="gone"),
        pytest.param((*SOURCES[:2], "n + 9"), "cell 3 changed, 1 cell gone", id="both"),
    ],
)
def test_changed_cells_are_told_by_number(
    project: Project, capsys: Capture, sources: Sequence[str], told: str
) -> None:
    first, _ = go(project, "n=2")
    parameters = cell(sources[0], "parameters")
    write(project.root / "notebooks", "01-a", parameters, *sources[1:])
    code, lines = why(capsys, "01-a", "-p", "n=2")
    assert (code, lines) == (1, [f"01-a: notebook: {told} (since {first.run})"])


def test_where_the_executed_notebook_is_gone_the_change_is_told_all_the_same(
    project: Project, capsys: Capture
) -> None:
    first, _ = go(project)
    write(project.root / "notebooks", "01-a", cell("n: int = 1", "parameters"), "2")
    (project.runs_dir / first.run / "notebook.ipynb").write_text("{}")
    _, lines = why(capsys, "01-a")
    assert lines == [f"01-a: notebook: its cells changed (since {first.run})"]


def git(project: Project, *arguments: str) -> None:
    me = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    command = ["git", "-C", str(project.root), *me, *arguments]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603


def with_commit(project: Project, record: Record, *, dirty: bool) -> Record:
    """Give a run the commit that is checked out."""
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        cwd=project.root,
        capture_output=True,
        text=True,
        check=True,
    )
    about = replace(record.circumstances, commit=found.stdout.strip(), dirty=dirty)
    changed = replace(record, circumstances=about)
    path = project.runs_dir / record.run / "record.json"
    path.write_bytes(changed.to_json())
    return changed


@pytest.mark.parametrize("dirty", [False, True])
def test_changed_code_is_told_by_file(
    project: Project, capsys: Capture, *, dirty: bool
) -> None:
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "all")
    if dirty:
        (project.root / "extra.py").write_text("x = 0")
        os.utime(project.root / "extra.py", (0, 0))
    first, _ = go(project)
    with_commit(project, first, dirty=dirty)
    (project.root / "lib.py").write_text("x = 2")
    (project.root / "new.py").write_text("x = 3")
    (project.root / "README.md").write_text("no code")
    _, lines = why(capsys, "01-a")
    told = f"code: lib.py and new.py changed (since {first.run})"
    assert lines == [f"01-a: {told}"]
    (project.root / "extra.py").unlink()
    _, lines = why(capsys, "01-a")
    if not dirty:
        assert lines[0].startswith("01-a: code: extra.py, lib.py and new.py changed")


def test_without_git_changed_code_is_told_by_its_age(
    project: Project, capsys: Capture
) -> None:
    for name in ("lib.py", "extra.py"):
        os.utime(project.root / name, (0, 0))
    go(project)
    (project.root / "lib.py").write_text("x = 2")
    _, lines = why(capsys, "01-a")
    assert lines[0].startswith("01-a: code: lib.py changed (since")
    os.utime(project.root / "lib.py", (0, 0))
    _, lines = why(capsys, "01-a")
    assert lines[0].startswith("01-a: code: the project's own code changed")


def test_other_values_are_a_change_and_a_sweep_has_a_line_each(
    project: Project, capsys: Capture
) -> None:
    go(project)
    code, lines = why(capsys, "01-a", "-p", "n=1,2")
    assert code == 1
    assert lines[0].startswith("01-a n=1: nothing changed")
    assert lines[1].startswith("01-a n=2: parameter n: 1 → 2 (since")


def test_many_changes_keep_to_one_line(project: Project, capsys: Capture) -> None:
    go(project)
    shutil.rmtree(project.root / "data")
    (project.root / "lib.py").write_text("x = 3")
    (project.root / "requirements.lock").touch()
    write(project.root / "notebooks", "01-a", cell("m: int = 1", "parameters"), "2")
    code, lines = why(capsys, "01-a")
    assert code == 1
    assert len(lines) == 1
    assert "; and 2 more (since" in lines[0] or "; and 3 more (since" in lines[0]
    assert main(["why", "01-a", "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)["notebooks"]
    assert {"code", "data/a.csv", "lock", "notebook", "parameter m"} <= {
        change["what"] for change in told["changes"]
    }


def test_json_and_markdown_tell_the_same(project: Project, capsys: Capture) -> None:
    first, _ = go(project)
    assert main(["why", "--json", "01-a"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1,
        "notebooks": [
            {
                "notebook": "notebooks/01-a.ipynb",
                "parameters": {"n": 1},
                "run": first.run,
                "unchanged": True,
                "changes": [],
            }
        ],
    }
    assert main(["why", "--md", "01-a"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("| 01-a ")
    assert f"nothing changed: {first.run} stands |" in last


def test_a_run_that_failed_is_no_answer_but_a_reason(
    project: Project, capsys: Capture
) -> None:
    planned = plan(find_notebooks(project.root / "notebooks"), project)
    run = Executor("failed")
    list(run_plan(planned, project, Limits(), Quiet(), run))
    (failed,) = Store(project.runs_dir).records()
    code, lines = why(capsys, "01-a")
    assert code == 1
    told = f"run {failed.run}: failed, and only a run that finished stands"
    assert lines == [f"01-a: {told} (since {failed.run})"]


def test_an_unknown_notebook_is_an_error(project: Project, capsys: Capture) -> None:
    assert main(["why", "nope"]) == 2
    assert "nope: No such file" in capsys.readouterr().err
    assert not project.runs_dir.exists()
