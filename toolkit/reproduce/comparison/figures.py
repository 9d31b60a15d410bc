"""Published figures of two executions against each other, by what was plotted."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.publish.results import Figure
from toolkit.reproduce.comparison.difference import Difference, quoted
from toolkit.reproduce.comparison.results import facts_differ, gone, new
from toolkit.reproduce.outputs.markup import plain_markup

_TEXT = re.compile(r"<!-- ([^<>]{1,500}?) -->|<text\b[^<>]*>([^<>]*)</text>")
_ELEMENT = re.compile(r"<([a-zA-Z]\w*)\b([^<>]*)>")
_DRAWN = ("path", "use", "image", "rect", "circle", "line", "polygon", "polyline")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_ID = re.compile(r'\s(?:id|xlink:href|href|clip-path)="[^"]*"')


def compare_figures(
    before: Sequence[Figure],
    after: Sequence[Figure],
    folders: tuple[Path | None, Path | None],
) -> Iterator[Difference]:
    """Yield each figure that shows something else, and what, if both SVGs are there."""
    later = {figure.name: figure for figure in after}
    for figure in before:
        other = later.pop(figure.name, None)
        if other is None:
            yield gone("figure", figure.name, figure.digest)
            continue
        told = None
        if figure.digest != other.digest:
            told = _differs(figure, other, folders)
        if told is None:
            facts = ("alt", "caption")
            yield from facts_differ("figure", figure.name, facts, figure, other)
        else:
            yield told
    for figure in later.values():
        yield new("figure", figure.name, figure.digest)


def svg_difference(before: str, after: str) -> str | None:
    """Return what two SVGs show differently; None if they show the same.

    Examples
    --------
    >>> svg_difference("<text>0.95</text>", "<text>0.93</text>")
    'the text “0.95” → “0.93”'
    """
    old, now = plain_markup(before), plain_markup(after)
    if old == now:
        return None
    told = [*_texts(old, now), *_drawn(old, now)]
    return "; ".join(told) or "how it is drawn differs: styles or order"


def _differs(
    before: Figure, after: Figure, folders: tuple[Path | None, Path | None]
) -> Difference | None:
    old, now = (_read(folder, before.name) for folder in folders)
    if old is None or now is None:
        told: str | None = (
            f"its drawing differs ({before.digest[:12]} → {after.digest[:12]})"
        )
    else:
        told = svg_difference(old, now)
    if told is None:
        return None
    return Difference(
        kind="figure",
        name=before.name,
        cell=None,
        before=before.digest,
        after=after.digest,
        how_much=f"{before.name}: {told}",
    )


def _read(folder: Path | None, name: str) -> str | None:
    if folder is None:
        return None
    try:
        return (folder / "figures" / f"{name}.svg").read_text("utf-8")
    except (OSError, ValueError):
        return None


def _texts(before: str, after: str) -> Iterator[str]:
    old, now = ([a or b for a, b in _TEXT.findall(svg)] for svg in (before, after))
    if old == now:
        return
    if len(old) == len(now):
        pairs = [(a, b) for a, b in zip(old, now, strict=True) if a != b]
        more = f" and {len(pairs) - 1} more" if len(pairs) > 1 else ""
        yield f"the text {quoted(pairs[0][0])} → {quoted(pairs[0][1])}{more}"
        return
    lost = list((Counter(old) - Counter(now)).elements())
    added = list((Counter(now) - Counter(old)).elements())
    for word, texts in (("gone", lost), ("new", added)):
        if len(texts) == 1:
            yield f"the text {quoted(texts[0])} is {word}"
        elif texts:
            yield f"{len(texts)} texts are {word}, the first {quoted(texts[0])}"


def _drawn(before: str, after: str) -> Iterator[str]:
    """Tell how many elements of each kind moved, and how far at most."""
    old, now = (_elements(svg) for svg in (before, after))
    for kind in _DRAWN:
        a, b = old.get(kind, []), now.get(kind, [])
        if len(a) != len(b):
            yield f"{len(a)} {kind} elements → {len(b)}"
            continue
        pairs = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
        if not pairs:
            continue
        told = f"{len(pairs)} of {len(a)} {kind} elements differ"
        shift = max((_shift(x, y) for x, y in pairs), default=0.0)
        yield told + (f", by at most {shift:.3g} points" if shift else "")


def _elements(svg: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, attributes in _ELEMENT.findall(svg):
        found.setdefault(kind, []).append(_ID.sub("", attributes))
    return found


def _shift(before: str, after: str) -> float:
    old, now = (_NUMBER.findall(each) for each in (before, after))
    if len(old) != len(now):
        return 0.0
    return max(
        (abs(float(b) - float(a)) for a, b in zip(old, now, strict=True)), default=0.0
    )
