"""A table of timed records in numbers: whose, when, and when it became known."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.scope import Table

Ints = npt.NDArray[np.int64]
MICROSECOND = pd.Timedelta(1, "us")


@dataclass(eq=False)
class TimeColumnError(ToolkitError, ValueError):
    """A column that should hold times does not."""

    place: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.place}: found {self.found}, expected {self.expected}"


@dataclass(eq=False)
class EntityTypeError(ToolkitError, ValueError):
    """A log names entities in another type than the entity table: none would match."""

    place: str
    found: str
    expected: str

    def __str__(self) -> str:
        return (
            f"{self.place}: found ids of type {self.found}, expected {self.expected} as"
            " in the entity table; give both columns one type"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Log:
    """The records of known entities, sorted by entity, then time.

    Parameters
    ----------
    entity : array of shape (n_records,)
        Position of the record's entity among the sorted entities.
    time, arrival : arrays of shape (n_records,), microseconds since 1970 (UTC if aware)
        When it happened, and when it became known: the table's delay later.
    rows : array of shape (n_records,)
        Where the record stands in the table.
    """

    entity: Ints
    time: Ints
    arrival: Ints
    rows: Ints

    def select(self, chosen: npt.NDArray[np.bool_]) -> "Log":
        """Return the chosen records, in the same order."""
        return Log(
            entity=self.entity[chosen],
            time=self.time[chosen],
            arrival=self.arrival[chosen],
            rows=self.rows[chosen],
        )


def times_of(frame: pd.DataFrame, table: "Table", zone: str | None) -> pd.DatetimeIndex:
    """Return the instant of each row of a table in ``zone``; missing ones are NaT.

    Naive times are read as the clock on the wall in ``zone``. Where the clocks show a
    time twice, the later instant is taken, and a time that they skip becomes the first
    that exists: a record is never known too early. For the same reason, parts of a
    microsecond are rounded up.

    Raises
    ------
    TimeColumnError : if the column holds no times, or aware times and ``zone`` is None

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> table = SimpleNamespace(name="alarms", time="at")
    >>> frame = pd.DataFrame({"at": pd.to_datetime(["2015-10-25 02:30"])})
    >>> times_of(frame, table, "Europe/Berlin")[0]
    Timestamp('2015-10-25 02:30:00+0100', tz='Europe/Berlin')
    """
    place = f"{table.name}.{table.time}"
    times = _datetimes(frame[str(table.time)], place)
    if times.tz is None:
        later = np.zeros(len(times), dtype=bool)
        return times.tz_localize(zone, ambiguous=later, nonexistent="shift_forward")
    if zone is None:
        raise TimeColumnError(
            place=place,
            found=f"times with an offset ({times.tz})",
            expected="times without, or decisions.timezone in the scope, for ready_by"
            " is a time on the wall there",
        )
    return times.tz_convert(zone)


def _datetimes(column: pd.Series, place: str) -> pd.DatetimeIndex:
    """Return a column of datetimes in microseconds."""
    if column.isna().all():
        return pd.DatetimeIndex([pd.NaT] * len(column), dtype="datetime64[us]")
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        texts = column.dropna().astype(str)
        odd = texts[pd.to_datetime(texts, format="ISO8601", errors="coerce").isna()]
        raise TimeColumnError(
            place=place,
            found=f"{column.dtype} such as {[*odd, *texts][0]!r}",
            expected="times in ISO 8601, such as '2015-12-31 07:00:00', all with or all"
            " without an offset",
        )
    return pd.DatetimeIndex(column).ceil("us").as_unit("us")


def as_of(
    frame: pd.DataFrame, table: "Table", zone: str | None, cutoff: pd.Timestamp
) -> pd.DataFrame:
    """Return the rows of a timed table that had arrived by ``cutoff``."""
    arrived = times_of(frame, table, zone) + pd.Timedelta(table.delay) <= cutoff
    return frame[arrived]


def read_log(
    frame: pd.DataFrame, table: "Table", zone: str | None, entities: pd.Index
) -> Log:
    """Return a table's records, without those of unknown entities or without a time.

    Raises
    ------
    TimeColumnError : see ``times_of``
    EntityTypeError : if the ids are text and the entities numbers, or the reverse
    """
    times = times_of(frame, table, zone)
    codes = codes_of(frame, table, entities)
    time = times.asi8
    rows = np.flatnonzero((codes >= 0) & times.notna())
    rows = rows[_order(time[rows], codes[rows])]
    delay = pd.Timedelta(table.delay) // MICROSECOND
    return Log(
        entity=codes[rows], time=time[rows], arrival=time[rows] + delay, rows=rows
    )


def _order(time: Ints, codes: Ints) -> Ints:
    """Return the order by entity, then time, then row.

    The same as ``lexsort``, but a log that comes in order of time is not sorted by it
    again, and small codes are sorted in linear time.
    """
    if not len(time):
        return np.arange(0)
    ordered = bool((np.diff(time) >= 0).all())
    by_time = np.arange(len(time)) if ordered else np.argsort(time, kind="stable")
    small = codes[by_time].astype(np.min_scalar_type(codes.max()))
    return by_time[np.argsort(small, kind="stable")]


def codes_of(frame: pd.DataFrame, table: "Table", entities: pd.Index) -> Ints:
    """Return the position of each row's entity among ``entities``, -1 if unknown."""
    ids = frame[table.entity]
    codes = np.full(len(ids), -1, dtype=np.int64)
    known = ids.notna().to_numpy()
    if not known.any() or not len(entities):
        return codes
    numbers = pd.api.types.is_numeric_dtype(ids.dtype)
    if numbers != pd.api.types.is_numeric_dtype(entities.dtype):
        raise EntityTypeError(
            place=f"{table.name}.{table.entity}",
            found=str(ids.dtype),
            expected=str(entities.dtype),
        )
    codes[known] = entities.get_indexer(pd.Index(ids[known]))
    return codes


def seen(log: Log, instants: Ints, cutoffs: Ints, n_entities: int) -> Ints:
    """Count each entity's records at or before each cutoff.

    Counting by the first cutoff that a record precedes needs no key that joins entity
    and time, which could overflow, and no search per row of the panel.

    Parameters
    ----------
    log : Log
    instants : array of shape (n_records,)
        ``log.time`` or ``log.arrival``.
    cutoffs : sorted array of shape (n_cutoffs,)
    n_entities : int

    Returns
    -------
    array of shape (n_cutoffs, n_entities)
    """
    slot = np.searchsorted(cutoffs, instants, side="left")
    inside = slot < len(cutoffs)
    cell = slot[inside] * n_entities + log.entity[inside]
    fresh = np.bincount(cell, minlength=len(cutoffs) * n_entities)
    grid = fresh.reshape(len(cutoffs), n_entities)
    return np.add.accumulate(grid, axis=0, out=grid)
