"""Frames to CSV text and back, every value and every dtype as it was."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from toolkit.publish.fields import shown
from toolkit.publish.results import Column, PublishError

_SPECIAL = re.compile(r'[",\r\n]')
_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)')
_FAMILY = re.compile(r"[A-Za-z]+")


def flat_frame(name: str, frame: "pd.DataFrame | pd.Series[Any]") -> pd.DataFrame:
    """Return the frame with its index, unless it only counts rows, as first columns.

    Raises
    ------
    PublishError : if it is no frame, has no columns, or a column's name is no text or
        there twice
    """
    what = f"table {name!r}"
    if isinstance(frame, pd.Series):
        frame = frame.to_frame(frame.name if frame.name is not None else "value")
    if not isinstance(frame, pd.DataFrame):
        raise PublishError(
            what=what, found=f"is a {type(frame).__name__}", expected="pass a DataFrame"
        )
    if frame.index.name is not None or not frame.index.equals(
        pd.RangeIndex(len(frame))
    ):
        frame = _with_index(what, frame)
    for column in frame.columns:
        if not isinstance(column, str):
            raise PublishError(
                what=what,
                found=f"a column is called {shown(column)}",
                expected="call columns by text: frame.columns = frame.columns.map(str)",
            )
    if not frame.columns.is_unique or frame.columns.empty:
        twice = list(frame.columns[frame.columns.duplicated()])
        raise PublishError(
            what=what,
            found=f"column {twice[0]!r} is there twice" if twice else "has no columns",
            expected="give it columns with names of their own",
        )
    return frame


def column_of(table: str, series: pd.Series) -> Column:
    """Return a column's name and dtype, so that its text can be read back.

    Raises
    ------
    PublishError : if text cannot restore the dtype: intervals, periods, mixed objects
    """
    name = str(series.name)
    if isinstance(series.dtype, pd.CategoricalDtype):
        categories = series.cat.categories.tolist()
        kinds = {type(category) for category in categories}
        if kinds <= {str} or kinds == {int}:
            return Column(
                name=name,
                kind="category",
                categories=tuple(categories),
                ordered=bool(series.cat.ordered),
            )
    elif series.dtype == object:
        if pd.api.types.infer_dtype(series, skipna=True) in ("string", "empty"):
            return Column(name=name, kind="str")
    else:
        kind = str(series.dtype)
        if _family(kind) in _READERS and _restores(kind, series.dtype):
            return Column(name=name, kind=kind)
    raise PublishError(
        what=f"table {table!r}",
        found=f"column {name!r} holds {series.dtype} values that CSV cannot restore",
        expected=f"turn them into text or numbers: frame[{name!r}].astype(str)",
    )


def write_csv(columns: Sequence[Column], frame: pd.DataFrame) -> str:
    """Return the frame as CSV: a header, LF, floats as ``repr``, times as ISO 8601.

    A missing value is an empty field, an empty text is ``""``.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["Bern", ""], "share": [0.1, float("nan")]})
    >>> print(write_csv([column_of("t", frame[c]) for c in frame], frame), end="")
    city,share
    Bern,0.1
    "",
    """
    cells = [
        [_quoted(text) for text in _texts(column, frame[column.name])]
        for column in columns
    ]
    header = [_quoted(column.name) for column in columns]
    lines = [",".join(row) for row in zip(*cells, strict=True)]
    return "\n".join([",".join(header), *lines]) + "\n"


def parse_csv(text: str, columns: Sequence[Column]) -> pd.DataFrame:
    """Return the frame that :func:`write_csv` wrote.

    Raises
    ------
    PublishError : if the text is not what these columns were written as
    """
    rows = list(_rows(text))
    names = [column.name for column in columns]
    if not rows or rows[0] != names or any(len(row) != len(names) for row in rows):
        raise PublishError(
            what="table",
            found=f"its CSV has the columns {shown(rows[:1])} or uneven rows",
            expected=f"expected {shown(names)}; run the notebook again",
        )
    values = zip(*rows[1:], strict=True) if rows[1:] else ([] for _ in columns)
    series = {
        column.name: _restore(column, list(texts))
        for column, texts in zip(columns, values, strict=True)
    }
    return pd.DataFrame(series, index=pd.RangeIndex(len(rows) - 1))


def preview_rows(
    columns: Sequence[Column], frame: pd.DataFrame, limit: int
) -> tuple[tuple[object, ...], ...]:
    """Return the first rows as JSON values: numbers as numbers, times as text."""
    head = frame.head(limit)
    cells = [
        [
            value if isinstance(value, bool | int | str) or _finite(value) else text
            for value, text in zip(
                head[column.name].tolist(),
                _texts(column, head[column.name]),
                strict=True,
            )
        ]
        for column in columns
    ]
    return tuple(zip(*cells, strict=True))


def _with_index(what: str, frame: pd.DataFrame) -> pd.DataFrame:
    try:
        return frame.reset_index()
    except ValueError as error:  # "cannot insert x, already exists"
        raise PublishError(
            what=what,
            found=f"its index cannot become a column ({error})",
            expected="frame.reset_index(drop=True), or rename it",
        ) from error


def _family(kind: str) -> str:
    match = _FAMILY.match(kind)
    return match.group().lower() if match else ""


def _restores(kind: str, dtype: object) -> bool:
    try:
        return bool(pd.api.types.pandas_dtype(kind) == dtype)
    except (TypeError, ValueError, KeyError):
        return False


def _finite(value: object) -> bool:
    return isinstance(value, float) and value - value == 0


def _texts(column: Column, series: pd.Series) -> list[str | None]:
    write = _WRITERS.get(_family(column.kind), str)
    missing = series.isna().tolist()
    return [
        None if gone else write(value)
        for value, gone in zip(series.tolist(), missing, strict=True)
    ]


def _quoted(text: str | None) -> str:
    if text is None:
        return ""
    if text and not _SPECIAL.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _rows(text: str) -> Iterator[list[str | None]]:
    row: list[str | None] = []
    at = 0
    while at < len(text):
        match = _CELL.match(text, at)
        if match is None:
            raise PublishError(
                what="table",
                found=f"its CSV is broken at character {at}",
                expected="run the notebook again",
            )
        quoted, bare, end = match.groups()
        row.append((bare or None) if quoted is None else quoted.replace('""', '"'))
        if end == "\n":
            yield row
            row = []
        at = match.end()


def _restore(column: Column, texts: list[str | None]) -> pd.Series:
    if column.kind == "category":
        known: dict[str, object] = {str(item): item for item in column.categories or ()}
        categories = pd.Index(list(known.values()), dtype=None if known else "str")
        dtype = pd.CategoricalDtype(categories, ordered=column.ordered)
        values = [None if text is None else known[text] for text in texts]
        return pd.Series(values, dtype=dtype)
    read = _READERS[_family(column.kind)]
    values = [None if text is None else read(text) for text in texts]
    return pd.Series(values, dtype=pd.api.types.pandas_dtype(column.kind))


def _float_text(value: float) -> str:
    return repr(float(value))


def _iso_text(value: pd.Timestamp) -> str:
    return value.isoformat()


_READERS: Mapping[str, Callable[[str], object]] = {
    "int": int,
    "uint": int,
    "float": float,
    "bool": "True".__eq__,
    "boolean": "True".__eq__,
    "str": str,
    "string": str,
    "datetime": pd.Timestamp,
    "timedelta": pd.Timedelta,
}
_WRITERS: Mapping[str, Callable[[Any], str]] = {  # what is not here: str
    "float": _float_text,
    "datetime": _iso_text,
}
