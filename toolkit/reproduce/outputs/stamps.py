"""Stamps of the execution's own time in a text: which of them are no result."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

NOW = "<now>"
SLACK = timedelta(minutes=1)
_HALF_HOURS = (-570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765)
OFFSETS = tuple(
    timedelta(minutes=minutes)
    for minutes in sorted((*range(-12 * 60, 15 * 60, 60), *_HALF_HOURS))
)  # from UTC, in use somewhere
_MONTHS = "January February March April May June July August September October"
MONTHS = (*_MONTHS.split(), "November", "December")
_WEEKDAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
_PACKED = r"(?P<hour2>\d\d)[-_.hH]?(?P<minute2>\d\d)[-_.mM]?(?P<second2>\d\d)[sS]?"
_ZONE = (
    r"(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:])|\s(?:[A-Z]{1,3}(?:S|D)T|CET|"
    r"CEST|EET|EEST|WET|WEST)\b)?"
)
_FORMS = ("", "2", "3")  # endings of the names of groups
_AROUND = 80  # characters of a line that are looked at, on each side of a stamp
_LEVELS = re.compile(
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|SUCCESS|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b",
    re.IGNORECASE,
)
# What stands around a time when it is printed as a value: no words of a sentence.
_REPR = re.compile(
    r"\b(?:datetime\.)?datetime\(|\bTimestamp\(|\b(?:np|numpy)\.datetime64\(|"
    r"\bDatetimeIndex\(|\bdtype=|\bdatetime64\[\w+(?:, \w+)?\]|\btz(?:info)?=|"
    r"\bfreq=\w+|\b(?:datetime\.)?timezone\.utc\b|\bUTC\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SEPARATOR = re.compile(r"\s{2,}|\t|\||<[^<>]*>|&nbsp;")
_AFTER_PREFIX = re.compile(r"[\])>]?[\t ]?(?:[-|:,\u2013\u2014]+[\t ]*)?(?=\S)")
_TIME_ALONE = re.compile(
    r"(?:^[\t ]*(?P<open>[\[(]?)|\b(?:at|now|time is|started|finished|began|ended):? )"
    r"(?P<clock>(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?P<fraction>[.,]\d{1,9})?(?:\s(?P<half>[AaPp])\.?[Mm]\b\.?)?)(?!\d|:\d)",
    re.MULTILINE,
)
_REPR_STAMP = (
    r"datetime\.datetime\((?P<day>{days}), (?P<hour>\d+), (?P<minute>\d+)"
    r"(?:, (?P<second>\d+))?(?:, \d+)?(?:, tzinfo=[\w.]+)?\)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """When an execution began and ended, on its own clock, and its offset from UTC."""

    began: datetime  # aware
    ended: datetime
    offset: timedelta = timedelta(0)  # of the kernel's time zone

    def holds(self, naive: datetime, offset: timedelta | None) -> bool:
        """Tell whether a stamp lies in it; an unknown offset may be any in use."""
        stamp = naive.replace(tzinfo=UTC)
        least, most = stamp - self.ended - SLACK, stamp - self.began + SLACK
        if offset is not None:
            return least <= offset <= most
        at = bisect_left(OFFSETS, least)
        return at < len(OFFSETS) and OFFSETS[at] <= most

    @property
    def days(self) -> tuple[date, ...]:
        """Dates that a calendar anywhere shows while it lasts; the last 40 at most."""
        first = (self.began.astimezone(UTC) + OFFSETS[0] - SLACK).date()
        last = (self.ended.astimezone(UTC) + OFFSETS[-1] + SLACK).date()
        count = min((last - first).days, 40)
        return tuple(last - timedelta(days=n) for n in range(count, -1, -1))


def hide_stamps(text: str, span: Span | None) -> str:
    """Return the text without the stamps that only say when it was executed.

    A stamp is taken away if it is the execution's own time, has a time of day, and is
    the prefix of a log line or stands among other words. A line, a table's cell or a
    list of nothing but times stays: it is a result. So does a bare date.
    """
    if span is None:
        return text
    known, stamp, called = _patterns(span.days)
    if any(name in text for name in known):
        text = _replaced(text, stamp, known, span)
    if called is not None and "datetime.datetime(" in text:
        text = _replaced(text, called, known, span)
    return _times_alone(text, span)


@cache
def _patterns(
    days: tuple[date, ...],
) -> tuple[dict[str, date], re.Pattern[str], re.Pattern[str] | None]:
    """Return the dates as they may be written, and what finds a stamp with one."""
    known = {name: day for day in days for name in _names(day)}
    listed = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    stamp = re.compile(
        rf"(?<![\w.,/-])(?:{_WEEKDAY},? )?(?P<day>{listed})"
        rf"(?:(?:[T ,_-]|, | at ){_CLOCK}(?!\d|:\d){_ZONE}"
        r"(?P<year> \d{4})?|[T_-]" + _PACKED + r"(?!\d))"
        rf"|(?<=[_/.-])(?P<day2>{listed})[T_-]{_PACKED.replace('2>', '3>')}(?!\d)"
    )
    listed = "|".join(f"{d.year}, {d.month}, {d.day}" for d in days)
    called = re.compile(_REPR_STAMP.replace("{days}", listed))
    known |= {f"{d.year}, {d.month}, {d.day}": d for d in days}
    return known, stamp, called


def _names(day: date) -> tuple[str, ...]:
    """Return the ways in which a date is commonly written."""
    month, number = MONTHS[day.month - 1], day.day
    short, year = month[:3], day.year
    padded = f"{number:02d}"
    numbers = [
        *(f"{day:%Y}{mark}{day:%m}{mark}{day:%d}" for mark in "-/._"),
        *(f"{day:%d}{mark}{day:%m}{mark}{day:%Y}" for mark in "-/."),
        *(f"{day:%m}{mark}{day:%d}{mark}{day:%Y}" for mark in "-/"),
        *(f"{day.month}/{number}/{each}" for each in (f"{day:%y}", year)),
        *(f"{number}/{day.month}/{each}" for each in (f"{day:%y}", year)),
        *(f"{number}.{day.month}.{each}" for each in (f"{day:%y}", year)),
        *(f"{day:%m}/{day:%d}/{day:%y}", f"{day:%d}/{day:%m}/{day:%y}"),
        f"{day:%Y%m%d}",
    ]
    words = [
        f"{each}{mark}{name}{mark}{year}"
        for each in (str(number), padded)
        for name in (month, short)
        for mark in " -"
    ]
    words += [
        f"{name} {each}{end}"
        for name in (month, short)
        for each in (f"{number:2d}", str(number), padded)
        for end in (f", {year}", f" {year}", "")
    ]
    return tuple(dict.fromkeys(numbers + words))


def _replaced(
    text: str, pattern: re.Pattern[str], known: dict[str, date], span: Span
) -> str:
    seen: dict[str, bool] = {}  # a log has many lines a second
    chosen = []
    for match in pattern.finditer(text):
        written = match[0]
        if written not in seen:
            seen[written] = _is_now(match, known, span)
        if seen[written] and _says_when(text, *match.span()):
            chosen.append(match.span())
    return _without(text, chosen)


def _is_now(match: re.Match[str], known: dict[str, date], span: Span) -> bool:
    groups = match.groupdict()
    hour, minute, second = (
        next((int(groups[f"{part}{n}"]) for n in _FORMS if groups.get(part + n)), 0)
        for part in ("hour", "minute", "second")
    )
    day = known[groups.get("day") or groups["day2"]]
    naive = _moment(day, hour, minute, second, groups.get("half"))
    return naive is not None and span.holds(naive, _offset(groups.get("zone")))


def _moment(
    day: date, hour: int, minute: int, second: int, half: str | None
) -> datetime | None:
    if half:
        hour = hour % 12 + (12 if half in "Pp" else 0)
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 -- its zone is looked for
    except ValueError:
        return None


def _offset(zone: str | None) -> timedelta | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return timedelta(0)
    digits = zone[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if zone[0] == "-" else size


def _says_when(text: str, start: int, end: int) -> bool:
    """Tell whether a stamp is a log's prefix, or has words around it in its segment."""
    before = text[max(0, start - _AROUND) : start].rpartition("\n")[2]
    after = text[end : end + _AROUND].partition("\n")[0]
    if not before.strip(" \t[(<") and _is_prefix(after):
        return True
    left = _SEPARATOR.split(before)[-1]
    right = _SEPARATOR.split(after)[0]
    return _has_words(f"{left} {right}")


def _is_prefix(after: str) -> bool:
    if _LEVELS.search(after[:60]):
        return True
    begins = _AFTER_PREFIX.match(after)
    if begins is None:
        return False
    rest = _SEPARATOR.split(after[begins.end() :])[0]
    return _has_words(rest)


def _has_words(text: str) -> bool:
    if any(mark in text for mark in "(=["):  # else no time is printed as a value here
        text = _REPR.sub(" ", text)
    return bool(_WORD.search(text))


def _times_alone(text: str, span: Span) -> str:
    """Take away times of day without a date: only those of an unmistakable log."""
    if ":" not in text:
        return text
    chosen = []
    for match in _TIME_ALONE.finditer(text):
        start, end = match.span("clock")
        prefix = match["open"] is not None
        after = text[end : end + 80].partition("\n")[0]
        is_log = not prefix or match["open"] or match["fraction"]
        if not is_log and not _LEVELS.search(after[:60]):
            continue
        if prefix and not _is_prefix(after):
            continue
        moments = (
            _moment(
                day,
                int(match["hour"]),
                int(match["minute"]),
                int(match["second"]),
                match["half"],
            )
            for day in span.days
        )
        zones = {span.offset, timedelta(0)}
        if any(m and span.holds(m, zone) for m in moments for zone in zones):
            chosen.append((start, end))
    return _without(text, chosen)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    kept = [text[a:b] for a, b in list(pairwise(edges))[::2]]
    return NOW.join(kept)
