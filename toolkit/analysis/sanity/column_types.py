"""DS101 to DS104: values of the wrong type, and dates that can be read two ways."""

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import NEVER, Column, Nature, Part, parse_times
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import DAY
from toolkit.analysis.sanity.wording import counted, percent

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?([.,]\d*)?([eE][+-]?\d+)?")
_CODE = re.compile(r"0\d+")  # 007: leading zeros mark a code
_SHORT_DATE = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b.*")
_DATE = re.compile(
    r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})\b.*"
)
_MONTHS = 12
_MOSTLY = 0.9
_HALF = 0.5
_SOME = 50  # dates from which their days of the month say something
_TOKENS = (
    "|?|-|--|.|n/a|na|n.a.|nan|null|none|nil|missing|unknown|undefined|#n/a|#na|"
    "not available|nat|<na>"
)
MISSING_TOKENS = frozenset(_TOKENS.split("|"))


def is_token(text: object) -> bool:
    """Return whether a text stands for a missing value."""
    return str(text).strip().casefold() in MISSING_TOKENS


def _matches(pattern: re.Pattern[str], column: Column) -> npt.NDArray[np.bool_]:
    """Whether each level matches; a level without a digit never does."""
    found = (
        bool(pattern.fullmatch(text.strip())) and any(map(str.isdigit, text))
        for text in map(str, column.levels)
    )
    return np.fromiter(found, dtype=np.bool_, count=len(column.levels))


def _examples(column: Column, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return the most frequent of the chosen levels."""
    order = np.lexsort((np.arange(len(chosen)), -column.level_counts))
    order = order[chosen[order]][:10]
    return pd.DataFrame(
        {"value": column.levels[order], "rows": column.level_counts[order]}
    )


def mixed_types(column: Column) -> Iterable[Draft] | None:
    """Find columns of several types, and text that is mostly numbers."""
    if column.nature is Nature.MIXED:
        types = pd.DataFrame(
            {"type": list(column.types), "rows": list(column.types.values())}
        )
        types = types.sort_values(["rows", "type"], ascending=[False, True])
        minority = int(types["rows"].iloc[1:].sum())
        several = ", ".join(f"{n:,} {t}" for t, n in types.itertuples(index=False))
        return [
            Draft(
                severity=Severity.WARNING,
                place=column.place,
                message=f"the column mixes types: {several}",
                count=minority,
                evidence=types,
            )
        ]
    if column.nature is not Nature.TEXT:
        return () if column.series.dtype == object else None
    if column.part is not Part.OTHER and column.part is not Part.VALUE:
        return ()
    number = _matches(_NUMBER, column)
    token = np.array([is_token(text) for text in column.levels])
    counts = column.level_counts
    n, rest = int(counts[number].sum()), int(counts[~number & ~token].sum())
    if not rest or n < _HALF * (n + rest):
        return ()
    return [
        Draft(
            severity=Severity.WARNING,
            place=column.place,
            message=f"{counted(n, 'value')} are numbers written as text, {rest:,} are "
            "other text",
            count=rest,
            evidence=_examples(column, ~number & ~token),
        )
    ]


def numbers_as_text(column: Column) -> Iterable[Draft] | None:
    """Find text columns that hold nothing but numbers."""
    if column.nature is not Nature.TEXT or column.part in {Part.ENTITY, Part.KIND}:
        return None
    token = np.array([is_token(text) for text in column.levels])
    number = _matches(_NUMBER, column)
    if not number.any() or not (number | token).all() or _matches(_CODE, column).any():
        return ()
    declared = column.part is Part.VALUE
    n = int(column.level_counts[number].sum())
    return [
        Draft(
            severity=Severity.ERROR if declared else Severity.WARNING,
            place=column.place,
            message=f"all {counted(n, 'value')} are numbers written as text"
            + (
                ", though the scope lists the column as a measurement"
                if declared
                else ""
            ),
            count=n,
            evidence=_examples(column, number),
        )
    ]


def unreadable_dates(column: Column) -> Iterable[Draft] | None:
    """Find rows that drop out because their time cannot be read; dates as text."""
    if column.part is Part.TIME and column.present:
        bad = (column.micro == NEVER) & ~column.missing
        n = int(bad.sum())
        if n:
            values = column.series[bad].map(str)
            top = values.value_counts().rename_axis("value").reset_index(name="rows")
            top = top.sort_values(["rows", "value"], ascending=[False, True])
            return [
                Draft(
                    severity=Severity.ERROR,
                    place=column.place,
                    message=f"{counted(n, 'time')} of {column.present:,} cannot be "
                    "read "
                    f"({percent(n / column.present)}); their rows have no place in "
                    "time",
                    count=n,
                    evidence=top,
                )
            ]
    if column.nature is not Nature.TEXT or column.part in {Part.ENTITY, Part.KIND}:
        return () if column.part is Part.TIME else None
    if column.part is not Part.TIME:
        dated = _matches(_DATE, column)
        if not dated.any() or not dated.all():
            return ()
        if parse_times(column.levels).isna().any():
            return ()
    n = column.present
    return [
        Draft(
            severity=Severity.NOTE,
            place=column.place,
            message=f"{counted(n, 'date')} are kept as text",
            count=n,
        )
    ]


def ambiguous_dates(column: Column) -> Iterable[Draft] | None:
    """Find day/month/year dates that can be read two ways, or were read wrongly."""
    if column.nature is Nature.TEXT and column.part not in {Part.ENTITY, Part.KIND}:
        return _ambiguous_texts(column)
    if column.nature is Nature.TIME:
        return _days_up_to_twelve(column)
    return None


def _ambiguous_texts(column: Column) -> Iterable[Draft]:
    matched = [_SHORT_DATE.fullmatch(str(text)) for text in column.levels]
    chosen = np.array([m is not None for m in matched], dtype=np.bool_)
    counts = column.level_counts
    if counts[chosen].sum() < _MOSTLY * column.present:
        return
    first = np.array([int(m.group(1)) if m else 0 for m in matched])
    second = np.array([int(m.group(2)) if m else 0 for m in matched])
    day_first, month_first = first > _MONTHS, second > _MONTHS
    open_ = chosen & ~day_first & ~month_first & (first != second)
    both = bool(day_first.any() and month_first.any())
    if not both and (not open_.any() or day_first.any() or month_first.any()):
        return
    n = int(counts[open_].sum())
    orders = (
        f"{int(counts[day_first].sum()):,} dates are day first and "
        f"{int(counts[month_first].sum()):,} month first"
        if both
        else "no date tells whether day or month comes first"
    )
    shown = open_ | day_first | month_first if both else open_
    yield Draft(
        severity=Severity.ERROR if column.part is Part.TIME else Severity.WARNING,
        place=column.place,
        message=f"{orders}; {n:,} can be read both ways",
        count=max(n, 1),
        evidence=_examples(column, shown),
    )


def _days_up_to_twelve(column: Column) -> Iterable[Draft]:
    micro = column.micro[column.micro != NEVER]
    dates = np.unique(micro // DAY).astype("datetime64[D]")
    day_of_month = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    months = np.unique(dates.astype("datetime64[M]"))
    if len(dates) < _SOME or len(months) < _MONTHS // 2 or day_of_month.max() > _MONTHS:
        return
    yield Draft(
        severity=Severity.WARNING,
        place=column.place,
        message=f"all {counted(len(dates), 'date')} in {counted(len(months), 'month')} "
        "fall on the days 1 to 12: day and month may have been swapped on reading",
        count=len(dates),
    )


RULES: tuple[Rule[Column], ...] = (
    Rule(
        code="DS101",
        title="mixed types in a column",
        looks_at="text or object column",
        needs="a column of text or objects",
        advice="find where the odd values come from and convert or drop them on "
        "loading",
        check=mixed_types,
    ),
    Rule(
        code="DS102",
        title="numbers as text",
        looks_at="text column",
        needs="a text column that is no id and no kind",
        advice="convert on loading; check the decimal sign and the unit",
        check=numbers_as_text,
    ),
    Rule(
        code="DS103",
        title="unreadable dates, dates as text",
        looks_at="column",
        needs="a time column or a text column",
        advice="state the format on loading; ask the owner of the table for the rest",
        check=unreadable_dates,
    ),
    Rule(
        code="DS104",
        title="ambiguous dates",
        looks_at="date or text column",
        needs="a column with dates",
        advice="ask which order the source writes and state it on loading",
        check=ambiguous_dates,
    ),
)
