"""Which runs may have changed: told by the stamps of their files, unread.

As in ``toolkit.reproduce.fingerprints``: size, times and inode. What was changed so
lately that a further change could leave its stamps as they are is read again.
"""

import os
import stat
import sys
import time
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from pathlib import Path

from toolkit.ledger.entries import belongs_in_git
from toolkit.reproduce.fingerprints import is_racy, stamp_of
from toolkit.reproduce.records.record import split_run_id

_NUMBERS = attrgetter("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino")
_EACH = 4 * 8  # bytes of one stamp
_UNKNOWN = bytes(_EACH)  # as no file has it: there is no inode 0
_HEAD = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """The folders and files of some runs, with the stamps they had when read."""

    paths: Sequence[str]  # "RUN", "RUN/record.json", …; each run's own together
    stamps: bytes

    def to_bytes(self) -> bytes:
        """Return it as the index keeps it."""
        size = len(self.stamps).to_bytes(_HEAD, "big")
        order = sys.byteorder[:1].encode()
        return order + size + self.stamps + os.fsencode("\0".join(self.paths))

    @classmethod
    def from_bytes(cls, content: bytes) -> "Seen":
        """Return what :meth:`to_bytes` wrote; nothing known if by another machine."""
        if content[:1] != sys.byteorder[:1].encode():
            return cls([], b"")
        end = 1 + _HEAD + int.from_bytes(content[1 : 1 + _HEAD], "big")
        named = os.fsdecode(content[end:])
        return cls(named.split("\0") if named else [], content[1 + _HEAD : end])

    def by_run(self) -> dict[str, tuple[list[str], bytes]]:
        """Return paths and stamps of each run."""
        runs: dict[str, tuple[list[str], bytes]] = {}
        for i, path in enumerate(self.paths):
            run = path.partition("/")[0]
            paths, stamps = runs.get(run, ([], b""))
            paths.append(path)
            runs[run] = paths, stamps + self.stamps[i * _EACH : (i + 1) * _EACH]
        return runs


def joined(runs: Mapping[str, tuple[Sequence[str], bytes]]) -> Seen:
    """Return what is known of several runs as one."""
    return Seen(
        [path for paths, _ in runs.values() for path in paths],
        b"".join(stamps for _, stamps in runs.values()),
    )


def changed_runs(runs_dir: Path, seen: Sequence[Seen]) -> set[str]:
    """Return the runs that are new, gone, or not surely as they were.

    Raises
    ------
    OSError : if the folder of runs cannot be listed
    """
    place = os.fspath(runs_dir)
    changed: set[str] = set()
    known: set[str] = set()
    for one in seen:
        known.update(path for path in one.paths if "/" not in path)
        now = _stamps([f"{place}/{path}" for path in one.paths])
        if now != one.stamps:
            changed.update(_parted(one, now))
    names = set(os.listdir(runs_dir))  # noqa: PTH208 -- a Path for each costs a second
    changed.update(known - names)
    changed.update(name for name in names - known if is_run(runs_dir / name))
    return changed


def is_run(folder: Path) -> bool:
    """Tell whether a folder is one of a run: by its name, or by what it holds."""
    try:
        if folder.name.startswith(".") or not stat.S_ISDIR(folder.lstat().st_mode):
            return False
        return bool(split_run_id(folder.name)) or any(
            belongs_in_git(name)
            for name in os.listdir(folder)  # noqa: PTH208
        )
    except OSError:
        return True  # it is for the reader to say what is wrong


def look(runs_dir: Path, run: str) -> tuple[list[str], bytes]:
    """Return the paths of a run's folder, itself first, with the stamps they have.

    None are returned where there is no such folder; a link is none.
    """
    if not (runs_dir / run).is_dir() or (runs_dir / run).is_symlink():
        return [], b""
    paths = [run]
    for place, folders, names in os.walk(runs_dir / run):
        folders.sort()
        inside = os.path.relpath(place, runs_dir)
        paths += [f"{inside}/{name}" for name in sorted((*folders, *names))]
    return paths, _stamps([f"{os.fspath(runs_dir)}/{path}" for path in paths])


def settled(stamps: bytes, again: bytes, began: int) -> bytes:
    """Return stamps that can be relied on: of a run left alone while it was read.

    Parameters
    ----------
    stamps, again : before and after it was read
    began : when that began, in ns, by the clock of the file system
    """
    numbers = array("Q", again)
    fours = zip(*[iter(numbers)] * 4, strict=True)
    racy = stamps != again or any(is_racy(four, began) for four in fours)
    return bytes(len(stamps)) if racy else stamps


def clock(lag: int) -> int:
    """Return the time of the file system, in ns, whose clock goes after ours."""
    return time.time_ns() - lag


def _stamps(paths: Sequence[str]) -> bytes:
    try:  # the quick way: no line of Python runs for each of a hundred thousand files
        found = chain.from_iterable(map(_NUMBERS, map(os.stat, paths)))
        return array("Q", found).tobytes()
    except (OSError, OverflowError):  # one is gone, or was changed before 1970
        return b"".join(map(_stamp, paths))


def _stamp(path: str) -> bytes:
    try:
        return array("Q", stamp_of(os.stat(path))).tobytes()  # noqa: PTH116
    except OSError:
        return _UNKNOWN


def _parted(seen: Seen, now: bytes) -> Iterator[str]:
    for i, path in enumerate(seen.paths):
        span = slice(i * _EACH, (i + 1) * _EACH)
        if seen.stamps[span] != now[span] or now[span] == _UNKNOWN:
            yield path.partition("/")[0]
