"""Published tables of two executions against each other, cell by cell."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.publish.results import Table
from toolkit.reproduce.comparison.difference import (
    Difference,
    change,
    number_texts,
    quoted,
    same_bits,
)
from toolkit.reproduce.comparison.results import facts_differ, gone, new

_Row = tuple[str, ...]


def compare_tables(
    before: Sequence[Table],
    after: Sequence[Table],
    folders: tuple[Path | None, Path | None],
) -> Iterator[Difference]:
    """Yield each table that differs; by how much, if both folders hold it as CSV."""
    later = {table.name: table for table in after}
    for table in before:
        other = later.pop(table.name, None)
        if other is None:
            yield gone("table", table.name, f"{table.rows} rows")
        elif table.digest == other.digest:
            facts = ("title", "rows", "columns", "preview")
            yield from facts_differ("table", table.name, facts, table, other)
        else:
            yield _differs(table, other, folders)
    for table in later.values():
        yield new("table", table.name, f"{table.rows} rows")


def _differs(
    before: Table, after: Table, folders: tuple[Path | None, Path | None]
) -> Difference:
    name = before.name
    old, now = (_read(folder, name) for folder in folders)
    if old is None or now is None:
        ends = f"{before.digest[:12]} → {after.digest[:12]}"
        shape = _shape(before, after)
        told = f"its content differs ({ends})" if shape is None else shape
        first = str(before.digest), str(after.digest)
    else:
        told, first = _told(old, now)
    return Difference(
        kind="table",
        name=name,
        cell=None,
        before=first[0],
        after=first[1],
        how_much=f"{name}: {told}",
    )


def _shape(before: Table, after: Table) -> str | None:
    names = [tuple(c.name for c in table.columns) for table in (before, after)]
    if names[0] != names[1]:
        return _columns(names[0], names[1])
    if before.rows != after.rows:
        return f"{before.rows:,} rows → {after.rows:,} rows"
    return None


def _read(folder: Path | None, name: str) -> list[_Row] | None:
    if folder is None:
        return None
    path = folder / "tables" / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", errors="surrogatepass", newline="") as stream:
            rows = [tuple(row) for row in csv.reader(stream)]
    except (OSError, ValueError, csv.Error):
        return None
    return rows or None


def _told(before: list[_Row], after: list[_Row]) -> tuple[str, tuple[str, str]]:
    """Return how two tables differ, and the first that differs in each."""
    if before[0] != after[0]:
        return _columns(before[0], after[0]), (str(before[0]), str(after[0]))
    old, now = before[1:], after[1:]
    first = next(
        (n for n, (a, b) in enumerate(zip(old, now, strict=False)) if a != b),
        min(len(old), len(now)),
    )
    rows = tuple(
        ",".join(all_[first]) if first < len(all_) else "" for all_ in (old, now)
    )
    if Counter(old) == Counter(now):
        if first == len(old):
            return "only how missing values are written", ("", "")
        told = f"the same {len(old):,} rows in another order, from row {first + 1} on"
        return told, (rows[0], rows[1])
    if len(old) != len(now):
        where = f"the first that differs is row {first + 1}: "
        where += f"{quoted(rows[0])} → {quoted(rows[1])}"
        return f"{len(old):,} rows → {len(now):,} rows; {where}", (rows[0], rows[1])
    return _cells(before[0], old, now)


def _columns(before: _Row, after: _Row) -> str:
    lost = [name for name in before if name not in after]
    added = [name for name in after if name not in before]
    if not lost and not added:
        return f"its columns are in another order: {', '.join(after)}"
    told = [f"the column {name} is gone" for name in lost]
    return ", ".join([*told, *(f"the column {name} is new" for name in added)])


def _cells(
    names: _Row, before: list[_Row], after: list[_Row]
) -> tuple[str, tuple[str, str]]:
    count, first, where = 0, ("", ""), ""
    largest: tuple[float, str] = (0.0, "")
    for row, (old, now) in enumerate(zip(before, after, strict=True), start=1):
        for name, a, b in zip(names, old, now, strict=False):
            if a == b:
                continue
            count += 1
            at = f"row {row}, column {name}"
            if count == 1:
                first, where = (a, b), f"{at}: {_step(a, b)}"
            numbers = _number(a), _number(b)
            if None not in numbers and (size := _distance(*numbers)) > largest[0]:
                largest = size, f"{at}: {_step(a, b)}"
    total = len(names) * len(before)
    told = f"{count:,} of {total:,} cells differ; the first in {where}"
    if count > 1 and largest[1] and largest[1] != where:
        told += f"; the most in {largest[1]}"
    return told, first


def _distance(before: float | None, after: float | None) -> float:
    return abs((after or 0.0) - (before or 0.0))


def _step(before: str, after: str) -> str:
    old, now = _number(before), _number(after)
    if old is None or now is None or same_bits(old, now):
        return f"{quoted(before)} → {quoted(after)}"
    texts = number_texts(old, now)
    return f"{texts[0]} → {texts[1]}, {change(old, now)}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
