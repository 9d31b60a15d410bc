"""A folder of its own for one execution, gone afterwards.

Its path is the same for the same notebook, here and on other machines: a result that
depends on the path is then equal in plain executions, and the variation of the folder
shows that it depends on it.
"""

import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.reproduce.digest import bytes_digest

HOME = "home"
OTHER_HOME = "somebody"
TMP = "tmp"
MPL = "mpl"
KERNEL = "kernel"  # sockets, and what IPython and Jupyter keep
FOLDERS = (HOME, OTHER_HOME, TMP, MPL, KERNEL)  # all that a kernel may write here
_LONGEST_SOCKET = 100  # bytes; macOS allows 103, Linux 107
_SHORT = Path("/tmp")  # noqa: S108 -- for links to sockets whose own path is too long
_FONTS = "fontlist-*.json"
_WAIT_S = 0.02


@contextmanager
def quarters(
    key: str, environ: Mapping[str, str], *, elsewhere: bool = False, wait: bool = False
) -> Iterator[Path]:
    """Give an empty folder for a kernel's HOME, temporary files, sockets and project.

    Parameters
    ----------
    key : the folder is named by its first 8 characters
    environ : environment of this process; it tells where matplotlib's list of fonts is
    elsewhere : give it an odd name that is never the same
    wait : for another execution with this key to end; otherwise the name gets a number
    """
    folder, lock = _elsewhere() if elsewhere else _claim(f"tk-{key[:8]}", wait=wait)
    try:
        for name in FOLDERS:
            (folder / name).mkdir()
        if sockets(folder).parent == _SHORT:
            _link(sockets(folder), folder / KERNEL)
        fonts = _font_cache(environ)
        with suppress(OSError):
            for path in fonts.glob(_FONTS):
                shutil.copyfile(path, folder / MPL / path.name)
        yield folder
        with suppress(OSError):
            _keep_fonts(folder / MPL, fonts)
    finally:
        if sockets(folder).parent == _SHORT:
            sockets(folder).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sockets(folder: Path) -> Path:
    """Return where the sockets of these quarters lie, by a path that is short enough.

    Parameters
    ----------
    folder : as :func:`quarters` gave it
    """
    own = folder / KERNEL
    if len(os.fsencode(own / "s-5")) <= _LONGEST_SOCKET:
        return own
    return _SHORT / f"tk-{bytes_digest(os.fsencode(folder))[:12]}"


def _link(link: Path, target: Path) -> None:
    with suppress(FileExistsError):
        link.symlink_to(target)
        return
    link.unlink()  # of a dead process, for the name is of this folder alone
    link.symlink_to(target)


def _elsewhere() -> tuple[Path, int]:
    folder = Path(tempfile.mkdtemp(prefix="tk wörk "))
    return folder, os.open(folder, os.O_RDONLY)


def _claim(name: str, *, wait: bool) -> tuple[Path, int]:
    """Make the folder and lock it; one that a dead process left is emptied."""
    base, number = Path(tempfile.gettempdir()), 1
    while True:
        folder = base / (name if number == 1 else f"{name}-{number}")
        lock = _locked(folder)
        if lock is not None:
            return folder, lock
        if wait and _is_ours(folder):
            time.sleep(_WAIT_S)
        else:
            number += 1


def _locked(folder: Path) -> int | None:
    """Return the lock of an empty folder of ours; None if somebody else has it."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(lock)
        if found.st_uid == os.getuid() and os.path.samestat(found, folder.lstat()):
            for left in folder.iterdir():
                _remove(left)
            return lock
    except OSError:  # locked, or gone meanwhile
        pass
    os.close(lock)
    return None


def _is_ours(folder: Path) -> bool:
    """Return whether waiting helps; where the folder has gone, trying again does."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return True
    return found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _font_cache(environ: Mapping[str, str]) -> Path:
    """Return where matplotlib keeps its list of fonts, which takes seconds to make."""
    if environ.get("MPLCONFIGDIR"):
        return Path(environ["MPLCONFIGDIR"])
    cache = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", "/"), ".cache")
    return Path(cache, "matplotlib")


def _keep_fonts(made: Path, fonts: Path) -> None:
    """Keep a list of fonts that the kernel had to make, as matplotlib itself does."""
    for path in made.glob(_FONTS):
        if not (fonts / path.name).exists():
            fonts.mkdir(parents=True, exist_ok=True)
            partial = fonts / f".{path.name}.{os.getpid()}"
            shutil.copyfile(path, partial)
            partial.replace(fonts / path.name)
