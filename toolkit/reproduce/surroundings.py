"""What surrounds a run: interpreter, packages, lock, git and CI."""

import json
import os
import platform
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.reproduce.digest import bytes_digest, value_digest
from toolkit.reproduce.recipe import Environment

LOCK = "requirements.lock"
NOT_CAPTURED = (
    "files that the notebook reads, other than the scope's tables",
    "network",
    "processes that the notebook starts",
    "environment variables that it reads",
    "processor and the BLAS kernels chosen for it",
)
_LOCKED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
_INSTALLERS = frozenset(("pip", "setuptools", "uv", "wheel"))
_SHOWN = 5
_GIT_TIMEOUT_S = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """The environment, and what of it a reader should know."""

    environment: Environment
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """Where the project stands in git; both None where there is no git."""

    commit: str | None
    dirty: bool | None


def load_surroundings(root: Path) -> Surroundings:
    """Return the environment of this interpreter, which also executes the notebooks.

    Parameters
    ----------
    root : of the project, where ``requirements.lock`` lies
    """
    installed = dict(_installed())
    lines = sorted(f"{name}=={version}" for name, (version, _) in installed.items())
    lock = root / LOCK
    content = lock.read_bytes() if lock.is_file() else None
    notes = () if content is None else lock_notes(content.decode(), installed)
    return Surroundings(
        environment=Environment(
            lock=None if content is None else bytes_digest(content),
            python=platform.python_version(),
            platform=sysconfig.get_platform(),
            installed=value_digest(lines),
        ),
        notes=notes if content else (f"no {LOCK}: the environment is not pinned",),
    )


def lock_notes(lock: str, installed: Mapping[str, tuple[str, bool]]) -> tuple[str, ...]:
    """Return one note if what is installed is not what the lock names.

    Parameters
    ----------
    lock : content of a ``requirements.lock``
    installed : version, and whether it is editable, by normalized name

    Examples
    --------
    >>> lock_notes("pandas==3.1.1", {"pandas": ("3.0.0", False)})
    ('installed is not what requirements.lock names: pandas 3.0.0 (lock 3.1.1)',)
    """
    locked: dict[str, set[str]] = {}
    for name, version in _LOCKED.findall(lock):
        locked.setdefault(_normal(name), set()).add(version)
    drift = []
    for name, (version, editable) in sorted(installed.items()):
        if editable or (name in _INSTALLERS and name not in locked):
            continue
        if name not in locked:
            drift.append(f"{name} {version} (not in the lock)")
        elif version not in locked[name]:
            drift.append(f"{name} {version} (lock {' or '.join(sorted(locked[name]))})")
    if not drift:
        return ()
    more = f" and {len(drift) - _SHOWN} more" if len(drift) > _SHOWN else ""
    listed = ", ".join(drift[:_SHOWN])
    return (f"installed is not what {LOCK} names: {listed}{more}",)


def find_commit(root: Path) -> Commit:
    """Return the commit that is checked out, and whether files differ from it.

    Runs are left out: each adds files of its own.
    """
    commit = _git(root, "rev-parse", "HEAD")
    status = _git(root, "status", "--porcelain", "--", ".", ":(exclude)runs")
    return Commit(commit=commit or None, dirty=None if status is None else bool(status))


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


def _installed() -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield name, version and whether it is editable, of every distribution.

    Read from the folders' names: that takes milliseconds, ``importlib.metadata`` parses
    every file. Of two on the path the first counts, as it does for an import.
    """
    for place in reversed(sys.path):
        folder = Path(place or ".")
        if not folder.is_dir():
            continue
        for info in sorted(folder.glob("*-*.dist-info")):
            name, _, version = info.name.removesuffix(".dist-info").partition("-")
            yield _normal(name), (version, _is_editable(info))


def _is_editable(info: Path) -> bool:
    try:
        origin = json.loads((info / "direct_url.json").read_bytes())
    except (OSError, ValueError):
        return False
    return bool(origin.get("dir_info", {}).get("editable"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
