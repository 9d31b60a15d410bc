"""Whatever is shown: a rule is applied once, takes no result away and no time."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from texts_shown import SAME, SETTING, STAYS, documented, normalised

from toolkit.reproduce.outputs.markup import plain_markup
from toolkit.reproduce.outputs.rules import normalise_text

SHOWN = [text for _, text, _ in documented()] + STAYS + [p.values[0] for p in SAME]
PIECES = st.one_of(
    st.sampled_from([text for text in SHOWN if isinstance(text, str)]),
    st.sampled_from(
        ["\n", "  ", "\t", "|", ": ", "took ", "elapsed ", "at ", "<b>", "3.2 s", "[0"]
    ),
    st.text("abc 0123456789.:-/\n\r<>[]%|\"'", max_size=12),
)


@given(st.lists(PIECES, max_size=6), st.sampled_from(["\n", " ", ", ", "\n\n"]))
@example(["at 0x7f12a8c0d5e0>at 0x1"], "")
def test_normalising_twice_is_normalising_once(pieces: list[str], between: str) -> None:
    once = normalise_text(between.join(pieces), SETTING)
    assert normalise_text(once, SETTING) == once


@given(st.lists(PIECES, max_size=6).map("".join))
def test_markup_is_made_plain_once(text: str) -> None:
    once = plain_markup(text)
    assert plain_markup(once) == once


ADDRESS = st.integers(0x10000000000, 0x7FFFFFFFFFFF).map(hex)
SECONDS = st.floats(0.001, 59, allow_nan=False).map(lambda s: f"{s:.3g}")


@given(st.data())
def test_texts_that_differ_by_addresses_and_durations_become_equal(
    data: st.DataObject,
) -> None:
    text = (
        "<A at {0}> rmse 0.5\nfitted in {1} s\nelapsed: {1}\n<td>&lt;B at {0}&gt;</td>"
    )
    one, two = (text.format(data.draw(ADDRESS), data.draw(SECONDS)) for _ in range(2))
    assert normalise_text(one, SETTING) == normalise_text(two, SETTING)


RESULTS = [
    "rmse {}",
    "n={}, took 3.2 s",
    "| {} | 1 |",
    "<td>{}</td>",
    "2026-11-23 18:15:31 INFO rows {}",
    "mean time to failure {} h",
    "{} rows at <A at 0x7f12a8c0d5e0>",
    "fit: 100%|█| 5/5 [00:01<00:00, 4it/s, loss={}]",
    "[1, {}, 3]",
    "{{'auc': {}}}",
    "total cost {} EUR in 3 s",
    "pump {} stopped at 12:31",
    "time to repair {}",
    "hits in {} of 12",
]


@given(
    st.sampled_from(RESULTS),
    st.integers(0, 10**6),
    st.integers(0, 999),
    st.data(),
)
def test_a_digit_that_differs_is_never_taken_away(
    text: str, whole: int, part: int, data: st.DataObject
) -> None:
    number = f"{whole}.{part}"
    at = data.draw(st.sampled_from([n for n, c in enumerate(number) if c.isdigit()]))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != number[at]]))
    other = number[:at] + digit + number[at + 1 :]
    assert normalised(text.format(number)) != normalised(text.format(other))


N = 200_000
PATHOLOGICAL = {
    "one letter": "a" * N,
    "digits": "took " + "1" * N,
    "commas": "took " + "1," * N,
    "blanks": "elapsed" + " " * N + "x",
    "carriage": "ab\r" * N,
    "backspaces": "ab\b" * N,
    "bars": "%|" * N,
    "escapes": "\x1b[" * N,
    "unclosed": "\x1b]" * N,
    "slashes": "/" * N,
    "brackets": "<" * N,
    "metadata": "<metadata>" * N,
    "scripts": "<script " * N,
    "colons": "1:" * N,
    "addresses": "at 0x" * N,
    "times": "took timedelta(" * N,
    "summaries": "Date: Time: " * N,
    "images": "data:image/png;base64," * N,
    "stamps": "2026-11-23 18:15:31 x " * (N // 10),
    "ids": "".join(f'<i id="{n:032x}">' for n in range(N // 10)),
}


@pytest.mark.parametrize("text", PATHOLOGICAL.values(), ids=PATHOLOGICAL)
def test_no_text_takes_more_than_its_length(text: str) -> None:
    """Anything quadratic would take hours here; no assertion on the time."""
    assert normalise_text(plain_markup(text), SETTING) is not None
