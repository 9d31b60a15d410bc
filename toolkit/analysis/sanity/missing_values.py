"""DS105 to DS108: what is missing, where and since when, and what hides it."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.column_types import is_token
from toolkit.analysis.sanity.columns import Column, Floats, Ints, Nature, Part
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import TableView
from toolkit.analysis.sanity.wording import counted, listed, number, percent

_MUCH = 0.2  # of a column's rows
_JUMP = 0.2  # between one month's share and the rest's
_ROWS = 50  # rows of a month or an entity from which its share says something
_Z = 6.0
_SENTINELS = frozenset(
    float(sign + digits)
    for digits in ("1", "9", "99", "999", "9999", "99999", "999999")
    for sign in ("", "-")
) | {32767.0, -32768.0, 2147483647.0, -2147483648.0, 65535.0, 8888.0, -8888.0, 1e10}
_FAR = 3.0  # ranges of the other values between them and the sentinel


def missing_values(column: Column) -> Iterable[Draft]:
    """Find columns with missing values; key columns are DS208's."""
    n, rows = int(column.missing.sum()), len(column.missing)
    if not n or column.part in {Part.ENTITY, Part.TIME} or n == rows:
        return
    yield Draft(
        severity=Severity.WARNING if n >= _MUCH * rows else Severity.NOTE,
        place=column.place,
        message=f"{percent(n / rows)} of the values are missing ({n:,} of {rows:,})",
        count=n,
    )


def _gappy(table: TableView) -> list[tuple[Column, Floats]]:
    """Columns that are partly missing, with 1.0 where, in the order of the key."""
    return [
        (column, column.missing[table.rows].astype(np.float64))
        for column in table.columns
        if column.part not in {Part.ENTITY, Part.TIME}
        and 0 < column.missing.sum() < len(column.missing)
    ]


def missing_over_time(table: TableView) -> Iterable[Draft] | None:
    """Find months in which far more or less is missing than in the others."""
    if not table.dated:
        return None
    return [
        d for column, gone in _gappy(table) for d in _month_jump(table, column, gone)
    ]


def _month_jump(table: TableView, column: Column, gone: Floats) -> Iterable[Draft]:
    rows = np.bincount(table.months)
    missing = np.bincount(table.months, weights=gone)
    share = missing / np.maximum(rows, 1)
    others = (missing.sum() - missing) / np.maximum(rows.sum() - rows, 1)
    gap = np.abs(share - others)
    pooled = missing.sum() / rows.sum()
    z = gap / np.sqrt(pooled * (1 - pooled) / np.maximum(rows, 1) + 1e-12)
    hit = (rows >= _ROWS) & (gap >= _JUMP) & (z >= _Z)
    if not hit.any() or (rows >= _ROWS).sum() <= 1:
        return
    start = np.datetime64(int(table.days.min()), "D").astype("datetime64[M]")
    months = np.array([str(start + int(m)) for m in range(len(rows))], dtype=object)
    worst = int(np.argmax(np.where(hit, gap, 0)))
    yield Draft(
        severity=Severity.WARNING,
        place=column.place,
        message=f"{percent(share[worst])} of the values are missing in "
        f"{months[worst]}, "
        f"{percent(others[worst])} in the other months",
        count=int(missing[hit].sum()),
        evidence=pd.DataFrame({"month": months, "rows": rows, "missing": missing})[hit],
    )


def missing_by_entity(table: TableView) -> Iterable[Draft] | None:
    """Find entities for which a column is (almost) always missing, and others not."""
    if not table.dated or len(table.ids) <= 1:
        return None
    found = []
    rows = np.bincount(table.who, minlength=len(table.ids))
    for column, gone in _gappy(table):
        missing = np.bincount(table.who, gone, len(rows)).astype(np.float64)
        share = missing / np.maximum(rows, 1)
        typical = float(np.median(share[rows > 0]))
        hit = (rows >= _ROWS) & (share >= typical + 2 * _JUMP)
        if hit.any():
            found.append(_concentrated(table, column, hit, rows, missing))
    return found


def _concentrated(
    table: TableView,
    column: Column,
    hit: np.ndarray[tuple[int], np.dtype[np.bool_]],
    rows: Ints,
    missing: Floats,
) -> Draft:
    places = np.flatnonzero(hit)
    top = places[np.lexsort((places, -missing[places]))]
    part = missing[hit].sum() / missing.sum()
    return Draft(
        severity=Severity.WARNING,
        place=column.place,
        message=f"{percent(part)} of the missing values belong to "
        f"{counted(len(places), 'entity')} of {int((rows > 0).sum()):,} "
        f"({listed(table.ids[top])}), which lack it in "
        f"{percent(missing[hit].sum() / rows[hit].sum())} of their rows",
        count=int(missing[hit].sum()),
        evidence=pd.DataFrame(
            {
                table.spec.entity: table.ids[top],
                "rows": rows[top],
                "missing": missing[top].astype(np.int64),
            }
        ),
    )


def coded_missing(column: Column) -> Iterable[Draft] | None:
    """Find texts and numbers that stand for a missing value."""
    if column.nature is Nature.TEXT:
        return _tokens(column)
    if column.nature is Nature.NUMBER and column.part in {Part.VALUE, Part.OTHER}:
        return _sentinels(column)
    return None


def _tokens(column: Column) -> Iterable[Draft]:
    token = np.array([is_token(text) for text in column.levels], dtype=np.bool_)
    if not token.any():
        return
    counts, levels = column.level_counts[token], column.levels[token]
    n = int(counts.sum())
    yield Draft(
        severity=Severity.WARNING,
        place=column.place,
        message=f"{counted(n, 'value')} ({percent(n / column.present)}) say missing in "
        f"words: {listed(map(repr, map(str, levels)))}",
        count=n,
        evidence=pd.DataFrame({"value": levels, "rows": counts}),
    )


def _sentinels(column: Column) -> Iterable[Draft]:
    values = column.finite
    if len(values) <= 1:
        return
    for extreme, side in ((float(values.min()), -1), (float(values.max()), 1)):
        if extreme not in _SENTINELS:
            continue
        rest = values[values != extreme]
        n = len(values) - len(rest)
        if n <= 1 or len(rest) <= 1:
            continue
        nearest = rest.min() if side < 0 else rest.max()
        middle = np.partition(rest, [len(rest) // 20, len(rest) - 1 - len(rest) // 20])
        spread = middle[len(rest) - 1 - len(rest) // 20] - middle[len(rest) // 20]
        if abs(extreme - nearest) < max(_FAR * spread, _FAR):
            continue
        yield Draft(
            severity=Severity.WARNING,
            place=column.place,
            message=f"{counted(n, 'value')} are exactly {number(extreme)}, all others "
            f"lie {'above' if side < 0 else 'below'} "
            f"{number(float(nearest))}: a code for missing?",
            count=n,
        )


COLUMN_RULES: tuple[Rule[Column], ...] = (
    Rule(
        code="DS105",
        title="missing values",
        looks_at="column",
        needs="a column",
        advice="ask why they are missing; the baseline drops such a column",
        check=missing_values,
    ),
    Rule(
        code="DS108",
        title="coded missing values",
        looks_at="column",
        needs="a column of text, or of numbers that are no key",
        advice="turn the code into a missing value on loading, or it is averaged",
        check=coded_missing,
    ),
)
TABLE_RULES: tuple[Rule[TableView], ...] = (
    Rule(
        code="DS106",
        title="missing share jumps over time",
        looks_at="dated table",
        needs="a table whose rows have an entity and a time",
        advice="ask what changed then; do not train across the change unawares",
        check=missing_over_time,
    ),
    Rule(
        code="DS107",
        title="missing share differs between entities",
        looks_at="dated table",
        needs="a table with the times of more than one entity",
        advice="ask whether these entities have the sensor at all",
        check=missing_by_entity,
    ),
)
