"""DS114, DS115, DS117: spellings of one category, ids among them, rare ones."""

import re
import unicodedata
from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Column, Nature, Part
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import counted, listed, percent

# Cyrillic and Greek letters that look like Latin ones.
_LOOKS_LIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u043a\u043c\u0442\u043d\u0432\u03bf\u03b1\u03c1\u03bd\u03b9\u03ba",
    "aeopcxyijskmthboapvik",
)
_JOINTS = re.compile(r"[\s_]|(?<=[^\W\d])-(?=\w)|(?<=\d)-(?=[^\W\d])")
_DIGITS = re.compile(r"[0-9oil]*[0-9][0-9oil]*")
_DIGITS_LIKE = str.maketrans("oil", "011")
_MANY = 100  # kinds from which counting each one is no longer a small table
_ROWS = 50
_UNIQUE = 0.95
_RARE = 10  # rows of a category


def skeleton(text: str) -> str:
    """Return what a text looks like: no case, blank, accent, joint or foreign twin.

    References
    ----------
    Unicode Technical Standard 39, section 4 (confusable detection), cut down

    Examples
    --------
    >>> skeleton(" Comp-1 ") == skeleton("comp1") != skeleton("comp2")
    True
    """
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LOOKS_LIKE)
    kept = (c for c in plain if unicodedata.category(c)[0] not in "MC")
    return _JOINTS.sub("", "".join(kept))


def id_skeleton(text: str) -> str:
    """Return the skeleton of an id: the letters O, I, l read as digits, no leading 0.

    Examples
    --------
    >>> id_skeleton("M-0O7") == id_skeleton("m7")
    True
    """
    return _DIGITS.sub(_plain_digits, skeleton(text))


def _plain_digits(match: re.Match[str]) -> str:
    return match.group().translate(_DIGITS_LIKE).lstrip("0") or "0"


def variants(column: Column) -> Iterable[Draft] | None:
    """Find categories that differ in case, blanks or look-alike letters only."""
    if column.nature is not Nature.TEXT or column.part in {Part.ENTITY, Part.TIME}:
        return None
    table = pd.DataFrame(
        {"value": column.levels.astype(str), "rows": column.level_counts}
    )
    table["looks like"] = [skeleton(text) for text in table["value"]]
    table = table[table["looks like"] != ""]
    group = table.groupby("looks like")
    table = table[group["rows"].transform("size") > 1]
    if table.empty:
        return ()
    usual = table.groupby("looks like")["rows"].transform("max")
    n = int(table["rows"].sum() - usual.groupby(table["looks like"]).first().sum())
    table = table.sort_values(["looks like", "rows"], ascending=[True, False])
    first = table.loc[table["looks like"] == table["looks like"].iloc[0], "value"]
    return [
        Draft(
            severity=Severity.WARNING,
            place=column.place,
            message=f"{counted(n, 'row')} spell a category differently from most, "
            "such as "
            f"{listed(map(repr, first))}",
            count=n,
            evidence=table,
        )
    ]


def identifiers(column: Column) -> Iterable[Draft] | None:
    """Find columns with a value of their own for each row, and too many kinds."""
    if column.part in {Part.ENTITY, Part.TIME, Part.VALUE} or column.present < _ROWS:
        return None
    if column.nature is Nature.NUMBER:
        values = column.finite
        if (
            len(values) < len(column.series)
            or values.max() - values.min() != len(values) - 1
        ):
            return ()
        if len(np.unique(values)) < len(values):
            return ()
        unique = len(values)
    elif column.nature is Nature.TEXT:
        unique = len(column.levels)
    else:
        return None
    kind = column.part is Part.KIND
    if unique < _UNIQUE * column.present and not (kind and unique > _MANY):
        return ()
    return [
        Draft(
            severity=Severity.WARNING if kind else Severity.NOTE,
            place=column.place,
            message=f"{unique:,} distinct values in {counted(column.present, 'row')}"
            + (
                ": each would become features of its own"
                if kind
                else ": an id, no feature"
            ),
            count=unique,
        )
    ]


def rare_categories(column: Column) -> Iterable[Draft] | None:
    """Find categories with a handful of rows beside common ones."""
    if column.nature is not Nature.TEXT or column.part not in {Part.KIND, Part.OTHER}:
        return None
    counts = column.level_counts
    if column.present < _ROWS * _RARE or not 1 < len(counts) <= _MANY:
        return ()
    rare = np.flatnonzero(counts < _RARE)
    if not len(rare):
        return ()
    n = int(counts[rare].sum())
    order = rare[np.lexsort((rare, counts[rare]))]
    return [
        Draft(
            severity=Severity.NOTE,
            place=column.place,
            message=f"{counted(len(rare), 'category')} "
            f"of {len(counts)} have fewer than {_RARE} rows each: "
            f"{listed(map(repr, map(str, column.levels[order])))} "
            f"({percent(n / column.present)} of the rows)",
            count=n,
            evidence=pd.DataFrame(
                {"value": column.levels[order], "rows": counts[order]}
            ),
        )
    ]


RULES: tuple[Rule[Column], ...] = (
    Rule(
        code="DS114",
        title="near-duplicate categories",
        looks_at="text column",
        needs="a text column that is no key",
        advice="map the spellings to one on loading",
        check=variants,
    ),
    Rule(
        code="DS115",
        title="ids among the features, too many kinds",
        looks_at="column",
        needs=f"a column of {_ROWS} rows that is no key and no measurement",
        advice="leave ids out of the features; group kinds that mean the same",
        check=identifiers,
    ),
    Rule(
        code="DS117",
        title="rare categories",
        looks_at="text column",
        needs="a text column that is no key",
        advice="ask whether it is a slip; a feature of its own cannot be learned",
        check=rare_categories,
    ),
)
