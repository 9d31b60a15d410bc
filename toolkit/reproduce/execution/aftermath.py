"""What an execution leaves in its notebook: true statuses, and why it stopped."""

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.reproduce.execution.prepared import Prepared
from toolkit.reproduce.records.record import CellRecord, CellStatus, Failure, Status


def cell_records(
    prepared: Prepared,
    content: Mapping[str, Any],
    statuses: Mapping[int, CellStatus],
    seconds: Mapping[int, float],
) -> Iterator[CellRecord]:
    """Yield what became of each code cell of the source notebook.

    Parameters
    ----------
    prepared : what was executed
    content : the same after it was executed
    statuses, seconds : by index in ``content``, of the cells that were begun
    """
    for index, cell in _code(content):
        if index == prepared.injected:
            continue
        status = statuses.get(index, "not run")
        raised = [o["ename"] for o in cell["outputs"] if o["output_type"] == "error"]
        yield CellRecord(
            index=prepared.source_index(index),
            status=status,
            execution_count=cell["execution_count"],
            seconds=seconds.get(index),
            raised=raised[-1] if raised and status == "finished" else None,
        )


def mark(
    content: dict[str, Any],
    status: Status,
    statuses: Mapping[int, CellStatus],
    error: Failure | None,
) -> None:
    """Write the true statuses into the executed notebook, and why it stopped.

    Parameters
    ----------
    content : the executed notebook, which is changed
    status : of the whole
    statuses : by index in ``content``, of the cells that were begun
    error : shown in its cell, unless the cell shows an error already
    """
    content["metadata"]["toolkit"] = {"schema": 1, "status": status}
    for index, cell in _code(content):
        own = statuses.get(index, "not run")
        cell["metadata"]["toolkit"] = {"status": own}
        silent = all(o["output_type"] != "error" for o in cell["outputs"])
        if error and own in ("failed", "interrupted") and silent:
            cell["outputs"].append(
                {
                    "output_type": "error",
                    "ename": error.ename,
                    "evalue": error.evalue,
                    "traceback": [f"{error.ename}: {error.evalue}"],
                }
            )


def _code(content: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for index, cell in enumerate(content["cells"]):
        if cell["cell_type"] == "code" and cell["source"].strip():
            yield index, cell
