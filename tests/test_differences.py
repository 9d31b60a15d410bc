"""Two runs side by side: every part that can differ is told, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from records import DIGEST, a_record
from two_runs import RUN, compared, of, recipe

from toolkit.publish.results import (
    Column,
    Figure,
    Metric,
    PublishedFinding,
    Results,
    Sha256,
    Table,
)
from toolkit.reproduce.differences import Change, NoEarlierRunError, Sources, run_before
from toolkit.reproduce.records.recipe import NotebookSource, Recipe, RunId
from toolkit.reproduce.records.record import CellRecord, Record
from toolkit.reproduce.records.trace import Trace

OTHER = Sha256("6" * 64)


def test_a_run_is_as_itself() -> None:
    found = compared(RUN)
    assert found.same
    assert found.comparable
    assert found.recipe == found.results == found.circumstances == ()
    assert [metric.same for metric in found.metrics] == [True]


ENVIRONMENT = RUN.recipe.environment


@pytest.mark.parametrize(
    ("after", "what", "values"),
    [
        pytest.param(
            recipe(RUN, parameters={"n": 20}), "parameter n", ("10", "20"), id="value"
        ),
        pytest.param(
            recipe(RUN, parameters={}), "parameter n", ("10", "none"), id="gone"
        ),
        pytest.param(
            recipe(RUN, code=None), "code", ("555555555555", "none"), id="code"
        ),
        pytest.param(
            recipe(RUN, data={"data/failures.csv": OTHER}),
            "data/failures.csv",
            ("555555555555", "666666666666"),
            id="data",
        ),
        pytest.param(
            recipe(RUN, scope=DIGEST), "scope.yaml", ("none", "555555555555"), id="s"
        ),
        pytest.param(
            recipe(RUN, environment=replace(ENVIRONMENT, python="3.12.1")),
            "python",
            ("3.11.7", "3.12.1"),
            id="python",
        ),
        pytest.param(
            recipe(RUN, environment=replace(ENVIRONMENT, lock=OTHER)),
            "requirements.lock",
            ("none", "666666666666"),
            id="lock",
        ),
        pytest.param(
            recipe(RUN, environment=replace(ENVIRONMENT, installed=OTHER)),
            "installed packages",
            ("555555555555", "666666666666"),
            id="installed",
        ),
        pytest.param(
            recipe(
                RUN,
                upstream={"01": RunId("b")},
                upstream_results={"01": OTHER},
            ),
            "upstream 01",
            ("none", "b"),
            id="upstream",
        ),
        pytest.param(
            recipe(RUN, notebook=NotebookSource(path="n.ipynb", digest=DIGEST)),
            "notebook",
            ("notebooks/02-baseline.ipynb", "n.ipynb"),
            id="notebook",
        ),
        pytest.param(
            of(RUN, trace=Trace(inputs={"a.csv": OTHER})),
            "a.csv",
            ("none", "666666666666"),
            id="input",
        ),
        pytest.param(
            of(RUN, trace=Trace(listed={"data": OTHER})),
            "listing of data",
            ("none", "666666666666"),
            id="listing",
        ),
    ],
)
def test_what_decides_a_result_is_told_and_makes_no_other_result(
    after: Record, what: str, values: tuple[str, str]
) -> None:
    found = compared(after)
    assert found.recipe == (Change(what=what, before=values[0], after=values[1]),)
    assert found.same


def test_another_run_upstream_with_the_same_results_says_so() -> None:
    one = recipe(RUN, upstream={"01": RunId("a")}, upstream_results={"01": OTHER})
    two = recipe(RUN, upstream={"01": RunId("b")}, upstream_results={"01": OTHER})
    assert [c.what for c in compared(two, one).recipe] == ["upstream 01 (same results)"]


@pytest.mark.parametrize(
    ("before", "after", "same", "difference"),
    [
        pytest.param({"value": 1.0}, {"value": 1.0}, True, 0.0, id="equal"),
        pytest.param({"value": 1.0}, {"value": 1.5}, False, 0.5, id="other"),
        pytest.param(
            {"value": 1.0, "tolerance": 0.5}, {"value": 1.5}, True, 0.5, id="within"
        ),
        pytest.param(
            {"value": 1.0}, {"value": 1.5, "tolerance": 0.5}, False, 0.5, id="lax-later"
        ),
        pytest.param({"value": 1.0}, None, False, None, id="gone"),
        pytest.param(None, {"value": 1.0}, False, None, id="new"),
    ],
)
def test_a_metric_is_held_to_the_tolerance_of_the_first(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    same: bool,
    difference: float | None,
) -> None:
    records = [
        of(RUN, results=Results(metrics=(Metric(name="m", **facts),) if facts else ()))
        for facts in (before, after)
    ]
    found = compared(records[1], records[0])
    assert found.same == same
    assert found.metrics[0].difference == difference


def results(**facts: Any) -> Record:  # noqa: ANN401 -- passed on
    return of(RUN, results=replace(RUN.results, **facts))


FIGURE = Figure(name="f", alt="a line", caption="", digest=DIGEST)
TABLE = Table(
    name="t",
    title="",
    columns=(Column(name="a", kind="int64"),),
    rows=1,
    digest=DIGEST,
    preview=((1,),),
)
FLAG = PublishedFinding(
    code="DS1",
    severity="note",
    place="x",
    message="3 rows",
    advice="",
    count=3,
    accepted=None,
)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        pytest.param(
            results(figures=(FIGURE,)),
            results(figures=(replace(FIGURE, digest=OTHER),)),
            ("figure f", "555555555555", "666666666666"),
            id="figure",
        ),
        pytest.param(
            results(tables=(TABLE,)),
            RUN,
            ("table t", "555555555555", "none"),
            id="table",
        ),
        pytest.param(
            RUN,
            results(findings=(FLAG,)),
            ("finding DS1 x", "none", "3 rows"),
            id="finding",
        ),
        pytest.param(
            results(findings=(FLAG,)),
            results(findings=(replace(FLAG, accepted="known"),)),
            ("finding DS1 x", "note, 3 concerned, open",
             "note, 3 concerned, accepted: known"),
            id="accepted",
        ),
        pytest.param(
            RUN, of(RUN, status="failed"), ("status", "finished", "failed"), id="status"
        ),
    ],
)  # fmt: skip
def test_another_result_is_told(
    before: Record, after: Record, change: tuple[str, str, str]
) -> None:
    found = compared(after, before)
    assert [(c.what, c.before, c.after) for c in found.results] == [change]
    assert not found.same
    assert compared(before, before).same


def shows(*outputs: str) -> Record:
    cells = tuple(
        CellRecord(
            index=n,
            status="finished",
            execution_count=n + 1,
            seconds=0.1,
            output=Sha256(text * 64),
            shown=text,
        )
        for n, text in enumerate(outputs)
    )
    return of(RUN, cells=cells, results=Results())


def test_what_a_cell_shows_is_a_result_of_a_notebook_that_publishes_nothing() -> None:
    found = compared(shows("a", "c"), shows("a", "b"))
    assert found.results == (Change(what="cell 2 shows", before="b", after="c"),)
    moved = Sources(pairs=((None, 0), (0, 1), (1, 2)))
    assert compared(shows("x", "a", "b"), shows("a", "b"), sources=moved).same


def test_of_nothing_nothing_can_be_said() -> None:
    empty = of(RUN, results=Results(), cells=())
    assert not compared(empty, empty).comparable
    assert compared(RUN, empty).comparable


def test_the_run_before_is_of_the_same_notebook() -> None:
    old = a_record(started="2026-11-21T00:00:00Z")
    other = a_record("01-data", started="2026-11-22T00:00:00Z")
    assert run_before(RUN, [old, other, RUN]) is old
    with pytest.raises(NoEarlierRunError, match=r"first run of notebooks/02-baseline"):
        run_before(old, [old, other, RUN])


def test_recipes_are_equal_only_where_nothing_is_told() -> None:
    assert isinstance(RUN.recipe, Recipe)
    assert recipe(RUN, parameters={"n": 10}).recipe.digest == RUN.recipe.digest
