"""One run: recipe, execution, harvest and record, into a folder of its own."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

from toolkit.publish.claims import RUN_FOLDER
from toolkit.publish.results import Sha256
from toolkit.reproduce.harvest import Harvest, harvest
from toolkit.reproduce.notebook import Cell, Notebook
from toolkit.reproduce.parameters import Values
from toolkit.reproduce.prepared import Execution, Prepared, Surround, prepare
from toolkit.reproduce.recipe import NotebookSource, Recipe
from toolkit.reproduce.record import Circumstances, Failure, Record, Status, run_id
from toolkit.reproduce.sources import Data, code_digest, data_digest, load_data
from toolkit.reproduce.staging import commit, staged
from toolkit.reproduce.store import NOTEBOOK, UPSTREAM
from toolkit.reproduce.surroundings import (
    NOT_CAPTURED,
    Surroundings,
    find_ci,
    find_commit,
    load_surroundings,
)
from toolkit.reproduce.watchdog import Limits

Execute: TypeAlias = Callable[
    [Notebook, Prepared, Surround, Callable[[Cell], None]], Execution
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """Where the notebooks' project begins, and where its runs go."""

    root: Path
    runs_dir: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A notebook that is about to be executed."""

    path: Path
    notebook: Notebook
    values: Values


class Progress(Protocol):
    """Is told how a run goes on."""

    def started(self, step: Step) -> None:
        """Take note that a notebook begins."""

    def cell(self, cell: Cell) -> None:
        """Take note that a cell of it begins."""

    def ended(self, record: Record) -> None:
        """Take note that it ended; its record is on disk."""


def run_notebook(
    step: Step,
    project: Project,
    upstream: Mapping[str, Record],
    limits: Limits,
    progress: Progress,
    execute: Execute | None = None,
) -> Record:
    """Execute a notebook and keep the run, whether it finished or not.

    Parameters
    ----------
    step : notebook and values
    project : where it belongs
    upstream : the run of each notebook that this one needs
    limits : of time
    progress : is told of each cell
    execute : executes it; papermill does if it is left out

    Raises
    ------
    RunFolderError : if the run's folder cannot be written
    ScopeError, SourceError : if something that decides the results cannot be read
    """
    execute = execute or _by_papermill()
    started = datetime.now(UTC)
    surroundings = load_surroundings(project.root)
    data = load_data(project.root)
    recipe = _recipe(step, project, upstream, surroundings, data)
    prepared = prepare(step.notebook, step.values)
    progress.started(step)
    with staged(project.runs_dir.resolve()) as folder:
        folders = {name: str(folder.parent / r.run) for name, r in upstream.items()}
        variables = {RUN_FOLDER: str(folder), UPSTREAM: json.dumps(folders)}
        surround = Surround(
            cwd=step.path.resolve().parent,
            folder=folder,
            variables=variables,
            limits=limits,
        )
        execution = execute(step.notebook, prepared, surround, progress.cell)
        found = harvest(execution.content["cells"], partial(_digest_of, folder))
        _write_notebook(folder / NOTEBOOK, execution)
        circumstances = _circumstances(project, started, surroundings, data)
        status, error = _verdict(execution, found, prepared)

        def record_of(nth: int) -> Record:
            return Record(
                run=run_id(started, step.notebook.stem, recipe.digest, nth=nth),
                status=status,
                recipe=recipe,
                results=found.results,
                cells=execution.cells,
                error=error,
                circumstances=circumstances,
            )

        record = commit(folder, record_of)
    progress.ended(record)
    return record


def _by_papermill() -> Execute:
    from toolkit.reproduce.execution import execute  # noqa: PLC0415 -- slow to import

    return execute


def _recipe(
    step: Step,
    project: Project,
    upstream: Mapping[str, Record],
    surroundings: Surroundings,
    data: Data,
) -> Recipe:
    notebook = step.notebook
    return Recipe(
        notebook=NotebookSource(path=notebook.path, digest=notebook.digest),
        parameters=step.values.effective,
        code=code_digest(project.root, step.path.resolve().parent),
        data=data.sources,
        scope=data.scope,
        environment=surroundings.environment,
        upstream={name: record.run for name, record in upstream.items()},
        upstream_results={n: record.results_digest for n, record in upstream.items()},
    )


def _circumstances(
    project: Project, started: datetime, surroundings: Surroundings, data: Data
) -> Circumstances:
    finished = datetime.now(UTC)
    git = find_commit(project.root)
    missing = (f"no {source}, which scope.yaml names" for source in data.missing)
    return Circumstances(
        started=_iso(started),
        finished=_iso(finished),
        seconds=(finished - started).total_seconds(),
        commit=git.commit,
        dirty=git.dirty,
        ci=find_ci(os.environ),
        not_captured=NOT_CAPTURED,
        notes=(*surroundings.notes, *missing),
    )


def _verdict(
    execution: Execution, found: Harvest, prepared: Prepared
) -> tuple[Status, Failure | None]:
    """Return the status; what finished but published nonsense has failed, too."""
    if found.problem is None or execution.status != "finished":
        return execution.status, execution.error
    at = found.cell or 0
    return "failed", Failure(
        cell=prepared.source_index(at),
        source=execution.content["cells"][at]["source"],
        ename="PublishError",
        evalue=found.problem,
        traceback="",
    )


def _digest_of(folder: Path, path: str) -> Sha256 | None:
    file = folder / path
    return data_digest(file) if file.is_file() else None


def _write_notebook(path: Path, execution: Execution) -> None:
    text = json.dumps(execution.content, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_bytes(text.encode("utf-8", "surrogatepass") + b"\n")


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")
