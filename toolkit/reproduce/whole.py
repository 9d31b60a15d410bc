"""Files that are on disk whole or not at all, whatever ends the process."""

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

_PARTIAL = ".partial-"
_STALE_S = 3600  # a writer that has not finished after that was killed


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, or replace it; a crash at any moment leaves the old one or the new.

    Parameters
    ----------
    path : its folder exists
    content : all of it

    Raises
    ------
    OSError : if it cannot be written; then nothing changed
    """
    _sweep(path.parent)
    partial = path.parent / f"{_PARTIAL}{secrets.token_hex(6)}"
    try:
        with partial.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Return when a file, or a folder's list of names, is on disk.

    Raises
    ------
    OSError : if it cannot be opened, or the disk has no room for it
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove what killed writers left behind."""
    for partial in folder.glob(f"{_PARTIAL}*"):
        with suppress(OSError):
            if time.time() - partial.lstat().st_mtime > _STALE_S:
                partial.unlink()
