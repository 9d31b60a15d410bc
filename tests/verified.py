"""A notebook whose executions are made up, for the tests of its verification."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from records import CIRCUMSTANCES, RECIPE, STARTED, put

from notebooks import parsed, write
from toolkit.publish.results import MIME, Metric, Results, Sha256
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.environments.surroundings import load_surroundings
from toolkit.reproduce.execution.executing import Executed, Place, Told
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import Cell, Notebook
from toolkit.reproduce.outputs.cells import CellOutput
from toolkit.reproduce.parameters.values import Values
from toolkit.reproduce.records.recipe import NotebookSource
from toolkit.reproduce.records.record import CellRecord, Failure, Record, Status, run_id
from toolkit.reproduce.records.trace import Event, Trace
from toolkit.reproduce.sources import load_notebook
from toolkit.reproduce.verification.trials import Case

STOPPED = threading.Event()
NOTEBOOK = parsed("n = 1", "m = n + 1", "print(m)", path="notebooks/nb.ipynb")


@dataclass(frozen=True, kw_only=True, slots=True)
class Came:
    """What comes of one execution: texts and variables by cell."""

    shown: Mapping[int, str] = field(default_factory=dict)
    metrics: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    variables: Mapping[tuple[int, str], str] = field(default_factory=dict)
    fails: tuple[int, str, str] | None = None  # cell, exception, message
    status: Status = "failed"  # if it fails
    raised: Mapping[int, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    trace: Trace = field(default_factory=Trace)


Behaviour: TypeAlias = Callable[[frozenset[str], int], Came]


class Fake:
    """Executes by asking a function of the variations and of how often it was asked."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.told: list[Told] = []
        self.places: list[Place] = []
        self._behaviour = behaviour
        self._lock = threading.Lock()

    @property
    def varied(self) -> list[frozenset[str]]:
        """The variations of each execution, in order."""
        return [told.variation.names for told in self.told]

    def __call__(
        self,
        notebook: Notebook,
        values: Values,  # noqa: ARG002 -- of the protocol
        place: Place,
        told: Told,
        folder: Path,
        on_cell: Callable[[Cell], None],
    ) -> Executed:
        assert folder.is_dir()
        with self._lock:
            nth = len(self.told)
            self.told.append(told)
            self.places.append(place)
        came = self._behaviour(told.variation.names, nth)
        on_cell(notebook.cells[0])
        return executed(notebook, came, folder, told)


def executed(notebook: Notebook, came: Came, folder: Path, told: Told) -> Executed:
    """Return what an execution gives, up to the cell it was told."""
    last = len(notebook.cells) - 1 if told.until is None else told.until
    fails = came.fails if came.fails and came.fails[0] <= last else None
    end = last if fails is None else fails[0]
    metrics = {n: (at, x) for n, (at, x) in came.metrics.items() if at <= end}
    variables = tuple(
        Event(kind="variable", what=name, cell=at, detail=digest)
        for (at, name), digest in came.variables.items()
        if told.fingerprints and at <= end
    )
    return Executed(
        status="finished" if fails is None else came.status,
        error=None if fails is None else _failure(notebook, fails),
        cells=tuple(_cells(notebook, came, fails, last)),
        results=Results(metrics=tuple(_metric(n, x) for n, (_, x) in metrics.items())),
        outputs=tuple(_outputs(notebook, came, end)),
        trace=came.trace,
        events=(*came.events, *variables),
        content={"cells": _content(notebook, metrics)},
        folder=folder,
    )


def _metric(name: str, value: float) -> Metric:
    return Metric(name=name, value=value)


def _failure(notebook: Notebook, fails: tuple[int, str, str]) -> Failure:
    cell, ename, evalue = fails
    source = notebook.cells[cell].source
    return Failure(cell=cell, source=source, ename=ename, evalue=evalue, traceback="")


def _cells(
    notebook: Notebook, came: Came, fails: tuple[int, str, str] | None, last: int
) -> list[CellRecord]:
    outputs = {each.cell: each for each in _outputs(notebook, came, last)}
    records = []
    for cell in notebook.code:
        if cell.index > last:
            continue
        status = "finished"
        if fails is not None and cell.index >= fails[0]:
            status = "failed" if cell.index == fails[0] else "not run"
        records.append(
            CellRecord(
                index=cell.index,
                status=status,  # type: ignore[arg-type]  # one of them
                execution_count=cell.index + 1,
                seconds=0.01,
                raised=came.raised.get(cell.index),
                output=outputs[cell.index].digest if cell.index in outputs else None,
                shown=outputs[cell.index].text if cell.index in outputs else "",
            )
        )
    return records


def _outputs(notebook: Notebook, came: Came, end: int) -> list[CellOutput]:
    found = []
    for cell in notebook.code:
        if cell.index <= end:
            text = came.shown.get(cell.index, "")
            digest = bytes_digest(text.encode()) if text else None
            found.append(CellOutput(cell=cell.index, digest=digest, text=text))
    return found


def _content(
    notebook: Notebook, metrics: Mapping[str, tuple[int, float]]
) -> list[dict[str, object]]:
    return [
        {
            "cell_type": cell.kind,
            "source": cell.source,
            "metadata": {"tags": list(cell.tags)},
            "outputs": [
                {
                    "output_type": "display_data",
                    "data": {MIME.format("metric"): {"name": name, "value": x}},
                }
                for name, (at, x) in metrics.items()
                if at == cell.index
            ],
        }
        for cell in notebook.cells
    ]


def record_of(came: Came, notebook: Notebook = NOTEBOOK) -> Record:
    """Return the record of a run of which this came."""
    done = executed(notebook, came, Path(), Told())
    source = NotebookSource(path=notebook.path, digest=notebook.digest)
    recipe = replace(
        RECIPE, notebook=source, parameters={}, code=None, data={}, digest=Sha256("")
    )
    when = datetime.fromisoformat(STARTED)
    return Record(
        run=run_id(when, notebook.stem, recipe.digest),
        status=done.status,
        recipe=recipe,
        results=done.results,
        cells=done.cells,
        error=done.error,
        trace=came.trace,
        circumstances=replace(CIRCUMSTANCES, seconds=1.0),
    )


def case_of(record: Record, folder: Path, notebook: Notebook = NOTEBOOK) -> Case:
    """Return what it takes to execute a record's recipe again."""
    return Case(
        record=record,
        folder=folder,
        notebook=notebook,
        values=Values(given={}, effective={}),
        place=Place(root=folder, notebook=notebook.path),
        environment=record.recipe.environment,
        commit=None,
        files={},
        limits=Limits(cell_s=60, run_s=120),
    )


def plain_json(record: Record) -> dict[str, object]:
    """Return a record's JSON, to be tampered with."""
    plain: dict[str, object] = json.loads(record.to_json())
    return plain


class Quiet:
    """Takes note of nothing."""

    def verifying(self, record: Record) -> None:
        """Take note of nothing."""

    def executing(self, told: object) -> None:
        """Take note of nothing."""

    def cell(self, told: Told, cell: Cell) -> None:
        """Take note of nothing."""

    def ended(self) -> None:
        """Take note of nothing."""


def put_run(root: Path, came: Came, name: str = "nb") -> Record:
    """Write a notebook, and a run of it in these very surroundings."""
    path = write(root / "notebooks", name, "n = 1", "m = n + 1", "print(m)")
    notebook = load_notebook(path, root=root)
    record = record_of(came, notebook)
    environment = load_surroundings(root).environment
    recipe = replace(record.recipe, environment=environment, digest=Sha256(""))
    record = renamed(replace(record, recipe=recipe))
    folder = put(record, root / "runs")
    (folder / "metrics.json").write_text(json.dumps(record.metrics))
    return record


def renamed(record: Record) -> Record:
    """Return a record with the id that its recipe has."""
    when = datetime.fromisoformat(record.circumstances.started)
    run = run_id(when, record.notebook, record.recipe.digest)
    return replace(record, run=run)
