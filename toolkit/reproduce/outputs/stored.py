"""The outputs that a notebook's file brings along, beside those of an execution."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from toolkit.reproduce.outputs.cells import (
    DEFAULT,
    CellOutput,
    Rules,
    normalise_outputs,
)
from toolkit.reproduce.outputs.cells import text_digest as digest_of

_PATH = r"(?:[/~]|[A-Za-z]:[\\/])[^\s'\"<>|]{0,500}"
_MOMENT = r"(?=\D{0,40}\d)[\w,.:/+ -]{4,60}"
_LENGTH = (
    r"(?=\D?\d)[\d.,:e+-]{1,30}(?: ?[^\W\d]{1,12})?(?:,? \d[\d.]{0,10} ?[^\W\d]{1,12})?"
)
_TEMPLATES = {"<now>": _MOMENT, "<duration>": _LENGTH}
_HOLE = re.compile(r"<(?:[a-z]+)>")
_MOST_HOLES = 8
_LONGEST_LINE = 10_000


def stored_outputs(
    content: Mapping[str, Any],
    *,
    fresh: Sequence[CellOutput] = (),
    places: Mapping[str, str] | None = None,
    rules: Rules = DEFAULT,
) -> tuple[CellOutput, ...]:
    """Return the outputs that lie in a notebook's file; cells without any are left out.

    When and where they were made is not known. So a line that differs from the fresh
    one only where that has a time, a duration or a path of its own is taken for it.

    Parameters
    ----------
    content : of the notebook's file, as committed
    fresh : the outputs of an execution of it
    places, rules : as for ``normalise_outputs``
    """
    cells = content.get("cells")
    listed = [c if isinstance(c, Mapping) else {} for c in cells or ()]
    found = normalise_outputs(listed, places=places, rules=rules)
    by_cell = {output.cell: output for output in fresh}
    return tuple(
        settled(output, by_cell.get(output.cell))
        for output in found
        if listed[output.cell].get("outputs")
    )


def settled(output: CellOutput, other: CellOutput | None) -> CellOutput:
    """Return an output in the other's words, where they differ only in what is hidden.

    Parameters
    ----------
    output : whose time stamps and paths could not be told
    other : of the same cell, whose could
    """
    if other is None or not output.text or output.digest == other.digest:
        return output
    lines, others = output.text.split("\n"), other.text.split("\n")
    if len(lines) != len(others):
        return output
    text = "\n".join(
        their if line != their and _alike(line, their) else line
        for line, their in zip(lines, others, strict=True)
    )
    return replace(output, text=text, digest=digest_of(text))


def _alike(line: str, other: str) -> bool:
    """Tell whether a line is the other with its holes filled."""
    holes = _HOLE.findall(other)
    if not 0 < len(holes) <= _MOST_HOLES or len(line) > _LONGEST_LINE:
        return False
    return _template(other).fullmatch(line) is not None


@lru_cache(maxsize=256)
def _template(other: str) -> re.Pattern[str]:
    at, pieces = 0, []
    for hole in _HOLE.finditer(other):
        pieces.append(re.escape(other[at : hole.start()]))
        named = hole[0] in ("<project>", "<home>", "<tmp>", "<packages>", "<cell>")
        default = _PATH if named else re.escape(hole[0])
        pieces.append(f"(?:{_TEMPLATES.get(hole[0], default)}|{re.escape(hole[0])})")
        at = hole.end()
    return re.compile("".join([*pieces, re.escape(other[at:])]))
