"""Lengths of time as people write them: "2 days", "12 hours", "P2D"."""

import re
from datetime import timedelta

_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_SHORT = {"w": "week", "d": "day", "h": "hour", "min": "minute", "s": "second"}
_NUMBER = r"(\d+(?:\.\d+)?)"
_PART = re.compile(rf"{_NUMBER} ?([a-z]+)", re.ASCII)
_WORDS = re.compile(rf"{_PART.pattern}(?:[ ,]+(?:and )?{_PART.pattern})*", re.ASCII)
_ISO = re.compile(
    rf"p(?=[\dt])(?:{_NUMBER}w)?(?:{_NUMBER}d)?"
    rf"(?:t(?=\d)(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?)?",
    re.ASCII,
)


def parse_duration(text: str) -> timedelta | None:
    """Return the length of time that a text states, or None if it states none.

    Parameters
    ----------
    text : str
        Numbers with units (``"2 days"``, ``"1 day 12 hours"``, ``"90 min"``) or
        ISO 8601 (``"P2D"``). Months and years are refused: they differ in length.

    Returns
    -------
    timedelta of whole seconds, never negative; None where it would overflow, too

    References
    ----------
    ISO 8601-1:2019, 5.5.2.3 (format with designators)

    Examples
    --------
    >>> parse_duration("1 day 12 hours") == parse_duration("P1DT12H")
    True
    >>> parse_duration("2 months") is None
    True
    """
    plain = " ".join(text.split()).lower()
    if iso := _ISO.fullmatch(plain):
        parts = [(n, unit) for n, unit in zip(iso.groups(), _SECONDS, strict=True) if n]
    elif _WORDS.fullmatch(plain):
        parts = [(n, _unit(word)) for n, word in _PART.findall(plain)]
    else:
        return None
    try:
        seconds = sum(float(n) * _SECONDS[unit] for n, unit in parts)
        length = timedelta(seconds=seconds)
    except (KeyError, OverflowError):
        return None
    return None if length.microseconds else length


def format_duration(length: timedelta) -> str:
    """Return a length of whole seconds in the largest unit that divides it.

    Weeks are written as days, which is how people speak of seven of them.

    Examples
    --------
    >>> format_duration(timedelta(weeks=1)), format_duration(timedelta(hours=36))
    ('7 days', '36 hours')
    """
    seconds = length.days * _SECONDS["day"] + length.seconds
    units = ("day", "hour", "minute", "second")
    unit = next(unit for unit in units if seconds % _SECONDS[unit] == 0)
    count = seconds // _SECONDS[unit]
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _unit(word: str) -> str:
    return _SHORT.get(word, word if word in _SECONDS else word.removesuffix("s"))
