"""One difference between two executions, and numbers in words that a person uses."""

import math
import struct
from dataclasses import dataclass
from typing import Literal, TypeAlias

DifferenceKind: TypeAlias = Literal[
    "metric", "table", "figure", "finding", "output", "cell"
]
_DIGITS = range(4, 17)
_LAST_DIGITS = 1e-9  # relative: what the order of a sum or the threads can do
_LONGEST = 120  # characters of a line that a message quotes


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One result that two executions do not agree on."""

    kind: DifferenceKind
    name: str  # of the result; of an output or a cell: "cell 3"
    cell: int | None  # index in the source notebook; None if nobody knows
    before: str
    after: str
    how_much: str  # "hit_rate: 0.9535 → 0.9312, 0.0223 lower, 2.3 %"
    decides: bool = True  # False: worth a note, and no verdict


def same_bits(before: float, after: float) -> bool:
    """Tell whether two floats are the same to the last bit; 0.0 is not -0.0.

    Examples
    --------
    >>> same_bits(0.1 + 0.2, 0.3), same_bits(0.5, 0.5)
    (False, True)
    """
    return struct.pack("<d", before) == struct.pack("<d", after)


def number_texts(before: float, after: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to tell them apart.

    Examples
    --------
    >>> number_texts(0.95349, 0.93121), number_texts(12.0, 13.0)
    (('0.9535', '0.9312'), ('12', '13'))
    >>> number_texts(0.1 + 0.2, 0.3)
    ('0.30000000000000004', '0.3')
    """
    for digits in _DIGITS:
        texts = f"{before:.{digits}g}", f"{after:.{digits}g}"
        if texts[0] != texts[1] and digits >= _whole_digits(before, after):
            return texts
    return repr(before), repr(after)


def change(before: float, after: float) -> str:
    """Return by how much a number changed: absolutely, and in percent of before.

    Examples
    --------
    >>> change(0.9535, 0.9312), change(0.0, -0.0)
    ('0.0223 lower, 2.3 %', 'only the sign of zero')
    >>> change(0.1 + 0.2, 0.3)
    '5.55e-17 lower, in the last digits'
    """
    if before == after:
        return "only the sign of zero"
    size = abs(after - before)
    way = "higher" if after > before else "lower"
    if not math.isfinite(size):
        return way
    if not before:
        return f"{size:.3g} {way}"
    share = size / abs(before)
    if share < _LAST_DIGITS:
        return f"{size:.3g} {way}, in the last digits"
    percent = f"{100 * share:.2g}" if share < 0.995 else f"{100 * share:,.0f}"  # noqa: PLR2004 -- no 1e+02
    return f"{size:.3g} {way}, {percent} %"


def short(text: str) -> str:
    r"""Return a text on one line, cut to what a message can bear.

    Examples
    --------
    >>> short("a  b\n c")
    'a b c'
    """
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def quoted(text: str) -> str:
    """Return a text between quotation marks, cut to what a message can bear."""
    return f"“{short(text)}”"


def _whole_digits(before: float, after: float) -> int:
    """Return how many digits a whole number needs not to be rounded."""
    largest = max(abs(before), abs(after))
    whole = float(before).is_integer() and float(after).is_integer()
    return len(str(int(largest))) if whole and largest < 1e15 else 0  # noqa: PLR2004
