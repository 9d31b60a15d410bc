import errno
import importlib.util
import os
import py_compile
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from folders import LARGE, a_project, fill, laid

from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.workspace import layout as workspace_copy
from toolkit.reproduce.workspace import selection as workspace_files
from toolkit.reproduce.workspace.making import Workspace, WorkspaceError, make


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return a_project(tmp_path)


def test_copies_keep_content_time_and_mode(project: Path, tmp_path: Path) -> None:
    path = project / "data" / "x.csv"
    path.chmod(0o450)
    os.utime(path, ns=(1, 1_234_567_890_123_456_789))
    made = make(project, tmp_path / "target")
    copy = made.root / "data" / "x.csv"
    assert (copy.read_bytes(), made.files["data/x.csv"]) == (b"1", bytes_digest(b"1"))
    assert copy.stat().st_mtime_ns == 1_234_567_890_123_456_789
    assert stat.S_IMODE(copy.stat().st_mode) == 0o450
    assert not copy.samefile(path)


def test_the_folder_keeps_the_projects_name(project: Path, tmp_path: Path) -> None:
    assert make(project, tmp_path / "t").root == tmp_path / "t" / "proj"
    assert make(project, tmp_path / "t", name="q").root == tmp_path / "t" / "q"


def test_large_files_are_links_to_the_real_ones(project: Path, tmp_path: Path) -> None:
    fill(project, {"data/big.bin": LARGE, "data/small.bin": LARGE[:-1]})
    made = make(project, tmp_path / "target")
    assert (made.root / "data" / "big.bin").readlink() == project / "data" / "big.bin"
    assert made.files["data/big.bin"] is None
    assert made.real_places == (project / "data" / "big.bin",)
    assert made.relative(str(project / "data" / "big.bin")) == "data/big.bin"
    assert not (made.root / "data" / "small.bin").is_symlink()


def test_less_is_copied_where_there_is_very_much(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_copy, "_TOGETHER", 1 << 20)
    fill(project, {f"data/{i}": b"x" * 200_000 for i in range(8)})
    assert len(make(project, tmp_path / "target").linked) == 8


def test_folders_of_many_large_files_are_named_once(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_copy, "SMALL", 0)
    monkeypatch.setattr("toolkit.reproduce.workspace.making._FEW", 2)
    fill(project, ["top.bin", "data/y", "data/runs/z"])
    hidden = [project / "data" / "runs"]
    made = make(project, tmp_path / "target", hidden=hidden)
    folder = project / "data"
    assert folder not in made.real_places
    assert project not in made.real_places
    assert project / "notebooks" in made.real_places
    assert {folder / "x.csv", folder / "y", project / "top.bin"} <= {*made.real_places}


def test_supplied_files_take_the_place_of_missing_ones(
    project: Path, tmp_path: Path
) -> None:
    elsewhere = fill(tmp_path / "elsewhere", {"d/a": b"1", "d/b/c": b"2", "x": b"3"})
    supplied = {"data": elsewhere / "d", "more/x.csv": elsewhere / "x"}
    made = make(project, tmp_path / "target", supplied=supplied)
    assert {*made.files} == {
        "data/a",
        "data/b/c",
        "more/x.csv",
        "notebooks/nb.ipynb",
        "pyproject.toml",
    }


def test_reverse_creates_the_same_the_other_way_round(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[list[str]] = []
    copy = workspace_copy._copy  # noqa: SLF001 -- its order is the claim

    def noting(entry: workspace_files.Entry, *rest: object) -> None:
        orders[-1].append(entry.path)
        copy(entry, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(workspace_copy, "_copy", noting)
    made = []
    for reverse in (False, True):
        orders.append([])
        made.append(make(project, tmp_path / str(reverse), reverse=reverse))
    assert orders[1] == orders[0][::-1]
    assert made[0].files == made[1].files


def test_valid_compiled_modules_come_along(tmp_path: Path) -> None:
    names = ["fresh", "stale", "other", "checked"]
    project = fill(tmp_path / "p", {f"{name}.py": b"a = 1" for name in names})
    for name in ("fresh", "stale"):
        py_compile.compile(str(project / f"{name}.py"), doraise=True)
    py_compile.compile(
        str(project / "checked.py"),
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    os.utime(project / "stale.py", (1, 1))
    cached = Path(importlib.util.cache_from_source("fresh.py"))
    (project / cached.parent / "other.cpython-27.pyc").write_bytes(b"old")
    made = make(project, tmp_path / "target")
    assert os.listdir(made.root / "__pycache__") == [cached.name]  # noqa: PTH208
    assert "__pycache__" not in (made.names("") or ())
    without = make(project, tmp_path / "without", compiled=False)
    assert not (without.root / "__pycache__").exists()


def test_python_takes_the_compiled_module_that_came_along(tmp_path: Path) -> None:
    project = fill(tmp_path / "p", {"mod.py": b"a = 1"})
    py_compile.compile(str(project / "mod.py"), doraise=True)
    made = make(project, tmp_path / "target")
    command = [sys.executable, "-v", "-c", "import mod"]
    said = subprocess.run(  # noqa: S603 -- our own
        command, cwd=made.root, capture_output=True, text=True, check=True
    ).stderr
    assert f"matches {made.root / 'mod.py'}" in said


def test_a_full_disk_is_said_and_nothing_is_left(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "utime", full)
    with pytest.raises(WorkspaceError, match=r"No space left.*TMPDIR"):
        make(project, tmp_path / "target")
    assert list((tmp_path / "target").iterdir()) == []


def test_a_file_that_cannot_be_read_is_named(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, *rest: object, **more: object) -> object:
        if path == str(project / "data" / "x.csv"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open(path, *rest, **more)  # type: ignore[call-overload]  # noqa: PTH123

    monkeypatch.setattr(workspace_copy, "open", refuse, raising=False)
    with pytest.raises(WorkspaceError, match=r"x\.csv: cannot be read .Permission"):
        make(project, tmp_path / "target")
    assert list((tmp_path / "target").iterdir()) == []


def test_a_large_file_that_cannot_be_read_is_named(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(project, {"data/big.bin": LARGE})
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(WorkspaceError, match=r"big\.bin: cannot be read"):
        make(project, tmp_path / "target")


def test_a_file_that_vanishes_meanwhile_is_left_out(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_folder = workspace_copy._make_folder  # noqa: SLF001 -- what comes just before

    def race(root: str, folder: str) -> None:
        (project / "data" / "x.csv").unlink(missing_ok=True)
        make_folder(root, folder)

    monkeypatch.setattr(workspace_copy, "_make_folder", race)
    made = make(project, tmp_path / "target")
    assert {*made.files} == {"notebooks/nb.ipynb", "pyproject.toml"}


def test_a_file_that_is_being_written_is_named(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = os.fstat

    def growing(number: int) -> os.stat_result:
        with (project / "data" / "x.csv").open("a") as stream:
            stream.write("more")
        return measured(number)

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(WorkspaceError, match=r"is written to by something else"):
        make(project, tmp_path / "target")


def test_a_folder_that_is_taken_is_left_alone(project: Path, tmp_path: Path) -> None:
    fill(tmp_path, ["target/proj/mine"])
    with pytest.raises(WorkspaceError, match=r"cannot be made .File exists"):
        make(project, tmp_path / "target")
    assert (tmp_path / "target" / "proj" / "mine").exists()


def test_a_project_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"not-there: cannot be read"):
        make(tmp_path / "not-there", tmp_path / "target")


@pytest.fixture
def made(project: Path, tmp_path: Path) -> Workspace:
    return laid(project, tmp_path)
