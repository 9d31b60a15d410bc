"""What is heavy in a run's folder: it may go, and can come back."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from toolkit.publish.results import Sha256
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import NOTEBOOK
from toolkit.reproduce.verification.integrity import FILES, published_files

FOLDERS = ("tables", "figures", FILES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heavy:
    """The heavy files of one run."""

    run: str
    paths: tuple[str, ...]  # in its folder, with "/"; a link counts as a file
    size: int  # bytes


def heavy_files(folder: Path) -> Heavy:
    """Return the heavy files that lie in a run's folder; links are not followed."""
    paths = []
    size = 0
    for path in _found(folder):
        paths.append(path.relative_to(folder).as_posix())
        with suppress(OSError):
            size += path.lstat().st_size
    return Heavy(run=folder.name, paths=tuple(sorted(paths)), size=size)


def drop(folder: Path) -> None:
    """Remove the heavy files of a run; what a link leads to stays.

    Raises
    ------
    OSError : if one cannot be removed; what remains is found again
    """
    for path in _found(folder):
        path.unlink(missing_ok=True)
    for name in FOLDERS:
        if (folder / name).is_dir() and not (folder / name).is_symlink():
            shutil.rmtree(folder / name)


def recorded_digests(record: Record) -> Mapping[str, Sha256]:
    """Return the digest of each heavy file that a record names, by its path.

    The executed notebook is not among them: two executions differ in every time stamp.
    It is the record's if it shows the record's results.
    """
    written = {f"{FILES}/{path}": sha for path, sha in record.trace.written.items()}
    return {**published_files(record.results), **written}


def missing(folder: Path, record: Record) -> Sequence[str]:
    """Return the heavy files of a record that do not lie in its folder."""
    return [path for path in recorded_digests(record) if not (folder / path).exists()]


def _found(folder: Path) -> Iterator[Path]:
    notebook = folder / NOTEBOOK
    if notebook.is_symlink() or notebook.is_file():
        yield notebook
    for name in FOLDERS:
        if (folder / name).is_symlink():
            yield folder / name
            continue
        for place, inner, names in os.walk(folder / name):
            links = [one for one in inner if Path(place, one).is_symlink()]
            for one in (*names, *links):
                yield Path(place, one)
