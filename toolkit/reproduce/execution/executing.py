"""One execution from beginning to end: workspace, kernel, trace and results.

What it gives is nowhere in ``runs/`` yet: a run keeps it, a verification compares it.
"""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from toolkit.publish.results import Results, Sha256
from toolkit.reproduce.digest import value_digest
from toolkit.reproduce.execution.harvest import Harvest, harvest
from toolkit.reproduce.execution.prepared import Execution, Prepared, Surround, prepare
from toolkit.reproduce.execution.quarters import quarters
from toolkit.reproduce.execution.rooms import Place, Room, Told
from toolkit.reproduce.notebook import Cell, Notebook
from toolkit.reproduce.outputs.cells import (
    CellOutput,
    normalise_outputs,
)
from toolkit.reproduce.outputs.project import load_output_rules
from toolkit.reproduce.parameters.values import Values
from toolkit.reproduce.policy import load_policy
from toolkit.reproduce.records.record import CellRecord, Failure, Status
from toolkit.reproduce.records.store import NOTEBOOK
from toolkit.reproduce.records.trace import Breach, Event, Trace
from toolkit.reproduce.sources import data_digest
from toolkit.reproduce.tracing.probing import Probe
from toolkit.reproduce.tracing.traces import trace_of
from toolkit.reproduce.tracing.watch import Watch
from toolkit.reproduce.variation import clock_shift, zone_offset
from toolkit.reproduce.workspace import making as workspace

__all__ = ["Execute", "Executed", "Place", "Told", "execute_in", "stop_all"]
FILES = "files"
_SHOWN = 200  # characters of an output that the record keeps
_PROJECT = "project"  # what the workspace is called, wherever the project lies
_ELSEWHERE = "projet 2"  # and where the folder is varied
_stopping = threading.Event()
Execute: TypeAlias = Callable[
    [Notebook, Prepared, Surround, Callable[[int, Cell], None]], Execution
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Executed:
    """All that one execution gave."""

    status: Status
    error: Failure | None
    cells: tuple[CellRecord, ...]
    results: Results
    outputs: tuple[CellOutput, ...]
    trace: Trace
    events: tuple[Event, ...]
    content: Mapping[str, Any]  # the executed notebook
    folder: Path  # notebook.ipynb, tables/, figures/ and files/


def stop_all() -> None:
    """End every execution in this process; those that wait do not begin."""
    from toolkit.reproduce.execution.headless import stop_all as stop  # noqa: PLC0415 -- slow

    _stopping.set()
    stop()


def execute_in(
    notebook: Notebook,
    values: Values,
    place: Place,
    told: Told,
    folder: Path,
    on_cell: Callable[[Cell], None],
    execute: Execute | None = None,
) -> Executed:
    """Execute a notebook in a fresh copy of its project; leave that as it is.

    May be called from several threads at once.

    Parameters
    ----------
    notebook, values : what to execute
    place : its files, interpreter and upstream runs
    told : variation, limits and what to look at
    folder : existing and empty; results go there
    on_cell : called before each cell
    execute : executes the cells; papermill does if it is left out

    Raises
    ------
    WorkspaceError : if the copy cannot be made
    PolicyError, ScopeError : if the project's own rules cannot be read
    """
    policy = load_policy(place.root)
    varied = told.variation.names
    key = value_digest([notebook.digest, values.effective])
    began = datetime.now(UTC)
    with quarters(
        key, os.environ, elsewhere="folder" in varied, wait=told.wait
    ) as home:
        copy = workspace.make(
            place.root,
            home,
            name=_ELSEWHERE if "folder" in varied else _PROJECT,
            declared=policy.declared,
            hidden=place.hidden,
            supplied=place.supplied,
            reverse="listing" in varied,
        )
        room = Room(place=place, policy=policy, home=home, copy=copy, folder=folder)
        prepared = prepare(notebook, values, told.until)
        outside = room.outside(notebook, values, told)
        probe = Probe(home, room.settings(told, outside))
        watch = Watch(copy, outside)
        execution, trace, breaches = _traced(
            notebook,
            prepared,
            room,
            (probe, watch),
            told,
            on_cell,
            execute or _by_papermill(),
        )
        names, events = room.names(), probe.events()
        _keep_files(copy, trace, folder)
    ended = datetime.now(UTC)
    found = harvest(execution.content["cells"], partial(_digest_of, folder))
    status, error = _verdict(execution, found, breaches, prepared)
    if error is not None:
        error = _with_ignored(error, trace, place.root)
    execution.content["metadata"].setdefault("toolkit", {})["status"] = status
    _write_notebook(folder / NOTEBOOK, execution.content)
    cells = execution.content["cells"]
    shift = clock_shift(told.variation)
    outputs = normalise_outputs(
        cells,
        source_index=prepared.source_index,
        places=names,
        began=began + shift,
        ended=ended + shift,
        offset=zone_offset(told.variation, ended + shift),
        rules=load_output_rules(place.root),
    )
    return Executed(
        status=status,
        error=error,
        cells=tuple(_shown(execution.cells, outputs)),
        results=found.results,
        outputs=outputs,
        trace=trace,
        events=events,
        content=execution.content,
        folder=folder,
    )


def _by_papermill() -> Execute:
    from toolkit.reproduce.execution.headless import execute  # noqa: PLC0415 -- slow to import

    return execute


def _traced(
    notebook: Notebook,
    prepared: Prepared,
    room: Room,
    eyes: tuple[Probe, Watch],
    told: Told,
    on_cell: Callable[[Cell], None],
    execute: Execute,
) -> tuple[Execution, Trace, tuple[Breach, ...]]:
    """Execute the cells, and return what they were seen to do besides."""
    probe, watch = eyes

    def begun(_: int, cell: Cell) -> None:
        if _stopping.is_set():
            stop_all()
        probe.start_cell(cell.index)
        watch.start_cell(cell.index)
        on_cell(cell)

    watch.start()
    try:
        surround = room.surround(told, probe)
        execution = execute(notebook, prepared, surround, begun)
    finally:
        seen = watch.stop()
    trace, breaches = trace_of(
        room.copy,
        probe.events(),
        seen,
        declared=room.policy.declared,
        strict=room.policy.strict,
        own=(
            room.home,
            room.folder,
            *room.place.upstream.values(),
            room.place.python.parent.parent,
        ),
        notebook=room.place.notebook,
    )
    whole = replace(trace, enforced=(*trace.enforced, watch.enforced))
    return execution, whole, breaches


def _shown(
    cells: Sequence[CellRecord], outputs: Sequence[CellOutput]
) -> Iterator[CellRecord]:
    by_cell = {output.cell: output for output in outputs}
    for cell in cells:
        output = by_cell.get(cell.index)
        if output is None or output.digest is None:
            yield cell
        else:
            shown = output.text[:_SHOWN]
            yield replace(cell, output=output.digest, shown=shown)


def _keep_files(copy: workspace.Workspace, trace: Trace, folder: Path) -> None:
    """Move what the notebook wrote into its workspace into the run's folder."""
    for path in trace.written:
        target = folder / FILES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(copy.root / path, target)


def _verdict(
    execution: Execution,
    found: Harvest,
    breaches: Sequence[Breach],
    prepared: Prepared,
) -> tuple[Status, Failure | None]:
    """Return the status; what finished but may not count has failed, too."""
    if execution.status != "finished":
        return execution.status, execution.error
    if breaches:
        first = breaches[0]
        at, name, what = first.cell, "BreachError", f"{first.found}; {first.expected}"
    elif found.problem is not None:
        at, name = prepared.source_index(found.cell or 0), "PublishError"
        what = found.problem
    else:
        return "finished", None
    sources = _sources(execution, prepared)
    return "failed", Failure(
        cell=at, source=sources.get(at, ""), ename=name, evalue=what, traceback=""
    )


def _with_ignored(error: Failure, trace: Trace, root: Path) -> Failure:
    """Say of a file that the cell looked for that git ignores it, where that is why."""
    ignored = [path for path in trace.absent if (root / path).exists()]
    if not ignored:
        return error
    hint = (
        f"{ignored[0]} is in the project, but git ignores it, so no run sees it: name "
        f"it in scope.yaml, or as inputs = [{ignored[0]!r}] under [tool.toolkit] in "
        "pyproject.toml"
    )
    return replace(error, evalue=f"{error.evalue}; {hint}")


def _sources(execution: Execution, prepared: Prepared) -> Mapping[int | None, str]:
    cells = execution.content["cells"]
    return {prepared.source_index(i): cell["source"] for i, cell in enumerate(cells)}


def _digest_of(folder: Path, path: str) -> Sha256 | None:
    file = folder / path
    return data_digest(file) if file.is_file() else None


def _write_notebook(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_bytes(text.encode("utf-8", "surrogatepass") + b"\n")
