import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fake_kernels import FakeKernel, Quiet
from records import a_record

from notebooks import cell, parsed, write
from toolkit.publish.claims import RUN_FOLDER
from toolkit.publish.fields import FieldError
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.execution.harvest import harvest
from toolkit.reproduce.execution.runner import Project, Step, run_notebook
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.pipeline.junit import junit_xml
from toolkit.reproduce.pipeline.plans import Outcome, plan
from toolkit.reproduce.records.record import CellRecord, Failure, Record
from toolkit.reproduce.records.staging import PREFIX, RunFolderError, commit, staged
from toolkit.reproduce.records.store import UPSTREAM, Store

METRIC = "application/vnd.toolkit.metric+json"
TABLE = "application/vnd.toolkit.table+json"


def metric(name: str = "hit_rate", **more: object) -> dict[str, Any]:
    fields = {"schema": 1, "name": name, "value": 1.5}
    return {"output_type": "display_data", "data": {METRIC: fields | more}}


def csv_table(digest: str) -> dict[str, Any]:
    columns = [{"name": "a", "kind": "int64"}]
    fields = {"schema": 1, "name": "t", "title": "", "columns": columns, "rows": 1}
    payload = fields | {"digest": digest, "preview": [[1]]}
    return {"output_type": "display_data", "data": {TABLE: payload}}


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
