"""Columns of durations in shown tables: scikit-learn's fit and score times."""

import re

from toolkit.reproduce.outputs.words import DURATION

_COLUMN = re.compile(r"(?:mean_|std_)?(?:fit|score)_time")
_CELL = re.compile(r"<t[hd]\b[^<>]*>([^<>]*)</t[hd]>")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:e[+-]?\d+)?$")


def hide_times(text: str) -> str:
    """Return the text with the columns ``fit_time`` and ``score_time`` blanked."""
    if "fit_time" not in text and "score_time" not in text:
        return text
    if "<t" in text:
        return _in_markup(text)
    return "\n".join(_in_lines(text.split("\n")))


def _in_markup(text: str) -> str:
    timed: list[int] = []
    width, pieces = 0, []
    for row in re.split(r"(?=<tr\b)", text):
        cells = list(_CELL.finditer(row))
        named = [n for n, c in enumerate(cells) if _COLUMN.fullmatch(c[1].strip())]
        if named:
            timed, width = named, len(cells)
        elif len(cells) == width:
            pieces.append(_blanked(row, [cells[n].span(1) for n in timed]))
            continue
        pieces.append(row)
    return "".join(pieces)


def _blanked(row: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        row = f"{row[:start]}{DURATION}{row[end:]}"
    return row


def _in_lines(lines: list[str]) -> list[str]:
    """Blank the columns of a frame as pandas prints it: a header, then its rows."""
    kept, timed, width = [], [], 0
    for line in lines:
        words = line.split()
        named = [n for n, word in enumerate(words) if _COLUMN.fullmatch(word)]
        if named:
            timed, width = named, len(words)
            kept.append("  ".join(words))
        elif timed and len(words) == width + 1 and _are_numbers(words, timed):
            for n in timed:
                words[n + 1] = DURATION
            kept.append("  ".join(words))
        else:
            timed = []
            kept.append(line)
    return kept


def _are_numbers(words: list[str], timed: list[int]) -> bool:
    return all(words[n + 1] == DURATION or _NUMBER.match(words[n + 1]) for n in timed)
