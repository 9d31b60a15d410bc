from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from candidates import ONE, TRACE, TWO, FakeHere
from hypothesis import given
from hypothesis import strategies as st
from records import RECIPE, a_record

from toolkit.publish.results import Sha256
from toolkit.reproduce.pipeline.freshness import Candidate, Change, changes
from toolkit.reproduce.policy import Policy
from toolkit.reproduce.records.recipe import RunId
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.sources import Data
from toolkit.reproduce.tracing.watch import SEEN, UNSEEN

UPSTREAM = {"01-data": ONE}
RECORD = replace(
    a_record(),
    recipe=replace(
        RECIPE,
        upstream={"01-data": RunId("20261123-180000-01-data-aaaaaaaa")},
        upstream_results=UPSTREAM,
        scope=ONE,
        digest=Sha256(""),
    ),
    trace=TRACE,
)


def candidate(here: FakeHere | None = None, **changed: Any) -> Candidate:  # noqa: ANN401
    same: dict[str, Any] = {
        "notebook": RECIPE.notebook.digest,
        "parameters": RECIPE.parameters,
        "code": RECIPE.code,
        "upstream": {"01-data": "20261123-180000-01-data-bbbbbbbb"},
        "upstream_results": UPSTREAM,
        "here": here or FakeHere(),
    }
    return Candidate(**{**same, **changed})


def test_where_all_is_as_it_was_nothing_changed() -> None:
    assert changes(RECORD, candidate()) == ()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        pytest.param({"notebook": ONE}, "notebook: its cells changed", id="notebook"),
        pytest.param({"parameters": {"n": 11}}, "parameter n: 10 → 11", id="value"),
        pytest.param({"parameters": {"n": 10.0}}, "parameter n: 10 → 10.0", id="type"),
        pytest.param(
            {"parameters": {"n": 10, "m": 1}}, "parameter m: is new", id="new"
        ),
        pytest.param({"parameters": {}}, "parameter n: is declared no more", id="gone"),
        pytest.param({"code": ONE}, "code: the project's own code changed", id="code"),
        pytest.param({"code": None}, "code: the project's own code changed", id="none"),
        pytest.param(
            {"upstream_results": {"01-data": TWO}},
            "upstream 01-data: 20261123-180000-01-data-bbbbbbbb, other results than of "
            "20261123-180000-01-data-aaaaaaaa",
            id="upstream",
        ),
    ],
)
def test_each_part_of_the_recipe_counts(changed: dict[str, Any], told: str) -> None:
    assert [str(change) for change in changes(RECORD, candidate(**changed))] == [told]


def edit(**changed: object) -> Callable[[FakeHere], None]:
    def edited(here: FakeHere) -> None:
        for name, value in changed.items():
            found = getattr(here, name)
            setattr(here, name, value if name != "there" else {*found, value})

    return edited


ENVIRONMENT = RECIPE.environment
SURROUNDINGS = [
    pytest.param(
        edit(files={**TRACE.inputs, "data/x.csv": TWO}),
        "data/x.csv: 1111… → 2222…",
        id="input",
    ),
    pytest.param(
        edit(files={"data/x.csv": ONE}), "/elsewhere/y: is not there", id="input-gone"
    ),
    pytest.param(edit(listings={"data": TWO}), "data: holds other files", id="listing"),
    pytest.param(edit(listings={}), "data: is not there", id="folder-gone"),
    pytest.param(
        edit(there="data/z.csv"),
        "data/z.csv: was not there, and is now",
        id="absent",
    ),
    pytest.param(
        edit(values={"LIMIT": TWO, "MODE": None}),
        "environment variable LIMIT: has another value",
        id="variable",
    ),
    pytest.param(
        edit(values={"LIMIT": None, "MODE": None}),
        "environment variable LIMIT: was unset",
        id="variable-unset",
    ),
    pytest.param(
        edit(values={"LIMIT": ONE, "MODE": ONE}),
        "environment variable MODE: is set",
        id="variable-set",
    ),
    pytest.param(
        edit(environment=replace(ENVIRONMENT, python="3.12.1")),
        "python: 3.11.7 → 3.12.1",
        id="python",
    ),
    pytest.param(
        edit(environment=replace(ENVIRONMENT, lock=ONE)),
        "lock: none → 1111…",
        id="lock",
    ),
    pytest.param(
        edit(environment=replace(ENVIRONMENT, installed=ONE)),
        "installed packages: 5555… → 1111…",
        id="installed",
    ),
    pytest.param(
        edit(environment=replace(ENVIRONMENT, platform="macosx-14-arm64")),
        "platform: linux-x86_64 → macosx-14-arm64",
        id="platform",
    ),
]


@pytest.mark.parametrize(("change", "told"), SURROUNDINGS)
def test_each_thing_that_was_seen_counts(
    change: Callable[[FakeHere], None], told: str
) -> None:
    here = FakeHere()
    change(here)
    assert [str(each) for each in changes(RECORD, candidate(here))] == [told]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            edit(data=Data(scope=ONE, sources={"data/failures.csv": ONE}, missing=())),
            id="declared-and-not-read",
        ),
        pytest.param(edit(data=Data(scope=TWO, sources={}, missing=())), id="scope"),
        pytest.param(edit(there="data/other.csv"), id="another-file"),
        pytest.param(edit(files={**TRACE.inputs, "w": ONE}), id="new-file"),
        pytest.param(edit(values={}), id="variables-of-every-kernel"),
        pytest.param(edit(policy=Policy(strict=True, network=True)), id="policy"),
    ],
)
def test_what_the_run_did_not_look_at_does_not_count(
    change: Callable[[FakeHere], None],
) -> None:
    here = FakeHere()
    change(here)
    assert changes(RECORD, candidate(here)) == ()


@pytest.mark.parametrize(
    "enforced",
    [
        pytest.param((), id="not-traced"),
        pytest.param((f"{UNSEEN}: this system has no inotify",), id="no-inotify"),
        pytest.param((f"{SEEN}, but not all: too many folders",), id="gaps"),
    ],
)
def test_a_run_that_was_not_seen_whole_is_held_against_all_of_its_recipe(
    enforced: tuple[str, ...],
) -> None:
    record = replace(RECORD, trace=Trace(enforced=enforced))
    assert changes(record, candidate()) == ()
    here = FakeHere()
    here.data = Data(scope=TWO, sources={"data/failures.csv": ONE}, missing=())
    assert [str(change) for change in changes(record, candidate(here))] == [
        "data/failures.csv: 5555… → 1111…",
        "scope.yaml: 1111… → 2222…",
    ]
    here.data = Data(scope=None, sources={}, missing=("data/failures.csv",))
    assert [str(change) for change in changes(record, candidate(here))] == [
        "data/failures.csv: is not there",
        "scope.yaml: is not there",
    ]


def test_an_input_must_be_declared_where_the_project_came_to_ask_for_it() -> None:
    record = replace(RECORD, trace=replace(TRACE, undeclared=("data/x.csv",)))
    assert changes(record, candidate()) == ()
    strict = FakeHere(policy=Policy(strict=True))
    assert changes(record, candidate(strict)) == (
        Change(what="data/x.csv", found="must be declared now, and is not"),
    )
    declared = FakeHere(policy=Policy(strict=True, declared=("data/*.csv",)))
    assert changes(record, candidate(declared)) == ()


def test_a_run_that_asked_for_the_network_depends_on_the_scope() -> None:
    record = replace(RECORD, trace=replace(TRACE, network=("example.org:443",)))
    assert changes(record, candidate()) == ()
    here = FakeHere(data=Data(scope=TWO, sources=RECIPE.data, missing=()))
    assert changes(record, candidate(here)) == (
        Change(what="scope.yaml", found="changed, and the run asked for the network"),
    )


@given(picked=st.sets(st.integers(0, len(SURROUNDINGS) - 1)))
def test_every_change_is_told_whatever_else_changed(picked: set[int]) -> None:
    here = FakeHere()
    chosen = [SURROUNDINGS[number].values for number in sorted(picked)]
    for change, _ in chosen:
        change(here)  # type: ignore[operator]  # the first of the pair
    told = {change.what for change in changes(RECORD, candidate(here))}
    last: dict[str, bool] = {}  # of two edits of one thing the later one is there
    for _, text in chosen:
        last[str(text).partition(":")[0]] = True
    assert bool(told) == bool(picked)
    assert told <= set(last)
