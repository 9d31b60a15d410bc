"""Readers of single values: text, numbers, lengths of time, dates and choices."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo, available_timezones

from yaml.nodes import MappingNode, Node, ScalarNode

from toolkit.scope.durations import parse_duration
from toolkit.scope.nodes import place_of
from toolkit.scope.problems import did_you_mean
from toolkit.scope.reading import ABSENT, Reading, describe
from toolkit.scope.records import Field, Record
from toolkit.scope.values import Estimate

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)


def _no_advice(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Scalar:
    """Reads a text into a value; the conversion returns None for what it refuses."""

    convert: Callable[[str], object]
    expected: str
    advise: Callable[[str], str] = _no_advice

    def __call__(self, reading: Reading, key: str, node: Node, /) -> object:
        """Return the value, or ABSENT after noting why there is none."""
        plain = isinstance(node, ScalarNode)
        value = self.convert(node.value) if plain else None
        if value is not None:
            return value
        reading.refuse(
            key,
            found=describe(node),
            expected=self.expected,
            advice=self.advise(node.value) if plain else "",
            place=place_of(node.start_mark),
        )
        return ABSENT


@dataclass(frozen=True, slots=True)
class Range:
    """Reads an estimate: one number, or a mapping of low, mid and high."""

    number: Scalar

    @property
    def expected(self) -> str:
        """One number or three."""
        return f"{self.number.expected}, or low, mid and high"

    def __call__(self, reading: Reading, key: str, node: Node, /) -> object:
        """Return the estimate, or ABSENT after noting why there is none."""
        if not isinstance(node, MappingNode):
            value = Scalar(self.number.convert, self.expected, self.number.advise)(
                reading, key, node
            )
            if not isinstance(value, float):
                return ABSENT
            return Estimate(low=value, mid=value, high=value)
        part = Field(read=self.number)
        record = Record(Estimate, {"low": part, "mid": part, "high": part})
        estimate = record(reading, key, node)
        if isinstance(estimate, Estimate) and not (
            estimate.low <= estimate.mid <= estimate.high
        ):
            found = f"{estimate.low:g}, {estimate.mid:g}, {estimate.high:g}"
            reading.refuse(key, found=found, expected="low <= mid <= high")
            return ABSENT
        return estimate


def text(what: str = "text of printable characters") -> Scalar:
    """Read prose; runs of blanks and line ends become one blank."""
    return Scalar(lambda raw: _printable(" ".join(raw.split())), what)


def name_of(what: str) -> Scalar:
    """Read a name that stands elsewhere, such as a column's, as it is written."""
    return Scalar(_printable, f"the name of {what}")


def relative_path() -> Scalar:
    """Read a path that starts at the scope's folder."""
    return Scalar(
        lambda raw: _printable(raw) if _is_relative(raw) else None,
        "a file's path, relative to the folder of this scope",
        lambda _: "write it with '/', and without a drive or a leading '/'",
    )


def choice(*options: str) -> Scalar:
    """Read one of a few words."""
    return Scalar(
        lambda raw: raw if raw in options else None,
        f"one of {', '.join(options)}",
        lambda raw: did_you_mean(raw, options),
    )


def code() -> Scalar:
    """Read the code of a finding."""
    pattern = re.compile(r"[A-Z]{2}\d{3}", re.ASCII)
    return Scalar(
        lambda raw: raw if pattern.fullmatch(raw) else None,
        "the code of a finding, such as DS101",
    )


def number(low: float = -math.inf, high: float = math.inf) -> Scalar:
    """Read a finite number in [low, high]."""
    bounds = "" if math.isinf(low) else f" of at least {low:g}"
    if math.isfinite(high):
        bounds = f" from {low:g} to {high:g}"
    return Scalar(
        lambda raw: _number(raw, low, high),
        f"a number{bounds}",
        lambda raw: (
            "write digits alone, such as 5000 or 0.6"
            if _number(raw, -math.inf, math.inf) is None
            else ""
        ),
    )


def whole_number(low: int) -> Scalar:
    """Read a whole number that is at least ``low``."""
    return Scalar(
        lambda raw: int(raw) if _WHOLE.fullmatch(raw) and int(raw) >= low else None,
        f"a whole number of at least {low}",
    )


def duration(*, positive: bool = True) -> Scalar:
    """Read a length of time."""
    least = timedelta(seconds=1 if positive else 0)

    def convert(raw: str) -> timedelta | None:
        length = parse_duration(raw)
        return length if length is not None and length >= least else None

    return Scalar(
        convert,
        f"a {'positive ' if positive else ''}length of time such as '2 days'",
        lambda raw: (
            "name a unit of weeks, days, hours or minutes" if raw.isdigit() else ""
        ),
    )


def clock_time() -> Scalar:
    """Read a time of day."""
    return Scalar(_clock_time, "a time of day such as '07:00'")


def day() -> Scalar:
    """Read a date."""
    return Scalar(_day, "a date such as 2015-01-31")


def time_zone() -> Scalar:
    """Read the name of a time zone, as IANA lists them."""
    return Scalar(
        _time_zone,
        "a time zone of IANA's list, such as Europe/Berlin",
        lambda raw: did_you_mean(raw, available_timezones()),
    )


def _printable(raw: str) -> str | None:
    """Refuse what could steer a terminal or be no character at all."""
    return raw if raw.isprintable() else None


def _is_relative(raw: str) -> bool:
    return not ("\\" in raw or ":" in raw or PurePosixPath(raw).is_absolute())


def _number(raw: str, low: float, high: float) -> float | None:
    try:
        value = float(raw)
    except ValueError:
        return None
    return value if math.isfinite(value) and low <= value <= high else None


def _clock_time(raw: str) -> time | None:
    if (match := _CLOCK.fullmatch(raw)) is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _day(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw) if _DATE.fullmatch(raw) else None
    except ValueError:
        return None


def _time_zone(raw: str) -> str | None:
    try:
        return ZoneInfo(raw).key
    except (LookupError, ValueError, OSError):
        return None
