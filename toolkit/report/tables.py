"""A published table as rows of text, each column at one number of digits."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeGuard

from toolkit.publish.results import Column, Table
from toolkit.report.numerals import MISSING, decimals, number
from toolkit.report.runs import Run
from toolkit.report.texts import label, text

_NUMERIC = re.compile(r"u?int|float", re.IGNORECASE)
_SMALL = 0.1  # columns of smaller numbers need more than two decimals
_LONG_TABLE = 12  # rows
_SHORT = 28  # characters: a cell that is not broken into lines
_LONG = 10_000  # shorter integers may be years or identifiers: no commas
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::00(?:\.0+)?)?(?:Z|\+00:00)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnView:
    """A column's heading, and how its cells are set: number, short text or prose."""

    heading: str
    form: Literal["n", "short", "prose"]


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


def view_table(table: Table, run: Run) -> TableView:
    """Return a table's first rows as text."""
    width = len(table.columns)
    rows = [(*row, *[""] * width)[:width] for row in table.preview]
    cells = [[row[n] for row in rows] for n in range(width)]
    numeric = [bool(_NUMERIC.match(column.kind)) for column in table.columns]
    shown = [
        _numbers(column) if is_numeric else [_cell(value) for value in column]
        for column, is_numeric in zip(cells, numeric, strict=True)
    ]
    return TableView(
        key=f"{run.number}-{table.name}",
        title=table.title or label(table.name),
        columns=tuple(
            ColumnView(
                heading=_heading(column), form=_form(texts, is_numeric=is_numeric)
            )
            for column, texts, is_numeric in zip(
                table.columns, shown, numeric, strict=True
            )
        ),
        rows=tuple(zip(*shown, strict=True)),
        note=_note(table, run),
        run=run.number,
    )


def _heading(column: Column) -> str:
    return column.name.replace("_", " ")


def _form(texts: Sequence[str], *, is_numeric: bool) -> Literal["n", "short", "prose"]:
    if is_numeric:
        return "n"
    return "short" if max(map(len, texts), default=0) <= _SHORT else "prose"


def _note(table: Table, run: Run) -> str:
    if table.rows <= len(table.preview):
        return ""
    path = f"runs/{run.name}/tables/{table.name}.csv"
    return text("preview", shown=len(table.preview), rows=number(table.rows), path=path)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(column: Sequence[object]) -> list[str]:
    """Return a numeric column's cells; what is no finite number came as text."""
    values = [value for value in column if _is_number(value)]
    sizes = [abs(value) for value in values if value != 0]
    places = 0 if all(float(size).is_integer() for size in sizes) else _places(sizes)
    group = 1_000 if max(sizes, default=0) >= _LONG else _LONG
    return [
        number(value, places, group=group) if _is_number(value) else _cell(value)
        for value in column
    ]


def _places(sizes: Sequence[float]) -> int:
    """Return the decimals of a column: by its typical size, and none that all lack."""
    typical = statistics.median(sizes)
    places = min(decimals(typical), 2 if typical >= _SMALL else 4)
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
