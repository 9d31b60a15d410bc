"""The tables that a scope names."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from toolkit.datasets.reading import read_source, with_one_id_type
from toolkit.errors import ToolkitError
from toolkit.scope import Scope
from toolkit.scope.problems import did_you_mean


@dataclass(eq=False)
class MissingSourceError(ToolkitError, FileNotFoundError):
    """A table's file is not there."""

    place: str
    source: str
    root: str
    nearby: tuple[str, ...]

    def __str__(self) -> str:
        advice = (
            did_you_mean(self.source, self.nearby)
            if self.nearby
            else f"that folder has no data files; paths start from {self.root!r}"
        )
        return f"{self.place}: found no file {self.source!r}; {advice}"


def load_tables(scope: Scope) -> dict[str, pd.DataFrame]:
    """Return every table of a scope, by name, with types by role.

    Column names and rows stay as they are. Times become datetimes if all of them are
    ISO 8601, all with or all without an offset (then UTC); nothing is guessed, so
    ``01/02/2015`` stays text for the data sanity checks to report. Kinds are text. Ids
    are integers if those of all tables are whole numbers, else text, so that ``007``
    keeps its zeros and every table has one type. All else is what pandas infers.

    Parameters
    ----------
    scope : Scope
        Sources are ``.csv`` (also ``.csv.gz``) or ``.parquet`` files, relative to
        ``scope.root``.

    Raises
    ------
    MissingSourceError, MissingColumnError, UnreadableSourceError
        with the place in the scope, and the closest name that there is
    """
    root = Path(scope.root)
    frames: dict[str, pd.DataFrame] = {}
    for name, table in scope.tables.items():
        place = scope.at(f"tables.{name}")
        source = root / table.source
        if not source.is_file():
            raise MissingSourceError(
                place=f"{place}.source",
                source=table.source,
                root=scope.root,
                nearby=_nearby(source, table.source),
            )
        frames[name] = read_source(source, table, place)
    return with_one_id_type(frames, scope.tables)


def _nearby(missing: Path, source: str) -> tuple[str, ...]:
    """Return the data files beside a missing one, as the scope would name them."""
    if not missing.parent.is_dir():
        return ()
    return tuple(
        (Path(source).parent / path.name).as_posix()
        for path in sorted(missing.parent.iterdir())
        if path.suffix in {".csv", ".gz", ".parquet"}
    )
