import os
import shutil
from pathlib import Path

import pytest
from folders import a_project, fill, laid, repository

from toolkit.reproduce.workspace.making import Workspace, make


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return a_project(tmp_path)


@pytest.fixture
def made(project: Path, tmp_path: Path) -> Workspace:
    return laid(project, tmp_path)


def test_nothing_done_changes_nothing(made: Workspace) -> None:
    (made.root / "data" / "x.csv").read_bytes()
    (made.root / "data" / "x.csv").touch()
    (made.root / "data" / "x.csv").write_bytes(b"1")
    (made.root / "data" / "x.csv").chmod(0o600)
    assert (made.changed(), made.new_files()) == ((), ())


@pytest.mark.parametrize("path", ["data/x.csv", "data/big.bin", "latest"])
def test_what_was_deleted_is_told(made: Workspace, path: str) -> None:
    (made.root / path).unlink()
    assert made.changes() == {path: "deleted"}


@pytest.mark.parametrize("path", ["data/x.csv", "data/big.bin", "latest"])
def test_what_was_replaced_is_told(made: Workspace, path: str) -> None:
    (made.root / "new").write_bytes(b"2")
    (made.root / "new").replace(made.root / path)
    assert made.changes() == {path: "changed"}


def test_what_was_changed_with_its_time_set_back_is_told(made: Workspace) -> None:
    path = made.root / "data" / "x.csv"
    before = path.stat()
    path.write_bytes(b"2")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert made.changes() == {"data/x.csv": "changed"}


def test_a_file_that_became_a_link_or_a_folder_is_told(made: Workspace) -> None:
    path = made.root / "data" / "x.csv"
    path.unlink()
    path.symlink_to(made.root / "pyproject.toml")
    (made.root / "pyproject.toml").unlink()
    (made.root / "pyproject.toml").mkdir()
    assert made.changed() == ("data/x.csv", "pyproject.toml")


def test_a_large_original_that_changed_is_told(made: Workspace) -> None:
    with made.linked["data/big.bin"].open("ab") as stream:
        stream.write(b"more")
    assert made.changes() == {"data/big.bin": "changed"}


def test_a_deleted_folder_is_told_by_its_files(made: Workspace) -> None:
    shutil.rmtree(made.root / "data")
    assert made.changes() == {"data/big.bin": "deleted", "data/x.csv": "deleted"}


def test_new_files_are_told(made: Workspace) -> None:
    new = ["out.csv", "data/new/a.csv", "sur\udce9"]
    fill(made.root, [*new, "__pycache__/a.pyc", ".ipynb_checkpoints/nb.ipynb"])
    (made.root / "empty").mkdir()
    (made.root / "loop").symlink_to(".")
    os.mkfifo(made.root / "pipe")
    assert made.new_files() == tuple(sorted([*new, "loop"]))


def test_names_are_those_of_the_start(made: Workspace) -> None:
    fill(made.root, ["data/new.csv"])
    (made.root / "data" / "x.csv").unlink()
    assert made.names("data") == ("big.bin", "x.csv")
    assert made.names("") == ("data", "latest", "notebooks", "pyproject.toml")
    assert made.names("new") is None
    assert made.names("data/x.csv") is None


def test_two_thousand_files_are_no_trouble(tmp_path: Path) -> None:
    names = [f"d{i % 40}/f{i}" for i in range(2_000)]
    project = repository(tmp_path / "p", names)
    made = make(project, tmp_path / "target")
    assert {*made.files} == {*names}
    assert (made.changed(), made.new_files()) == ((), ())


def test_paths_outside_are_none_of_the_workspaces(made: Workspace) -> None:
    assert made.relative(str(made.root)) == ""
    assert made.relative(f"{made.root}/../proj/data//x.csv") == "data/x.csv"
    for path in (
        "/etc/passwd",
        f"{made.root}x/y",
        str(made.project / "pyproject.toml"),
    ):
        assert made.relative(path) is None
