"""Projects in folders and in repositories of git."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from toolkit.reproduce.workspace import layout as workspace_copy
from toolkit.reproduce.workspace.making import Workspace, make

LARGE = b"x" * (workspace_copy.SMALL + 1)
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


def a_project(tmp_path: Path) -> Path:
    return fill(
        tmp_path / "proj",
        {"pyproject.toml": b"", "data/x.csv": b"1", "notebooks/nb.ipynb": b"{}"},
    )


def laid(project: Path, tmp_path: Path) -> Workspace:
    fill(project, {"data/big.bin": LARGE})
    (project / "latest").symlink_to("data/x.csv")
    return make(project, tmp_path / "target")
