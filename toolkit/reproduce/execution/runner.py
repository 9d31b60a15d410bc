"""One run: recipe, execution, harvest and record, into a folder of its own."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from toolkit.publish.results import Sha256
from toolkit.reproduce.environments.surroundings import (
    Surroundings,
    find_ci,
    find_commit,
    load_surroundings,
    not_captured,
)
from toolkit.reproduce.execution.executing import Execute, Place, Told, execute_in
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.fingerprints import kept_fingerprints
from toolkit.reproduce.notebook import PYTHON_KERNEL, Cell, Notebook, NotebookError
from toolkit.reproduce.outputs.cells import executed_digest
from toolkit.reproduce.outputs.rules import NUMBER as OUTPUT_RULES
from toolkit.reproduce.parameters.values import Values
from toolkit.reproduce.records.recipe import NotebookSource, Recipe
from toolkit.reproduce.records.record import Circumstances, Record, run_id
from toolkit.reproduce.records.staging import commit, staged
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.sources import Data, code_digest, load_data


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
    started = datetime.now(UTC)
    surroundings = load_surroundings(project.root)
    known = kept_fingerprints(project.root, os.environ)
    data = load_data(project.root, known)
    code = code_digest(project.root, step.path.resolve().parent, known)
    known.save()
    recipe = _recipe(step, code, upstream, surroundings, data)
    runs_dir = project.runs_dir.resolve()
    place = Place(
        root=project.root.resolve(),
        notebook=_inside(step.path, project.root),
        upstream={name: runs_dir / record.run for name, record in upstream.items()},
        hidden=(runs_dir,),
    )
    progress.started(step)
    with staged(runs_dir) as folder:
        executed = execute_in(
            step.notebook,
            step.values,
            place,
            Told(limits=limits),
            folder,
            progress.cell,
            execute,
        )
        circumstances = _circumstances(
            project, step.notebook, started, surroundings, data, executed.trace
        )

        def record_of(nth: int) -> Record:
            return Record(
                run=run_id(started, step.notebook.stem, recipe.digest, nth=nth),
                status=executed.status,
                recipe=recipe,
                results=executed.results,
                output_rules=OUTPUT_RULES,
                cells=executed.cells,
                error=executed.error,
                trace=executed.trace,
                executed=executed_digest(executed.content["cells"]),
                circumstances=circumstances,
            )

        record = commit(folder, record_of)
    progress.ended(record)
    return record


def _inside(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise NotebookError(
            path=str(path),
            found=f"lies outside the project {root}",
            expected="run it from its own folder: toolkit -C FOLDER run",
        ) from None


def _recipe(
    step: Step,
    code: Sha256 | None,
    upstream: Mapping[str, Record],
    surroundings: Surroundings,
    data: Data,
) -> Recipe:
    notebook = step.notebook
    return Recipe(
        notebook=NotebookSource(path=notebook.path, digest=notebook.digest),
        parameters=step.values.effective,
        code=code,
        data=data.sources,
        scope=data.scope,
        environment=surroundings.environment,
        upstream={name: record.run for name, record in upstream.items()},
        upstream_results={n: record.results_digest for n, record in upstream.items()},
    )


def _circumstances(
    project: Project,
    notebook: Notebook,
    started: datetime,
    surroundings: Surroundings,
    data: Data,
    trace: Trace,
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
        not_captured=not_captured(trace.enforced),
        drift=surroundings.drift,
        notes=(*surroundings.notes, *missing, *_kernel_notes(notebook)),
    )


def _kernel_notes(notebook: Notebook) -> Iterator[str]:
    if notebook.kernel != PYTHON_KERNEL:
        yield f"the kernel {notebook.kernel!r} was taken for this environment's Python"


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")
