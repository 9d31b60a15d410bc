"""Digests of files, kept by (size, mtime, ctime, inode): unchanged files are not read.

What a program writes through a shared memory map is seen when the system writes it out,
as with ``git`` and ``make``.
"""

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from toolkit.publish.results import Sha256
from toolkit.reproduce import kept_digests
from toolkit.reproduce.digest import bytes_digest, folder_digest
from toolkit.reproduce.environments.surroundings import find_ci
from toolkit.reproduce.kept_digests import Entry, Packed, Stamp

CACHE = Path(".cache", "toolkit", "fingerprints")
_SMALL = 1 << 16  # bytes; such a file is read at once
_PARALLEL = 1 << 23  # bytes to digest from which on a second thread pays
_TRIES = 3  # for a file that changes while it is read
# Two changes within one tick of the clock have one time stamp. Ticks are 1 to 10 ms
# where stamps have nanoseconds; stamps of whole milliseconds come from coarser clocks,
# up to the 2 s of FAT.
_TICK_NS = 100_000_000
_COARSE_TICK_NS = 2_100_000_000
_MILLISECOND_NS = 1_000_000
_SKIPPED = "__pycache__"
_NOTHING = Packed("", "", "")


@dataclass(frozen=True, slots=True)
class _File:
    """A regular file of a folder that is being digested."""

    path: str
    inside: str  # path in the folder, with "/"
    size: int


class Fingerprints:
    """Digests files and folders, and remembers the digests of files.

    A remembered digest counts while size, times and inode of the file are the same. A
    file that was changed so lately that a further change could leave its time stamps as
    they are is digested again, as git does.

    Parameters
    ----------
    cache : file to remember in, ``root / CACHE``; None: each file is always read

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as empty:
    ...     Fingerprints().digest_of(empty.name)[:12]
    'e3b0c44298fc'
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._packed = {} if cache is None else kept_digests.load(cache)
        self._open: dict[str, dict[str, Entry | None]] = {}  # unpacked, maybe changed
        self._whole: set[str] = set()  # folders of which every file was seen
        self._lag: int | None = None

    def digest_of(self, path: str | Path) -> Sha256:
        """Return the SHA-256 of a file, in hex; a link counts as what it leads to.

        Raises
        ------
        OSError : if it is no regular file, or cannot be read
        """
        plain = os.path.abspath(path)  # noqa: PTH100 -- a Path costs more than the stat
        found = os.stat(plain)  # noqa: PTH116
        if not stat.S_ISREG(found.st_mode):
            raise _no_file(plain)
        folder, name = os.path.split(plain)
        known = self._entries(folder).get(name)
        if known is not None and known[0] == stamp_of(found):
            return known[1]
        return self._digest(plain)

    def folder(self, path: str | Path) -> Sha256:
        """Return the digest of a folder: of its files with their names.

        A link to a folder counts by where it leads; ``__pycache__`` is left out.

        Raises
        ------
        OSError : if a part of it is neither folder nor file, or cannot be read
        """
        return folder_digest(self.files(path))

    def files(self, path: str | Path) -> Mapping[str, Sha256]:
        """Return the digest of each file of a folder, by its path in there.

        Raises
        ------
        OSError : as :meth:`folder`
        """
        digests: dict[str, Sha256] = {}
        unknown: list[_File] = []
        self._visit(os.path.abspath(path), "", digests, unknown)  # noqa: PTH100
        for file, digest in zip(unknown, self._digests(unknown), strict=True):
            digests[file.inside] = digest
        return digests

    def save(self) -> None:
        """Write what was learned, if anything was; two processes may do so at once.

        A cache that cannot be written is none: nothing is raised.
        """
        if self._cache is None:
            return
        learned = {
            folder: entries
            for folder, entries in list(self._open.items())
            if kept_digests.pack(entries) != self._packed.get(folder, _NOTHING)
        }
        if not learned:
            return
        there = kept_digests.load(self._cache)  # with what others learned meanwhile
        kept = {folder: packed for folder, packed in there.items() if _is_there(folder)}
        for folder, entries in learned.items():
            more = {} if folder in self._whole else _unpacked(kept.get(folder))
            kept[folder] = kept_digests.pack({**more, **entries})
        with suppress(OSError):
            kept_digests.write(self._cache, kept)

    def _visit(
        self, place: str, prefix: str, digests: dict[str, Sha256], unknown: list[_File]
    ) -> None:
        """Walk a folder; a file that is remembered costs one ``stat``."""
        folders: list[str] = []
        names: list[str] = []
        numbers: list[int] = []
        with _entries(place) as entries:
            for entry in entries:
                name = entry.name
                if entry.is_file():
                    names.append(name)
                    numbers += stamp_of(entry.stat())
                elif not entry.is_dir():
                    raise _no_file(place, name)
                elif entry.is_symlink():
                    leads = os.readlink(f"{place}/{name}")  # noqa: PTH115
                    digests[prefix + name] = bytes_digest(os.fsencode(leads))
                elif name != _SKIPPED:
                    folders.append(name)
        kept = self._packed.get(place, _NOTHING)
        listing = ("/".join(names), kept_digests.pack_numbers(numbers))
        if kept[:2] == listing and place not in self._open:
            known = kept_digests.split(kept.digests)
            digests.update(zip([prefix + name for name in names], known, strict=True))
        else:
            stamps = zip(*[iter(numbers)] * 4, strict=True)
            there = dict(zip(names, stamps, strict=True))
            self._look_up(place, prefix, there, digests, unknown)
        for name in folders:
            self._visit(f"{place}/{name}", f"{prefix}{name}/", digests, unknown)

    def _look_up(
        self,
        place: str,
        prefix: str,
        there: Mapping[str, Stamp],
        digests: dict[str, Sha256],
        unknown: list[_File],
    ) -> None:
        """Take what is remembered of a folder's files; list the others."""
        known = self._entries(place)
        here: dict[str, Entry | None] = {}  # in the system's order, without those gone
        for name, stamp in there.items():
            entry = known.get(name)
            here[name] = entry if entry is not None and entry[0] == stamp else None
            if entry is not None and entry[0] == stamp:
                digests[prefix + name] = entry[1]
            else:
                file = _File(f"{place}/{name}", prefix + name, stamp[0])
                unknown.append(file)
        if self._cache is not None:
            self._open[place] = here
            self._whole.add(place)

    def _entries(self, folder: str) -> dict[str, Entry | None]:
        """Return what is remembered of a folder, to be changed."""
        if folder not in self._open:
            self._open[folder] = _unpacked(self._packed.get(folder))
        return self._open[folder]

    def _digests(self, unknown: list[_File]) -> Iterable[Sha256]:
        paths = [file.path for file in unknown]
        alone = len(paths) == 1 or (os.cpu_count() or 1) == 1
        if alone or sum(file.size for file in unknown) < _PARALLEL:
            return map(self._digest, paths)
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 -- slow

        self._clock_lag()
        with ThreadPoolExecutor(2) as pool:  # hashing lets go of the interpreter's lock
            return list(pool.map(self._digest, paths))

    def _digest(self, path: str) -> Sha256:
        """Read a file; remember it if it was left alone meanwhile, and for a while."""
        for _ in range(_TRIES):
            began = time.time_ns() - self._clock_lag()
            with open(path, "rb", buffering=0) as stream:  # noqa: PTH123
                before = os.fstat(stream.fileno())
                if before.st_size < _SMALL:
                    digest = hashlib.sha256(stream.readall()).hexdigest()
                else:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                stamp = stamp_of(os.fstat(stream.fileno()))
            if stamp == stamp_of(before):
                if self._cache is not None and not is_racy(stamp, began):
                    folder, name = os.path.split(path)
                    self._entries(folder)[name] = (stamp, Sha256(digest))
                break
        return Sha256(digest)

    def _clock_lag(self) -> int:
        """Return by how much the clock of the file system goes after ours, in ns.

        A file server has its own. Told by a file that is made beside the cache.
        """
        if self._lag is None:
            self._lag = 0
            if self._cache is not None:
                with suppress(OSError), kept_digests.beside(self._cache) as (probe, _):
                    made = os.fstat(probe.fileno()).st_ctime_ns
                    self._lag = max(0, time.time_ns() - made)
        return self._lag


def kept_fingerprints(root: Path, environ: Mapping[str, str]) -> Fingerprints:
    """Return the fingerprints of a project; in CI each file is always read.

    Parameters
    ----------
    root : of the project
    environ : environment variables of this process
    """
    in_ci = find_ci(environ) is not None or environ.get("GITLAB_CI") == "true"
    return Fingerprints(None if in_ci else root.resolve() / CACHE)


@contextmanager
def _entries(folder: str) -> Iterator[Iterable["os.DirEntry[str]"]]:
    """Give what lies in a folder; the system looks up its path once, not each time."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with os.scandir(handle) as entries:
            yield entries
    finally:
        os.close(handle)


def stamp_of(found: os.stat_result) -> Stamp:
    """Return what is kept of a file's state: size, times in ns and inode."""
    mtime = found.st_mtime_ns & kept_digests.MASK  # it may be before 1970
    return (found.st_size, mtime, found.st_ctime_ns, found.st_ino)


def is_racy(stamp: Stamp, read_at: int) -> bool:
    """Tell if a file could have changed after it was read and kept its time stamps."""
    _, mtime, ctime, _ = stamp
    coarse = ctime % _MILLISECOND_NS == 0
    tick = _COARSE_TICK_NS if coarse else _TICK_NS
    return read_at - ctime <= tick or abs(read_at - mtime) <= tick


def _unpacked(packed: Packed | None) -> dict[str, Entry | None]:
    return {} if packed is None else {**packed.unpack()}


def _is_there(folder: str) -> bool:
    return os.path.isdir(folder)  # noqa: PTH112


def _no_file(*path: str) -> OSError:
    return OSError(errno.EINVAL, "is neither a file nor a folder", "/".join(path))
