import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from records import CIRCUMSTANCES

from notebooks import cell, write
from toolkit.publish.results import Metric, Results
from toolkit.reproduce.execution.runner import Progress, Project, Step
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.fingerprints import CACHE, Fingerprints, kept_fingerprints
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
from toolkit.reproduce.records.store import Store
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


@pytest.fixture
def project(tmp_path: Path) -> Project:
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


def test_nothing_changed_executes_nothing(project: Project) -> None:
    executed, first = go(project)
    assert executed == ["01-a", "02-b", "03-c"]
    executed, second = go(project)
    assert executed == []
    assert [o.record for o in second] == [o.record for o in first]


def test_what_was_digested_is_remembered(project: Project) -> None:
    time.sleep(0.3)  # a further change would have another time stamp now
    go(project)
    assert (project.root / CACHE).exists()


class Editing(Executor):
    """Somebody edits the code while the first notebook is executed."""

    def __call__(
        self,
        step: Step,
        project: Project,
        upstream: Mapping[str, Record],
        limits: Limits,
        progress: Progress,
    ) -> Record:
        record = super().__call__(step, project, upstream, limits, progress)
        (project.root / "lib.py").write_text("x = 2")
        return record


def test_an_edit_meanwhile_counts_for_the_next_notebook(project: Project) -> None:
    go(project)
    (project.root / "data" / "a.csv").write_text("1235")
    assert go(project, run=Editing())[0] == ["01-a", "02-b", "03-c"]


def test_force_executes_all(project: Project) -> None:
    go(project)
    assert go(project, force=True)[0] == ["01-a", "02-b", "03-c"]


def touch(root: Path) -> None:
    for path in root.rglob("*"):
        if path.is_file() and "runs" not in path.parts:
            os.utime(path)


def replace_by_copy(root: Path) -> None:
    path = root / "data" / "a.csv"
    copy = path.with_suffix(".new")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def edit_of(path: str, text: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        (root / path).write_text(text)

    return edit


@pytest.mark.parametrize(
    ("change", "executed"),
    [
        pytest.param(touch, [], id="touched"),
        pytest.param(replace_by_copy, [], id="replaced-by-the-same"),
        pytest.param(edit_of("README.md", "x"), [], id="unread-file"),
        pytest.param(edit_of("data/a.csv", "12345"), ["01-a", "03-c"], id="input"),
        pytest.param(edit_of("data/a.csv", "1235"), ["01-a"], id="same-results"),
        pytest.param(edit_of("data/b.csv", "2"), ["02-b"], id="other-input"),
        pytest.param(edit_of("lib.py", "x = 2"), ["01-a", "02-b", "03-c"], id="code"),
        pytest.param(
            lambda root: write(root / "notebooks", "02-b", "3"), ["02-b"], id="cells"
        ),
    ],
)
def test_only_what_changed_and_what_depends_on_it_is_executed(
    project: Project, change: Callable[[Path], None], executed: list[str]
) -> None:
    go(project)
    change(project.root)
    assert go(project)[0] == executed
    assert go(project)[0] == []


def test_what_is_changed_back_needs_no_execution(project: Project) -> None:
    _, first = go(project)
    edit_of("data/a.csv", "12345")(project.root)
    go(project)
    edit_of("data/a.csv", "1234")(project.root)
    executed, third = go(project)
    assert executed == []
    assert [o.record for o in third] == [o.record for o in first]
    latest = Store(project.runs_dir).latest("03-c")
    assert latest == first[-1].record  # as it was shown last
    assert Store(project.runs_dir).records()[-1] in [o.record for o in first]


def test_a_sweep_executes_each_value_once(project: Project) -> None:
    executed, _ = go(project, "n=1,2")
    assert executed == ["01-a", "02-b", "03-c", "01-a"]  # 03-c: the same results
    assert go(project, "n=1,2")[0] == []
    assert go(project, "n=2")[0] == []
    assert go(project)[0] == []
    assert go(project, "n=3")[0] == ["01-a"]


def test_a_failed_run_never_stands(project: Project) -> None:
    failing = Executor("failed")
    go(project, run=failing)
    assert failing.executed == ["01-a", "02-b"]
    assert go(project)[0] == ["01-a", "02-b", "03-c"]
    assert go(project)[0] == []
    go(project, run=Executor("failed"), force=True)  # the same recipe fails now
    assert go(project)[0] == ["01-a", "02-b"]
    assert go(project)[0] == []


def test_an_interrupted_run_takes_nothing_back(project: Project) -> None:
    go(project)
    go(project, run=Executor("interrupted"), force=True)
    assert go(project)[0] == []


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda f: (f / "notebook.ipynb").unlink(), id="notebook-gone"),
        pytest.param(
            lambda f: (f / "metrics.json").write_text("{}"), id="metrics-edited"
        ),
        pytest.param(
            lambda f: (f / "record.json").write_text("{"), id="record-damaged"
        ),
        pytest.param(
            lambda f: (f / "record.json").write_text(
                (f / "record.json").read_text().replace("4.0", "5.0")
            ),
            id="record-edited",
        ),
        pytest.param(
            lambda f: (f / "record.json").write_text('{"recipe": {"parameters": NaN}}'),
            id="record-of-nonsense",
        ),
    ],
)
def test_a_spoilt_run_does_not_stand(
    project: Project, spoil: Callable[[Path], None]
) -> None:
    _, outcomes = go(project)
    record = outcomes[1].record
    assert record is not None
    spoil(project.runs_dir / record.run)
    assert go(project)[0] == ["02-b"]


def test_a_notebook_of_that_name_elsewhere_has_runs_of_its_own(
    project: Project,
) -> None:
    go(project)
    (project.root / "other").mkdir()
    path = project.root / "notebooks" / "02-b.ipynb"
    path.rename(project.root / "other" / "02-b.ipynb")
    planned = plan([project.root / "other" / "02-b.ipynb"], project)
    cache = Cache(project, Fingerprints(), {})
    assert cache.judge(planned.passes[0][0], {}).record is None


def test_two_at_once_do_not_disturb_each_other(project: Project) -> None:
    failures: list[BaseException] = []

    def often() -> None:
        try:
            for _ in range(5):
                go(project)
        except BaseException as error:  # noqa: BLE001 -- told in the main thread
            failures.append(error)

    threads = [threading.Thread(target=often) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert go(project)[0] == []
    assert Store(project.runs_dir).scan().unreadable == ()


def test_a_folder_of_runs_that_cannot_be_written_stands_all_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first = go(project)
    go(project, "n=2")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Store, "show", refuse)
    executed, third = go(project)
    assert executed == []
    assert [o.record for o in third] == [o.record for o in first]
