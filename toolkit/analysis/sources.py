"""The tables of a scope, checked and read: the entities and their timed records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.analysis.decisions import NoRecordsError
from toolkit.analysis.logs import Log, TimeColumnError, codes_of, read_log, times_of
from toolkit.errors import ToolkitError
from toolkit.scope.problems import did_you_mean

if TYPE_CHECKING:
    from toolkit.scope import Scope, Table

_ALWAYS = np.iinfo(np.int64).min // 2  # earlier than any time less any window


@dataclass(eq=False)
class MissingPartError(ToolkitError, ValueError):
    """A table or a column that the scope names is not there."""

    place: str
    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        advice = did_you_mean(self.name, self.known)
        return f"{self.place}: found no {self.name!r}; {advice}"


@dataclass(eq=False)
class RepeatedEntityError(ToolkitError, ValueError):
    """The entity table has more than one row for an entity."""

    place: str
    examples: tuple[object, ...]
    expected: str

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.examples))
        return (
            f"{self.place}: found several rows for {shown}, expected {self.expected};"
            " remove the surplus rows, or name the column that tells from when each row"
            " holds as the table's time"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Source:
    """A table, its description, and its records of known entities."""

    table: "Table"
    frame: pd.DataFrame
    log: Log
    first: pd.Timestamp | None  # when its first record arrived
    last: pd.Timestamp | None  # when its last happened


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sources:
    """All tables of a scope.

    Parameters
    ----------
    entities : Index, sorted, unique
    fixed : Source of the entity table
    timed : mapping of names to Sources of events and measurements, in scope order
    zone : str or None
    """

    entities: pd.Index
    fixed: Source
    timed: Mapping[str, Source]
    zone: str | None

    def span(
        self, label: str, end: pd.Timestamp | None
    ) -> tuple[pd.Timestamp | None, pd.Timestamp]:
        """Return when the label's table begins, if ever, and the end of observation.

        Raises
        ------
        NoRecordsError : if no table has a record, and ``end`` is not given
        TimeColumnError : if ``end`` has a time zone and the scope none
        """
        ends = [s.last for s in self.timed.values() if s.last is not None]
        if end is None and not ends:
            raise NoRecordsError(
                place=", ".join(self.timed),
                needed="when observation ended",
                way_out="look at the files, or state the end",
            )
        closed = max(ends) if end is None else self._instant(end)
        return self.timed[label].first, closed

    def _instant(self, end: pd.Timestamp) -> pd.Timestamp:
        if end.tzinfo is None:
            return end.tz_localize(self.zone)
        if self.zone is None:
            raise TimeColumnError(
                place="end",
                found=f"a time with an offset ({end})",
                expected="one without, as in the tables, for the scope names no"
                " decisions.timezone",
            )
        return end.tz_convert(self.zone)


def read_sources(tables: Mapping[str, pd.DataFrame], scope: "Scope") -> Sources:
    """Return the tables that a scope names, checked and sorted.

    Raises
    ------
    MissingPartError : if a table or column is not there
    RepeatedEntityError : if an entity has several rows (at one time)
    TimeColumnError, EntityTypeError : if a column has the wrong type
    """
    zone = scope.decisions.timezone
    fixed = next(t for t in scope.tables.values() if t.role == "entities")
    frame = _frame(tables, fixed)
    entities = pd.Index(frame[fixed.entity].dropna().unique()).sort_values()
    return Sources(
        entities=entities,
        fixed=_fixed(frame, fixed, zone, entities),
        timed={
            name: _timed(_frame(tables, table), table, zone, entities)
            for name, table in scope.tables.items()
            if table.role != "entities"
        },
        zone=zone,
    )


def _frame(tables: Mapping[str, pd.DataFrame], table: "Table") -> pd.DataFrame:
    """Return a table after checking that it has the columns that the scope names."""
    if table.name not in tables:
        raise MissingPartError(place="tables", name=table.name, known=tuple(tables))
    frame = tables[table.name]
    known = tuple(map(str, frame.columns))
    measured: tuple[str, ...] = table.values  # noqa: PD011  # no frame: a tuple
    for column in (table.entity, table.time, table.kind, *measured):
        if column is not None and column not in known:
            raise MissingPartError(place=table.name, name=column, known=known)
    return frame


def _timed(
    frame: pd.DataFrame, table: "Table", zone: str | None, entities: pd.Index
) -> Source:
    times = times_of(frame, table, zone).dropna()
    return Source(
        table=table,
        frame=frame,
        log=read_log(frame, table, zone, entities),
        first=times.min() + pd.Timedelta(table.delay) if len(times) else None,
        last=times.max() if len(times) else None,
    )


def _fixed(
    frame: pd.DataFrame, table: "Table", zone: str | None, entities: pd.Index
) -> Source:
    """Return the entity table; without times, each row has always been known."""
    if table.time is not None:
        source = _timed(frame, table, zone, entities)
        log = source.log
    else:
        codes = codes_of(frame, table, entities)
        rows = np.flatnonzero(codes >= 0)
        rows = rows[np.argsort(codes[rows], kind="stable")]
        always = np.full(len(rows), _ALWAYS)
        log = Log(entity=codes[rows], time=always, arrival=always, rows=rows)
        source = Source(table=table, frame=frame, log=log, first=None, last=None)
    same = (np.diff(log.entity) == 0) & (np.diff(log.time) == 0)
    if same.any():
        repeated = pd.unique(log.entity[1:][same])[:3]
        raise RepeatedEntityError(
            place=f"{table.name}.{table.entity}",
            examples=tuple(entities.take(repeated)),
            expected="one" + (" at a time" if table.time is not None else ""),
        )
    return source
