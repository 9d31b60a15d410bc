"""A failed run as its author needs to see it: cell, line, error, what to do."""

import re
from collections.abc import Iterator
from pathlib import Path

from toolkit.publish.fields import shown
from toolkit.reproduce.execution.failures import advice_for
from toolkit.reproduce.pipeline.plans import Outcome
from toolkit.reproduce.records.record import Failure, Record
from toolkit.reproduce.records.store import NOTEBOOK

_LAST_LINES = 15
_CELL_LINE = r"Cell In\[{}\], line (\d+)"


def failure_text(outcome: Outcome, folder: Path) -> str:
    """Return why a run did not finish, on a dozen lines; "" if it did.

    Parameters
    ----------
    outcome : with a record
    folder : of the run
    """
    record = outcome.record
    if record is None or record.error is None:
        return ""
    return "\n".join(_lines(outcome, record, record.error, folder))


def _lines(
    outcome: Outcome, record: Record, error: Failure, folder: Path
) -> Iterator[str]:
    notebook = outcome.step.notebook
    count = next(
        (c.execution_count for c in record.cells if c.index == error.cell), None
    )
    where = ""
    if error.cell is not None:
        prompt = f" [In {count}]" if count else ""
        where = f" in cell {error.cell + 1} of {len(notebook.cells)}{prompt}"
    yield f"{notebook.path}: {record.status}{where}"
    yield from _source(error, count)
    traceback = error.traceback.rstrip().splitlines()
    if traceback:
        yield from (f"    {line}" for line in ["…", *traceback][-_LAST_LINES:])
    last = f"{error.ename}: {error.evalue}".rstrip(": ")
    if not any(line.startswith(error.ename) for line in traceback):
        yield f"    {last}"  # a message of several lines ends the traceback, too
    values = outcome.step.values.effective
    if values:
        listed = ", ".join(f"{name}={shown(value)}" for name, value in values.items())
        yield f"  parameters: {listed}"
    yield f"  kept: {folder / NOTEBOOK}"
    yield f"  next: {advice_for(error)}"


def _source(error: Failure, count: int | None) -> Iterator[str]:
    match = re.search(_CELL_LINE.format(count), error.traceback)
    marked = int(match[1]) if match else 0
    for number, line in enumerate(error.source.splitlines(), 1):
        yield f"  {'>' if number == marked else ' '} {number:>3} | {line}".rstrip()
