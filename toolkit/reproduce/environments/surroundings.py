"""What surrounds a run: interpreter, packages, lock, git and CI."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.reproduce.digest import bytes_digest, value_digest
from toolkit.reproduce.environments import listing as environments_listing
from toolkit.reproduce.environments.listing import Distribution
from toolkit.reproduce.environments.lock import LOCK, Lock, counted, drift, parse_lock
from toolkit.reproduce.records.recipe import Environment

PROCESSOR = "processor and the BLAS kernels chosen for it"
_SEEN_BY = {  # what is not captured, unless a sentence on what is enforced begins so
    "files that the notebook reads, other than the scope's tables": "files",
    "network": "network",
    "processes that the notebook starts": "processes",
    "environment variables that it reads": "environment",
}
NOT_CAPTURED = (*_SEEN_BY, PROCESSOR)
_NATIVE = "reads by native code"  # the topic; Python's own are seen in any case
_NATIVE_FILES = "files that native code reads"
_SHOWN = 5
_GIT_TIMEOUT_S = 30
_ASK_TIMEOUT_S = 60


@dataclass(eq=False)
class InterpreterError(ToolkitError, OSError):
    """An interpreter cannot say what it is."""

    python: str
    found: str

    def __str__(self) -> str:
        return f"{self.python}: is no Python that can be used ({self.found})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """The environment, and what of it a reader should know."""

    environment: Environment
    notes: tuple[str, ...]
    drift: tuple[str, ...] = ()  # "pandas 3.0.0 (lock 3.1.1)"; also told in the notes


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """Where the project stands in git; both None where there is no git."""

    commit: str | None
    dirty: bool | None  # also if there are files that git neither tracks nor ignores


def load_surroundings(root: Path) -> Surroundings:
    """Return the environment of this interpreter.

    Parameters
    ----------
    root : of the project, where ``requirements.lock`` lies
    """
    return surroundings_with(environments_listing.describe(), _lock(root), root=root)


def surroundings_with(
    told: Mapping[str, Any], lock: bytes | None, *, root: Path | None
) -> Surroundings:
    """Return the environment of an interpreter that told of itself.

    Parameters
    ----------
    told : as :func:`ask` returns it
    lock : content of the project's ``requirements.lock``
    root : of the project; without one, packages that are links are passed over
    """
    parsed = None if lock is None else parse_lock(lock)
    installed = {name: Distribution(*each) for name, each in told["installed"].items()}
    drifted: tuple[str, ...] = ()
    if parsed is not None:
        drifted = drift(parsed, installed, root=root, markers=told["markers"])
    return Surroundings(
        environment=Environment(
            lock=None if lock is None else bytes_digest(lock),
            python=told["python"],
            platform=told["platform"],
            installed=value_digest(counted(installed, parsed)),
        ),
        notes=_notes(parsed, drifted),
        drift=drifted,
    )


def ask(python: Path) -> Mapping[str, Any]:
    """Return what an interpreter tells of itself: version, platform, packages.

    Raises
    ------
    InterpreterError : if it cannot be started, or says something else
    """
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    command = [str(python), "-I", str(environments_listing.__file__)]
    try:
        done = subprocess.run(  # noqa: S603 -- our own script
            command,
            capture_output=True,
            check=False,
            cwd="/",
            env=environ,
            timeout=_ASK_TIMEOUT_S,
        )
        told: Mapping[str, Any] = json.loads(done.stdout)
    except OSError as error:
        raise InterpreterError(
            python=str(python), found=error.strerror or str(error)
        ) from error
    except subprocess.TimeoutExpired as error:
        raise InterpreterError(python=str(python), found="no answer") from error
    except ValueError as error:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        found = said[-1] if said else f"exit code {done.returncode}"
        raise InterpreterError(python=str(python), found=found) from error
    return told


def not_captured(enforced: Sequence[str]) -> tuple[str, ...]:
    """Return what could decide a result and was not looked at.

    Parameters
    ----------
    enforced : sentences of a trace, ``"network: refused, by a network namespace"``; one
        that goes on with "not" says what could not be seen or enforced

    Examples
    --------
    >>> not_captured(["files: confined, by Landlock", "network: not refused here"])[:2]
    ('files that native code reads', 'network')
    """
    seen = set()
    for sentence in enforced:
        topic, _, how = sentence.partition(": ")
        if not how.startswith("not ") and "but not all" not in how:
            seen.add(topic)
    left = [each for each in NOT_CAPTURED if _SEEN_BY.get(each) not in seen]
    if "files" in seen and _NATIVE not in seen:
        left.insert(0, _NATIVE_FILES)
    return tuple(left)


def find_commit(root: Path, *, runs: str = "runs") -> Commit:
    """Return the commit that is checked out, and whether files differ from it.

    A file that git neither tracks nor ignores is a difference, too. Runs are left out:
    each adds files of its own.

    Parameters
    ----------
    root : of the project; of a larger repository only this folder counts
    runs : folder of the runs, relative to the root
    """
    told = _git(
        root,
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "--untracked-files=normal",
        "--ignore-submodules=none",
        "--no-renames",
        "--",
        ".",
        f":(exclude,literal){runs}",
    )
    if told is None:
        return Commit(commit=None, dirty=None)
    commit, dirty = None, False
    for line in told.split("\0"):
        if line.startswith("# branch.oid "):
            name = line.rpartition(" ")[2]
            commit = None if name == "(initial)" else name
        elif line and not line.startswith("# "):
            dirty = True
    return Commit(commit=commit, dirty=dirty)


def find_ci(environ: Mapping[str, str]) -> str | None:
    """Return the CI job that the environment variables tell of; None if there is none.

    Examples
    --------
    >>> find_ci({"GITLAB_CI": "true", "CI_JOB_URL": "job/7"})
    'job/7'
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        parts = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
        server, repository, run = (environ.get(part, "") for part in parts)
        attempt = environ.get("GITHUB_RUN_ATTEMPT", "1")
        return f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}"
    if environ.get("CI_JOB_URL"):
        return environ["CI_JOB_URL"]
    return "CI" if environ.get("CI", "").lower() in ("1", "true", "yes") else None


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints; None where there is no git, repository or commit."""
    command = ["git", "--no-optional-locks", "-C", str(root), *arguments]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 -- git from PATH, with literal arguments
            command,
            capture_output=True,
            check=False,
            env=clean,
            timeout=_GIT_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    return done.stdout.decode("utf-8", "replace").strip()


def _notes(lock: Lock | None, drifted: Sequence[str]) -> tuple[str, ...]:
    if lock is None:
        return (f"no {LOCK}: the environment is not pinned",)
    if not drifted:
        return ()
    more = f" and {len(drifted) - _SHOWN} more" if len(drifted) > _SHOWN else ""
    listed = ", ".join(drifted[:_SHOWN])
    return (f"installed is not what {LOCK} names: {listed}{more}",)


def _lock(root: Path) -> bytes | None:
    lock = root / LOCK
    return lock.read_bytes() if lock.is_file() else None
