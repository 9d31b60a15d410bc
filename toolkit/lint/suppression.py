"""``# noqa: CODE reason``: a line's author says why a rule does not hold there."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.reproduce.diagnosis.cells import SHELL, cell_tree
from toolkit.reproduce.notebook import Cell, Notebook

_NOQA = re.compile(
    r"\s*#\s*noqa\s*:\s*"
    r"(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+\b)*)\b(?P<reason>.*)",
    re.IGNORECASE,
)
_LED = " \t-\u2013\u2014:;,("  # what may stand between the codes and the reason
_A_WORD = re.compile(r"[^\W\d_]{3}")
_FIRST = 100  # our numbers begin here: INP001 is a code of another tool


@dataclass(frozen=True, kw_only=True, slots=True)
class Noqa:
    """One comment that names rules."""

    cell: int  # index in the notebook
    line: int  # in the cell, from 1
    column: int  # of the "#", from 0
    codes: tuple[str, ...]  # those that are or look like ours
    reason: str  # "" if it gives none
    source: str  # of the whole cell


def find_noqas(notebook: Notebook, ours: frozenset[str]) -> tuple[Noqa, ...]:
    """Return the comments that name rules of ours, or what looks like one.

    Parameters
    ----------
    notebook : any
    ours : the codes that there are
    """
    groups = {code[:-3] for code in ours}
    found: list[Noqa] = []
    for cell in notebook.code:
        if "noqa" in cell.source.lower():
            found += _in_cell(cell, groups)
    return tuple(found)


def _in_cell(cell: Cell, groups: set[str]) -> Iterator[Noqa]:
    texts = list(_texts(cell_tree(cell.source)))
    for number, line in enumerate(cell.source.split("\n"), 1):
        match = _NOQA.search(line)
        if match is None:
            continue
        column = line.index("#", match.start())
        place = (number, len(line[:column].encode("utf-8", "replace")))
        if any(first <= place < last for first, last in texts):
            continue  # it stands in a text, not in a comment
        codes = re.findall(r"[A-Z]+[0-9]+", match["codes"].upper())
        named = tuple(dict.fromkeys(code for code in codes if _is_ours(code, groups)))
        if named:
            reason = match["reason"].strip(_LED).removesuffix(")").strip()
            yield Noqa(
                cell=cell.index,
                line=number,
                column=column,
                codes=named,
                reason=reason if _A_WORD.search(reason) else "",
                source=cell.source,
            )


def _is_ours(code: str, groups: set[str]) -> bool:
    return code[:-3] in groups and int(code[-3:]) >= _FIRST


def _texts(tree: ast.Module) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield where texts begin and end: lines, and columns in bytes."""
    shell = {
        id(word)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == SHELL
        for word in node.args
    }
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Constant, ast.JoinedStr)) or id(node) in shell:
            continue
        if isinstance(getattr(node, "value", ""), (str, bytes)):
            last, column = node.end_lineno or 0, node.end_col_offset or 0
            yield (node.lineno, node.col_offset), (last, column)


def covering(notebook: Notebook, noqas: Iterable[Noqa]) -> Mapping[str, list[int]]:
    """Return which comments cover a place: positions by ``code:cell:line``.

    A comment covers its own line, and the whole statement whose first or last line it
    ends, without what is nested in that statement.
    """
    found: dict[str, list[int]] = {}
    heads: dict[int, list[tuple[int, int]]] = {}
    for position, noqa in enumerate(noqas):
        if noqa.cell not in heads:
            source = notebook.cells[noqa.cell].source
            heads[noqa.cell] = list(_heads(cell_tree(source)))
        lines = {noqa.line}
        for first, last in heads[noqa.cell]:
            if noqa.line in (first, last):
                lines.update(range(first, last + 1))
        for code in noqa.codes:
            for line in lines:
                found.setdefault(place(code, noqa.cell, line), []).append(position)
    return found


def place(code: str, cell: int | None, line: int) -> str:
    """Return the key of a place."""
    return f"{code}:{cell}:{line}"


def _heads(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Yield the lines of each statement; of a compound one, those of its head."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        first, last = node.lineno, node.end_lineno or node.lineno
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        if body:
            inner = getattr(body[0], "pattern", body[0])
            last = max(first, min(inner.lineno - 1, last))
        yield first, last


def without(noqa: Noqa, code: str) -> str:
    r"""Return the cell's source without a code in that comment; without it, if alone.

    Examples
    --------
    >>> source = "x = 1  # noqa: RND101 E501 because\n"
    >>> noqa = Noqa(
    ...     cell=0, line=1, column=7, codes=("RND101",), reason="", source=source
    ... )
    >>> without(noqa, "RND101")
    'x = 1  # noqa: E501 because\n'
    """
    lines = noqa.source.split("\n")
    line = lines[noqa.line - 1]
    match = _NOQA.search(line)
    if match is None:
        return noqa.source
    codes = re.findall(r"[A-Za-z]+[0-9]+", match["codes"])
    left = [each for each in codes if each.upper() != code]
    if left:
        rest = line[: match.start("codes")] + ", ".join(left)
        lines[noqa.line - 1] = rest + line[match.end("codes") :]
    else:
        lines[noqa.line - 1] = line[: match.start()]
    return "\n".join(lines)


def _told_by_the_engine(_: Subject) -> Iterable[Hit]:
    """Find nothing: only who knows what all other rules found can tell."""
    return ()


NO_REASON = Rule(
    code="NOQ101",
    name="suppression-without-reason",
    severity="error",
    why=(
        "A suppression without a reason cannot be reviewed: whoever reads it next "
        "knows neither whether it was ever true nor whether it still is. "
        "It suppresses nothing."
    ),
    mend="Write the reason after the code: # noqa: CODE the reason.",
    bad=("print(1)  # noqa: NOQ102",),
    good=("print(1)  # noqa: E501 a code of another tool",),
    check=_told_by_the_engine,
)
UNUSED = Rule(
    code="NOQ102",
    name="unused-suppression",
    severity="warning",
    why=(
        "It was written for something that is no longer there, and will hide the "
        "next fault on that line."
    ),
    mend="Remove the code from the comment; --fix does it.",
    bad=("print(1)  # noqa: NOQ101 there is nothing to suppress",),
    good=("print(1)",),
    check=_told_by_the_engine,
)
RULES: tuple[Rule, ...] = (NO_REASON, UNUSED)
