"""Numbers, shares and durations as a client reads them."""

from collections.abc import Iterable

import numpy as np

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_HOURS_UP_TO = 72  # "24 hours" reads better than "1 day" beside clock times


def counted(n: int, noun: str) -> str:
    """Return ``"1 row"`` or ``"1,234 rows"``.

    Examples
    --------
    >>> counted(1234, "entity")
    '1,234 entities'
    """
    plural = noun[:-1] + "ies" if noun.endswith(("ty", "ry")) else noun + "s"
    return f"{n:,} {noun if n == 1 else plural}"


def percent(share: float) -> str:
    """Return a share in [0, 1] as ``"83 %"``, never rounded to 0 or 100 wrongly.

    Examples
    --------
    >>> percent(0.8312), percent(0.9997), percent(0.0031), percent(0.00002)
    ('83 %', '99.97 %', '0.3 %', 'below 0.01 %')
    """
    points = 100 * share
    if 0 < points < 0.01:  # noqa: PLR2004  # the last digit that is shown
        return "below 0.01 %"
    if points < 1 and points != 0:
        return f"{points:.1g} %"
    if 99 < points < 100:  # noqa: PLR2004
        digits = 10 if points < 99.9 else 100  # noqa: PLR2004
        return f"{np.floor(points * digits) / digits:g} %"
    return f"{points:.0f} %"


def duration(seconds: float, *, hours: bool = False) -> str:
    """Return ``"15 days"`` or ``"30 minutes"``; with ``hours``, ``"24 hours"``.

    Examples
    --------
    >>> duration(86_400), duration(86_400, hours=True), duration(5_400)
    ('1 day', '24 hours', '1.5 hours')
    """
    for unit, size in _UNITS:
        if hours and unit == "day" and seconds <= _HOURS_UP_TO * 3_600:
            continue
        if seconds >= size:
            n = float(f"{seconds / size:.3g}")
            return f"{n:g} {unit}" if n == 1 else f"{n:g} {unit}s"
    return "0 seconds"


def number(value: float) -> str:
    """Return at most five significant digits, with thousands separated.

    Examples
    --------
    >>> number(12345.678), number(0.25), number(-999.0)
    ('12,346', '0.25', '-999')
    """
    if not np.isfinite(value):
        return str(value)
    if abs(value) >= 1_000:  # noqa: PLR2004  # from here on separators help
        return f"{value:,.0f}"
    return f"{value:.5g}"


def day(micro: float) -> str:
    """Return microseconds since 1970 as ``"2015-01-02"``.

    Examples
    --------
    >>> day(86_400_000_000)
    '1970-01-02'
    """
    return str(np.datetime64(int(micro), "us").astype("datetime64[D]"))


def clock(second: int) -> str:
    """Return seconds since midnight as ``"06:00"``.

    Examples
    --------
    >>> clock(21_600), clock(30)
    ('06:00', '00:00:30')
    """
    minutes, seconds = divmod(second, 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def listed(names: Iterable[object], limit: int = 3) -> str:
    """Return ``"a, b, c and 4 more"``.

    Examples
    --------
    >>> listed("abcde")
    'a, b, c and 2 more'
    """
    texts = [str(name) for name in names]
    if len(texts) > limit:
        return f"{', '.join(texts[:limit])} and {len(texts) - limit:,} more"
    if len(texts) > 1:
        return f"{', '.join(texts[:-1])} and {texts[-1]}"
    return "".join(texts)
