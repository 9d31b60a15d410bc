"""Every number of the report as text: digits, thousands, minus sign, money."""

import math
import re
from dataclasses import dataclass

from toolkit.scope.values import Estimate

Interval = tuple[float, float]

MINUS = "\N{MINUS SIGN}"
MISSING = "\N{EN DASH}"
_NARROW = "\N{NO-BREAK SPACE}"
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_MOST_DECIMALS = 6
_COARSE = 100  # from here on, money needs no cents


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A value with its range, as text; ``span`` is empty where there is none."""

    value: str
    low: str
    high: str
    unit: str

    @property
    def span(self) -> str:
        """The range in words."""
        return f"{self.low} to {self.high}" if self.low else ""


def decimals(value: float, interval: Interval | None = None, *, digits: int = 2) -> int:
    """Return how many decimals say what is known; negative where even tens are noise.

    So many significant digits of the interval's half-width; three of a value alone.

    Examples
    --------
    >>> decimals(1.0187, (0.86, 1.19)), decimals(7134.2, (5022.0, 9311.0))
    (2, -2)
    >>> decimals(0.41378), decimals(151.2), decimals(7134.2)
    (3, 0, 0)
    """
    width = (interval[1] - interval[0]) / 2 if interval else 0.0
    if width > 0:
        return min(digits - 1 - _exponent(width), _MOST_DECIMALS)
    if value == 0:
        return 0
    return max(0, min(2 - _exponent(value), _MOST_DECIMALS))


def number(value: float, places: int | None = None, *, group: float = 1_000) -> str:
    """Return a number as text, grouped from ``group`` on.

    Examples
    --------
    >>> number(1234567.8), number(3.0), number(0.123456)
    ('1,234,568', '3', '0.123')
    >>> number(7134.2, -2), number(1.0, 2), number(2015, group=10_000)
    ('7,100', '1.00', '2015')
    """
    if places is None:
        places = 0 if float(value).is_integer() else decimals(value)
    rounded = round(value, places)
    comma = "," if abs(rounded) >= group else ""
    text = f"{abs(rounded):{comma}.{max(places, 0)}f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def stated(value: float) -> str:
    """Return a number as somebody wrote it down, with no digit added.

    Examples
    --------
    >>> stated(3.0), stated(0.25), stated(12000.5)
    ('3', '0.25', '12,000.5')
    """
    fraction = f"{value:.{_MOST_DECIMALS}f}".rstrip("0").partition(".")[2]
    return number(value, len(fraction))


def percent(share: float) -> str:
    """Return a share of one in percent.

    Examples
    --------
    >>> percent(0.5) == "50\N{NO-BREAK SPACE}%"
    True
    """
    return f"{stated(100 * share)}{_NARROW}%"


def quantity(
    value: float,
    unit: str = "",
    interval: Interval | None = None,
    *,
    currency: str = "",
    places: int | None = None,
) -> Quantity:
    """Return a value and its range with their unit, all at the same digits.

    Examples
    --------
    >>> quantity(1.0187, "failures per day", (0.86, 1.19)).span
    '0.86 to 1.19'
    >>> quantity(410.2, "USD per day", currency="USD").value
    '$410'
    """
    sign = _currency(unit, currency)
    if places is None and interval is not None:
        places = decimals(value, interval, digits=3 if sign else 2)
    texts = [number(bound, places) for bound in (value, *(interval or ()))]
    if sign is not None:
        symbol, unit = sign
        texts = [_with_symbol(text, symbol) for text in texts]
    low, high = texts[1:] if interval else ("", "")
    return Quantity(value=texts[0], low=low, high=high, unit=unit)


def amount(value: float, currency: str) -> str:
    """Return money as text.

    Examples
    --------
    >>> amount(12000, "USD"), amount(1.5, "CHF") == "CHF\N{NO-BREAK SPACE}1.50"
    ('$12,000', True)
    """
    places = 0 if float(value).is_integer() or abs(value) >= _COARSE else 2
    return _with_symbol(number(value, places), _symbol(currency))


def estimate(values: Estimate, *, currency: str | None = None) -> tuple[str, ...]:
    """Return low, mid and high as text: money, or a share in percent."""
    numbers = (values.low, values.mid, values.high)
    if currency is None:
        return tuple(percent(share) for share in numbers)
    return tuple(amount(value, currency) for value in numbers)


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def _symbol(currency: str) -> str:
    return _SYMBOLS.get(
        currency, f"{currency}{_NARROW}" if currency.isalpha() else currency
    )


def _currency(unit: str, currency: str) -> tuple[str, str] | None:
    """Return the symbol and the rest of a unit that starts with the currency."""
    symbol = _symbol(currency)
    for word in filter(None, (currency, symbol.strip())):
        if match := re.fullmatch(rf"{re.escape(word)}(?!\w)\s*(.*)", unit):
            return symbol, match[1].replace("/", "per ", 1) if match[1] else ""
    return None


def _with_symbol(text: str, symbol: str) -> str:
    if text.startswith(MINUS):
        return f"{MINUS}{symbol}{text.removeprefix(MINUS)}"
    return f"{symbol}{text}"
