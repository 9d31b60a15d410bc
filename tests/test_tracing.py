import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.reproduce.digest import bytes_digest, names_digest
from toolkit.reproduce.records.trace import Breach, Event, Trace
from toolkit.reproduce.tracing.traces import trace_of
from toolkit.reproduce.tracing.watch import Watch
from toolkit.reproduce.workspace.layout import SMALL
from toolkit.reproduce.workspace.making import Workspace, make

LINUX = importlib.util.find_spec("inotify_simple") is not None
on_linux = pytest.mark.skipif(not LINUX, reason="inotify is Linux's")
NOTEBOOK = "notebooks/nb.ipynb"
CELLS = ["import telemetry\nx = 1", "import a; a.send()"]
FILES = {
    "scope.yaml": "horizon: 1 day",
    "pyproject.toml": "",
    "data/x.csv": "1",
    "data/y.csv": "2",
    "data/big.csv": "3" * (SMALL + 1),
    "other/z.csv": "4",
    "mypkg/__init__.py": "",
    "mypkg/mod.py": "a = 1",
    "scripts/helper.py": "b = 2",
    "notebooks/side.py": "c = 3",
    "runs/1/metrics.json": "{}",
    NOTEBOOK: json.dumps({"cells": [{"source": source} for source in CELLS]}),
}
Found = tuple[Trace, tuple[Breach, ...]]
FILE_KINDS = ("read", "write", "delete", "list", "absent", "module", "refused")
KINDS = (*FILE_KINDS, "process", "network", "environment", "enforced", "witness")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for path, text in FILES.items():
        (tmp_path / "proj" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "proj" / path).write_text(text)
    return make(tmp_path / "proj", tmp_path / "target", declared=["data"])


class Run:
    """What a run was seen to do, as probe and watch would say it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.probe: list[Event] = []
        self.watch: list[Event] = []

    def saw(
        self, kind: str, path: str, cell: int | None = 1, detail: str = ""
    ) -> "Run":
        what = str(self.workspace.root / path) if kind in FILE_KINDS else path
        event = Event(kind=kind, what=what, cell=cell, line=1, detail=detail)
        self.probe.append(event)
        return self

    def watched(self, kind: str, path: str | Path, cell: int | None = 1) -> "Run":
        what = str(self.workspace.root / path)
        self.watch.append(Event(kind=kind, what=what, cell=cell))
        return self

    def trace(self, **options: object) -> Trace:
        return self.found(**options)[0]

    def breaches(self, **options: object) -> list[tuple[int | None, str]]:
        return [(breach.cell, breach.found) for breach in self.found(**options)[1]]

    def found(self, **options: object) -> Found:
        options = {"notebook": NOTEBOOK, **options}
        return trace_of(self.workspace, self.probe, self.watch, **options)  # type: ignore[arg-type]


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return Run(workspace)


# Inputs


def test_nothing_done_is_an_empty_trace(run: Run) -> None:
    assert run.found() == (Trace(), ())


def test_what_either_saw_read_is_an_input(run: Run) -> None:
    run.saw("read", "data/x.csv").watched("read", "data/y.csv")
    assert run.trace().inputs == {
        "data/x.csv": bytes_digest(b"1"),
        "data/y.csv": bytes_digest(b"2"),
    }


def test_an_inputs_digest_is_that_of_the_start(run: Run) -> None:
    (run.workspace.root / "data" / "x.csv").write_text("changed")
    run.saw("read", "data/x.csv").saw("write", "data/x.csv")
    assert run.trace().inputs == {"data/x.csv": bytes_digest(b"1")}


def test_a_large_input_has_a_digest_by_any_of_its_names(run: Run) -> None:
    content = bytes_digest(FILES["data/big.csv"].encode())
    run.watched("read", run.workspace.project / "data" / "big.csv")
    assert run.trace().inputs == {"data/big.csv": content}
    run.saw("read", "data/big.csv")
    assert run.trace().inputs == {"data/big.csv": content}


def test_a_digest_may_be_remembered(run: Run) -> None:
    run.saw("read", "data/big.csv")
    known = bytes_digest(b"known")
    assert run.trace(digest=lambda _: known).inputs == {"data/big.csv": known}


def test_what_the_run_wrote_is_no_input(run: Run) -> None:
    (run.workspace.root / "out").mkdir()
    (run.workspace.root / "out" / "new.csv").write_text("5")
    run.saw("write", "out/new.csv").saw("read", "out/new.csv")
    trace = run.trace()
    assert (trace.inputs, trace.written) == ({}, {"out/new.csv": bytes_digest(b"5")})


def test_compiled_files_are_no_inputs(run: Run) -> None:
    run.saw("read", "mypkg/__pycache__/mod.cpython-311.pyc")
    run.saw("list", "mypkg/__pycache__").saw("absent", "mypkg/x.pyc")
    assert run.found() == (Trace(), ())


def test_modules_are_no_inputs(run: Run) -> None:
    run.saw("module", "mypkg/__init__.py").saw("module", "mypkg/mod.py")
    run.saw("module", "notebooks/side.py").saw("read", "mypkg/mod.py")
    run.watched("read", "mypkg/mod.py")
    trace = run.trace()
    modules = ("mypkg/__init__.py", "mypkg/mod.py", "notebooks/side.py")
    assert (trace.modules, trace.inputs) == (modules, {})


def test_a_module_that_the_recipes_code_leaves_out_is_an_input_too(run: Run) -> None:
    run.saw("module", "scripts/helper.py")
    trace, breaches = run.found(strict=True)
    assert trace.modules == ("scripts/helper.py",)
    assert trace.inputs == {"scripts/helper.py": bytes_digest(b"b = 2")}
    assert (trace.undeclared, breaches) == ((), ())


def test_code_that_is_read_and_not_imported_is_an_input(run: Run) -> None:
    run.watched("read", "mypkg/mod.py")
    assert {*run.trace().inputs} == {"mypkg/mod.py"}


def test_modules_may_be_told_by_name(workspace: Workspace) -> None:
    names = ("mypkg.mod", "mypkg", "side", "pandas")
    events = [Event(kind="module", what=name) for name in names]
    trace, _ = trace_of(workspace, events, (), notebook=NOTEBOOK)
    assert trace.modules == ("mypkg/__init__.py", "mypkg/mod.py", "notebooks/side.py")


def test_a_file_outside_is_an_input_by_its_path(run: Run, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.csv"
    outside.write_text("5")
    run.workspace = make(run.workspace.project, tmp_path / "later")
    run.saw("read", str(outside)).saw("read", str(tmp_path / "gone.csv"))
    run.saw("read", "/etc/hosts").saw("read", sys.executable).saw("read", os.__file__)
    assert run.trace().inputs == {str(outside): bytes_digest(b"5")}
    assert run.trace().undeclared == (str(outside),)
    assert run.trace(declared=[str(tmp_path)]).undeclared == ()
    assert run.trace(own=[tmp_path]).inputs == {}


# Folders, and what was not there


def test_a_listed_folder_counts_by_its_names_at_the_start(run: Run) -> None:
    (run.workspace.root / "data" / "new.csv").write_text("5")
    (run.workspace.root / "data" / "x.csv").unlink()
    run.saw("list", "data").saw("list", "").saw("list", "not-there").saw("list", "new")
    top = ["data", "mypkg", "notebooks", "other", "pyproject.toml", "scope.yaml"]
    assert run.trace().listed == {
        ".": names_digest([*top, "scripts"]),
        "data": names_digest(["big.csv", "x.csv", "y.csv"]),
    }


def test_a_listing_that_only_inotify_saw_may_be_the_import_system(run: Run) -> None:
    for folder in ("", "mypkg", "notebooks", "scripts", "data"):
        run.watched("list", folder)
    assert {*run.trace().listed} == {"data"}


def test_what_was_looked_for_and_was_not_there_is_told(run: Run) -> None:
    (run.workspace.root / "cache.csv").write_text("5")
    run.saw("absent", "data/no.csv").saw("absent", "cache.csv")
    run.saw("absent", "data/x.csv").saw("absent", "/elsewhere/x")
    assert run.trace().absent == ("cache.csv", "data/no.csv")


# What else was done


def test_programs_network_and_variables_are_told(run: Run) -> None:
    run.saw("process", "/usr/bin/git", detail="git log").saw("process", "git")
    run.saw("network", "example.org:443", detail="allowed")
    run.saw("environment", "A", detail=bytes_digest(b"secret"))
    run.saw("environment", "B", detail="").saw("environment", "C", detail="plain")
    run.saw("enforced", "network", detail="refused, by a network namespace")
    trace, breaches = run.found()
    assert trace == Trace(
        processes=("git",),
        network=("example.org:443",),
        environment={
            "A": bytes_digest(b"secret"),
            "B": None,
            "C": bytes_digest(b"plain"),
        },
        enforced=("network: refused, by a network namespace",),
    )
    assert breaches == ()


def test_undeclared_is_what_nothing_covers(run: Run) -> None:
    for path in ("data/x.csv", "other/z.csv", "scope.yaml", "pyproject.toml"):
        run.saw("read", path)
    assert run.trace().undeclared == ("other/z.csv",)
    assert run.trace(declared=["**/z.*"]).undeclared == ()


# Breaches


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


@settings(max_examples=30)
@given(data=st.data())
def test_no_events_crash_it(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = tmp_path_factory.getbasetemp() / "some-project"
    if not project.exists():
        (project / "data").mkdir(parents=True)
        (project / "data" / "x.csv").write_text("1")
        make(project, tmp_path_factory.getbasetemp() / "some-target")
    root = tmp_path_factory.getbasetemp() / "some-target" / "some-project"
    paths = st.sampled_from(
        ["", "data", "data/x.csv", "new", "runs/1", "..", "/", "\udce9"]
    )
    events = st.lists(
        st.builds(
            Event,
            kind=st.sampled_from(KINDS),
            what=paths.map(lambda path: str(root / path)) | st.text(max_size=9),
            cell=st.none() | st.integers(0, 3),
            file=st.none() | st.just("a.py"),
            line=st.none() | st.integers(-1, 3),
            detail=st.sampled_from(["", "read", "write", "refused"]),
        )
    )
    workspace = Workspace(
        root=root,
        project=project,
        files={"data/x.csv": bytes_digest(b"1")},
        linked={},
        folders=frozenset(("", "data")),
        resolved=str(root),
        hidden=(project / "runs",),
    )
    trace, breaches = trace_of(
        workspace, data.draw(events), data.draw(events), strict=data.draw(st.booleans())
    )
    assert set(trace.undeclared) <= set(trace.inputs)
    assert list(breaches) == sorted(
        breaches, key=lambda b: (b.cell is None, b.cell or 0)
    )


# With a real watch


def execute(
    workspace: Workspace, *actions: Callable[[Path], object]
) -> Sequence[Event]:
    """What the watch saw of actions that the probe does not see."""
    watch = Watch(workspace)
    watch.start()
    for cell, action in enumerate(actions):
        watch.start_cell(cell)
        action(workspace.root)
    return watch.stop()


def use_sqlite(root: Path) -> None:
    base = sqlite3.connect(root / "data" / "x.db")
    base.execute("select * from t").fetchall()
    base.close()


def import_in_a_child(root: Path) -> None:
    code = "import sys; sys.path[0] = '.'; import mypkg.mod"
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=root, check=True)  # noqa: S603 -- our own


@on_linux
def test_a_database_that_is_only_read_is_an_input_and_unchanged(tmp_path: Path) -> None:
    (tmp_path / "p" / "data").mkdir(parents=True)
    with sqlite3.connect(tmp_path / "p" / "data" / "x.db") as base:
        base.execute("create table t (a)")
    base.close()
    workspace = make(tmp_path / "p", tmp_path / "target")
    trace, breaches = trace_of(workspace, (), execute(workspace, use_sqlite))
    assert {*trace.inputs} == {"data/x.db"}
    assert breaches == ()


@on_linux
def test_an_import_lists_no_folder(workspace: Workspace) -> None:
    seen = execute(workspace, import_in_a_child)
    module = str(workspace.root / "mypkg" / "mod.py")
    init = str(workspace.root / "mypkg" / "__init__.py")
    probe = [Event(kind="module", what=path) for path in (module, init)]
    trace, breaches = trace_of(workspace, probe, seen, notebook=NOTEBOOK)
    assert trace == Trace(modules=("mypkg/__init__.py", "mypkg/mod.py"))
    assert breaches == ()


@on_linux
def test_a_native_writer_is_caught_with_its_cell(workspace: Workspace) -> None:
    seen = execute(
        workspace,
        lambda root: (root / "data" / "x.csv").read_bytes(),
        lambda root: shutil.copy(root / "data" / "y.csv", root / "data" / "x.csv"),
        lambda root: (root / "data" / "x.csv").read_bytes(),
    )
    trace, breaches = trace_of(workspace, (), seen, declared=["data"])
    assert trace.inputs["data/x.csv"] == bytes_digest(b"1")
    assert [(breach.cell, breach.found) for breach in breaches] == [
        (1, "changed data/x.csv, which is a file of the project")
    ]
