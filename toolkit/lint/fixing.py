"""What can be mended safely: only the sources of those cells change in the file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.lint.choosing import Finding
from toolkit.lint.engine import Linter, content_of
from toolkit.lint.layout import replaced, source_spans
from toolkit.lint.model import Edit
from toolkit.reproduce.notebook import Notebook, code_tree, parse_notebook
from toolkit.reproduce.whole import write_whole

_BOM = b"\xef\xbb\xbf"
_MOST_ROUNDS = 1000  # of one edit a cell; each round mends something


@dataclass(eq=False)
class ChangedMeanwhileError(ToolkitError):
    """Somebody saved the notebook while it was being mended."""

    path: str

    def __str__(self) -> str:
        return f"{self.path}: was saved by somebody else meanwhile; lint it again"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mended:
    """A notebook with all that could be mended in it."""

    before: bytes
    after: bytes
    cells: Mapping[int, tuple[str, str]]  # by index: source before and after
    count: int  # findings that were mended


def mend(linter: Linter, path: Path, content: bytes) -> Mended:
    """Return a notebook's bytes with all safe edits made; nothing is written.

    One edit a cell is made, then the notebook is looked at again, until no finding has
    an edit that holds. Outputs, metadata and layout stay as they are. An edit that the
    cell's source does not bear, or after which it would be no Python any more, is left
    out.

    Parameters
    ----------
    linter : tells the findings
    path : of the notebook
    content : its bytes

    Raises
    ------
    NotebookError : if it is no Python notebook
    RuleError : if a rule broke down over it
    """
    before = parse_notebook(content, path=str(path))
    now, count = content, 0
    tried: set[Edit] = set()
    for _ in range(_MOST_ROUNDS):
        edits = _one_a_cell(linter.findings(path, now), tried)
        if not edits:
            break
        tried.update(edits)
        for edit in edits:
            changed = _made(now, edit, path)
            if changed is not None:
                now, count = changed, count + 1
    return Mended(
        before=content,
        after=now,
        cells=_changes(before, parse_notebook(now, path=str(path))),
        count=count,
    )


def write_mended(path: Path, mended: Mended) -> None:
    """Replace the notebook's file, if it is still the one that was mended.

    Raises
    ------
    ChangedMeanwhileError : if it is not
    OSError : if it cannot be written; then nothing changed
    """
    place = path.resolve()  # a link stays one
    if content_of(place) != mended.before:
        raise ChangedMeanwhileError(str(path))
    mode = place.stat().st_mode
    write_whole(place, mended.after)
    place.chmod(mode & 0o7777)


def _one_a_cell(findings: Iterable[Finding], tried: set[Edit]) -> list[Edit]:
    """Return the first edit of each cell that was not tried before."""
    found: dict[int, Edit] = {}
    for finding in findings:
        edit = finding.edit
        if edit and finding.suppressed is None and edit not in tried:
            found.setdefault(edit.cell, edit)
    return list(found.values())


def _made(content: bytes, edit: Edit, path: Path) -> bytes | None:
    """Return the file with an edit made; None if that would not be safe."""
    cell = parse_notebook(content, path=str(path)).cells[edit.cell]
    if cell.source != edit.before or edit.after == edit.before:
        return None
    if code_tree(edit.before) is not None and code_tree(edit.after) is None:
        return None
    mark = _BOM if content.startswith(_BOM) else b""
    text = content[len(mark) :].decode()
    changed = replaced(text, source_spans(text)[edit.cell], edit.after)
    return None if changed is None else mark + changed.encode()


def _changes(before: Notebook, after: Notebook) -> Mapping[int, tuple[str, str]]:
    return {
        old.index: (old.source, new.source)
        for old, new in zip(before.cells, after.cells, strict=True)
        if old.source != new.source
    }
