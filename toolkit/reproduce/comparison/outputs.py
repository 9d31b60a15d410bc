"""What the cells of two executions showed, against each other, in a person's words."""

import re
from collections.abc import Iterator, Sequence

from toolkit.reproduce.comparison.difference import (
    Difference,
    change,
    number_texts,
    quoted,
    same_bits,
    short,
)
from toolkit.reproduce.outputs.cells import CellOutput
from toolkit.reproduce.outputs.stored import settled
from toolkit.reproduce.records.record import CellRecord

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w])")
_TAGS = re.compile(r"<(?!image |[a-z]+>$)/?[a-zA-Z!][^<>]*>")
_BETWEEN = re.compile(r"</t[dh]>\s*<t[dh]\b[^<>]*>")
_IMAGE = re.compile(r"<image [^<>]*>")
_VALUE = re.compile(r"[^\s,;:(){}\[\]|]+")
_ROWS = re.compile(r"</tr>\s*")


def compare_outputs(
    before: Sequence[CellOutput], after: Sequence[CellOutput], *, decide: bool
) -> Iterator[Difference]:
    """Yield each cell that showed something else; those that are left out never do.

    Parameters
    ----------
    before, after : of two executions; a cell that only one of them has is not compared
    decide : whether a verdict rests on them; they are notes otherwise
    """
    later = {output.cell: output for output in after}
    for output in before:
        other = later.get(output.cell)
        if other is None or output.left_out or other.left_out:
            continue
        if not _same(output, other):
            yield _differs(output, other, decide=decide)


def compare_cells(
    before: Sequence[CellRecord], after: Sequence[CellRecord]
) -> Iterator[Difference]:
    """Yield each cell that ended otherwise, or raised another exception."""
    later = {cell.index: cell for cell in after}
    for cell in before:
        other = later.pop(cell.index, None)
        ends = _ended(cell), "not there" if other is None else _ended(other)
        if ends[0] != ends[1]:
            yield _cell(cell.index, *ends)
    for cell in later.values():
        yield _cell(cell.index, "not there", _ended(cell))


def told_lines(before: str, after: str) -> tuple[str, str, str]:
    r"""Return the first line that differs in each text, and how much differs in all.

    Examples
    --------
    >>> told_lines("rows 12\nrmse 0.50", "rows 12\nrmse 0.52")
    ('rmse 0.50', 'rmse 0.52', 'only numbers differ: 0.5 → 0.52, 0.02 higher, 4 %')
    """
    old, now = readable(before).split("\n"), readable(after).split("\n")
    pairs = [(a, b) for a, b in zip(old, now, strict=False) if a != b]
    if len(old) != len(now):
        shorter = min(len(old), len(now))
        rest = [*old[shorter:], *now[shorter:]][0]
        first = (
            pairs[0] if pairs else (("", rest) if len(old) < len(now) else (rest, ""))
        )
        return *first, f"{_lines(old)} → {_lines(now)}"
    if not pairs:
        return "", "", "only its markup differs"
    told = _in_another_order(pairs, old, now) or _numbers(pairs)
    if told is None and all(_IMAGE.fullmatch(line) for line in pairs[0]):
        told = "the picture that it shows is another one"
    if told is None:
        told = "what it shows differs"
        if len(old) > 1:
            told = f"{len(pairs)} of {len(old)} lines differ"
    return *pairs[0], told


def readable(text: str) -> str:
    """Return an output's text with a line for each row of a table, and without tags."""
    if "</" not in text:
        return text
    text = _ROWS.sub("\n", _BETWEEN.sub(" | ", text))
    lines = (" ".join(_TAGS.sub("", line).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _same(before: CellOutput, after: CellOutput) -> bool:
    if before.digest == after.digest:
        return True
    if not before.whole or not after.whole:
        return False
    return (
        settled(before, after).digest == after.digest
        or settled(after, before).digest == before.digest
    )


def _differs(before: CellOutput, after: CellOutput, *, decide: bool) -> Difference:
    name = f"cell {before.cell}"
    if before.digest is None or after.digest is None:
        nothing = before.digest is None
        old, now = before.text.partition("\n")[0], after.text.partition("\n")[0]
        told = f"shows {quoted(now)}, and showed nothing before"
        if not nothing:
            told = f"shows nothing, and showed {quoted(old)} before"
    elif before.whole and after.whole:
        old, now, told = told_lines(before.text, after.text)
    else:
        old, now, told = _of_beginnings(before, after)
    if old and now and "→" not in told:
        told = f"{told}: {quoted(old)} → {quoted(now)}"
    return Difference(
        kind="output",
        name=name,
        cell=before.cell,
        before=short(old),
        after=short(now),
        how_much=f"{name}: {told}",
        decides=decide,
    )


def _of_beginnings(before: CellOutput, after: CellOutput) -> tuple[str, str, str]:
    """Compare what a record keeps of an output with as much of the other."""
    length = min(len(before.text), len(after.text))
    old, now = before.text[:length], after.text[:length]
    if not before.whole and not after.whole:
        old, now = before.text, after.text
    if old == now:
        return "", "", f"what it shows differs after the first {length} characters"
    lines = zip(old.split("\n"), now.split("\n"), strict=False)
    first = next((pair for pair in lines if pair[0] != pair[1]), (old, now))
    return *first, "what it shows differs"


def _numbers(pairs: Sequence[tuple[str, str]]) -> str | None:
    """Say which numbers differ and by how much, if nothing else does."""
    if any(NUMBER.sub("#", a) != NUMBER.sub("#", b) for a, b in pairs):
        return None
    steps = [
        (float(x), float(y))
        for a, b in pairs
        for x, y in zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
        if x != y
    ]
    moved = [step for step in steps if not same_bits(*step)]
    if not moved:
        return "only how numbers are written differs"
    told = f"only numbers differ: {_step(moved[0])}"
    if len(moved) == 1:
        return told
    largest = max(moved, key=lambda step: _share(*step))
    more = "" if largest == moved[0] else f"; the most {_step(largest)}"
    return f"only numbers differ, {len(moved)} of them: first {_step(moved[0])}{more}"


def _step(step: tuple[float, float]) -> str:
    old, now = number_texts(*step)
    return f"{old} → {now}, {change(*step)}"


def _share(before: float, after: float) -> float:
    return abs(after - before) / (max(abs(before), abs(after)) or 1.0)


def _in_another_order(
    pairs: Sequence[tuple[str, str]], old: list[str], now: list[str]
) -> str | None:
    if sorted(old) == sorted(now):
        return "the same lines in another order"
    values = ((_VALUE.findall(a), _VALUE.findall(b)) for a, b in pairs)
    if all(a != b and sorted(a) == sorted(b) for a, b in values):
        return "the same values in another order"
    return None


def _lines(lines: Sequence[str]) -> str:
    return f"{len(lines)} line{'' if len(lines) == 1 else 's'}"


def _ended(cell: CellRecord) -> str:
    return (
        cell.status if cell.raised is None else f"{cell.status}, raised {cell.raised}"
    )


def _cell(index: int, before: str, after: str) -> Difference:
    name = f"cell {index}"
    return Difference(
        kind="cell",
        name=name,
        cell=index,
        before=before,
        after=after,
        how_much=f"{name}: {before} → {after}",
    )
