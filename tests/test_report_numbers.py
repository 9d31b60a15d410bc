import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.report.numerals import MINUS, amount, decimals, number, quantity
from toolkit.report.texts import label


@given(value=st.floats(-1e12, 1e12), places=st.integers(-3, 6))
def test_a_number_reads_back_as_itself(value: float, places: int) -> None:
    shown = number(value, places)
    assert "-" not in shown
    read = float(shown.replace(MINUS, "-").replace(",", ""))
    assert read == pytest.approx(value, rel=1e-12, abs=0.51 * 10.0**-places)


@given(value=st.floats(1e-3, 1e9), width=st.floats(1e-3, 1e9))
def test_the_interval_decides_the_digits(value: float, width: float) -> None:
    places = decimals(value, (value - width, value + width))
    assert 10.0 ** (-places + 1) <= width * 1.0001


@pytest.mark.parametrize(
    ("unit", "currency", "value", "rest"),
    [
        ("USD per day", "USD", "$1,440", "per day"),
        ("USD/day", "USD", "$1,440", "per day"),
        ("$", "USD", "$1,440", ""),
        ("$ a day", "USD", "$1,440", "a day"),
        ("EUR", "EUR", "€1,440", ""),
        ("CHF", "CHF", "CHF\N{NO-BREAK SPACE}1,440", ""),
        ("USDT", "USD", "1,440", "USDT"),
        ("hits", "USD", "1,440", "hits"),
        ("hits", "", "1,440", "hits"),
    ],
)
def test_money_carries_its_symbol(
    unit: str, currency: str, value: str, rest: str
) -> None:
    shown = quantity(1440.0, unit, currency=currency)
    assert (shown.value, shown.unit) == (value, rest)


def test_zero_needs_no_decimals() -> None:
    assert (decimals(0.0), number(0.0), number(-0.0)) == (0, "0", "0")


def test_cents_are_shown_where_they_matter() -> None:
    assert (amount(1.5, "USD"), amount(2500.4, "USD")) == ("$1.50", "$2,500")


def test_labels_are_words() -> None:
    assert [label(name) for name in ("hit_rate", "02-baseline", "1", "")] == [
        "Hit rate",
        "Baseline",
        "1",
        "",
    ]
