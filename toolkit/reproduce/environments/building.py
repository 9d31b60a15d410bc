"""An interpreter with the packages that a recipe names: this one, or one we build."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.environments import listing as environments_listing
from toolkit.reproduce.environments.kept import BuildError, kept_environment
from toolkit.reproduce.environments.lock import LOCK, Lock, parse_lock
from toolkit.reproduce.environments.pythons import (
    NAMED,
    Found,
    find_python,
    minor_of,
)
from toolkit.reproduce.environments.surroundings import (
    InterpreterError,
    Surroundings,
    ask,
    surroundings_with,
)
from toolkit.reproduce.records.recipe import Environment

KERNEL = "ipykernel"
_SHOWN = 12  # characters of a digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """What executes a notebook in place of the interpreter of its record."""

    python: Path
    environment: Environment  # what it is
    notes: tuple[str, ...] = ()  # how that differs from what was wanted


@dataclass(eq=False)
class MissingEnvironmentError(ToolkitError, RuntimeError):
    """The environment of a recipe is not here and cannot be built."""

    wanted: str
    found: str
    expected: str
    lines: tuple[str, ...] = ()  # the last ones that the builder said

    def __str__(self) -> str:
        said = "".join(f"\n  {line}" for line in self.lines)
        return f"{self.wanted}: {self.found}; {self.expected}{said}"


def default_cache(environ: Mapping[str, str]) -> Path:
    """Return the folder in which environments are kept.

    Examples
    --------
    >>> default_cache({"XDG_CACHE_HOME": "/c"}).as_posix()
    '/c/toolkit/environments'
    """
    cache = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", "/"), ".cache")
    return Path(cache, "toolkit", "environments").absolute()


def interpreter_for(
    wanted: Environment,
    lock: bytes | None,
    *,
    cache: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Interpreter:
    """Return an interpreter with a recipe's packages.

    That is this one, if its version, platform and packages are the wanted ones, or if
    its packages are exactly those of the lock. Else one is built of the lock, for the
    wanted version of Python or the nearest of the same minor version, and kept.

    Parameters
    ----------
    wanted : of the recipe
    lock : content of the ``requirements.lock`` of the recipe's commit
    cache : folder in which environments are kept
    say : is told what takes long

    Raises
    ------
    MissingEnvironmentError : if there is none, and none can be built
    """
    told = environments_listing.describe()
    here = surroundings_with(told, lock, root=None)
    this = Path(sys.executable)
    if _same(here.environment, wanted):
        return Interpreter(python=this, environment=here.environment)
    if lock is None:
        raise MissingEnvironmentError(
            wanted=_name(wanted),
            found=f"is not this one ({_unlike(here.environment, wanted)}), and without "
            f"a {LOCK} no other can be built",
            expected=f"commit a {LOCK} with hashes, and run the notebook again",
        )
    parsed = parse_lock(lock)
    _check_lock(lock, parsed, wanted)
    if here.environment.python == wanted.python and not here.drift:
        return _served(this, here, wanted)
    found = find_python(wanted.python, os.environ)
    if found is None:
        minor = minor_of(wanted.python)
        raise MissingEnvironmentError(
            wanted=_name(wanted),
            found=f"no Python {minor} on PATH, of uv or of pyenv",
            expected=f"install Python {wanted.python}, or name one: {NAMED}=PATH",
        )
    if found.version == here.environment.python and not here.drift:
        return _served(this, here, wanted)
    return _built(found, lock, wanted, cache, say)


def _built(
    found: Found,
    lock: bytes,
    wanted: Environment,
    cache: Path,
    say: Callable[[str], None],
) -> Interpreter:
    machine = str(found.told["platform"]).replace("/", "-")
    name = f"{found.version}-{machine}-{bytes_digest(lock)[:16]}"
    try:
        python = kept_environment(
            name, lock, found.python, cache, environ=os.environ, say=say
        )
        built = surroundings_with(ask(python), lock, root=None)
    except BuildError as error:
        raise MissingEnvironmentError(
            wanted=_name(wanted),
            found=f"cannot be built of its {LOCK} with {found.python}",
            expected="see below, mend that, and try again",
            lines=error.lines,
        ) from error
    except OSError as error:  # an InterpreterError, too
        reason = str(error) if isinstance(error, InterpreterError) else error.strerror
        raise MissingEnvironmentError(
            wanted=_name(wanted),
            found=f"cannot be built in {cache} ({reason or error})",
            expected="free some space there, or name another folder: XDG_CACHE_HOME",
        ) from error
    return _served(python, built, wanted)


def _served(python: Path, have: Surroundings, wanted: Environment) -> Interpreter:
    """Return what serves, with a note on each difference that may show in results."""
    notes = []
    if have.environment.python != wanted.python:
        notes.append(
            f"made with Python {wanted.python}, executed with "
            f"{have.environment.python}: the other is not here"
        )
    if have.environment.platform != wanted.platform:
        notes.append(
            f"made on {wanted.platform}, executed on {have.environment.platform}"
        )
    elif have.environment.installed != wanted.installed:
        notes.append(
            f"what was installed then was not what {LOCK} names: executed with what it "
            "names"
        )
    if have.drift:
        notes.append(f"not as {LOCK} has it: {', '.join(have.drift)}")
    return Interpreter(python=python, environment=have.environment, notes=tuple(notes))


def _check_lock(lock: bytes, parsed: Lock, wanted: Environment) -> None:
    """Refuse what cannot be built from, before it takes minutes to find out.

    Raises
    ------
    MissingEnvironmentError : naming the line
    """
    found = expected = ""
    unhashed = [pin.name for pin in parsed.pins if not pin.hashed]
    if bytes_digest(lock) != wanted.lock:
        found = f"its {LOCK} was {(wanted.lock or 'none')[:_SHOWN]}…, that of the "
        found += f"commit is {bytes_digest(lock)[:_SHOWN]}…"
        expected = "it was changed and not committed: commit it, and run again"
    elif parsed.odd:
        found = f"cannot be built: {LOCK}, {parsed.odd[0]}"
        expected = "name a version and its hash there, and run again"
    elif unhashed:
        found = f"cannot be built: {LOCK} has no hash for {', '.join(unhashed[:3])}"
        expected = "write it with hashes (uv pip compile --generate-hashes), run again"
    elif KERNEL not in {pin.name for pin in parsed.pins}:
        found = f"cannot be built: {LOCK} does not name {KERNEL}, which executes cells"
        expected = f"add {KERNEL} to what it is made of, and run again"
    if found:
        raise MissingEnvironmentError(
            wanted=_name(wanted), found=found, expected=expected
        )


def _same(here: Environment, wanted: Environment) -> bool:
    return (here.python, here.platform, here.installed) == (
        wanted.python,
        wanted.platform,
        wanted.installed,
    )


def _unlike(here: Environment, wanted: Environment) -> str:
    parts = []
    if here.python != wanted.python:
        parts.append(f"Python {here.python}")
    if here.platform != wanted.platform:
        parts.append(here.platform)
    if here.installed != wanted.installed:
        parts.append("other packages")
    return ", ".join(parts)


def _name(wanted: Environment) -> str:
    return (
        f"the environment of the run (Python {wanted.python}, {wanted.platform}, "
        f"packages {wanted.installed[:_SHOWN]}…)"
    )
