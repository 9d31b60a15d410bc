import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from commits import a_shallow_clone, commit, git, put

from toolkit.reproduce.checkout.commits import checkout
from toolkit.reproduce.checkout.git import CheckoutError


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git/" not in f"{path}/"
    }


def state(git_dir: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(git_dir)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(git_dir.rglob("*"))
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "mein projekt ü"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    return root


FILES = {
    "scope.yaml": b"question: why\n",
    "notebooks/01 größe.ipynb": b"{}",
    "src/crlf.txt": b"a\r\nb\r\n",
    "data/x.bin": bytes(range(256)) * 300,
    "-rf": b"",
    ":(top)odd [name]*": b"odd",
    "empty": b"",
}


def test_the_files_are_those_of_the_commit_byte_for_byte(
    project: Path, tmp_path: Path
) -> None:
    put(project, FILES)
    old = commit(project)
    put(project, {"scope.yaml": b"question: how\n", "new": b"", "data/x.bin": b""})
    commit(project)
    put(project, {"scope.yaml": b"edited\n", "untracked": b""})
    git(project, "add", "scope.yaml")
    before = state(project / ".git")
    target = tmp_path / "a b" / "target"
    assert checkout(project, old, target) == ()
    assert tree(target) == FILES
    names = {name.split("/")[0] for name in FILES}
    assert {path.name for path in target.iterdir()} == names
    assert state(project / ".git") == before
    assert (project / "scope.yaml").read_bytes() == b"edited\n"


def test_links_and_executable_files_stay_what_they_are(
    project: Path, tmp_path: Path
) -> None:
    put(project, {"run.sh": b"#!/bin/sh\n", "a": b"1"})
    (project / "run.sh").chmod(0o755)
    (project / "link").symlink_to("a")
    (project / "dangling").symlink_to("nowhere/at all")
    checkout(project, commit(project), tmp_path / "target")
    assert (tmp_path / "target" / "run.sh").stat().st_mode & stat.S_IXUSR
    assert not (tmp_path / "target" / "a").stat().st_mode & stat.S_IXUSR
    assert os.readlink(tmp_path / "target" / "link") == "a"  # noqa: PTH115 -- as text
    assert (tmp_path / "target" / "dangling").is_symlink()


def test_of_a_project_in_a_sub_folder_only_that_one_is_written(
    project: Path, tmp_path: Path
) -> None:
    put(project, {".gitattributes": b"*.csv text eol=crlf\n", "outside": b""})
    put(project, {"sub ü */a.csv": b"1\n", "sub ü */in/b": b"2", "sub ü 1/c": b""})
    old = commit(project)
    sub = project / "sub ü *"
    checkout(sub, old, tmp_path / "target")
    assert tree(tmp_path / "target") == {"a.csv": b"1\r\n", "in/b": b"2"}
    git(project, "rm", "-rq", ":(literal)sub ü *")
    sub.mkdir(exist_ok=True)
    with pytest.raises(CheckoutError, match="is not in the commit"):
        checkout(sub, commit(project), tmp_path / "other")
    assert list((tmp_path / "other").iterdir()) == []


def test_an_empty_commit_is_an_empty_folder(project: Path, tmp_path: Path) -> None:
    checkout(project, commit(project), tmp_path / "target")
    assert list((tmp_path / "target").iterdir()) == []


def a_linked_work_tree(project: Path, tmp_path: Path) -> Path:
    git(project, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    return tmp_path / "linked"


def a_bare_clone(project: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--bare", str(project), str(tmp_path / "bare"))
    return tmp_path / "bare"


def a_borrowing_clone(project: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--shared", str(project), str(tmp_path / "shared"))
    return tmp_path / "shared"


def a_detached_head(project: Path, _: Path) -> Path:
    git(project, "checkout", "-q", "--detach")
    return project


def a_sparse_one(project: Path, _: Path) -> Path:
    git(project, "sparse-checkout", "set", "notebooks")
    return project


def a_link_to_it(project: Path, tmp_path: Path) -> Path:
    (tmp_path / "link").symlink_to(project)
    return tmp_path / "link"


@pytest.mark.parametrize(
    "made",
    [
        a_linked_work_tree,
        a_bare_clone,
        a_borrowing_clone,
        a_shallow_clone,
        a_detached_head,
        a_sparse_one,
        a_link_to_it,
    ],
)
def test_any_kind_of_repository_will_do(
    project: Path, tmp_path: Path, made: Callable[[Path, Path], Path]
) -> None:
    put(project, FILES)
    last = commit(project)
    root = made(project, tmp_path)
    before = git(root, "worktree", "list")
    assert checkout(root, last[:12], tmp_path / "target") == ()
    assert tree(tmp_path / "target") == FILES
    assert git(root, "worktree", "list") == before


def test_a_repository_of_longer_names_will_do(tmp_path: Path) -> None:
    project = tmp_path / "long"
    project.mkdir()
    git(project, "init", "-q", "--object-format=sha256")
    put(project, FILES)
    checkout(project, commit(project), tmp_path / "target")
    assert tree(tmp_path / "target") == FILES


def test_what_the_user_set_in_git_takes_no_part(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(project, {**FILES, ".gitattributes": b"*.yaml filter=shout\n*.txt -text\n"})
    last = commit(project)
    mark = tmp_path / "hook ran"
    home = tmp_path / "home"
    templates = tmp_path / "templates" / "hooks"
    for folder in (home / ".config" / "git", templates):
        folder.mkdir(parents=True)
    for place in (project / ".git" / "hooks", templates):
        place.mkdir(exist_ok=True)
        for name in ("post-checkout", "post-index-change"):
            (place / name).write_text(f"#!/bin/sh\ntouch '{mark}'\n")
            (place / name).chmod(0o755)
    (home / ".config" / "git" / "attributes").write_text("* text eol=crlf\n")
    (home / ".gitconfig").write_text(
        f"[core]\n autocrlf = true\n hooksPath = {templates}\n fsmonitor = false\n"
        f"[init]\n templateDir = {templates.parent}\n"
        '[filter "shout"]\n smudge = tr a-z A-Z\n required = true\n'
    )
    git(project, "config", "core.autocrlf", "true")
    git(project, "config", "filter.shout.smudge", "tr a-z A-Z")
    (project / ".git" / "info").mkdir(exist_ok=True)
    (project / ".git" / "info" / "attributes").write_text("* text eol=crlf\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name, value in {
        "GIT_DIR": str(tmp_path),
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_WORK_TREE": "/",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.autocrlf",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_OBJECT_DIRECTORY": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    (note,) = checkout(project, last, tmp_path / "target")
    assert note == "the filter 'shout' was not applied to scope.yaml"
    found = tree(tmp_path / "target")
    found.pop(".gitattributes")
    assert found == FILES
    assert not mark.exists()


def test_the_commits_own_line_endings_and_encodings_apply(
    project: Path, tmp_path: Path
) -> None:
    attributes = b"*.bat text eol=crlf\n*.u16 text working-tree-encoding=UTF-16LE\n"
    put(project, {".gitattributes": attributes, "a.bat": b"x\r\n"})
    put(project, {"b.u16": "ü\n".encode("utf-16-le")})
    last = commit(project)
    (project / ".gitattributes").unlink()
    checkout(project, last, tmp_path / "target")
    assert (tmp_path / "target" / "a.bat").read_bytes() == b"x\r\n"
    assert (tmp_path / "target" / "b.u16").read_bytes() == "ü\n".encode("utf-16-le")


def test_a_sub_module_is_said(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    commit(other)
    allow = ("-c", "protocol.file.allow=always")
    git(project, *allow, "submodule", "add", "-q", str(other), "vendor/lib")
    notes = checkout(project, commit(project), tmp_path / "target")
    assert notes == ("sub-modules are not checked out: vendor/lib",)
    assert list((tmp_path / "target" / "vendor" / "lib").iterdir()) == []


def pointer(content: bytes) -> bytes:
    oid = hashlib.sha256(content).hexdigest()
    start = "version https://git-lfs.github.com/spec/v1"
    return f"{start}\noid sha256:{oid}\nsize {len(content)}\n".encode()


def test_files_of_git_lfs_come_from_the_repositorys_own_store_or_are_said(
    project: Path, tmp_path: Path
) -> None:
    there, absent, damaged = b"there" * 1000, b"absent", b"damaged"
    put(
        project,
        {
            ".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n",
            "there.bin": pointer(there),
            "absent.bin": pointer(absent),
            "damaged.bin": pointer(damaged),
            "plain.bin": b"never cleaned",
            "unmarked": pointer(there),
        },
    )
    last = commit(project)
    for content, stored in ((there, there), (damaged, b"something else")):
        oid = hashlib.sha256(content).hexdigest()
        put(project / ".git/lfs/objects" / oid[:2] / oid[2:4], {oid: stored})
    (note,) = checkout(project, last, tmp_path / "target")
    assert "here are its pointers: absent.bin, damaged.bin; get them: git lfs" in note
    found = tree(tmp_path / "target")
    assert found["there.bin"] == there
    assert found["absent.bin"] == pointer(absent)
    assert found["plain.bin"] == b"never cleaned"
    assert found["unmarked"] == pointer(there)
