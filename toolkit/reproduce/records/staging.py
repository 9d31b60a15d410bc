"""Folders of runs that are not yet whole: nobody lists them, and none stays behind."""

import errno
import fcntl
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.reproduce.records.record import Record, json_text
from toolkit.reproduce.records.store import METRICS, RECORD
from toolkit.reproduce.whole import sync

PREFIX = ".staging-"
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_FULL = 2**20  # bytes; a disk that has less is taken for the full one


@dataclass(eq=False)
class RunFolderError(ToolkitError, OSError):
    """A run's folder, or the folder for temporary files, cannot be written."""

    path: str
    reason: str
    instead: str = "--runs"  # how another folder is named

    def __str__(self) -> str:
        return (
            f"{self.path}: cannot be written ({self.reason}); nothing was kept there; "
            f"free some space, or choose another folder with {self.instead}"
        )


@contextmanager
def staged(runs_dir: Path) -> Iterator[Path]:
    """Give a fresh folder inside ``runs_dir``; it is gone afterwards, unless committed.

    The folder is locked while this process lives. Those of dead processes are removed.

    Raises
    ------
    RunFolderError : if it cannot be made; also if what is done meanwhile finds the disk
        full or not to be written
    """
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        _sweep(runs_dir)
        folder, lock = _locked_folder(runs_dir)
    except OSError as error:
        raise RunFolderError(
            path=str(runs_dir), reason=error.strerror or str(error)
        ) from error
    try:
        yield folder
    except OSError as error:
        if error.errno not in _UNWRITABLE or isinstance(error, ToolkitError):
            raise
        raise _unwritable(runs_dir, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def commit(folder: Path, record_of: Callable[[int], Record]) -> Record:
    """Write the record into a staged folder, and give the folder the run's name.

    It is on disk, whole, before it is seen; a crash at any moment leaves it or nothing.

    Parameters
    ----------
    folder : as :func:`staged` gave it
    record_of : gives the record for the n-th try at a run id that is not taken

    Raises
    ------
    RunFolderError : if it cannot be written
    """
    try:
        for nth in itertools.count(1):
            record = record_of(nth)
            (folder / RECORD).write_bytes(record.to_json())
            (folder / METRICS).write_text(json_text(record.metrics))
            _sync_tree(folder)
            if _renamed(folder, folder.parent / record.run):
                break
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunFolderError(path=str(folder.parent), reason=reason) from error
    return record


def _unwritable(runs_dir: Path, error: OSError) -> RunFolderError:
    """Return the error that names the folder; a failed write does not say where."""
    reason = error.strerror or str(error)
    named = Path(error.filename if isinstance(error.filename, str) else "")
    if named.is_relative_to(runs_dir) or _free(runs_dir) < _FULL:
        return RunFolderError(path=str(runs_dir), reason=reason)
    temporary = Path(tempfile.gettempdir())
    if named.is_relative_to(temporary) or _free(temporary) < _FULL:
        return RunFolderError(path=str(temporary), reason=reason, instead="TMPDIR")
    return RunFolderError(path=str(runs_dir), reason=reason)


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _renamed(folder: Path, target: Path) -> bool:
    """Rename; False if somebody else's run of the same second has the name."""
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            return False
        raise
    sync(target.parent)
    return True


def _locked_folder(runs_dir: Path) -> tuple[Path, int]:
    """Make a folder and lock it, before another process takes it for a dead one's."""
    while True:
        folder = runs_dir / f"{PREFIX}{secrets.token_hex(6)}"
        folder.mkdir()
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # it was swept
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # it is being swept
            os.close(lock)
            continue
        except OSError:  # a file system without locks: nothing is swept there either
            return folder, lock
        if folder.exists():
            return folder, lock
        os.close(lock)


def _sweep(runs_dir: Path) -> None:
    for folder in runs_dir.glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _sync_tree(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            sync(Path(place, name))
        sync(Path(place))
