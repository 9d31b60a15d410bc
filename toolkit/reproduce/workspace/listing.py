# ruff: noqa: PTH112, PTH114, PTH118 -- str: a Path costs more than the call
"""Names of a project's files: what git lists, or what lies there."""

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from errno import ENOENT

from toolkit.errors import ToolkitError
from toolkit.reproduce.workspace.patterns import below, in_one

_GIT_TIMEOUT_S = 60
_COMPILED = frozenset(("__pycache__", ".ipynb_checkpoints"))
LEFT_OUT = _COMPILED | {
    ".git",
    ".hg",
    ".svn",
    ".cache",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".import_linter_cache",
    ".hypothesis",
    ".tox",
    ".nox",
    ".eggs",
    ".Trash",
    "node_modules",
}
_ENVIRONMENT = ("pyvenv.cfg", "conda-meta")  # what marks a folder of installed packages


@dataclass(eq=False)
class WorkspaceError(ToolkitError, OSError):
    """A project's files cannot be laid out for a run."""

    path: str
    reason: str
    action: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}; {self.action}"


def git_names(root: str) -> list[str]:
    """Return what git lists below a folder; [] where git knows nothing of it."""
    git = ["git", "--no-optional-locks", "-C", root, "-c", "safe.directory=*"]
    listing = [*git, "-c", "core.fsmonitor=false", "ls-files", "-z"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    names: list[str] = []
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.extend(
            subprocess.Popen(  # noqa: S603 -- our own arguments
                [*listing, *which],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                env=clean,
            )
            for which in (("--cached",), ("--others", "--exclude-standard"))
        )
        for git_listing in started:
            output, _ = git_listing.communicate(timeout=_GIT_TIMEOUT_S)
            if git_listing.returncode:
                return []
            names += (os.fsdecode(name) for name in output.split(b"\0") if name)
    except (OSError, subprocess.TimeoutExpired):
        return []
    finally:
        for git_listing in started:
            _end(git_listing)
    return list(_pruned(list(_with_nested(root, names))))


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
        process.communicate()
    if process.stdout:
        process.stdout.close()


def _with_nested(root: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the names, and instead of a submodule or nested repository, its files."""
    for name in dict.fromkeys(names):
        place = os.path.join(root, name)
        if name.endswith("/") or (os.path.isdir(place) and not os.path.islink(place)):
            if os.path.lexists(os.path.join(place, ".git")):
                yield from (f"{name.rstrip('/')}/{each}" for each in git_names(place))
        else:
            yield name


def _pruned(names: Sequence[str]) -> Iterator[str]:
    """Leave out compiled files and environments that nobody told git to ignore."""
    environments = {
        name.partition("/" + mark)[0]
        for mark in _ENVIRONMENT
        for name in names
        if f"/{mark}" in name
    }
    for name in names:
        parts = name.split("/")
        if _COMPILED.isdisjoint(parts) and not in_one(name, environments):
            yield name


def walk(root: str, start: str, secret: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield every file and folder below, without what is made anew or installed."""
    waiting = [start]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(os.path.join(root, folder) if folder else root) as entries:
                found = list(entries)
        except OSError as error:
            if folder == start and not (start and error.errno == ENOENT):
                raise unreadable(f"{root}/{folder}".rstrip("/"), error) from error
            continue
        if folder and any(each.name in _ENVIRONMENT for each in found):
            continue
        for each in found:
            name = f"{folder}/{each.name}" if folder else each.name
            if each.name in LEFT_OUT or below(name, secret):
                continue
            if each.is_dir(follow_symlinks=False):
                waiting.append(name)
                yield name, True
            else:
                yield name, False


def unreadable(path: str, error: OSError) -> WorkspaceError:
    """Return the error for a file or folder that the system refuses."""
    return WorkspaceError(
        path=path,
        reason=f"cannot be read ({error.strerror})",
        action="a run gets a copy of the project's files: make it readable",
    )
