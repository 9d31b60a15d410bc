"""A published table as rows of text, each column at one number of digits."""

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeGuard

from toolkit.publish.results import Column, Table
from toolkit.report.numerals import MINUS, MISSING, decimals, number
from toolkit.report.runs import Run
from toolkit.report.texts import label, text

_NUMERIC = re.compile(r"u?int|float", re.IGNORECASE)
_IDENTIFIER = re.compile(r"(^|_)(id|entity)$|ID$|Id$")
_SMALL = 0.1  # columns of smaller numbers need more than two decimals
_LONG_TABLE = 16  # rows
_WIDE_TABLE = 7  # columns
_SHORT = 28  # characters: a cell that is not broken into lines
_LONG = 10_000  # shorter integers may be years or identifiers: no commas
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::00(?:\.0+)?)?(?:Z|\+00:00)?")


Form: TypeAlias = Literal["n", "short", "prose"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnView:
    """A column's heading, and how its cells are set: number, short text or prose."""

    heading: str
    form: Form


@dataclass(frozen=True, kw_only=True, slots=True)
class TableView:
    """A table to show."""

    key: str
    title: str
    columns: tuple[ColumnView, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str
    run: int

    @property
    def long(self) -> bool:
        """Whether the table scrolls within its own window."""
        return len(self.rows) > _LONG_TABLE

    @property
    def wide(self) -> bool:
        """Whether the table needs smaller letters to go on paper."""
        return len(self.columns) > _WIDE_TABLE


def view_table(table: Table, run: Run) -> TableView:
    """Return a table's first rows as text."""
    width = len(table.columns)
    rows = [(*row, *[""] * width)[:width] for row in table.preview]
    cells = [
        _cells(column, [row[n] for row in rows])
        for n, column in enumerate(table.columns)
    ]
    return TableView(
        key=f"{run.number}-{table.name}",
        title=table.title or label(table.name),
        columns=tuple(
            ColumnView(heading=column.name.replace("_", " "), form=_form(column, texts))
            for column, texts in zip(table.columns, cells, strict=True)
        ),
        rows=tuple(zip(*cells, strict=True)),
        note=_note(table, run),
        run=run.number,
    )


def _form(column: Column, texts: Sequence[str]) -> Form:
    if _NUMERIC.match(column.kind):
        return "n"
    return "short" if max(map(len, texts), default=0) <= _SHORT else "prose"


def _note(table: Table, run: Run) -> str:
    if table.rows <= len(table.preview):
        return ""
    path = f"runs/{run.name}/tables/{table.name}.csv"
    return text("preview", shown=len(table.preview), rows=number(table.rows), path=path)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cells(column: Column, values: Sequence[object]) -> list[str]:
    """Return a column's cells; of numbers, what is not finite came as text."""
    numbers = [value for value in values if _is_number(value)]
    if not _NUMERIC.match(column.kind) or not numbers:
        return [_cell(value) for value in values]
    sizes = [abs(value) for value in numbers if value != 0]
    places = 0 if all(float(size).is_integer() for size in sizes) else _places(sizes)
    group = _group(column, max(sizes, default=0))
    return [
        _number(value, places, group) if _is_number(value) else _cell(value)
        for value in values
    ]


def _group(column: Column, largest: float) -> float:
    """Return from where on digits are grouped: not in what may be a year or a name."""
    if _IDENTIFIER.search(column.name):
        return math.inf
    is_float = column.kind.lower().startswith("float")
    return 1_000 if is_float or largest >= _LONG else _LONG


def _number(value: float, places: int, group: float) -> str:
    """Return a number; one that rounds to nothing says that it is not nothing."""
    if value and not round(value, places):
        least = number(10.0**-places, places)
        return f"<{least}" if value > 0 else f">{MINUS}{least}"
    return number(value, places, group=group)


def _places(sizes: Sequence[float]) -> int:
    """Return the decimals of a column: by its typical size, and none that all lack."""
    typical = statistics.median(sizes)
    places = min(decimals(typical), 2 if typical >= _SMALL else 4)
    if not all(round(size, places) for size in sizes):
        return places
    shown = (f"{size:.{places}f}" for size in sizes)
    used = max(len(text.rstrip("0").partition(".")[2]) for text in shown)
    return min(places, used)


def _cell(value: object) -> str:
    """Return a cell's text; booleans in words, midnights as days."""
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool):
        return text("yes") if value else text("no")
    if _is_number(value):
        return number(value, group=_LONG)
    plain = str(value)
    match = _STAMP.fullmatch(plain)
    if match is None:
        return plain
    return match[1] if match[2] == "00:00" else f"{match[1]} {match[2]}"
