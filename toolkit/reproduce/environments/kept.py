"""Environments that are built once and kept: one folder each, checked before each use.

A folder is built at its place, as scripts in it hold its path, and counts once its mark
is written, the last thing of all. Whoever builds it holds a lock, which the builder's
processes inherit: after a crash nobody starts anew while an orphan still writes there.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.publish.fields import FieldError, parse_json
from toolkit.reproduce.digest import canonical_json
from toolkit.reproduce.whole import write_whole

MARK = "toolkit-environment.json"
_LINES = 8  # of a builder's last words
_WIDTH = 200
_DROPPED = (  # would lead the builder elsewhere, or away from what the lock says
    "CONDA_PREFIX",
    "PIP_CONSTRAINT",
    "PIP_NO_BINARY",
    "PIP_PREFIX",
    "PIP_PYTHON",
    "PIP_REQUIREMENT",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "UV_CONSTRAINT",
    "UV_NO_BINARY",
    "UV_OVERRIDE",
    "UV_PROJECT_ENVIRONMENT",
    "UV_SYSTEM_PYTHON",
    "UV_WORKING_DIRECTORY",
    "VIRTUAL_ENV",
)
_CACHE_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"  # of bford.info/cachedir


@dataclass(eq=False)
class BuildError(ToolkitError, RuntimeError):
    """An environment cannot be built."""

    lines: tuple[str, ...]  # the last ones that the builder said

    def __str__(self) -> str:
        return "\n".join(self.lines)


def kept_environment(
    name: str,
    lock: bytes,
    python: Path,
    cache: Path,
    *,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> Path:
    """Return the interpreter of a kept environment, which is built if there is none.

    Parameters
    ----------
    name : of its folder in the cache; says what it is made of
    lock : content of the ``requirements.lock``
    python : of which it is built
    cache : folder of all that is kept
    environ : environment of this process
    say : is told that it is being built

    Raises
    ------
    BuildError : if it cannot be built
    OSError : if it cannot be written
    """
    cache.mkdir(parents=True, exist_ok=True)
    if not (cache / "CACHEDIR.TAG").exists():
        write_whole(cache / "CACHEDIR.TAG", _CACHE_TAG.encode())
    folder = cache / name
    with _alone(cache / f"{name}.lock", say) as held:
        if not _is_whole(folder):
            say(f"building Python's environment in {folder}; once, some minutes")
            try:
                _remove(folder)
                _build(folder, lock, python, environ, held)
                write_whole(folder / MARK, canonical_json(_state(folder)))
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
    return folder / "bin" / "python"


def _build(
    folder: Path, lock: bytes, python: Path, environ: Mapping[str, str], held: int
) -> None:
    """Build by uv where it is present, and by pip where it is not, or fails."""
    clean = {
        name: value
        for name, value in environ.items()
        if name not in _DROPPED and not name.startswith("PYTHON")
    }
    with tempfile.TemporaryDirectory(prefix="tk") as made:
        listed = Path(made, "requirements.lock")
        listed.write_bytes(lock)
        said: list[str] = []
        for commands in _ways(folder, listed, python, clean):
            _remove(folder)
            failed = _failed(commands, clean, Path(made), held)
            if failed is None:
                return
            said += failed
    raise BuildError(lines=tuple(said))


def _ways(
    folder: Path, listed: Path, python: Path, environ: Mapping[str, str]
) -> Iterator[Sequence[Sequence[str]]]:
    """Yield the commands that build an environment, the quicker ones first."""
    inside, where = str(folder / "bin" / "python"), str(folder)
    if uv := shutil.which("uv", path=environ.get("PATH")):
        strict = ["--require-hashes", "--only-binary", ":all:", "--compile-bytecode"]
        yield (
            [uv, "venv", "-q", "--no-project", "--python", str(python), where],
            [uv, "pip", "sync", "-q", "--python", inside, *strict, str(listed)],
        )
    strict = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    quiet = ["-q", "--no-input", "--disable-pip-version-check", "--no-compile"]
    yield (
        [str(python), "-I", "-m", "venv", where],
        [inside, "-I", "-m", "pip", "install", *quiet, *strict, "-r", str(listed)],
        [inside, "-I", "-m", "compileall", "-q", "-j", "0", str(folder / "lib")],
    )


def _failed(
    commands: Sequence[Sequence[str]], environ: Mapping[str, str], cwd: Path, held: int
) -> list[str] | None:
    """Run commands; return what the first that failed said last, None if none did."""
    for command in commands:
        code, output = _run(command, environ, cwd, held)
        if code and "compileall" not in command:  # some packages hold what cannot be
            said = output.decode("utf-8", "replace").strip().splitlines()
            name = Path(command[0]).name
            lines = [f"{name}: {line[:_WIDTH]}" for line in said[-_LINES:] if line]
            return lines or [f"{name}: exit code {code}"]
    return None


def _run(
    command: Sequence[str], environ: Mapping[str, str], cwd: Path, held: int
) -> tuple[int, bytes]:
    """Run a command; if this process is interrupted, end all that it started."""
    with subprocess.Popen(  # noqa: S603 -- uv or Python, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=dict(environ),
        pass_fds=(held,),
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, output


def _is_whole(folder: Path) -> bool:
    """Return whether a kept environment is as it was when it was built."""
    try:
        return parse_json((folder / MARK).read_bytes()) == _state(folder)
    except (OSError, FieldError):
        return False


def _state(folder: Path) -> dict[str, object]:
    """Return what tells a changed folder: its place, and each file's size and time.

    What Python compiles is left out.
    """
    digest = hashlib.sha256()
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            path = os.path.join(place, name)  # noqa: PTH118 -- for ten thousands
            found = os.lstat(path)
            inside = os.path.relpath(path, folder)
            if inside != MARK:
                line = f"{inside}\0{found.st_size}\0{int(found.st_mtime)}\n"
                digest.update(os.fsencode(line))
    base = (folder / "bin" / "python").resolve(strict=True)
    return {"folder": str(folder), "base": str(base), "files": digest.hexdigest()}


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


@contextmanager
def _alone(path: Path, say: Callable[[str], None]) -> Iterator[int]:
    """Hold a lock: two that need the same environment build it once."""
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that builds {path.stem}")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield held
    finally:
        os.close(held)
