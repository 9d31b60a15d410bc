import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commits import a_shallow_clone, commit, git, put

from toolkit.reproduce.checkout.commits import checkout
from toolkit.reproduce.checkout.git import CheckoutError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "mein projekt ü"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    return root


@pytest.mark.parametrize("name", ["f" * 40, "no-such", "", "-h", "--all", "a\nb", "é"])
def test_an_unknown_commit_is_said(project: Path, tmp_path: Path, name: str) -> None:
    commit(project)
    with pytest.raises(CheckoutError, match=r"has no commit .*git fetch --all"):
        checkout(project, name, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_shallow_clone_is_told_how_to_get_the_commit(
    project: Path, tmp_path: Path
) -> None:
    put(project, {"a": b"1"})
    first = commit(project)
    put(project, {"a": b"2"})
    commit(project)
    clone = a_shallow_clone(project, tmp_path)
    with pytest.raises(CheckoutError, match="git fetch --unshallow"):
        checkout(clone, first, tmp_path / "target")


def test_a_clone_without_the_files_is_told_to_fetch_them(
    project: Path, tmp_path: Path
) -> None:
    put(project, {"a": b"1", "b": b"2"})
    last = commit(project)
    (blob,) = git(project, "rev-parse", "HEAD:a").split()
    (project / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(CheckoutError, match=r"cannot read or write all.*--refetch"):
        checkout(project, last, tmp_path / "target")
    assert list((tmp_path / "target").iterdir()) == []


def test_no_repository_no_git_and_no_room_are_said(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(project, {"a": b"1"})
    last = commit(project)
    (tmp_path / "plain").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(CheckoutError, match="in no git repository"):
        checkout(tmp_path / "plain", last, tmp_path / "target")
    with pytest.raises(CheckoutError, match="is not empty"):
        checkout(project, last, project)
    (tmp_path / "file").touch()
    with pytest.raises(CheckoutError, match="cannot be written"):
        checkout(project, last, tmp_path / "file" / "target")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CheckoutError, match="git cannot be started"):
        checkout(project, last, tmp_path / "target")


FULL = """
set -e
mount -t tmpfs -o size=256k none "$1"
exec "$2" -c '
import sys
from collections.abc import Callable
from pathlib import Path
from toolkit.reproduce.checkout.commits import checkout
from toolkit.reproduce.checkout.git import CheckoutError
try:
    checkout(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
except CheckoutError as error:
    print(error)
print(list(Path(sys.argv[3]).iterdir()))
' "$3" "$4" "$1"
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare")
def test_a_full_disk_is_said_and_nothing_stays(project: Path, tmp_path: Path) -> None:
    put(project, {f"{n}.bin": os.urandom(100_000) for n in range(10)})
    last = commit(project)
    (tmp_path / "small").mkdir()
    command = ["unshare", "-rm", "/bin/sh", "-c", FULL, "sh", str(tmp_path / "small")]
    done = subprocess.run(  # noqa: S603 -- literal arguments
        [*command, sys.executable, str(project), last],
        capture_output=True,
        text=True,
        check=False,
    )
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(done.stderr)
    assert done.stderr == ""
    said, left = done.stdout.splitlines()
    assert "unable to write file" in said
    assert said.endswith("free some space, or choose another folder (TMPDIR)")
    assert left == "[]"
