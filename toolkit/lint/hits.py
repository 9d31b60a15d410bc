"""What all rules say of one notebook, before the project's own choice among them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolkit.errors import ToolkitError
from toolkit.lint.layout import file_lines, source_spans
from toolkit.lint.model import Hit, Rule, Subject, Surroundings
from toolkit.lint.suppression import Noqa, covering, find_noqas, place
from toolkit.reproduce.digest import value_digest
from toolkit.reproduce.notebook import Notebook, parse_notebook

_MARK = 16  # hex digits


@dataclass(eq=False)
class RuleError(ToolkitError):
    """A rule broke down over a notebook: the fault is the rule's."""

    path: str
    code: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.path}: rule {self.code} broke down ({self.reason}); report it, "
            f"and leave the notebook out with 'exclude' until it is mended"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A hit and its surroundings."""

    code: str
    hit: Hit
    file_line: int  # of the notebook's file, from 1
    mark: str  # the same wherever that line of source moves in the notebook
    noqas: tuple[int, ...]  # which comments of the reading cover it


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """All hits of all rules, and the comments that name rules."""

    seen: tuple[Seen, ...]
    noqas: tuple[Noqa, ...]
    noqa_lines: tuple[int, ...]  # of the notebook's file, one for each comment


def read(
    content: bytes, *, path: str, around: Surroundings, rules: Sequence[Rule]
) -> Reading:
    """Return what the rules say of a notebook's bytes.

    Parameters
    ----------
    content : of an ``.ipynb`` file
    path : for messages; relative to the project
    around : what is known of the project
    rules : all of them

    Raises
    ------
    NotebookError : if it is no Python notebook
    RuleError : if a rule broke down
    """
    notebook = parse_notebook(content, path=path)
    subject = Subject(notebook=notebook, around=around)
    found = [(rule.code, hit) for rule in rules for hit in _checked(rule, subject)]
    noqas = find_noqas(notebook, frozenset(rule.code for rule in rules))
    covered = covering(notebook, noqas)
    lines = _Lines(content) if found or noqas else None
    seen = {
        (code, hit.cell, hit.line, hit.column): Seen(
            code=code,
            hit=hit,
            file_line=lines.of(hit.cell, hit.line) if lines else 1,
            mark=_mark(code, notebook, hit),
            noqas=tuple(covered.get(place(code, hit.cell, hit.line), ())),
        )
        for code, hit in reversed(found)  # of several at one place, the first
    }
    return Reading(
        seen=tuple(sorted(seen.values(), key=_order)),
        noqas=noqas,
        noqa_lines=tuple(lines.of(n.cell, n.line) if lines else 1 for n in noqas),
    )


def _checked(rule: Rule, subject: Subject) -> Iterable[Hit]:
    try:
        return list(rule.check(subject))
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise RuleError(subject.notebook.path, rule.code, reason) from error


def _order(seen: Seen) -> tuple[int, int, int, str]:
    cell = -1 if seen.hit.cell is None else seen.hit.cell
    return (cell, seen.hit.line, seen.hit.column, seen.code)


def _mark(code: str, notebook: Notebook, hit: Hit) -> str:
    """Return what tells a finding from others, wherever its cell moves."""
    text = ""
    if hit.cell is not None:
        lines = notebook.cells[hit.cell].source.split("\n")
        text = lines[hit.line - 1].strip() if 0 < hit.line <= len(lines) else ""
    return value_digest([code, notebook.path, text, hit.what])[:_MARK]


class _Lines:
    """Tells the line of the file on which a line of a cell stands."""

    def __init__(self, content: bytes) -> None:
        self._text = content.decode("utf-8-sig")
        self._spans = source_spans(self._text)
        self._cells: dict[int, list[int]] = {}

    def of(self, cell: int | None, line: int) -> int:
        if cell is None:
            return 1
        if cell not in self._cells:
            self._cells[cell] = file_lines(self._text, self._spans[cell])
        lines = self._cells[cell]
        return lines[min(max(line, 1), len(lines)) - 1]
