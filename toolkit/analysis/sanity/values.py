"""DS109 to DS113: constant, infinite, impossible and outlying values."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Column, Floats, Nature, Part
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import counted, number, percent

_ROWS = 50  # below, nothing is said about a distribution
_NEARLY = 0.99
_FENCE = 10.0  # interquartile ranges beyond the quartiles; a normal value in 1e40
_OUTLYING = 0.01  # more than this share is a tail, not outliers
_RARE = 0.01
_NOT_NEGATIVE = re.compile(
    r"(^|[^a-z])(ages?|n|counts?|qty|quantity|durations?|hours|minutes|years?|mileage|km|"
    r"distance|weight|length|height|width|volume|rpm|rows|visits|cycles|kwh)($|[^a-z])"
)
_SHARE = re.compile(r"(^|[^a-z])(percent|percentage|pct|humidity)($|[^a-z])")
_AGE = re.compile(r"(^|[^a-z])ages?($|[^a-z])")
_OLDEST = 150  # years
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _quantity(column: Column) -> bool:
    return column.nature is Nature.NUMBER and column.part in {Part.VALUE, Part.OTHER}


def constant(column: Column) -> Iterable[Draft] | None:
    """Find columns that say nothing: empty, or the same value throughout."""
    if len(column.series) <= 1 or column.part in {Part.ENTITY, Part.TIME}:
        return None
    if column.nature is Nature.EMPTY:
        what = "the column is empty"
    elif column.nature is Nature.NUMBER:
        numbers = column.numbers
        if np.nanmin(numbers) != np.nanmax(numbers):
            return ()
        what = f"every value is {number(float(np.nanmin(numbers)))}"
    elif column.nature is Nature.TIME:
        return ()
    elif len(column.levels) == 1:
        what = f"every value is {str(column.levels[0])!r}"
    else:
        return ()
    n = len(column.series)
    return [
        Draft(
            severity=Severity.WARNING,
            place=column.place,
            message=f"{what}, in {counted(n, 'row')}",
            count=n,
        )
    ]


def near_constant(column: Column) -> Iterable[Draft] | None:
    """Find columns with one value in 99 % of the rows and some other in the rest."""
    if column.present < _ROWS or column.part in {Part.ENTITY, Part.TIME}:
        return None
    if column.nature is Nature.NUMBER:
        if len(column.finite) < _ROWS:
            return None
        usual = column.quartiles[1]
        rows, shown = int((column.finite == usual).sum()), number(usual)
    elif column.nature is Nature.TEXT:
        top = int(np.argmax(column.level_counts))
        rows, shown = int(column.level_counts[top]), repr(str(column.levels[top]))
    else:
        return None
    if rows < _NEARLY * column.present or rows == column.present:
        return ()
    rest = column.present - rows
    return [
        Draft(
            severity=Severity.NOTE,
            place=column.place,
            message=f"{percent(rows / column.present)} of the values are {shown}, "
            f"{rest:,} something else",
            count=rest,
        )
    ]


def infinite(column: Column) -> Iterable[Draft] | None:
    """Find infinite numbers."""
    if column.nature is not Nature.NUMBER:
        return None
    n = int(np.isinf(column.numbers).sum())
    if not n:
        return ()
    declared = column.part is Part.VALUE
    return [
        Draft(
            severity=Severity.ERROR if declared else Severity.WARNING,
            place=column.place,
            message=f"{counted(n, 'value')} {'is' if n == 1 else 'are'} infinite",
            count=n,
        )
    ]


def impossible(column: Column) -> Iterable[Draft] | None:
    """Find negative counts and ages, shares above 100 %, ages beyond 150."""
    if not _quantity(column) or not len(column.finite):
        return None
    values, name = column.finite, _WORDS.sub("_", column.name).lower()
    low, high = float(values.min()), float(values.max())
    if low < 0:
        negative = values[values < 0]
        n = len(negative)
        named = bool(_NOT_NEGATIVE.search(name) or _SHARE.search(name))
        if named or _counts_but(values, n):
            return [_impossible(column, n, "negative", low, named=named)]
    if _SHARE.search(name) and high > 100:  # noqa: PLR2004  # percent
        n = int((values > 100).sum())  # noqa: PLR2004
        return [_impossible(column, n, "above 100 %", high, named=True)]
    if _AGE.search(name) and high > _OLDEST and column.role == "entities":
        n = int((values > _OLDEST).sum())
        return [_impossible(column, n, f"above {_OLDEST}", high, named=True)]
    return ()


def _counts_but(values: Floats, negative: int) -> bool:
    """Whether values look like counts, were it not for a few negative ones."""
    if len(values) < _ROWS or negative > _RARE * len(values):
        return False
    return bool((values == np.floor(values)).all()) and negative < (values == 0).sum()


def _impossible(
    column: Column, n: int, what: str, extreme: float, *, named: bool
) -> Draft:
    why = f"by its name {column.name!r} cannot be" if named else "the others are counts"
    return Draft(
        severity=Severity.WARNING,
        place=column.place,
        message=f"{counted(n, 'value')} {'is' if n == 1 else 'are'} {what} "
        f"(to {number(extreme)}); {why}",
        count=n,
    )


def outliers(column: Column) -> Iterable[Draft] | None:
    """Find values far outside the middle half, on the plain and on the log scale."""
    if not _quantity(column) or len(column.finite) < _ROWS:
        return None
    values = column.finite
    low, middle, high = column.quartiles
    if not high > low:
        return ()
    reach = _FENCE * (high - low)
    if values.min() >= low - reach and values.max() <= high + reach:
        return ()
    out = values[(values < low - reach) | (values > high + reach)]
    if (values.min() >= 0) and low > 0:
        ratio = (high / low) ** _FENCE
        out = out[(out * ratio < low) | (out / ratio > high)]
    n = len(out)
    if not n or n > _OUTLYING * len(values):
        return ()
    ends = pd.Series(np.sort(out)).drop_duplicates()
    shown = pd.concat([ends.head(5), ends.tail(5)]).drop_duplicates()
    return [
        Draft(
            severity=Severity.WARNING,
            place=column.place,
            message=f"{counted(n, 'value')} from {number(float(out.min()))} to "
            f"{number(float(out.max()))} lie far from the rest "
            f"(middle half: {number(low)} to {number(high)})",
            count=n,
            evidence=pd.DataFrame({column.name: shown, "median": middle}),
        )
    ]


RULES: tuple[Rule[Column], ...] = (
    Rule(
        code="DS109",
        title="constant or empty column",
        looks_at="column",
        needs="a column of two rows or more that is no key",
        advice="leave it out, or find out why it stopped telling anything",
        check=constant,
    ),
    Rule(
        code="DS110",
        title="near-constant column",
        looks_at="column",
        needs=f"a column of numbers or text with {_ROWS} values",
        advice="look at the few other values: a rare state, or a slip",
        check=near_constant,
    ),
    Rule(
        code="DS111",
        title="infinite values",
        looks_at="numeric column",
        needs="a numeric column",
        advice="find the division by zero upstream; make them missing until then",
        check=infinite,
    ),
    Rule(
        code="DS112",
        title="impossible values",
        looks_at="numeric column",
        needs="a numeric column that is no key",
        advice="ask the owner of the table; make them missing on loading",
        check=impossible,
    ),
    Rule(
        code="DS113",
        title="outliers",
        looks_at="numeric column",
        needs=f"a numeric column with {_ROWS} values",
        advice="look at the rows: a slip of unit or decimal point, or a true extreme",
        check=outliers,
    ),
)
