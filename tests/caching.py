"""A project of three notebooks, and an executor that only says what it was told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from records import CIRCUMSTANCES

from notebooks import cell, write
from toolkit.publish.results import Metric, Results
from toolkit.reproduce.execution.runner import Progress, Project, Step
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.fingerprints import Fingerprints, kept_fingerprints
from toolkit.reproduce.parameters.arguments import parse_assignment
from toolkit.reproduce.pipeline.cache import Cache
from toolkit.reproduce.pipeline.here import Here
from toolkit.reproduce.pipeline.plans import Outcome, find_notebooks, plan, run_plan
from toolkit.reproduce.records.recipe import NotebookSource, Recipe
from toolkit.reproduce.records.record import (
    CellRecord,
    Record,
    Status,
    json_text,
    run_id,
)
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.tracing.watch import SEEN

READS = {"01-a": ("data/a.csv",), "02-b": ("data/b.csv",), "03-c": ()}
NEEDS = "from toolkit import upstream\nupstream.load('01-a')"


class Quiet:
    def started(self, step: Step) -> None: ...
    def cell(self, cell: object) -> None: ...
    def ended(self, record: Record) -> None: ...


class Executor:
    """Executes without a kernel: a notebook's result is the sum of what it reads."""

    def __init__(self, status: Status = "finished") -> None:
        self.executed: list[str] = []
        self.status: Status = status
        self.dirty: bool | None = None

    def __call__(
        self,
        step: Step,
        project: Project,
        upstream: Mapping[str, Record],
        limits: Limits,
        progress: Progress,
    ) -> Record:
        del limits, progress
        stem = step.notebook.stem
        self.executed.append(stem)
        here = Here(project.root, project.runs_dir, Fingerprints(), {})
        read = READS.get(stem, ())
        total = sum(len((project.root / path).read_text()) for path in read)
        total += int(sum(sum(r.metrics.values()) for r in upstream.values()))
        recipe = Recipe(
            notebook=NotebookSource(
                path=step.notebook.path, digest=step.notebook.digest
            ),
            parameters=step.values.effective,
            code=here.code(step.path.resolve().parent),
            data=here.data.sources,
            scope=here.data.scope,
            environment=here.environment,
            upstream={name: r.run for name, r in upstream.items()},
            upstream_results={n: r.results_digest for n, r in upstream.items()},
        )
        inputs = {path: digest for path in read if (digest := here.file(path))}
        return self.put(project, step, recipe, float(total), inputs)

    def put(
        self,
        project: Project,
        step: Step,
        recipe: Recipe,
        total: float,
        inputs: Mapping[str, object],
    ) -> Record:
        now = datetime.now(UTC)
        record = Record(
            run=run_id(now, step.notebook.stem, recipe.digest),
            status=self.status,
            recipe=recipe,
            results=Results(metrics=(Metric(name="total", value=total),)),
            cells=(
                CellRecord(index=0, status="finished", execution_count=1, seconds=0.0),
            ),
            error=None,
            trace=Trace(inputs=inputs, enforced=(SEEN,)),  # type: ignore[arg-type]
            circumstances=replace(
                CIRCUMSTANCES,
                started=now.isoformat().replace("+00:00", "Z"),
                dirty=self.dirty,
            ),
        )
        for nth in range(2, 99):
            folder = project.runs_dir / record.run
            try:
                folder.mkdir(parents=True)
                break
            except FileExistsError:
                again = run_id(now, step.notebook.stem, recipe.digest, nth=nth)
                record = replace(record, run=again)
        (folder / "record.json").write_bytes(record.to_json())
        (folder / "metrics.json").write_text(json_text(record.metrics))
        (folder / "notebook.ipynb").touch()
        return record


def three_notebooks(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "data").mkdir()
    for name in "ab":
        (tmp_path / "data" / f"{name}.csv").write_text("1234")
    (tmp_path / "lib.py").write_text("x = 1")
    folder = tmp_path / "notebooks"
    write(folder, "01-a", cell("n: int = 1", "parameters"), "n")
    write(folder, "02-b", "2")
    write(folder, "03-c", NEEDS)
    return Project(root=tmp_path, runs_dir=tmp_path / "runs")


def go(
    project: Project, *given: str, run: Executor | None = None, force: bool = False
) -> tuple[list[str], list[Outcome]]:
    """Run everything; return what was executed, and all outcomes."""
    executor = run or Executor()
    values = [parse_assignment(text) for text in given]
    planned = plan(find_notebooks(project.root / "notebooks"), project, values)
    cache = Cache(project, kept_fingerprints(project.root, {}), {})
    outcomes = run_plan(
        planned,
        project,
        Limits(),
        Quiet(),
        executor,
        cache=None if force else cache,
    )
    found = list(outcomes)
    new = [o.step.notebook.stem for o in found if o.record and not o.unchanged]
    assert new == executor.executed
    return executor.executed, found
