"""A verdict in a person's words, and as an annotation of GitHub's."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from toolkit.reproduce.diagnosis import Suspect
from toolkit.reproduce.records.record import notebook_stem
from toolkit.reproduce.verification.verdict import Verdict

_DIFFERENCES = 5
_SUSPECTS = 2
_NAMES = 4
_LEVELS = {"differs": "error", "not checked": "warning"}
_ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_ESCAPED, ":": "%3A", ",": "%2C"}


def title(verdict: Verdict) -> str:
    """Return what is said of a run in one line.

    Examples
    --------
    >>> title(Verdict(run="r", notebook="notebooks/02-model.ipynb", value="reproduced"))
    '02-model: reproduced'
    """
    name = notebook_stem(verdict.notebook) if verdict.notebook else verdict.run
    value = "could not be checked" if verdict.value == "not checked" else verdict.value
    return f"{name}: {value}{f': {verdict.short}' if verdict.short else ''}"


def page(verdict: Verdict) -> str:
    """Return all that a reader needs: what differs, where it parts, why, what to do."""
    return "\n".join(_lines(verdict))


def annotation(verdict: Verdict, content: Mapping[str, str]) -> str:
    """Return a verdict as a workflow command; "" if it was reproduced.

    Parameters
    ----------
    verdict : of a run
    content : text of files by path, in which the line is looked for

    References
    ----------
    GitHub Actions, Workflow commands, "Setting an error message"
    """
    if verdict.value == "reproduced":
        return ""
    path, line = verdict.notebook or f"runs/{verdict.run}/record.json", 1
    if verdict.suspects:
        suspect = verdict.suspects[0]
        path = suspect.file or path
        if suspect.file is not None:
            line = suspect.line
        else:
            line = _line_of(suspect.source, content.get(path, ""))
    where = f"file={_escaped(path, _IN_PROPERTY)},line={line}"
    named = f"title={_escaped(title(verdict), _IN_PROPERTY)}"
    body = "\n".join(list(_lines(verdict))[1:])
    return f"::{_LEVELS[verdict.value]} {where},{named}::{_escaped(body, _ESCAPED)}"


def read_for_annotation(verdict: Verdict, root: Path) -> Mapping[str, str]:
    """Return the text of the notebook in which an annotation's line is looked for."""
    path = root / verdict.notebook
    if not verdict.notebook or not path.is_file():
        return {}
    return {verdict.notebook: path.read_text("utf-8", errors="replace")}


def _lines(verdict: Verdict) -> Iterator[str]:
    yield title(verdict)
    if verdict.why:
        yield f"  {verdict.why}"
    for one in verdict.differences[:_DIFFERENCES]:
        yield f"  {one.how_much or f'{one.name}: {one.before} → {one.after}'}"
    if (more := len(verdict.differences) - _DIFFERENCES) > 0:
        yield f"  … and {more} more"
    if verdict.cell is not None:
        yield f"  first parts in cell {verdict.cell + 1}{_names(verdict.names)}"
    for suspect in verdict.suspects[:_SUSPECTS]:
        yield f"  {_place(suspect)}: {suspect.source.strip()}"
        yield f"    {suspect.why}"
        yield f"    {suspect.advice}"
    for note in verdict.notes:
        yield f"  note: {note}"


def _names(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    word = "variable" if len(names) == 1 else "variables"
    return f", {word} {', '.join(names[:_NAMES])}{more}"


def _place(suspect: Suspect) -> str:
    if suspect.file is not None:
        return f"{suspect.file}, line {suspect.line}"
    cell = "" if suspect.cell is None else f"cell {suspect.cell + 1}, "
    return f"{cell}line {suspect.line}"


def _line_of(source: str, text: str) -> int:
    """Return the line of a notebook's JSON that holds a line of a cell; 1 if none."""
    wanted = json.dumps(source.strip(), ensure_ascii=False)[1:-1]
    for number, line in enumerate(text.splitlines(), 1):
        if wanted and wanted in line:
            return number
    return 1


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
