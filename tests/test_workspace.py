import errno
import importlib.util
import os
import py_compile
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.workspace import layout as workspace_copy
from toolkit.reproduce.workspace import listing as workspace_listing
from toolkit.reproduce.workspace import selection as workspace_files
from toolkit.reproduce.workspace.making import Workspace, WorkspaceError, make
from toolkit.reproduce.workspace.patterns import Patterns

LARGE = b"x" * (workspace_copy.SMALL + 1)
NAMES = ["a b", "ümläut", "new\nline", 'quo"te', "-n", "sur\udce9", "tab\t", "[1]", "*"]
GIT = shutil.which("git") or "git"
SETTINGS = ("user.name=x", "user.email=x@example.org", "protocol.file.allow=always")


def fill(root: Path, files: Iterable[str] | dict[str, bytes]) -> Path:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            files[name] if isinstance(files, dict) else name.encode("utf-8", "replace")
        )
    return root


def git(root: Path, *arguments: str) -> None:
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    command = [GIT, "-C", str(root), *settings, *arguments]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- our own


def repository(root: Path, files: Iterable[str] | dict[str, bytes]) -> Path:
    fill(root, files)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "all", "--allow-empty")
    return root


def laid_out(project: Path, tmp_path: Path, **options: object) -> set[str]:
    """Paths of all files and links of a workspace, from the folder itself."""
    made = make(project, tmp_path / "target", **options)  # type: ignore[arg-type]
    found = set()
    for folder, folders, names in os.walk(made.root):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in (*names, *links):
            found.add(Path(folder, name).relative_to(made.root).as_posix())
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return fill(
        tmp_path / "proj",
        {"pyproject.toml": b"", "data/x.csv": b"1", "notebooks/nb.ipynb": b"{}"},
    )


# Which files


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


def test_a_huge_folder_that_is_no_project_is_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MANY", 10)
    many = [f"photos/{i}.jpg" for i in range(12)]
    project = fill(tmp_path / "home", [*many, "nb.ipynb", "runs/1/x", ".cache/x"])
    made = make(project, tmp_path / "target")
    assert made.linked == {"photos": project / "photos"}
    assert sorted(p.name for p in made.root.iterdir()) == ["nb.ipynb", "photos"]
    assert made.relative(str(project / "photos" / "3.jpg")) == "photos/3.jpg"
    assert made.existed("photos/3.jpg")
    assert not made.existed("photos/99.jpg")
    assert len(made.names("photos") or ()) == 12


def test_a_huge_folder_with_hidden_runs_below_is_linked_around_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MANY", 1)
    project = fill(tmp_path / "home", ["a/b", "sub/x/1", "sub/runs/1", "sub/y"])
    made = make(project, tmp_path / "target", hidden=[project / "sub" / "runs"])
    assert {*made.linked} == {"a", "sub/x"}
    assert (made.root / "sub" / "y").read_bytes() == b"sub/y"
    assert not (made.root / "sub" / "runs").exists()


def test_a_large_project_with_a_mark_is_copied(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MANY", 1)
    assert not make(project, tmp_path / "target").linked


# Links


def test_links_that_stay_inside_are_kept(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", ["data/x.csv", "deep/er/a"])
    (project / "latest.csv").symlink_to("data/x.csv")
    (project / "deep" / "data").symlink_to("../data")
    (project / "absolute").symlink_to(project / "data" / "x.csv")
    (project / "deep" / "er" / "loop").symlink_to("../..")
    (project / "chain").symlink_to("latest.csv")
    made = make(project, tmp_path / "target")
    assert made.links == {
        "latest.csv": "data/x.csv",
        "deep/data": "../data",
        "absolute": "data/x.csv",
        "deep/er/loop": "../..",
        "chain": "data/x.csv",
    }
    assert not made.linked
    for name in ("latest.csv", "deep/data/x.csv", "absolute", "chain"):
        assert (made.root / name).resolve() == made.root.resolve() / "data" / "x.csv"
        assert made.relative(str(made.root / name)) == "data/x.csv"


def test_links_that_lead_outside_are_inputs(tmp_path: Path) -> None:
    outside = fill(tmp_path / "outside", {"a.csv": b"1", "sub/b.csv": LARGE})
    project = fill(tmp_path / "p", ["nb.ipynb"])
    (project / "file.csv").symlink_to(outside / "a.csv")
    (project / "data").symlink_to("../outside")
    made = make(project, tmp_path / "target")
    assert made.files == {
        "data/a.csv": bytes_digest(b"1"),
        "data/sub/b.csv": None,
        "file.csv": bytes_digest(b"1"),
        "nb.ipynb": bytes_digest(b"nb.ipynb"),
    }
    assert made.linked == {"data/sub/b.csv": outside / "sub" / "b.csv"}
    assert not (made.root / "file.csv").is_symlink()


def test_a_link_to_a_very_large_folder_stays_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "_OUTSIDE", 3)
    outside = fill(tmp_path / "outside", "abcde")
    project = fill(tmp_path / "p", ["nb.ipynb"])
    (project / "data").symlink_to(outside)
    made = make(project, tmp_path / "target")
    assert made.linked == {"data": outside}
    assert (made.root / "data" / "a").read_bytes() == b"a"
    assert made.real("data/a") == outside / "a"


def test_a_link_to_what_git_ignores_is_an_input(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", {".gitignore": b"store/\n"})
    fill(project, {"store/x.csv": b"1"})
    (project / "x.csv").symlink_to("store/x.csv")
    made = make(project, tmp_path / "target")
    assert (made.root / "x.csv").read_bytes() == b"1"
    assert not made.links


def test_links_that_lead_nowhere_stay_so(tmp_path: Path) -> None:
    project = fill(tmp_path / "p", ["a"])
    (project / "gone").symlink_to("not-there")
    (project / "self").symlink_to("self")
    made = make(project, tmp_path / "target")
    assert (made.root / "gone").is_symlink()
    assert not (made.root / "gone").exists()
    assert made.changed() == ()


def test_a_link_up_does_not_open_the_project_itself(tmp_path: Path) -> None:
    project = fill(tmp_path / "p", ["a", "runs/1/x"])
    (project / "up").symlink_to("..")
    assert laid_out(project, tmp_path) == {"a"}


def test_a_folder_that_became_a_link_hides_what_git_still_lists(
    tmp_path: Path,
) -> None:
    project = repository(tmp_path / "p", ["data/x.csv", "other/x.csv"])
    shutil.rmtree(project / "data")
    (project / "data").symlink_to("other")
    made = make(project, tmp_path / "target")
    assert made.links == {"data": "other"}
    assert (made.root / "data" / "x.csv").read_bytes() == b"other/x.csv"


# Copies


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


# Errors


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


# Afterwards


@pytest.fixture
def made(project: Path, tmp_path: Path) -> Workspace:
    fill(project, {"data/big.bin": LARGE})
    (project / "latest").symlink_to("data/x.csv")
    return make(project, tmp_path / "target")


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


# Patterns


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        pytest.param(
            "data", ["data", "data/a", "data/b/c"], ["data2", "x/data"], id="folder"
        ),
        pytest.param("./data/", ["data/a"], ["date"], id="untidy"),
        pytest.param(
            "data/*.csv", ["data/a.csv"], ["data/b/a.csv", "a.csv"], id="star"
        ),
        pytest.param("**/*.csv", ["a.csv", "x/y/a.csv"], ["a.txt"], id="two-stars"),
        pytest.param("data/**", ["data/a", "data/b/c"], ["other"], id="all-below"),
        pytest.param("a/**/b", ["a/b", "a/x/y/b", "a/x/b/c"], ["a/x"], id="between"),
        pytest.param("d?/[ab].csv", ["d1/a.csv"], ["d1/c.csv", "d/a.csv"], id="signs"),
        pytest.param("x[1].csv", ["x[1].csv", "x1.csv"], ["x2.csv"], id="bracket"),
        pytest.param("data/*", ["data/a/b"], ["data2/a"], id="below-a-match"),
        pytest.param("/p/data", ["data/a"], ["p/data/a"], id="absolute-inside"),
        pytest.param("/mnt/data", ["/mnt/data/x"], ["mnt/data/x"], id="absolute"),
        pytest.param("../shared", ["/shared/x"], ["shared/x"], id="above"),
        pytest.param(".", ["a", "b/c"], ["/mnt/a"], id="everything"),
        pytest.param(" ", [], ["a", ""], id="nothing"),
        pytest.param("[z-a]", ["[z-a]"], ["z"], id="no-range"),
    ],
)
def test_a_pattern_covers(
    pattern: str, covered: list[str], not_covered: list[str]
) -> None:
    declared = Patterns([pattern], project=Path("/p"))
    assert [path for path in covered if not declared.covers(path)] == []
    assert [path for path in not_covered if declared.covers(path)] == []


PARTS = st.text("ab*?[.ü ", min_size=1, max_size=4).filter(
    lambda part: part.strip(". ")
)
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)


@given(path=PATHS, more=st.lists(PARTS, max_size=3))
def test_a_path_covers_itself_and_what_lies_below(path: str, more: list[str]) -> None:
    declared = Patterns([path], project=Path("/p"))
    assert declared.covers("/".join([path, *more]))
    assert declared.covers("/p/" + "/".join([path, *more]))


@given(path=PATHS, data=st.data())
def test_stars_cover_what_they_stand_for(path: str, data: st.DataObject) -> None:
    parts = path.split("/")
    at = data.draw(st.integers(0, len(parts) - 1))
    until = data.draw(st.integers(at, len(parts)))
    literal = ["".join(f"[{c}]" if c in "*?[" else c for c in part) for part in parts]
    one = [*literal[:at], "*", *literal[at + 1 :]]
    many = [*literal[:at], "**", *literal[until:]]
    for pattern in ("/".join(one), "/".join(many)):
        assert Patterns([pattern], project=Path("/p")).covers(path)


@given(pattern=PATHS, paths=st.lists(PATHS))
def test_more_patterns_cover_no_less(pattern: str, paths: list[str]) -> None:
    one = Patterns([pattern], project=Path("/p"))
    more = Patterns([pattern, "a/b", "[x"], project=Path("/p"))
    assert all(more.covers(path) for path in paths if one.covers(path))


@given(pattern=st.text(max_size=30), path=st.text(max_size=30))
def test_no_pattern_and_no_path_crashes(pattern: str, path: str) -> None:
    Patterns([pattern], project=Path("/p")).covers(path)


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
