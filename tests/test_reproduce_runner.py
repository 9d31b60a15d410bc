import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from records import a_record, put

from notebooks import cell, parsed, write
from toolkit.publish.claims import RUN_FOLDER
from toolkit.publish.fields import FieldError
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.execution.harvest import harvest
from toolkit.reproduce.execution.prepared import Execution, Prepared, Surround
from toolkit.reproduce.execution.runner import Progress, Project, Step, run_notebook
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import Cell, Notebook, NotebookError
from toolkit.reproduce.parameters.arguments import parse_assignment
from toolkit.reproduce.parameters.values import UnknownParameterError
from toolkit.reproduce.pipeline.junit import junit_xml
from toolkit.reproduce.pipeline.plans import (
    NeedError,
    Outcome,
    find_notebooks,
    plan,
    run_plan,
)
from toolkit.reproduce.records.record import CellRecord, Failure, Record, Status
from toolkit.reproduce.records.staging import PREFIX, RunFolderError, commit, staged
from toolkit.reproduce.records.store import UPSTREAM, Store

METRIC = "application/vnd.toolkit.metric+json"
TABLE = "application/vnd.toolkit.table+json"
NEEDS = "from toolkit import upstream\nupstream.load('{}')"


def metric(name: str = "hit_rate", **more: object) -> dict[str, Any]:
    fields = {"schema": 1, "name": name, "value": 1.5}
    return {"output_type": "display_data", "data": {METRIC: fields | more}}


def csv_table(digest: str) -> dict[str, Any]:
    columns = [{"name": "a", "kind": "int64"}]
    fields = {"schema": 1, "name": "t", "title": "", "columns": columns, "rows": 1}
    payload = fields | {"digest": digest, "preview": [[1]]}
    return {"output_type": "display_data", "data": {TABLE: payload}}


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


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").touch()
    return Project(root=tmp_path, runs_dir=tmp_path / "runs")


def step_of(project: Project, *cells: str | dict[str, Any], name: str = "nb") -> Step:
    path = write(project.root / "notebooks", name, *cells)
    return plan([path], project).passes[0][0]


def run_one(
    project: Project, kernel: FakeKernel, *cells: str | dict[str, Any]
) -> tuple[Record, Quiet]:
    quiet = Quiet()
    step = step_of(project, *(cells or ("n = 1",)))
    return run_notebook(step, project, {}, Limits(), quiet, kernel), quiet


def test_a_run_is_a_folder_with_record_metrics_and_notebook(project: Project) -> None:
    kernel = FakeKernel(metric())
    record, quiet = run_one(project, kernel, cell("n = 7  # é", "parameters"))
    folder = project.runs_dir / record.run
    assert {path.name for path in folder.iterdir()} == {
        "record.json",
        "metrics.json",
        "notebook.ipynb",
    }
    assert json.loads((folder / "metrics.json").read_text()) == {"hit_rate": 1.5}
    assert Store(project.runs_dir).records() == (record,)
    assert record.recipe.parameters == {"n": 7}
    assert record.recipe.notebook.path == "notebooks/nb.ipynb"
    assert record.circumstances.started < record.circumstances.finished
    assert "network" in record.circumstances.not_captured
    assert quiet.told == ["nb", "n = 7  # é", "finished"]
    assert kernel.surround is not None
    assert kernel.surround.cwd.parts[-2:] == ("project", "notebooks")
    assert kernel.surround.variables[UPSTREAM] == "{}"
    assert PREFIX in kernel.surround.variables[RUN_FOLDER]


def test_a_kernel_of_another_name_is_noted(project: Project) -> None:
    path = write(project.root / "notebooks", "nb", "n = 1")
    path.write_text(path.read_text().replace("python3", "conda-env-work-py"))
    (step,) = plan([path], project).passes[0]
    record = run_notebook(step, project, {}, Limits(), Quiet(), FakeKernel())
    note = "the kernel 'conda-env-work-py' was taken for this environment's Python"
    assert note in record.circumstances.notes


def test_a_run_that_failed_is_kept_with_what_it_published(project: Project) -> None:
    record, _ = run_one(project, FakeKernel(metric(), status="timed out"))
    assert record.status == "timed out"
    assert record.metrics == {"hit_rate": 1.5}
    assert record.error is not None
    assert Store(project.runs_dir).read(record.run) == record


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        pytest.param([metric(), metric()], "'hit_rate': published twice", id="twice"),
        pytest.param([metric(value="1")], "value: found '1'", id="edited"),
        pytest.param([metric(schema=2)], "is of another version", id="version"),
        pytest.param([metric("../x")], "is no name", id="name"),
        pytest.param([csv_table("0" * 64)], "tables/t.csv .* is gone", id="no-file"),
    ],
)
def test_a_run_that_published_nonsense_has_failed(
    project: Project, outputs: list[dict[str, Any]], message: str
) -> None:
    record, _ = run_one(project, FakeKernel(*outputs))
    assert record.status == "failed"
    assert record.error is not None
    assert record.error.ename == "PublishError"
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(record.error.evalue)


def test_two_runs_of_one_second_get_two_folders(project: Project) -> None:
    first, _ = run_one(project, FakeKernel())
    with staged(project.runs_dir) as folder:
        second = commit(folder, lambda nth: replace(first, run=_nth(first, nth)))
    assert second.run == f"{first.run}-2"
    assert len(Store(project.runs_dir).records()) == 2


def _nth(record: Record, nth: int) -> Any:  # noqa: ANN401 -- a RunId
    return record.run if nth == 1 else f"{record.run}-{nth}"


def test_what_was_not_committed_leaves_nothing(project: Project) -> None:
    with staged(project.runs_dir) as folder:
        (folder / "partial").touch()
    assert list(project.runs_dir.iterdir()) == []


def test_folders_of_dead_processes_are_swept_and_others_are_not(
    project: Project,
) -> None:
    dead = project.runs_dir / f"{PREFIX}dead"
    (dead / "tables").mkdir(parents=True)
    with staged(project.runs_dir) as mine:
        assert not dead.exists()
        code = (
            "import sys; from pathlib import Path\n"
            "from toolkit.reproduce.records.staging import staged\n"
            "with staged(Path(sys.argv[1])) as folder: print(folder)"
        )
        subprocess.run(  # noqa: S603 -- this interpreter
            [sys.executable, "-c", code, str(project.runs_dir)], check=True
        )
        assert mine.exists()


def test_many_runs_that_begin_at_once_sweep_only_the_dead(project: Project) -> None:
    def stage_often(_: int) -> bool:
        for _ in range(60):
            with staged(project.runs_dir) as folder:
                (folder / "x").touch()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(stage_often, range(4)))
    assert list(project.runs_dir.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_a_message(project: Project) -> None:
    project.runs_dir.touch()
    with pytest.raises(RunFolderError, match=r"runs: cannot be written \(.*--runs"):
        run_one(project, FakeKernel())


def test_a_full_disk_is_a_message_and_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunFolderError, match="No space left on device"):
        run_one(project, FakeKernel())
    assert list(project.runs_dir.iterdir()) == []


def chain(project: Project) -> list[Path]:
    folder = project.root / "notebooks"
    return [
        write(folder, "a-last", NEEDS.format("b-mid")),
        write(folder, "b-mid", NEEDS.format("c-first")),
        write(folder, "c-first", cell("n = 1", "parameters")),
        write(folder, "d-alone", "1"),
    ]


def test_notebooks_run_after_those_that_they_need(project: Project) -> None:
    planned = plan(chain(project), project)
    order = [step.notebook.stem for step in planned.passes[0]]
    assert order == ["c-first", "b-mid", "a-last", "d-alone"]
    assert find_notebooks(project.root / "notebooks") == tuple(
        sorted((project.root / "notebooks").iterdir())
    )


def outcomes_of(project: Project, statuses: dict[str, Status]) -> list[Outcome]:
    def run(
        step: Step,
        project: Project,
        upstream: object,
        limits: Limits,
        progress: Progress,
    ) -> Record:
        del project, upstream, limits, progress
        stem = step.notebook.stem
        return a_record(stem, status=statuses.get(stem, "finished"))

    planned = plan(chain(project), project)
    return list(run_plan(planned, project, Limits(), Quiet(), run))


def test_what_needs_a_failed_notebook_is_not_run_and_the_rest_is(
    project: Project,
) -> None:
    outcomes = outcomes_of(project, {"c-first": "failed"})
    assert [
        (o.step.notebook.stem, o.record is not None, o.blocked_by) for o in outcomes
    ] == [
        ("c-first", True, ()),
        ("b-mid", False, ("c-first",)),
        ("a-last", False, ("b-mid",)),
        ("d-alone", True, ()),
    ]


def test_after_an_interrupt_nothing_more_is_run(project: Project) -> None:
    outcomes = outcomes_of(project, {"b-mid": "interrupted"})
    assert [o.record is not None for o in outcomes] == [True, True, False, False]
    assert [o.interrupted for o in outcomes] == [False, False, True, True]


def test_a_sweep_runs_the_pipeline_once_for_each_value(project: Project) -> None:
    planned = plan(chain(project), project, [parse_assignment("n=1,2")])
    assert [steps[0].values.given for steps in planned.passes] == [{"n": 1}, {"n": 2}]
    assert all(len(steps) == 4 for steps in planned.passes)


def test_a_run_knows_the_runs_it_used(project: Project) -> None:
    earlier = a_record("c-first")
    put(earlier, project.runs_dir)
    path = write(project.root / "notebooks", "b-mid", NEEDS.format("c-first"))
    planned = plan([path], project)
    kernel = FakeKernel()

    run = partial(run_notebook, execute=kernel)
    (outcome,) = run_plan(planned, project, Limits(), Quiet(), run)
    assert outcome.record is not None
    assert outcome.record.recipe.upstream == {"c-first": earlier.run}
    digests = outcome.record.recipe.upstream_results
    assert digests == {"c-first": earlier.results_digest}
    assert kernel.surround is not None
    assert json.loads(kernel.surround.variables[UPSTREAM]) == {
        "c-first": str(project.runs_dir / earlier.run)
    }


@pytest.mark.parametrize(
    ("sources", "selected", "error", "message"),
    [
        pytest.param(
            {"a": NEEDS.format("b"), "b": NEEDS.format("a")},
            ["a", "b"],
            NeedError,
            r"b.ipynb: needs 'a', which needs it in turn \(a → b → a\)",
            id="circle",
        ),
        pytest.param(
            {"a": NEEDS.format("a")}, ["a"], NeedError, r"a → a", id="needs-itself"
        ),
        pytest.param(
            {"01-data": "1", "b": NEEDS.format("01-dat")},
            ["01-data", "b"],
            NeedError,
            "no such notebook beside it; did you mean '01-data'",
            id="misspelt",
        ),
        pytest.param(
            {"b": NEEDS.format("zzz")}, ["b"], NeedError, "there is: ", id="unknown"
        ),
        pytest.param(
            {"01-data": "1", "b": NEEDS.format("01-data")},
            ["b"],
            NeedError,
            "has no finished run; toolkit run .*01-data.ipynb .*b.ipynb",
            id="not-selected-and-never-run",
        ),
        pytest.param({}, ["zzz"], NotebookError, "No such file", id="no-file"),
        pytest.param(
            {"a": "1"}, ["a", "a"], NotebookError, "has the name of", id="twice"
        ),
    ],
)
def test_what_cannot_be_ordered_is_refused_before_anything_starts(
    project: Project,
    sources: dict[str, str],
    selected: list[str],
    error: type[Exception],
    message: str,
) -> None:
    folder = project.root / "notebooks"
    for name, source in sources.items():
        write(folder, name, source)
    with pytest.raises(error, match=message):
        plan([folder / f"{name}.ipynb" for name in selected], project)


def test_wrong_values_are_refused_before_anything_starts(
    project: Project,
) -> None:
    paths = chain(project)
    with pytest.raises(UnknownParameterError, match="'m'"):
        plan(paths, project, [parse_assignment("m=1")])
    assert not project.runs_dir.exists()


def test_a_folder_without_notebooks_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="holds no notebooks; name one"):
        find_notebooks(tmp_path)


def test_only_executed_payloads_are_harvested(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a\n1\n")
    digest = bytes_digest(b"a\n1\n")
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": "x"},
        {"outputs": [{"output_type": "stream", "text": "hit_rate = 9"}]},
        {"outputs": [{"data": {"text/html": "<b>9</b>"}}, metric(), csv_table(digest)]},
    ]
    found = harvest(cells, {"tables/t.csv": digest}.get)
    assert found.problem is None
    assert [m.value for m in found.results.metrics] == [1.5]
    assert [t.rows for t in found.results.tables] == [1]


def test_junit_has_a_case_for_each_cell(project: Project) -> None:
    step = Step(
        path=Path("nb.ipynb"),
        notebook=parsed("a = '<&\x00'", "1 / 0", "skipped"),
        values=step_of(project, "1").values,
    )
    failed = replace(
        a_record(status="failed"),
        cells=(
            CellRecord(index=0, status="finished", execution_count=1, seconds=0.5),
            CellRecord(index=1, status="failed", execution_count=2, seconds=0.1),
            CellRecord(index=2, status="not run", execution_count=None, seconds=None),
        ),
        error=Failure(cell=1, source="1 / 0", ename="E", evalue="\x1b", traceback="tb"),
    )
    died = replace(
        failed,
        status="kernel died",
        error=Failure(cell=None, source="", ename="D", evalue="", traceback=""),
    )
    text = junit_xml(
        [
            Outcome(step=step, record=failed),
            Outcome(step=step, record=died),
            Outcome(step=step, record=None, blocked_by=("a",)),
        ]
    )
    first, second, third = ET.fromstring(text)  # noqa: S314 -- our own
    assert dict(first.attrib) | {"tests": "3", "failures": "1", "skipped": "1"} == dict(
        first.attrib
    )
    assert [case[0].tag if len(case) else "" for case in first] == [
        "",
        "failure",
        "skipped",
    ]
    assert first[0].get("name") == "cell 1: a = '<&\N{REPLACEMENT CHARACTER}'"
    assert first[1][0].text == "tb"
    assert second.get("errors") == "1"
    assert second[-1].get("name") == "kernel"
    assert third.get("skipped") == "3"


def test_an_edited_recipe_is_no_record(project: Project) -> None:
    record, _ = run_one(project, FakeKernel())
    with pytest.raises(FieldError, match="it was edited"):
        replace(record.recipe, parameters={"n": 2})
