# ruff: noqa: PTH103, PTH112, PTH116, PTH123, PTH211 -- str: a Path costs more than the call
"""Lay out files in a fresh folder: small ones copied, large ones linked."""

import hashlib
import importlib.util
import os
import stat
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from toolkit.publish.results import Sha256
from toolkit.reproduce.workspace.listing import WorkspaceError, unreadable
from toolkit.reproduce.workspace.patterns import parents
from toolkit.reproduce.workspace.selection import Entry

SMALL = 1 << 20  # bytes; what is larger is linked
_TOGETHER = 256 << 20  # bytes; more than that, and only small and smaller is copied
_TRIES = 3
_HEADER = 16  # bytes of a compiled file: magic, flags, time and size of its source


class Stamp(NamedTuple):
    """What tells whether a file was touched, without reading it."""

    size: int
    mtime_ns: int
    ino: int
    ctime_ns: int

    @classmethod
    def of(cls, facts: os.stat_result) -> "Stamp":
        """Return the stamp that a ``stat`` gives."""
        return cls(facts.st_size, facts.st_mtime_ns, facts.st_ino, facts.st_ctime_ns)


@dataclass(kw_only=True, slots=True)
class Layout:
    """What was laid out, by path relative to the project."""

    files: dict[str, Sha256 | None] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)  # real file or folder
    links: dict[str, str] = field(default_factory=dict)  # what links inside say
    stamps: dict[str, Stamp] = field(default_factory=dict)  # of copy, or real file


def lay_out(
    entries: Sequence[Entry],
    folders: Iterable[str],
    root: str,
    *,
    reverse: bool,
    compiled: bool,
) -> Layout:
    """Copy or link the entries below a folder that exists and is empty.

    A file keeps its time and mode. One that vanishes meanwhile is left out.

    Parameters
    ----------
    entries : sorted by path
    folders : to make even if no file lies in them
    reverse : create everything in reverse order
    compiled : also copy compiled modules of this interpreter, where they are valid

    Raises
    ------
    WorkspaceError : if a file cannot be read, or the copy cannot be written
    """
    layout = Layout()
    limit = _limit(entries)
    needed = {folder for each in entries for folder in parents(each.path)}
    needed.update(folders)
    for folder in sorted(needed, reverse=reverse):
        _make_folder(root, folder)
    for entry in reversed(entries) if reverse else entries:
        target = f"{root}/{entry.path}"
        try:
            if entry.kind == "file" and entry.size <= limit:
                _copy(entry, target, layout)
            else:
                _link(entry, target, layout)
        except FileNotFoundError:
            continue
    if compiled:
        _copy_compiled(entries, root, layout)
    return layout


def digest_of(path: str | os.PathLike[str]) -> Sha256:
    """Return the SHA-256 of a file's content.

    Raises
    ------
    OSError : if it cannot be read
    """
    with open(path, "rb") as stream:
        return Sha256(hashlib.file_digest(stream, "sha256").hexdigest())


def _limit(entries: Sequence[Entry]) -> int:
    """Return up to which size files are copied; less where there are very many."""
    limit = SMALL
    while limit > 1:
        if sum(e.size for e in entries if e.size <= limit) <= _TOGETHER:
            break
        limit //= 4
    return limit


def _make_folder(root: str, folder: str) -> None:
    place = f"{root}/{folder}"
    try:
        os.makedirs(place, exist_ok=True)
    except OSError as error:
        raise _unwritable(place, error) from error


def _copy(entry: Entry, target: str, layout: Layout) -> None:
    content, facts = _content(entry.real)
    try:
        with open(target, "xb", buffering=0) as stream:
            written = stream.write(content)
            if written != len(content):  # a disk that fills takes a part
                stream.write(content[written:])
            os.fchmod(stream.fileno(), stat.S_IMODE(facts.st_mode))
            os.utime(stream.fileno(), ns=(facts.st_atime_ns, facts.st_mtime_ns))
            layout.stamps[entry.path] = Stamp.of(os.fstat(stream.fileno()))
    except OSError as error:
        raise _unwritable(target, error) from error
    layout.files[entry.path] = Sha256(hashlib.sha256(content).hexdigest())


def _content(path: str) -> tuple[bytes, os.stat_result]:
    """Return a file's content and the facts that belong to it."""
    try:
        with open(path, "rb", buffering=0) as stream:
            for _ in range(_TRIES):
                before = os.fstat(stream.fileno())
                content = stream.readall()
                after = os.fstat(stream.fileno())
                if Stamp.of(before)[:2] == Stamp.of(after)[:2]:
                    return content, after
                stream.seek(0)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unreadable(path, error) from error
    raise WorkspaceError(
        path=path,
        reason="is written to by something else just now",
        action="wait until it is done, then run again",
    )


def _link(entry: Entry, target: str, layout: Layout) -> None:
    facts = os.stat(entry.real) if entry.kind != "link" else None
    try:
        os.symlink(entry.real, target)
    except OSError as error:
        raise _unwritable(target, error) from error
    if facts is None:
        layout.links[entry.path] = entry.real
        return
    if not os.access(entry.real, os.R_OK):
        raise unreadable(entry.real, PermissionError(13, "Permission denied"))
    layout.linked[entry.path] = entry.real
    if entry.kind == "file":
        layout.files[entry.path] = None
        layout.stamps[entry.path] = Stamp.of(facts)


def _copy_compiled(entries: Sequence[Entry], root: str, layout: Layout) -> None:
    """Copy compiled modules that Python itself would take for the copied sources."""
    made: dict[str, bool] = {}
    for entry in entries:
        stamp = layout.stamps.get(entry.path)
        if stamp is None or not entry.path.endswith(".py") or entry.kind != "file":
            continue
        folder, _, name = entry.real.rpartition("/")
        if folder not in made:
            made[folder] = os.path.isdir(f"{folder}/__pycache__")
        if not made[folder]:
            continue
        file = f"{name[:-3]}.{sys.implementation.cache_tag}.pyc"
        with suppress(OSError):
            with open(f"{folder}/__pycache__/{file}", "rb") as stream:
                content = stream.read()
            if not _valid(content, stamp):
                continue
            target = f"{root}/{entry.path}".rpartition("/")[0] + "/__pycache__"
            os.makedirs(target, exist_ok=True)
            with open(f"{target}/{file}", "wb") as copy:
                copy.write(content)


def _valid(compiled: bytes, source: Stamp) -> bool:
    seconds = source.mtime_ns // 1_000_000_000
    facts = (0, seconds & 0xFFFFFFFF, source.size & 0xFFFFFFFF)
    expected = b"".join(number.to_bytes(4, "little") for number in facts)
    return compiled[:_HEADER] == importlib.util.MAGIC_NUMBER + expected


def _unwritable(path: str, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        path=path,
        reason=f"cannot be written ({error.strerror})",
        action="a run needs room for a copy of the project's small files: "
        "free some, or set TMPDIR to a folder that has it",
    )
