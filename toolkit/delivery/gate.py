"""What CI refuses before it does anything: what nobody else could begin to repeat."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.reproduce.attestation.keys import PublicKey
from toolkit.reproduce.attestation.trusted import (
    TRUSTED,
    TrustedKeysError,
    load_trusted,
)
from toolkit.reproduce.checkout.git import CheckoutError, run_git
from toolkit.reproduce.environments.lock import LOCK, parse_lock
from toolkit.reproduce.environments.surroundings import find_commit, load_surroundings
from toolkit.reproduce.project import RUNS
from toolkit.reproduce.records.history import paths_at

_SHOWN = 5
_WRITE = "write one with a version and a hash for each package, and commit it"


@dataclass(eq=False)
class GateError(ToolkitError, ValueError):
    """A project cannot be delivered as it stands."""

    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Which of a project's files came with the commit that is checked out."""

    root: Path
    commit: str
    paths: frozenset[str]  # relative to the project

    def brought(self, path: Path) -> bool:
        """Tell whether the commit holds a file, so that it was not made here."""
        try:
            inside = path.resolve().relative_to(self.root.resolve())
        except ValueError:
            return False
        # Of a submodule, the commit names the folder alone.
        return any(each.as_posix() in self.paths for each in (inside, *inside.parents))


def load_origin(root: Path) -> Origin:
    """Return what is checked out.

    Raises
    ------
    GateError : if there is no git, no commit, or a file that differs from it
    """
    told = find_commit(root, runs=RUNS)
    paths = None if told.commit is None else paths_at(root, "HEAD")
    if told.commit is None or paths is None:
        raise GateError(
            where=str(root),
            found="is in no git repository with a commit",
            expected="CI delivers commits: git init, git add, git commit",
        )
    if told.dirty:
        names = _changed(root)
        raise GateError(
            where=_listed(names) or str(root),
            found=f"not what commit {told.commit[:12]} holds",
            expected="commit what belongs to it, and let .gitignore name what does not",
        )
    return Origin(root=root, commit=told.commit, paths=paths)


def refusals(
    origin: Origin,
    *,
    signer: PublicKey | None,
    environ: Mapping[str, str],
    now: datetime,
) -> Iterator[GateError]:
    """Yield why a clean commit cannot be delivered; nothing if it can.

    Parameters
    ----------
    origin : what is checked out
    signer : key that is to sign; None: nothing is signed
    environ : environment variables of this process
    now : in UTC
    """
    yield from _of_lock(origin)
    if signer is not None:
        yield from _of_event(environ)
        yield from _of_key(origin.root, signer, now)


def _of_lock(origin: Origin) -> Iterator[GateError]:
    """Yield why the environment is not the one that the commit names."""
    path = origin.root / LOCK
    if not path.is_file():
        yield GateError(
            where=LOCK,
            found="is not there, so the environment is not pinned",
            expected=_WRITE,
        )
        return
    if LOCK not in origin.paths:
        yield GateError(
            where=LOCK, found="is in no commit", expected=f"commit it: git add {LOCK}"
        )
    lock = parse_lock(path.read_bytes())
    if lock.odd:
        yield GateError(
            where=LOCK,
            found=f"holds what names no version ({_listed(lock.odd)})",
            expected="name each package with == and its version",
        )
    if loose := [pin.name for pin in lock.pins if not pin.hashed]:
        yield GateError(
            where=LOCK,
            found=f"has no hash for {_listed(loose)}",
            expected="export it with hashes: what is installed must be those bytes",
        )
    if drift := load_surroundings(origin.root).drift:
        yield GateError(
            where=LOCK,
            found=f"installed is something else: {_listed(drift)}",
            expected="install what the lock names, or write the lock anew and commit",
        )


def _of_event(environ: Mapping[str, str]) -> Iterator[GateError]:
    """Yield that a pull request is not signed: it is what somebody else proposes."""
    event = environ.get("GITHUB_EVENT_NAME", "")
    proposed = event.startswith("pull_request")
    if proposed or environ.get("CI_PIPELINE_SOURCE") == "merge_request_event":
        yield GateError(
            where=event or "merge_request_event",
            found="is a proposal, and there is a key to sign it",
            expected="give no secret to this job: toolkit ci --unsigned",
        )


def _of_key(root: Path, signer: PublicKey, now: datetime) -> Iterator[GateError]:
    """Yield why a signature of this key would make nothing trusted."""
    try:
        known = load_trusted(root)
    except TrustedKeysError as error:
        yield GateError(where=error.path, found=str(error), expected="mend it")
        return
    named = next((one for one in known if one.key == signer), None)
    if named is None:
        found = f"does not name the key {signer.id[:12]}…, which is to sign"
    elif named.revoked is not None:
        found = f"says that the key {named.name!r} was revoked"
    elif named.role != "ci":
        found = f"gives the key {named.name!r} the role {named.role}"
    elif not named.not_before <= now < named.not_after:
        found = f"does not let the key {named.name!r} sign today"
    else:
        return
    yield GateError(
        where=TRUSTED,
        found=found,
        expected="name a key of CI: toolkit keys trust FILE --name NAME --role ci",
    )


def _changed(root: Path) -> tuple[str, ...]:
    """Return the files that differ from the commit, or are not in it."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    arguments = ("status", "--porcelain=v1", "-z", "--untracked-files=normal")
    more = ("--no-renames", "--", ".", f":(exclude,literal){RUNS}")
    try:
        done = run_git(["-C", str(root), *arguments, *more], clean, where=root)
    except CheckoutError:
        return ()
    return tuple(os.fsdecode(line[3:]) for line in done.stdout.split(b"\0") if line)


def _listed(names: "tuple[str, ...] | list[str]") -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
