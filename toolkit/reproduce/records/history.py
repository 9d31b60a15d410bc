"""What git knows of a project: files at a commit, and what changed between two."""

import os
import posixpath
import subprocess
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 30
_LINK = b"120000"  # git's mode of a symbolic link


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What happened between two commits."""

    commits: int  # in the second and not in the first
    files: tuple[str, ...]  # "M toolkit/metrics.py", relative to the project


def changes_between(root: Path, before: str, after: str) -> Changes | None:
    """Return what changed from one commit to another; None if git does not know both.

    Parameters
    ----------
    root : of the project, which may be a folder of a larger repository
    before, after : full digests of the commits
    """
    span = f"{before}..{after}"
    listed = _git(
        root, "diff", "--name-status", "--no-renames", "--relative", "-z", span
    )
    counted = _git(root, "rev-list", "--count", span)
    if listed is None or counted is None:
        return None
    parts = [os.fsdecode(part) for part in listed.split(b"\0") if part]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return Changes(
        commits=int(counted), files=tuple(f"{kind} {path}" for kind, path in pairs)
    )


def file_at(root: Path, commit: str, path: str) -> bytes | None:
    """Return a file of a commit; None if git does not have it."""
    return _git(root, "cat-file", "blob", f"{commit}:./{path}")


def first_commit_of(root: Path, path: str) -> str | None:
    """Return the commit that brought a file; None if git knows of none.

    Parameters
    ----------
    root : of the project, or any folder in it
    path : of the file, relative to that folder
    """
    found = _git(root, "log", "--diff-filter=A", "--format=%H", "--", f"./{path}")
    return found.split()[-1].decode() if found and found.split() else None


def paths_at(root: Path, commit: str) -> frozenset[str] | None:
    """Return the paths whose content a commit holds; None without git.

    A link that leads out of the project is none of them: the commit holds the name of
    its target, and nothing of what is there.

    Parameters
    ----------
    root : of the project; paths are told from there
    commit : its digest
    """
    listed = _git(root, "ls-tree", "-r", "-z", commit)
    if listed is None:
        return None
    paths = set()
    for entry in filter(None, listed.split(b"\0")):
        facts, _, name = entry.partition(b"\t")
        path = os.fsdecode(name)
        if not facts.startswith(_LINK) or _stays(root, commit, path):
            paths.add(path)
    return frozenset(paths)


def _stays(root: Path, commit: str, link: str) -> bool:
    """Tell whether a link of a commit leads to something within the project."""
    target = os.fsdecode(file_at(root, commit, link) or b"/")
    place = posixpath.normpath(posixpath.join(posixpath.dirname(link), target))
    return not place.startswith(("/", "../")) and place != ".."


def _git(root: Path, *arguments: str) -> bytes | None:
    """Return what git prints, byte for byte; None where it fails or is not there."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    command = ["git", "--no-optional-locks", "--no-pager", "-C", str(root), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 -- git from PATH, with checked arguments
            command, capture_output=True, check=False, env=clean, timeout=_TIMEOUT_S
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout
