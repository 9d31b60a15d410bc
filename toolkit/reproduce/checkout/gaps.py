"""What a plain checkout lacks: sub-modules, files of Git LFS, filtered files."""

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from toolkit.reproduce.checkout.git import Entry, Repository

_LFS = "lfs"
_POINTER = re.compile(
    rb"version https://git-lfs[^\n]*\n(?:[^\n]+\n)*?oid sha256:([0-9a-f]{64})\n"
)
_POINTER_SIZE = 1024  # bytes; the most that a pointer has
_SHOWN = 3


def fill_gaps(
    folder: Path,
    entries: Sequence[Entry],
    *,
    filters: Mapping[str, str],
    repository: Repository,
) -> tuple[str, ...]:
    """Put in what the repository has of Git LFS's files; return what is missing.

    Parameters
    ----------
    folder : of the files that were checked out
    entries : what the commit holds
    filters : by path, as the commit's attributes name them
    repository : it was checked out of
    """
    modules = [entry.path for entry in entries if entry.submodule]
    kept = [path for path, name in filters.items() if name == _LFS]
    absent = list(_not_filled(folder, kept, _lfs_store(repository)))
    notes = []
    if modules:
        notes.append(f"sub-modules are not checked out: {_listed(modules)}")
    if absent:
        notes.append(
            f"Git LFS has these elsewhere, here are its pointers: {_listed(absent)}; "
            "get them: git lfs fetch --all"
        )
    for name in sorted(set(filters.values()) - {_LFS}):
        smudge = repository.setting(f"filter.{name}.smudge")
        if smudge not in ("", "cat"):
            paths = [path for path, each in filters.items() if each == name]
            notes.append(f"the filter {name!r} was not applied to {_listed(paths)}")
    return tuple(notes)


def _not_filled(folder: Path, paths: Sequence[str], store: Path) -> Iterator[str]:
    """Replace the pointers by what is in the store; yield those that stay."""
    for path in paths:
        file = folder / path
        if file.is_symlink() or not file.is_file():
            continue
        if file.stat().st_size > _POINTER_SIZE:
            continue
        match = _POINTER.match(file.read_bytes())
        if match is None:  # it was committed as it is
            continue
        oid = match[1].decode()
        source = store / oid[:2] / oid[2:4] / oid
        if not _is_whole(source, oid):
            yield path
            continue
        shutil.copyfile(source, file)


def _is_whole(source: Path, oid: str) -> bool:
    try:
        with source.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == oid
    except OSError:
        return False


def _lfs_store(repository: Repository) -> Path:
    place = repository.setting("lfs.storage") or _LFS
    return repository.shared / place / "objects"


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(sorted(paths)[:_SHOWN]) + more
