"""The index: what was read of each run, kept in SQLite outside git.

It can be removed at any time. Each part of it carries a seal; one whose seal does not
hold, or which another version wrote, makes the whole be built anew.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from toolkit import __version__
from toolkit.reproduce import kept_digests

CACHE = Path(".cache", "toolkit", "ledger.sqlite")
WAITING_S = 60.0  # for another process that writes
_VERSION = 1
_SEAL = f"toolkit ledger {_VERSION} {__version__}".encode()
_TABLE = """
CREATE TABLE IF NOT EXISTS parts (
  kind TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, seal BLOB NOT NULL,
  PRIMARY KEY (kind, name)
) WITHOUT ROWID
"""


class BrokenIndexError(Exception):
    """The index is not what was written; it is to be built anew."""


class Index:
    """Parts by kind and name, changed together or not at all.

    Parameters
    ----------
    path : of the database; None: it is forgotten with this value
    """

    def __init__(self, path: Path | None) -> None:
        self.clock_lag = 0  # of the file system behind ours, in ns
        if path is not None:
            # A file server has a clock of its own; and the folder is marked as a cache.
            with kept_digests.beside(path) as (probe, _):
                made = os.fstat(probe.fileno()).st_ctime_ns
                self.clock_lag = max(0, time.time_ns() - made)
        name = ":memory:" if path is None else str(path)
        self._base = sqlite3.connect(name, timeout=WAITING_S, isolation_level=None)
        try:
            self._base.execute("PRAGMA synchronous = NORMAL")
            self._base.execute(_TABLE)
        except sqlite3.Error:
            self._base.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._base.close()

    @contextmanager
    def reading(self) -> Iterator["Parts"]:
        """Give the parts as they are at one moment."""
        with self._within("BEGIN"):
            yield Parts(self._base)

    @contextmanager
    def changing(self) -> Iterator["Parts"]:
        """Give the parts to be changed; nobody else writes meanwhile.

        An exception leaves all as it was.
        """
        with self._within("BEGIN IMMEDIATE"):
            yield Parts(self._base)

    @contextmanager
    def _within(self, begin: str) -> Iterator[None]:
        self._base.execute(begin)
        try:
            yield
        except BaseException:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")


class Parts:
    """What one transaction sees."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def get(self, kind: str, name: str = "") -> bytes | None:
        """Return one part; None if it is not there.

        Raises
        ------
        BrokenIndexError : if it is not what was written
        """
        asked = "SELECT name, content, seal FROM parts WHERE kind = ? AND name = ?"
        with closing(self._base.execute(asked, (kind, name))) as rows:
            found = [_opened(kind, *row) for row in rows]
        return found[0] if found else None

    def all(self, kind: str) -> Mapping[str, bytes]:
        """Return the parts of a kind, by name; raises as :meth:`get`."""
        asked = "SELECT name, content, seal FROM parts WHERE kind = ?"
        with closing(self._base.execute(asked, (kind,))) as rows:
            return {row[0]: _opened(kind, *row) for row in rows}

    def put(self, kind: str, name: str, content: bytes) -> None:
        """Set one part."""
        row = (kind, name, content, _seal(kind, name, content))
        self._base.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?)", row)

    def clear(self) -> None:
        """Forget all."""
        self._base.execute("DELETE FROM parts")


def discard(path: Path) -> None:
    """Remove a database and what SQLite keeps beside it."""
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _seal(kind: str, name: str, content: bytes) -> bytes:
    sealed = hashlib.blake2b(_SEAL, digest_size=16)
    sealed.update(f"\0{kind}\0{name}\0".encode())
    sealed.update(content)
    return sealed.digest()


def _opened(kind: str, name: str, content: object, seal: object) -> bytes:
    if not isinstance(content, bytes) or _seal(kind, name, content) != seal:
        raise BrokenIndexError
    return content
