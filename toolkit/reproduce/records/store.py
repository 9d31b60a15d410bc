"""The runs on disk: one folder each, with its record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.publish.fields import FieldError
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import (
    Record,
    notebook_stem,
    safe_name,
    split_run_id,
)
from toolkit.reproduce.whole import write_whole

RECORD = "record.json"
METRICS = "metrics.json"
NOTEBOOK = "notebook.ipynb"
SHOWN = "shown"  # holds when the run was last shown in the place of a new one
EVIDENCE = "verification-{}.json"  # filled in: when, in UTC
UPSTREAM = "TOOLKIT_UPSTREAM"  # JSON, run folder by notebook, for the kernel of a run
_DIGESTS = ("digest", "recipe.digest")  # a record that was edited is refused there
_TIME = r"\d{8}-\d{6}"


@dataclass(eq=False)
class RecordError(ToolkitError, ValueError):
    """A run's record cannot be read, or is not the record of that run."""

    path: str
    found: str
    expected: str = "get it back from git, or remove the run's folder and run it again"
    edited: bool = False  # it can be read, and is not what was written there

    def __str__(self) -> str:
        return f"{self.path}: {self.found}; {self.expected}"


@dataclass(eq=False)
class UnknownRunError(ToolkitError, LookupError):
    """Something was asked of a run that is not there."""

    asked: str
    runs_dir: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        if not self.known:
            hint = "there is none yet: toolkit run"
        elif close := get_close_matches(self.asked, self.known, n=1, cutoff=0.5):
            hint = f"did you mean {close[0]!r}?"
        else:
            hint = "list them: toolkit runs"
        return f"{self.runs_dir}: no run {self.asked!r}; {hint}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What a folder of runs holds: the records, and those that cannot be read."""

    records: tuple[Record, ...]  # oldest first, by when they were made or last shown
    unreadable: tuple[RecordError, ...]


class Store:
    """Reads the runs below one folder; a missing folder holds no runs.

    Parameters
    ----------
    runs_dir : usually ``runs`` in the project's root
    """

    def __init__(self, runs_dir: Path) -> None:
        self.runs_dir = runs_dir

    def folder(self, run: str) -> Path:
        """Return the folder of a run, there or not."""
        return self.runs_dir / run

    def read(self, run: str) -> Record:
        """Return one run's record.

        Raises
        ------
        RecordError : if it is not there, cannot be read, was edited, or is the record
            of another run
        """
        path = self.folder(run) / RECORD
        try:
            record = Record.from_json(path.read_bytes())
        except OSError as error:
            raise RecordError(
                path=str(path), found=error.strerror or "unreadable"
            ) from error
        except ToolkitError as error:
            edited = isinstance(error, FieldError) and error.at in _DIGESTS
            raise RecordError(
                path=str(path), found=str(error), edited=edited
            ) from error
        if misplaced := _misplaced(record, run):
            raise RecordError(path=str(path), found=misplaced, edited=True)
        return record

    def evidence(self, run: str) -> tuple[Path, ...]:
        """Return the files that tell of a run's verifications, oldest first."""
        return tuple(sorted(self.folder(run).glob(EVIDENCE.format("*"))))

    def scan(self) -> Listing:
        """Return every record, oldest first, and what cannot be read."""
        records, unreadable = [], []
        for run in self._ids():
            try:
                records.append(self.read(run))
            except RecordError as error:
                unreadable.append(error)
        records.sort(key=self._recency)
        return Listing(records=tuple(records), unreadable=tuple(unreadable))

    def records(self) -> tuple[Record, ...]:
        """Return every record that can be read, oldest first."""
        return self.scan().records

    def latest(self, notebook: str, *, finished: bool = True) -> Record | None:
        """Return a notebook's latest run; None if there is none.

        One that was shown in the place of a new run counts from then on.

        Parameters
        ----------
        notebook : stem of its file name, ``02-baseline``
        finished : leave out the runs that did not finish

        Raises
        ------
        RecordError : if a record that may be the latest cannot be read
        """
        ids = sorted(self._of(notebook), key=self._second, reverse=True)
        for _, same_second in groupby(ids, key=self._second):
            records = [
                record
                for record in map(self.read, same_second)
                if record.notebook == notebook
                and (record.status == "finished" or not finished)
            ]
            if records:
                return max(records, key=self._recency)
        return None

    def show(self, run: str, now: datetime) -> None:
        """Make a run the latest of its notebook: it stands for one that begins now.

        Parameters
        ----------
        run : id of a run that is there
        now : in UTC

        Raises
        ------
        OSError : if that cannot be noted in its folder
        """
        write_whole(self.folder(run) / SHOWN, f"{now:%Y%m%d-%H%M%S.%f}\n".encode())

    def find(self, asked: str) -> Record:
        """Return the run that a person names: by id, its beginning, or its notebook.

        Raises
        ------
        UnknownRunError : if there is none
        RecordError : if it cannot be read
        """
        asked = asked.rstrip("/")
        ids = list(self._ids())
        name = asked.rpartition("/")[2]
        begun = [run for run in ids if name and run.startswith(name)]
        if name in ids or len(begun) == 1:
            return self.read(name if name in ids else begun[0])
        latest = self.latest(notebook_stem(asked), finished=False)
        if latest is None:
            stems = {split[1] for split in map(split_run_id, ids) if split}
            raise UnknownRunError(
                asked=asked, runs_dir=str(self.runs_dir), known=(*sorted(stems), *ids)
            )
        return latest

    def read_file(self, run: str, path: str, digest: Sha256) -> bytes:
        """Return a file that the run published.

        Raises
        ------
        RecordError : if it is not there, or its digest is not the recorded one
        """
        file = self.folder(run) / path
        try:
            content = file.read_bytes()
        except OSError as error:
            raise RecordError(
                path=str(file),
                found="is not here",
                expected="git keeps records, no tables or figures: run it again",
            ) from error
        if bytes_digest(content) != digest:
            raise RecordError(
                path=str(file),
                found="was changed after the run",
                expected="run the notebook again",
                edited=True,
            )
        return content

    def _ids(self) -> Iterator[str]:
        if not self.runs_dir.is_dir():
            return
        for folder in sorted(self.runs_dir.iterdir()):
            if folder.name.startswith(".") or not folder.is_dir():
                continue
            if split_run_id(folder.name) or (folder / RECORD).exists():
                yield folder.name

    def _shown(self, run: str) -> str:
        """Return when a run was last shown in the place of a new one, "" if never."""
        try:
            text = (self.folder(run) / SHOWN).read_text("ascii").strip()
        except (OSError, ValueError):
            return ""
        return text if re.fullmatch(rf"{_TIME}\.\d{{6}}", text) else ""

    def _second(self, run: str) -> str:
        return max(run[:15], self._shown(run)[:15])

    def _recency(self, record: Record) -> tuple[str, str]:
        about = record.circumstances
        started = re.sub(r"[-:Z]", "", about.started).replace("T", "-")
        return max(started, self._shown(record.run)), record.run

    def _of(self, notebook: str) -> Iterator[str]:
        """Yield the runs whose id says that they are of this notebook."""
        for run in self._ids():
            split = split_run_id(run)
            if split and split[1] == safe_name(notebook):
                yield run


def _misplaced(record: Record, run: str) -> str:
    """Return why a record cannot be that of the run; nothing if it can."""
    if record.run != run:
        return f"is the record of another run, {record.run}"
    stem, digest = safe_name(record.notebook), record.recipe.digest
    if not re.fullmatch(rf"{_TIME}-{re.escape(stem)}-{digest[:8]}(-\d+)?", run):
        return f"its id does not fit its recipe, {stem}-{digest[:8]}: it was edited"
    return ""
