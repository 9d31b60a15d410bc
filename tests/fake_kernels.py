"""A kernel that leaves what it was told to, and who runs it."""

import json
from collections.abc import Callable
from typing import Any

from toolkit.reproduce.execution.prepared import Execution, Prepared, Surround
from toolkit.reproduce.execution.runner import Step
from toolkit.reproduce.notebook import Cell, Notebook
from toolkit.reproduce.records.record import CellRecord, Failure, Record, Status


class Quiet:
    """Remembers what a progress bar would show."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def started(self, step: Step) -> None:
        self.told.append(step.notebook.stem)

    def cell(self, cell: Cell) -> None:
        self.told.append(cell.source)

    def ended(self, record: Record) -> None:
        self.told.append(record.status)


class FakeKernel:
    """Publishes what it is told to, without a kernel."""

    def __init__(self, *outputs: dict[str, Any], status: Status = "finished") -> None:
        self.outputs = outputs
        self.status = status
        self.surround: Surround | None = None

    def __call__(
        self,
        notebook: Notebook,
        prepared: Prepared,
        surround: Surround,
        on_cell: Callable[[int, Cell], None],
    ) -> Execution:
        self.surround = surround
        content = json.loads(json.dumps(prepared.content))
        content["cells"][-1]["outputs"] = list(self.outputs)
        on_cell(len(notebook.cells) - 1, notebook.code[-1])
        done = CellRecord(index=0, status="finished", execution_count=1, seconds=0.1)
        error = Failure(cell=0, source="x", ename="E", evalue="e", traceback="")
        return Execution(
            status=self.status,
            cells=(done,),
            error=None if self.status == "finished" else error,
            content=content,
        )
