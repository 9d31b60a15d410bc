"""Environments of other tools, built when a slow test asks for them, and kept."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

HERE = Path(__file__).parent
KEPT = HERE.parent / ".cache" / "elsewhere"
BUILD_S = 900
RUN_S = 300


def python_with(name: str) -> Path:
    """Return the interpreter of ``requirements-NAME.txt``; without it, skip saying so.

    It is built once for each content of the file. In CI nothing is skipped.
    """
    requirements = HERE / f"requirements-{name}.txt"
    digest = sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = KEPT / f"{name}-{sys.version_info.minor}-{digest}"
    python, built = folder / "bin" / "python", folder / ".ok"
    if not built.exists():
        install = ["-m", "pip", "install", "-q", "--only-binary", ":all:", "--no-deps"]
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(python), *install, "-r", str(requirements)],
        ):
            done = subprocess.run(  # noqa: S603 -- our own interpreter
                command, capture_output=True, text=True, timeout=BUILD_S, check=False
            )
            if done.returncode:
                said = done.stderr.strip().splitlines()[-1:]
                refuse(f"{requirements.name} cannot be installed: {said}")
        built.touch()
    return python


def refuse(reason: str) -> None:
    """Skip a test; in CI, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def says(python: Path, *arguments: str, cwd: Path, **variables: str) -> str:
    """Return what a program of that environment prints; it must succeed."""
    done = subprocess.run(  # noqa: S603 -- built above
        [str(python), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=surroundings(cwd, **variables),
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def surroundings(home: Path, **variables: str) -> dict[str, str]:
    """Return the variables for a program that shall touch nothing but its folder."""
    kept = ("PATH", "LANG", "SYSTEMROOT")
    passed = {name: os.environ[name] for name in kept if name in os.environ}
    return {**passed, "HOME": str(home), "PYTHONUTF8": "1", **variables}
