"""Things that only look like success, in an execution that finished."""

import re
from dataclasses import dataclass

from toolkit.reproduce.comparison.sides import Difference, Side, compare
from toolkit.reproduce.diagnosis import Suspect, stale_names
from toolkit.reproduce.execution.executing import Executed
from toolkit.reproduce.notebook import Cell, Notebook
from toolkit.reproduce.outputs.cells import CellOutput, Rules
from toolkit.reproduce.outputs.stored import stored_outputs
from toolkit.reproduce.verification.parting import counted

SKIP = "skip-execution"
_FAILED_LINE = re.compile(r"(?:Cell In\[\d+\], line |-+> )(\d+)")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pretence:
    """A cell that failed, and whose names are used as if it had not."""

    cell: int
    why: str
    suspect: Suspect  # the line that failed


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What only looks like success, and what should be known of a success."""

    faults: tuple[Pretence, ...]
    notes: tuple[str, ...]


def pretences(notebook: Notebook, executed: Executed) -> Seen:
    """Return what an execution that finished hides.

    Parameters
    ----------
    notebook : its source
    executed : what came of it
    """
    faults, notes = [], []
    raised = {cell.index: cell.raised for cell in executed.cells if cell.raised}
    lines = {index: _failed_line(executed, notebook.cells[index]) for index in raised}
    stale = stale_names(notebook, lines)
    for index, error in raised.items():
        used = [(name, user) for cell, name, user in stale if cell == index]
        said = f"cell {index + 1} fails ({error})"
        if used:
            name, user = used[0]
            why = f"{said}, its tag hides it, and cell {user + 1} uses {name}"
            suspect = _suspect(notebook.cells[index], lines[index] or 1, name)
            faults.append(Pretence(cell=index, why=why, suspect=suspect))
        else:
            notes.append(f"{said}, as its tag raises-exception allows")
    skipped = [str(cell.index + 1) for cell in notebook.code if SKIP in cell.tags]
    if skipped:
        notes.append(f"cell {', '.join(skipped)} is not executed: its tag is {SKIP}")
    return Seen(faults=tuple(faults), notes=tuple(notes))


def _suspect(cell: Cell, line: int, name: str) -> Suspect:
    """Return the line of a cell that failed."""
    rows = cell.source.splitlines()
    return Suspect(
        cell=cell.index,
        file=None,
        line=line,
        source=rows[line - 1].strip() if line <= len(rows) else "",
        why=f"it raises, so that `{name}` is what it was before, or half of it",
        advice="Take the tag raises-exception away and mend the line, or use nothing "
        "of this cell later.",
    )


def stored_differences(
    notebook: Notebook, executed: Executed, rules: Rules
) -> tuple[Difference, ...]:
    """Return where the outputs stored in a notebook are not those of its source.

    Cells without stored outputs are left out, and those that say that theirs are not to
    be compared.

    Parameters
    ----------
    notebook : with its content
    executed : what came of it
    rules : what the project leaves out of outputs
    """
    stored = stored_outputs(notebook.content, fresh=executed.outputs, rules=rules)
    made = {each.cell: each for each in executed.outputs}
    fresh = tuple(made.get(each.cell, CellOutput(cell=each.cell)) for each in stored)
    found = compare(Side(outputs=stored), Side(outputs=fresh))
    return tuple(map(counted, found))


def _failed_line(executed: Executed, cell: Cell) -> int | None:
    """Return the line of a cell in which it failed; None if nobody knows."""
    for plain in executed.content["cells"]:
        source = plain["source"]
        text = source if isinstance(source, str) else "".join(source)
        if text != cell.source:
            continue
        for output in plain.get("outputs", ()):
            if output["output_type"] == "error":
                trace = _COLOURS.sub("", "\n".join(output["traceback"]))
                if match := _FAILED_LINE.search(trace):
                    return int(match[1])
    return None
