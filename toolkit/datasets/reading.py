"""One file into one table: strict about times, kinds and ids, else lenient."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Literal

import pandas as pd

from toolkit.errors import ToolkitError
from toolkit.scope import Table
from toolkit.scope.problems import did_you_mean

_DATE = r"\s*\d{4}-\d{2}-\d{2}"
_CLOCK = r"[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_NAIVE = rf"{_DATE}(?:{_CLOCK})?\s*"
_AWARE = rf"{_DATE}{_CLOCK}\s*(?:Z|[+-]\d{{2}}(?::?\d{{2}})?)\s*"
_WHOLE_NUMBER = r"-?(?:0|[1-9]\d{0,17})"


@dataclass(eq=False)
class MissingColumnError(ToolkitError, ValueError):
    """A table's file lacks a column that the scope names."""

    place: str
    source: str
    column: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.place}: found no column {self.column!r} in {self.source!r};"
            f" {did_you_mean(self.column, self.columns)}"
        )


@dataclass(eq=False)
class UnreadableSourceError(ToolkitError, ValueError):
    """A table's file is there and cannot be read."""

    place: str
    source: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.place}: found {self.source!r} unreadable ({self.reason}), expected"
            " a comma-separated .csv in UTF-8 with one header line, or a .parquet"
        )


def read_source(source: Traversable, table: Table, place: str) -> pd.DataFrame:
    """Read one file, check its columns, and give them their types.

    The file is opened here, and not by a reader below Python, so that a run that
    watches what is opened sees it.
    """
    texts = {table.entity: "str"}
    texts |= {column: "str" for column in (table.time, table.kind) if column}
    try:
        with source.open("rb") as stream:
            if source.name.endswith(".parquet"):
                frame = _without_index(pd.read_parquet(stream))
            else:
                zipped = source.name.endswith(".gz")
                compression: Literal["gzip"] | None = "gzip" if zipped else None
                frame = pd.read_csv(
                    stream, dtype=texts, compression=compression, low_memory=False
                )
    except (ValueError, OSError) as error:
        raise UnreadableSourceError(
            place=f"{place}.source", source=table.source, reason=str(error)
        ) from error
    return _typed(frame, table, place)


def _without_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Make columns of what pandas kept as an index."""
    plain = isinstance(frame.index, pd.RangeIndex)
    return frame.reset_index(drop=plain)


def _typed(frame: pd.DataFrame, table: Table, place: str) -> pd.DataFrame:
    if not isinstance(frame.index, pd.RangeIndex):
        raise UnreadableSourceError(
            place=f"{place}.source",
            source=table.source,
            reason="its rows have more fields than its header",
        )
    columns = tuple(map(str, frame.columns))
    named = {"entity": table.entity, "time": table.time, "kind": table.kind}
    named |= {f"values[{i}]": column for i, column in enumerate(table.values)}
    for key, column in named.items():
        if column is not None and column not in columns:
            raise MissingColumnError(
                place=f"{place}.{key}",
                source=table.source,
                column=column,
                columns=columns,
            )
    if table.time is not None:
        frame[table.time] = _times(frame[table.time])
    return frame


def _times(texts: pd.Series) -> pd.Series:
    """Return texts as times if all of them are one kind of ISO 8601, else as they are.

    pandas alone would take ``now`` and ``today`` for times, too.
    """
    if pd.api.types.infer_dtype(texts) == "date":
        return pd.to_datetime(texts)
    if not pd.api.types.is_string_dtype(texts.dtype):
        return texts
    known = texts.dropna()
    naive = known.str.fullmatch(_NAIVE).all()
    if not naive and not known.str.fullmatch(_AWARE).all():
        return texts
    try:
        return pd.to_datetime(texts, format="ISO8601", utc=not naive)
    except ValueError:  # a date that no calendar has
        return texts


def with_one_id_type(
    frames: Mapping[str, pd.DataFrame], tables: Mapping[str, Table]
) -> dict[str, pd.DataFrame]:
    """Make the ids of all tables integers if they can all be, else text."""
    ids = {name: frames[name][table.entity] for name, table in tables.items()}
    whole = all(_are_whole(column) for column in ids.values())
    convert = _as_integers if whole else _as_texts
    return {
        name: frames[name].assign(**{tables[name].entity: convert(column)})
        for name, column in ids.items()
    }


def _as_integers(ids: pd.Series) -> pd.Series:
    """Return texts as integers, in a type that knows missing ones if need be."""
    if pd.api.types.is_numeric_dtype(ids.dtype):
        return ids
    return pd.to_numeric(ids).astype("Int64" if ids.hasnans else "int64")


def _as_texts(ids: pd.Series) -> pd.Series:
    return ids.astype("str") if pd.api.types.is_numeric_dtype(ids.dtype) else ids


def _are_whole(ids: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(ids.dtype):
        return True
    return bool(ids.dropna().astype("str").str.fullmatch(_WHOLE_NUMBER).all())
