import os
import socket
from pathlib import Path

import pytest
from folders import a_project, fill, git, laid, laid_out, repository

from toolkit.reproduce.workspace import listing as workspace_listing
from toolkit.reproduce.workspace.making import Workspace, make

NAMES = ["a b", "ümläut", "new\nline", 'quo"te', "-n", "sur\udce9", "tab\t", "[1]", "*"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return a_project(tmp_path)


def test_git_says_which_files_there_are(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", ["kept.py", "gone.py", "data/x.csv"])
    (project / ".gitignore").write_text("*.log\nout/\n")
    fill(project, ["new.py", "a.log", "out/b.csv"])
    (project / "gone.py").unlink()
    assert laid_out(project, tmp_path) == {
        ".gitignore",
        "kept.py",
        "new.py",
        "data/x.csv",
    }


def test_declared_files_are_there_though_git_ignores_them(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", {".gitignore": b"data/\nx/\n*.big\n"})
    fill(project, ["data/a.csv", "data/b.txt", "x/y/z.csv", "x/y/z.txt", "1.big", "2"])
    declared = ["data", "x/**/*.csv", "1.big", "not/there", "no/*.csv"]
    assert laid_out(project, tmp_path, declared=declared) == {
        ".gitignore",
        "2",
        "data/a.csv",
        "data/b.txt",
        "x/y/z.csv",
        "1.big",
    }


def test_a_folder_that_git_ignores_as_a_whole_counts_as_one_without_git(
    tmp_path: Path,
) -> None:
    repository(tmp_path / "p", {".gitignore": b"*"})
    project = fill(tmp_path / "p" / "scratch", ["nb.ipynb"])
    assert laid_out(project, tmp_path) == {"nb.ipynb"}


def test_a_folder_within_a_repository_can_be_the_project(tmp_path: Path) -> None:
    repository(tmp_path / "p", ["above.py", "sub/a.py", "sub/b/c.py"])
    assert laid_out(tmp_path / "p" / "sub", tmp_path) == {"a.py", "b/c.py"}


def test_the_surrounding_git_variables_do_not_lead_astray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = repository(tmp_path / "p", ["a.py"])
    other = repository(tmp_path / "other", ["b.py"])
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert laid_out(project, tmp_path) == {"a.py"}


def test_git_leaves_the_repository_as_it_was(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", ["a.py"])
    os.utime(project / "a.py", (1, 1))  # git would refresh its index
    before = (project / ".git" / "index").read_bytes()
    make(project, tmp_path / "target")
    assert (project / ".git" / "index").read_bytes() == before


def test_a_submodule_is_there_with_its_files(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", ["lib/__init__.py"])
    project = repository(tmp_path / "p", ["a.py"])
    git(project, "submodule", "add", "-q", str(library), "vendored")
    assert laid_out(project, tmp_path) == {
        ".gitmodules",
        "a.py",
        "vendored/lib/__init__.py",
    }


def test_a_repository_inside_is_there_with_its_files(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", ["a.py"])
    repository(project / "nested", ["b.py"])
    assert laid_out(project, tmp_path) == {"a.py", "nested/b.py"}


def test_a_linked_work_tree_is_a_project(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", ["a.py"])
    git(project, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert laid_out(tmp_path / "tree", tmp_path) - {".git"} == {"a.py"}


def test_an_environment_that_nobody_ignored_is_left_out(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", ["a.py"])
    fill(project, ["env/pyvenv.cfg", "env/lib/x.py", "conda/conda-meta/history"])
    fill(project, ["conda/bin/python", "__pycache__/a.cpython-311.pyc"])
    assert laid_out(project, tmp_path) == {"a.py"}


def test_without_git_all_is_there_but_what_is_made_anew(tmp_path: Path) -> None:
    kept = ["nb.ipynb", "data/x.csv", ".streamlit/config.toml", "a/b/c/d.py"]
    skipped = [
        "runs/1/record.json",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "__pycache__/a.pyc",
        "a/.ipynb_checkpoints/nb.ipynb",
        ".cache/x",
        "node_modules/x/index.js",
        ".mypy_cache/x",
        ".venv/pyvenv.cfg",
    ]
    project = fill(tmp_path / "p", [*kept, *skipped])
    assert laid_out(project, tmp_path) == set(kept)


def test_without_git_empty_folders_are_there_too(tmp_path: Path) -> None:
    project = fill(tmp_path / "p", ["a.py"])
    (project / "figures" / "old").mkdir(parents=True)
    made = make(project, tmp_path / "target")
    assert (made.root / "figures" / "old").is_dir()


def test_a_machine_without_git_lays_out_what_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = repository(tmp_path / "p", ["a.py"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert laid_out(project, tmp_path) == {"a.py"}


def test_earlier_runs_are_never_there(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", ["a.py", "runs/1/record.json"])
    (project / "latest").symlink_to("runs/1")
    (project / "one.json").symlink_to("runs/1/record.json")
    declared = ["runs", "runs/**", "latest", "**/*.json"]
    assert laid_out(project, tmp_path, declared=declared) == {"a.py"}


def test_other_folders_can_be_hidden_too(tmp_path: Path) -> None:
    project = fill(tmp_path / "p", ["runs/a", "results/b", "c"])
    hidden = [project / "results"]
    assert laid_out(project, tmp_path, hidden=hidden) == {"c"}


def test_what_is_supplied_may_come_from_a_hidden_project(tmp_path: Path) -> None:
    project = fill(tmp_path / "p", ["data/x.csv", "runs/1/x"])
    checkout = fill(tmp_path / "checkout", ["nb.ipynb"])
    made = make(
        checkout,
        tmp_path / "target",
        hidden=[project],
        supplied={"data": project / "data"},
    )
    assert {*made.files} == {"nb.ipynb", "data/x.csv"}


def test_every_name_survives(tmp_path: Path) -> None:
    names = [f"{folder}/{name}" for folder in NAMES[:6] for name in NAMES]
    project = repository(tmp_path / "p", names)
    assert laid_out(project, tmp_path) == set(names)
    assert laid_out(fill(tmp_path / "q", names), tmp_path) == set(names)


def test_pipes_and_sockets_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = fill(tmp_path / "p", ["a.py"])
    os.mkfifo(project / "pipe")
    monkeypatch.chdir(project)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert laid_out(project, tmp_path) == {"a.py"}


@pytest.fixture
def made(project: Path, tmp_path: Path) -> Workspace:
    return laid(project, tmp_path)


def test_git_is_not_waited_for_forever(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = tmp_path / "bin" / "git"
    fill(tmp_path, {"bin/git": b"#!/bin/sh\nexec sleep 60\n"})
    stuck.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stuck.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(workspace_listing, "_GIT_TIMEOUT_S", 0.1)
    assert laid_out(project, tmp_path) == {
        "data/x.csv",
        "notebooks/nb.ipynb",
        "pyproject.toml",
    }
