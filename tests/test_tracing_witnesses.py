import importlib.util
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from traced import NOTEBOOK, a_workspace

from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.trace import Event, Trace
from toolkit.reproduce.tracing.traces import trace_of
from toolkit.reproduce.tracing.watch import Watch
from toolkit.reproduce.workspace.making import Workspace, make

LINUX = importlib.util.find_spec("inotify_simple") is not None
on_linux = pytest.mark.skipif(not LINUX, reason="inotify is Linux's")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path)


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
