"""Where the sources of cells stand in a notebook's file, so that only they change."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class Span(NamedTuple):
    """A JSON value in the text of a file."""

    start: int
    end: int


def source_spans(text: str) -> tuple[Span, ...]:
    """Return where the source of each cell stands, in the order of the cells.

    Parameters
    ----------
    text : of a notebook's file that ``parse_notebook`` takes, without byte order mark

    Examples
    --------
    >>> source_spans('{"cells": [{"source": "n = 1", "cell_type": "code"}]}')
    (Span(start=22, end=29),)
    """
    top = dict(_members(text, _skip(text, 0)))  # of keys that stand twice, the last
    cells = (dict(_members(text, item.start)) for item in _items(text, top["cells"]))
    return tuple(cell["source"] for cell in cells)


def file_lines(text: str, span: Span) -> list[int]:
    r"""Return the file's line, from 1, for each line of a source.

    Examples
    --------
    >>> text = '["a = 1\\n",\n "b = 2"]'
    >>> file_lines(text, Span(0, len(text)))
    [1, 2]
    """
    at = 1 + text.count("\n", 0, span.start)
    if text[span.start] == '"':
        return [at] * (1 + _normal(json.loads(text[span.start : span.end])).count("\n"))
    lines: list[int] = []
    seen, fresh = span.start, True
    for item in _items(text, span):
        at += text.count("\n", seen, item.start)
        seen = item.start
        value = _normal(json.loads(text[item.start : item.end]))
        if fresh:
            lines.append(at)
        pieces = value.count("\n")
        lines += [at] * (pieces - value.endswith("\n"))
        fresh = value.endswith("\n")
    return [*lines, at] if fresh else lines


def replaced(text: str, span: Span, after: str) -> str | None:
    r"""Return the file's text with another source there; None if it cannot be kept.

    What is the same in both sources is kept as it was written, and the layout of what
    is new is that of what was there.

    Parameters
    ----------
    text : of the file
    span : of the source
    after : the new source, with LF

    Examples
    --------
    >>> text = '["a\\n",\n "b"]'
    >>> replaced(text, Span(0, len(text)), "a\nc\nd") == '["a\\n",\n "c\\n",\n "d"]'
    True
    """
    old = json.loads(text[span.start : span.end])
    whole = old if isinstance(old, str) else "".join(old)
    if "\r" in whole:
        if whole.count("\r\n") != whole.count("\n") or "\r" in whole.replace(
            "\r\n", ""
        ):
            return None  # a mixture: nobody can say what a new line should end in
        after = after.replace("\n", "\r\n")
    escaped = text.isascii() and "\\u" in text
    if isinstance(old, str):
        return text[: span.start] + _quoted(after, escaped=escaped) + text[span.end :]
    items = list(_items(text, span))
    if not items:
        return None
    kept = {
        json.loads(text[item.start : item.end]): text[item.start : item.end]
        for item in items
    }
    new = [
        kept.get(line) or _quoted(line, escaped=escaped) for line in _with_ends(after)
    ]
    first, last = items[0].start, items[-1].end
    return text[:first] + _between(text, span, items).join(new) + text[last:]


def _between(text: str, span: Span, items: Sequence[Span]) -> str:
    """Return what stands between two lines; if there was one, what would."""
    for one, other in pairwise(items):
        return text[one.end : other.start]
    return "," + text[span.start + 1 : items[0].start]


def _quoted(line: str, *, escaped: bool) -> str:
    try:
        line.encode()
    except UnicodeEncodeError:  # half a character: only an escape can hold it
        escaped = True
    return json.dumps(line, ensure_ascii=escaped)


def _with_ends(source: str) -> list[str]:
    """Return the lines with their LF; an empty source is one empty line."""
    lines = [f"{line}\n" for line in source.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] or len(lines) == 1 else lines[:-1]


def _normal(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _members(text: str, at: int) -> Iterator[tuple[str, Span]]:
    """Yield keys and values of the object that begins there."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        end = _DECODER.raw_decode(text, start)[1]
        yield key, Span(start, end)
        at = _next(text, end)


def _items(text: str, span: Span) -> Iterator[Span]:
    at = _skip(text, span.start + 1)
    while text[at] != "]":
        end = _DECODER.raw_decode(text, at)[1]
        yield Span(at, end)
        at = _next(text, end)


def _next(text: str, end: int) -> int:
    """Return where the next member begins, or the closing bracket stands."""
    at = _skip(text, end)
    return _skip(text, at + 1) if text[at] == "," else at
