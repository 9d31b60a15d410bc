"""Markdown that holds what notebooks control, and shows it as the text that it is."""

import re
import unicodedata
from collections.abc import Sequence

_MOST = 500  # characters of a text
_MOST_PAGE = 6_000
_ACTIVE = frozenset("&<>`*[]()\\|~!#${}@^")
_LINK = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_LOOSE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_FENCE = re.compile("`{3,}")


def code(text: str) -> str:
    """Return a text as an inline piece of code that is nothing but that text.

    It may stand anywhere in a line, in a cell of a table too. Entities take the place
    of whatever has a meaning, for a code span cannot hold every text: GitHub takes a
    pipe in one for the end of the cell. In ``<code>`` nobody is mentioned.

    Examples
    --------
    >>> code("<b>a|b</b>")
    '<code>&#60;b&#62;a&#124;b&#60;/b&#62;</code>'
    """
    flat = _visible(" ".join(text.split()), most=_MOST)
    entities = "".join(_entity(c) if c in _ACTIVE else c for c in flat)
    entities = _LINK.sub(lambda match: _entity(match[0]), entities)
    return f"<code>{_LOOSE.sub('&#95;', entities)}</code>"


def block(text: str) -> str:
    """Return several lines as a block of code that they cannot leave."""
    lines = text.splitlines() or [""]
    shown = "\n".join(_visible(line, most=_MOST) for line in lines)[:_MOST_PAGE]
    longest = max((len(run) for run in _FENCE.findall(shown)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already, without a line break."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _entity(character: str) -> str:
    return f"&#{ord(character)};"


def _visible(text: str, *, most: int) -> str:
    """Return a text in which nothing is hidden: no control, no turned direction."""
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(
        c if c == "\t" or unicodedata.category(c)[0] != "C" else f"\\u{ord(c):04x}"
        for c in cut
    )
