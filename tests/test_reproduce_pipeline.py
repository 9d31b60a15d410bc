import json
from functools import partial
from pathlib import Path

import pytest
from fake_kernels import FakeKernel, Quiet
from records import a_record, put

from notebooks import cell, write
from toolkit.reproduce.execution.runner import Progress, Project, Step, run_notebook
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import NotebookError
from toolkit.reproduce.parameters.arguments import parse_assignment
from toolkit.reproduce.parameters.values import UnknownParameterError
from toolkit.reproduce.pipeline.plans import (
    NeedError,
    Outcome,
    find_notebooks,
    plan,
    run_plan,
)
from toolkit.reproduce.records.record import Record, Status
from toolkit.reproduce.records.store import UPSTREAM

NEEDS = "from toolkit import upstream\nupstream.load('{}')"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").touch()
    return Project(root=tmp_path, runs_dir=tmp_path / "runs")


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
