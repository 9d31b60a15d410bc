"""One column of a table, whatever its type, and the facts that checks share."""

import warnings
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from numbers import Real
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NEVER = np.iinfo(np.int64).min  # the microseconds of a missing time


class Nature(StrEnum):
    """What a column's values are, by themselves and not by its dtype."""

    EMPTY = "nothing"
    NUMBER = "numbers"
    TEXT = "text"
    TIME = "times"
    MIXED = "several types"
    OTHER = "other objects"


class Part(StrEnum):
    """What the scope says a column is."""

    ENTITY = "entity"
    TIME = "time"
    KIND = "kind"
    VALUE = "value"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """A column by position (names may repeat), read once into plain arrays."""

    table: str
    name: str
    part: Part
    role: str  # of its table
    series: pd.Series
    timezone: str | None = None  # zone whose clock the times are read by

    @property
    def place(self) -> str:
        """Return ``table.column``."""
        return f"{self.table}.{self.name}"

    @cached_property
    def missing(self) -> Mask:
        """Whether each value is missing, shape (n_rows,)."""
        return np.asarray(self._plain.isna(), dtype=np.bool_)

    @property
    def present(self) -> int:
        """Number of values that are not missing."""
        return int(len(self.missing) - self.missing.sum())

    @cached_property
    def types(self) -> dict[str, int]:
        """Count of values by Python type, of a column of objects."""
        if self._plain.dtype != object:
            return {}
        names = [type(value).__name__ for value in self._plain[~self.missing]]
        levels, counts = np.unique(np.asarray(names, dtype=object), return_counts=True)
        return dict(zip(map(str, levels), map(int, counts), strict=True))

    @cached_property
    def nature(self) -> Nature:
        """What the values are; a column of objects is looked at value by value."""
        series = self._plain
        if not self.present:
            return Nature.EMPTY
        if series.dtype == object:
            families = {_family(value) for value in series[~self.missing]}
            return families.pop() if len(families) == 1 else Nature.MIXED
        return _nature_of(series)

    @cached_property
    def numbers(self) -> Floats:
        """Values as floats, NaN where missing; only of a column of numbers."""
        if self._plain.dtype == object:
            pairs = zip(self._plain, self.missing, strict=True)
            return np.array([np.nan if gone else _float(v) for v, gone in pairs])
        return self._plain.to_numpy(dtype=np.float64, na_value=np.nan)

    @cached_property
    def finite(self) -> Floats:
        """The numbers that are neither missing nor infinite, in any order."""
        numbers = self.numbers
        return numbers if np.isfinite(numbers).all() else numbers[np.isfinite(numbers)]

    @cached_property
    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median, upper quartile of the finite numbers."""
        n = len(self.finite)
        ranks = [n // 4, n // 2, (3 * n) // 4]
        low, middle, high = np.partition(self.finite, ranks)[ranks]
        return float(low), float(middle), float(high)

    @cached_property
    def _factorized(self) -> tuple[Ints, npt.NDArray[np.object_]]:
        """Codes (-1: missing) and the sorted texts of the levels."""
        values = self._plain
        if self.nature not in {Nature.TEXT, Nature.NUMBER, Nature.TIME}:
            values = values.map(repr, na_action="ignore")
        codes, uniques = pd.factorize(values)
        texts = np.array([_text(value) for value in uniques], dtype=object)
        levels, merged = np.unique(texts, return_inverse=True)
        lookup = np.append(merged, -1)  # the code -1 stays -1
        return lookup[codes].astype(np.int64), levels

    @property
    def codes(self) -> Ints:
        """Position of each value among ``levels``; -1 where missing."""
        return self._factorized[0]

    @property
    def levels(self) -> npt.NDArray[np.object_]:
        """The distinct values as sorted texts; 1, 1.0 and "1" are one level."""
        return self._factorized[1]

    @cached_property
    def level_counts(self) -> Ints:
        """Rows of each level, shape (n_levels,)."""
        codes = self.codes
        return np.bincount(codes[codes >= 0], minlength=len(self.levels))

    @cached_property
    def micro(self) -> Ints:
        """Microseconds since 1970 by the clock on the wall; NEVER where unreadable."""
        if self.nature is Nature.TIME:
            return _micro(self._plain, self.timezone)
        if self.nature is Nature.TEXT:
            levels = _micro(parse_times(self.levels), self.timezone)
            return np.append(levels, NEVER)[self.codes]
        return np.full(len(self.series), NEVER)

    @cached_property
    def zoned(self) -> bool:
        """Whether the times carry a zone."""
        return isinstance(self.series.dtype, pd.DatetimeTZDtype)

    @cached_property
    def _plain(self) -> pd.Series:
        """The series with categories turned back into their values."""
        if isinstance(self.series.dtype, pd.CategoricalDtype):
            return self.series.astype(object)
        return self.series


def parse_times(texts: npt.NDArray[np.object_]) -> pd.Series:
    """Return the times that the texts state; missing where one states none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which of two readings: DS104 looks at that
        parsed = pd.to_datetime(
            pd.Series(texts, dtype=object), errors="coerce", format="mixed", utc=True
        )
    local: pd.Series = parsed.dt.tz_localize(None)
    return local


def _nature_of(series: pd.Series) -> Nature:
    types, dtype = pd.api.types, series.dtype
    if types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype):
        return Nature.NUMBER
    if types.is_datetime64_any_dtype(dtype):
        return Nature.TIME
    return Nature.TEXT if types.is_string_dtype(dtype) else Nature.OTHER


def _family(value: object) -> Nature:
    if isinstance(value, str):
        return Nature.TEXT
    if isinstance(value, (Real, Decimal, np.bool_)):
        return Nature.NUMBER
    if isinstance(value, (date, np.datetime64)):
        return Nature.TIME
    return Nature.OTHER


def _float(value: object) -> float:
    try:
        return float(cast("float", value))
    except OverflowError:  # an integer that no float can hold
        return np.inf


def _text(value: Hashable) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _micro(series: pd.Series, timezone: str | None) -> Ints:
    if series.dtype == object:  # dates, or times of several zones
        series = parse_times(series.map(str, na_action="ignore").to_numpy())
    elif isinstance(series.dtype, pd.DatetimeTZDtype):
        local = series if timezone is None else series.dt.tz_convert(timezone)
        series = local.dt.tz_localize(None)
    times = series.to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(times), NEVER, times.astype(np.int64))
