"""Which paths an execution may read and write."""

import functools
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/opt",
    "/nix",
    "/snap",
    "/gnu",
    "/var",
    "/System",  # macOS and below
    "/Library",
    "/Applications",
    "/private/etc",
    "/private/var/db",
)
_DEVICES = (
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/shm",  # noqa: S108 -- shared memory of multiprocessing
    "/dev/dri",
    "/dev/kfd",
)
_TIMEOUT_S = 60
_ASK = (
    "import json, sys\n"
    "print(json.dumps([sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path]))"
)


def confine(
    project: Path,
    interpreter: Path,
    *,
    also_read: Iterable[Path],
    write: Iterable[Path],
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return what an execution may read, and what it may write.

    Parameters
    ----------
    project : never readable, but for an interpreter's prefix below it
    interpreter : that executes the kernel
    also_read, write : further files and folders

    Returns
    -------
    readable, writable : absolute paths without symbolic links, each that exists once
    """
    root = _real(project)
    given = {_real(path) for path in also_read}
    home = _real(Path.home())
    found = {Path(place) for place in _SYSTEM}
    found |= {_real(Path(place)) for place in _SYSTEM}
    for place in (*_of_interpreter(interpreter), *_programs()):
        if not _is_too_much(place, root, home):
            found.add(place)
    devices = [Path(name) for name in _DEVICES]
    devices += sorted(Path("/dev").glob("nvidia*"))
    writable = {_real(path) for path in (*write, *devices)}
    return _existing(found | given), _existing(writable)


def _is_too_much(place: Path, root: Path, home: Path) -> bool:
    """Say whether a folder would open the project or the whole of somebody's home."""
    if place in {Path("/"), home} or root.is_relative_to(place):
        return True
    return place.is_relative_to(root) and not (place / "pyvenv.cfg").exists()


def _of_interpreter(interpreter: Path) -> Iterator[Path]:
    """Yield an interpreter's own folders and those of its packages."""
    for text in _asked(interpreter):
        place = Path(text)
        yield _real(place)
        if place.name.endswith("-packages"):
            yield from _editable(place)
    yield _real(interpreter).parent.parent


@functools.cache
def _asked(interpreter: Path) -> tuple[str, ...]:
    """Return prefixes and sys.path, as an interpreter itself says."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "TOOLKIT_"))
    }
    try:
        done = subprocess.run(  # noqa: S603 -- the interpreter that will run the kernel
            [str(interpreter), "-c", _ASK],
            capture_output=True,
            check=True,
            timeout=_TIMEOUT_S,
            env=environ,
            cwd="/",
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()
    return tuple(text for text in answer if text)


def _editable(packages: Path) -> Iterator[Path]:
    """Yield the folders of packages that are installed as links to their source."""
    for found in packages.glob("*.dist-info/direct_url.json"):
        try:
            origin = json.loads(found.read_text("utf-8"))
            url = str(origin["url"])
            if origin["dir_info"]["editable"] and url.startswith("file://"):
                yield _real(Path(url.removeprefix("file://")))
        except (OSError, ValueError, LookupError, TypeError):
            continue


def _programs() -> Iterator[Path]:
    """Yield the folders in which programs are looked for."""
    for text in os.environ.get("PATH", "").split(os.pathsep):
        if text.startswith("/"):
            yield _real(Path(text))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _existing(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(sorted(path for path in set(paths) if path.exists()))
