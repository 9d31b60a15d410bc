"""HTML and SVG without what is drawn by lot: ids, dates, embedded metadata."""

import re
from collections.abc import Iterator

from toolkit.reproduce.outputs.images import without_data_uris

_UUID = r"(?i:[0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12})"
# Parts of ids that a generator made, not a person; what a person wrote stays.
_LOT = re.compile(
    rf"(?<![0-9A-Za-z])(?:{_UUID}|T_[0-9a-f]{{5,}}|sk-(?:container|estimator)-id-\d+|"
    r"(?:image|[A-Za-z])?(?=[a-f]{0,40}\d)[0-9a-f]{8,}|i[A-Z0-9]{19,20}|\d{12,})"
    r"(?![0-9A-Za-z])|[0-9a-f]{32}(?![0-9A-Za-z])"  # the last: after letters, too
)
_NAMED = re.compile(
    r"""\b(?:id|for|data-root-id|data-id|name)=(?:"([^"<>]{1,200})"|"""
    r"""'([^'<>]{1,200})')|getElementById\(\s?["']([^"']{1,200})["']"""
)
_IN_SCRIPT = re.compile(rf"(?<![0-9A-Za-z]){_UUID}(?![0-9A-Za-z])")
_MADE_BY = re.compile(r"\s?<!-- Created with [^>]{0,200}-->")


def plain_markup(text: str) -> str:
    """Return HTML or SVG with ids numbered in their order and images told in a line.

    Only ids are renamed, and only the part that a generator drew: a value that looks
    like one and is shown as text stays.
    """
    text = _without_metadata(without_data_uris(text))
    if "<!-- Created with " in text:
        text = _MADE_BY.sub("", text)
    lots: dict[str, str] = {}
    for match in _NAMED.finditer(text):
        for lot in _LOT.finditer(match[1] or match[2] or match[3]):
            lots.setdefault(lot[0], f"id-{len(lots) + 1}")
    lower = text.lower()
    if not lots and "<script" not in lower and "srcdoc=" not in lower:
        return text
    return "".join(_spans(text, lower if len(lower) == len(text) else text, lots))


def plain_script(text: str) -> str:
    """Return JavaScript with its UUIDs numbered in their order.

    Examples
    --------
    >>> plain_script('f("2f1c9a00-0000-4000-8000-1234567890ab")')
    'f("id-1")'
    """
    return _numbered(text, {})


def _numbered(text: str, lots: dict[str, str]) -> str:
    return _IN_SCRIPT.sub(lambda m: lots.setdefault(m[0], f"id-{len(lots) + 1}"), text)


def _spans(text: str, lower: str, lots: dict[str, str]) -> Iterator[str]:
    """Yield the text's pieces: tags, scripts and styles renamed, what is shown not."""
    at = 0
    while (tag := lower.find("<", at)) >= 0:
        yield text[at:tag]
        named = ("script", "style")
        name = next((each for each in named if lower.startswith(each, tag + 1)), None)
        end = lower.find(f"</{name}" if name else ">", tag)
        at = len(text) if end < 0 else end + 1
        span = _LOT.sub(lambda m: lots.get(m[0], m[0]), text[tag:at])
        scripted = name == "script" or "srcdoc=" in span
        yield _numbered(span, lots) if scripted else span
    yield text[at:]


def _without_metadata(text: str) -> str:
    """Drop SVG's ``<metadata>``: when and with what it was drawn."""
    pieces, at = [], 0
    while (start := text.find("<metadata>", at)) >= 0:
        end = text.find("</metadata>", start)
        if end < 0:
            break
        pieces.append(text[at:start])
        at = end + len("</metadata>")
    return "".join([*pieces, text[at:]])
