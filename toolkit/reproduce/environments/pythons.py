"""The Python interpreters of this machine, of which an environment can be built."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.reproduce.environments.surroundings import InterpreterError, ask

NAMED = "TOOLKIT_PYTHON"  # further ones, separated as in PATH
_ASK_TIMEOUT_S = 60
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An interpreter and what it told of itself."""

    python: Path
    told: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Such as ``3.11.7``."""
        return str(self.told["python"])


def minor_of(version: str) -> str:
    """Return the part of a version that packages depend on.

    Examples
    --------
    >>> minor_of("3.11.7")
    '3.11'
    """
    return ".".join(version.split(".")[:2])


def find_python(version: str, environ: Mapping[str, str]) -> Found | None:
    """Return the interpreter of a version, or the latest of the same minor version.

    Looked through are: those that ``TOOLKIT_PYTHON`` names, this one, PATH, and what uv
    and pyenv have installed. Nothing is downloaded.

    Parameters
    ----------
    version : such as ``3.11.7``
    environ : environment of this process
    """
    best: Found | None = None
    for python in _distinct(_candidates(version, environ)):
        with suppress(InterpreterError):
            found = Found(python=python, told=ask(python))
            if found.version == version:
                return found
            if minor_of(found.version) == minor_of(version):
                best = max(best or found, found, key=_order)
    return best


def _order(found: Found) -> list[int]:
    return [int(number) for number in _NUMBERS.findall(found.version)]


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    minor = minor_of(version)
    yield from _split(environ.get(NAMED, ""))
    yield Path(sys.executable)
    for folder in _split(environ.get("PATH", "")):
        yield folder / f"python{minor}"
    yield from _of_uv(version, environ)
    yield from _of_uv(minor, environ)
    pyenv = environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/"), ".pyenv")
    for place in (f"{version}", f"{minor}.*"):
        yield from sorted(Path(pyenv, "versions").glob(f"{place}/bin/python{minor}"))


def _split(places: str) -> list[Path]:
    return [Path(place) for place in places.split(os.pathsep) if place]


def _of_uv(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    uv = shutil.which("uv", path=environ.get("PATH"))
    if uv is None:
        return
    command = [uv, "python", "find", "--system", "--no-python-downloads", version]
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(  # noqa: S603 -- uv from PATH, no shell
            command,
            capture_output=True,
            check=False,
            cwd="/",
            env={k: v for k, v in environ.items() if k != "VIRTUAL_ENV"},
            text=True,
            timeout=_ASK_TIMEOUT_S,
        )
        if done.returncode == 0 and done.stdout.strip():
            yield Path(done.stdout.strip())


def _distinct(candidates: Iterator[Path]) -> Iterator[Path]:
    """Yield those that are there, once each; a link counts as what it leads to."""
    seen = set()
    for python in candidates:
        if os.access(python, os.X_OK) and python.is_file():
            # Two environments link to one interpreter and have packages of their own.
            real = python.resolve()
            if real not in seen:
                seen.add(real)
                yield python.absolute()
