"""Repositories of git, and what lies in them."""

import subprocess
from pathlib import Path

WHO = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str, ok: bool = True) -> str:
    done = subprocess.run(  # noqa: S603 -- literal arguments
        ["/usr/bin/env", "git", "-C", str(folder), *WHO, *arguments],
        check=ok,
        capture_output=True,
    )
    return done.stdout.decode().strip()


def commit(folder: Path, message: str = "a") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def a_shallow_clone(project: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--depth=1", project.as_uri(), str(tmp_path / "s"))
    return tmp_path / "s"
