import os
import shutil
from pathlib import Path

import pytest
from traced import Run, a_workspace

from toolkit.reproduce.records.trace import Breach, Event
from toolkit.reproduce.workspace.making import Workspace, make


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path)


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return Run(workspace)


def test_a_changed_file_is_a_breach_of_its_cell(run: Run) -> None:
    (run.workspace.root / "data" / "x.csv").write_text("changed")
    (run.workspace.root / "data" / "y.csv").unlink()
    run.saw("read", "data/x.csv", 1).saw("write", "data/x.csv", 4)
    run.watched("delete", "data/y.csv", 2)
    assert run.breaches() == [
        (2, "deleted data/y.csv, which is a file of the project"),
        (4, "changed data/x.csv, which is a file of the project"),
    ]


def test_a_change_that_nobody_saw_is_a_breach_all_the_same(run: Run) -> None:
    (run.workspace.root / "data" / "x.csv").write_text("changed")
    changed = "changed data/x.csv, which is a file of the project"
    assert run.breaches() == [(None, changed)]


def test_a_link_that_is_set_anew_is_a_breach_of_its_cell(tmp_path: Path) -> None:
    project = tmp_path / "linking"
    project.mkdir()
    (project / "old.csv").write_text("1")
    (project / "new.csv").write_text("2")
    (project / "latest.csv").symlink_to("old.csv")
    run = Run(make(project, tmp_path / "copy"))
    link = run.workspace.root / "latest.csv"
    link.unlink()
    link.symlink_to("new.csv")
    run.saw("delete", "latest.csv", 2)
    changed = "changed latest.csv, which is a file of the project"
    assert run.breaches() == [(2, changed)]


def test_a_deleted_folder_is_a_breach_for_each_file(run: Run) -> None:
    shutil.rmtree(run.workspace.root / "mypkg")
    run.saw("delete", "mypkg", 3)
    assert [cell for cell, _ in run.breaches()] == [3, 3]


def test_writing_the_same_again_is_no_breach(run: Run) -> None:
    (run.workspace.root / "data" / "x.csv").write_text("1")
    run.saw("write", "data/x.csv")
    assert run.breaches() == []


def test_an_input_that_changes_while_it_is_read_is_a_breach(run: Run) -> None:
    with run.workspace.linked["data/big.csv"].open("a") as stream:
        stream.write("more")
    run.watched("write", run.workspace.project / "data" / "big.csv")
    assert run.breaches() == []  # nobody read it
    run.saw("read", "data/big.csv", 2)
    found, breaches = run.found()
    assert {*found.inputs} == {"data/big.csv"}
    assert breaches == (
        Breach(
            cell=2,
            found="data/big.csv changed while the run read it",
            expected="let nothing change it while a run reads it, then run again",
        ),
    )


def test_an_input_that_goes_away_is_a_breach(run: Run) -> None:
    run.workspace.linked["data/big.csv"].unlink()
    run.saw("read", "data/big.csv", 2)
    assert run.breaches() == [(2, "data/big.csv changed while the run read it")]


def test_an_outside_input_that_changes_is_a_breach(run: Run, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.csv"
    outside.write_text("5")  # after the workspace was made
    run.saw("read", str(outside), 2)
    assert run.breaches() == [(2, f"{outside} changed while the run read it")]


def test_a_large_file_that_was_replaced_is_a_breach(run: Run) -> None:
    (run.workspace.root / "data" / "big.csv").unlink()
    (run.workspace.root / "data" / "big.csv").write_text("new")
    run.watched("delete", "data/big.csv", 5)
    changed = "changed data/big.csv, which is a file of the project"
    assert run.breaches() == [(5, changed)]


@pytest.mark.parametrize(
    ("path", "detail", "found"),
    [
        pytest.param(
            "/o/x.csv", "write", "write /o/x.csv, outside the project", id="out"
        ),
        pytest.param(
            "{project}/x",
            "write",
            "write {project}/x, of the project itself",
            id="real",
        ),
        pytest.param(
            "{root}/data/big.csv",
            "write",
            "write data/big.csv, which is a file of the project",
            id="linked",
        ),
        pytest.param(
            "{home}/.bashrc",
            "write",
            "write {home}/.bashrc, outside the project",
            id="home",
        ),
        pytest.param(
            "{project}/runs/1/metrics.json",
            "read",
            "read {project}/runs/1/metrics.json, of an earlier run",
            id="earlier-run",
        ),
        pytest.param(
            "{project}/runs",
            "read",
            "read {project}/runs, of an earlier run",
            id="earlier-runs",
        ),
        pytest.param(
            "{project}/data/x.csv",
            "read",
            "read {project}/data/x.csv by its absolute path",
            id="absolute",
        ),
        pytest.param(
            "{outside}", "read", "read {outside}, outside the project", id="outside"
        ),
        pytest.param("/o/lib/__pycache__/a.pyc", "write", None, id="compiled"),
        pytest.param("/dev/kmsg", "write", None, id="device"),
        pytest.param("/not/there.csv", "read", None, id="nothing-there"),
        pytest.param("{home}/.netrc", "read", None, id="settings"),
        pytest.param("/etc/shadow", "read", None, id="system"),
    ],
)
def test_what_was_refused_is_a_breach_unless_it_is_harmless(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    detail: str,
    found: str | None,
) -> None:
    if "{home}" in path:
        monkeypatch.setattr(os.path, "lexists", lambda _: True)
    outside = tmp_path / "outside.csv"
    outside.write_text("x")
    names = {
        "project": run.workspace.project,
        "root": run.workspace.root,
        "outside": outside,
        "home": "/home/somebody",
    }
    run.saw("refused", path.format(**names), 3, detail)
    expected = [] if found is None else [(3, f"tried to {found.format(**names)}")]
    assert run.breaches() == expected


def test_a_library_that_looks_around_is_harmless(run: Run, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text("x")
    for path in (tmp_path / "outside.csv", run.workspace.project / "data" / "x.csv"):
        run.probe.append(Event(kind="refused", what=str(path), detail="read"))
    run.probe.append(Event(kind="network", what="example.org", detail="refused"))
    assert run.breaches() == []


def test_a_refused_attempt_in_the_projects_code_is_a_breach(run: Run) -> None:
    event = Event(
        kind="network",
        what="example.org:443",
        cell=2,
        file="mypkg/mod.py",
        line=1,
        detail="refused",
    )
    run.probe.append(event)
    assert run.breaches() == [(2, "tried to reach example.org:443")]


def test_a_library_that_reaches_out_while_imported_is_harmless(run: Run) -> None:
    for cell, line in ((0, 1), (0, 2), (1, 1), (9, 1)):
        what = f"example.org:{cell}{line}"
        event = Event(kind="network", what=what, cell=cell, line=line, detail="refused")
        run.probe.append(event)
    assert [found for _, found in run.breaches()] == [
        "tried to reach example.org:02",
        "tried to reach example.org:11",
        "tried to reach example.org:91",
    ]


@pytest.mark.parametrize("path", ["runs", "runs/1/metrics.json"])
def test_looking_for_earlier_runs_is_a_breach(run: Run, path: str) -> None:
    run.saw("absent", path, 2)
    trace, breaches = run.found()
    assert trace.absent == ()
    assert [(b.cell, b.found) for b in breaches] == [
        (2, f"looked for {path}, of an earlier run")
    ]


def test_a_folder_of_that_name_of_ones_own_is_none(run: Run) -> None:
    run.saw("absent", "runs").saw("write", "runs", detail="folder")
    assert run.breaches() == []


def test_a_verification_tells_the_hidden_project_from_its_runs(
    workspace: Workspace, tmp_path: Path
) -> None:
    project = workspace.project
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    hidden = [project / "runs", project]
    run = Run(make(checkout, tmp_path / "again", hidden=hidden))
    run.saw("refused", str(project / "data" / "x.csv"), 1, "read")
    run.saw("refused", str(project / "runs" / "1"), 2, "read")
    assert run.breaches() == [
        (1, f"tried to read {project / 'data' / 'x.csv'} by its absolute path"),
        (2, f"tried to read {project / 'runs' / '1'}, of an earlier run"),
    ]


def test_strict_refuses_what_is_not_declared(run: Run) -> None:
    (run.workspace.root / "new.csv").write_text("5")
    run.saw("read", "other/z.csv", 2).saw("read", "data/x.csv", 1)
    run.saw("write", "new.csv", 3)
    assert run.breaches() == []
    assert run.breaches(strict=True) == [
        (2, "read other/z.csv, which is not declared"),
        (3, "wrote new.csv into the project"),
    ]


def test_breaches_are_told_once_and_in_order(run: Run) -> None:
    for cell in (7, 2, None, 2):
        run.saw("refused", f"/o/{cell}", cell, "write")
        run.saw("refused", "/o/x", cell, "write")
    assert [cell for cell, _ in run.breaches()] == [2, 7, 7, None]
