import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import CIRCUMSTANCES, DIGEST, RECIPE, a_record

from toolkit.errors import ToolkitError
from toolkit.publish.fields import FieldError
from toolkit.publish.results import (
    Column,
    Direction,
    Figure,
    Metric,
    PublishedFinding,
    Results,
    Severity,
    Sha256,
    Table,
)
from toolkit.reproduce.digest import canonical_json, value_digest
from toolkit.reproduce.records.recipe import NotebookSource, Recipe, RunId
from toolkit.reproduce.records.record import (
    CellRecord,
    CellStatus,
    Failure,
    Record,
    Status,
    run_id,
    safe_name,
    split_run_id,
)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(max_size=5)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
DIGESTS = st.sampled_from([DIGEST, Sha256("a" * 64)])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXT,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2)
    ),
    max_leaves=3,
)
METRICS = st.builds(
    Metric,
    name=NAMES,
    value=NUMBERS,
    unit=TEXT,
    direction=st.sampled_from(get_args(Direction)),
    interval=st.none() | st.tuples(NUMBERS, NUMBERS).map(lambda t: (min(t), max(t))),
    tolerance=st.none() | st.floats(0, 10),
    description=TEXT,
)
TABLES = st.builds(
    Table,
    name=NAMES,
    title=TEXT,
    columns=st.just((Column(name="a", kind="category", categories=("x", 1)),)),
    rows=st.integers(0, 9),
    digest=DIGESTS,
    preview=st.lists(st.tuples(st.none() | st.booleans() | NUMBERS | TEXT)).map(tuple),
)
FIGURES = st.builds(Figure, name=NAMES, alt=st.just("x"), caption=TEXT, digest=DIGESTS)
FINDINGS = st.builds(
    PublishedFinding,
    code=TEXT,
    severity=st.sampled_from(get_args(Severity)),
    place=TEXT,
    message=TEXT,
    advice=TEXT,
    count=st.integers(0, 9),
    accepted=st.none() | TEXT,
)


def unique(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=2, unique_by=lambda r: r.name).map(tuple)


RECIPES = st.builds(
    replace,
    st.just(RECIPE),
    parameters=st.dictionaries(TEXT, JSON, max_size=2),
    code=st.none() | DIGESTS,
    data=st.dictionaries(TEXT, DIGESTS, max_size=2),
    upstream=st.dictionaries(TEXT, TEXT.map(RunId), max_size=1),
    digest=st.just(Sha256("")),
)
RECORDS = st.builds(
    Record,
    run=TEXT.map(RunId),
    status=st.sampled_from(get_args(Status)),
    recipe=RECIPES,
    results=st.builds(
        Results,
        metrics=unique(METRICS),
        tables=unique(TABLES),
        figures=unique(FIGURES),
        findings=st.lists(FINDINGS, max_size=2).map(tuple),
    ),
    cells=st.lists(
        st.builds(
            CellRecord,
            index=st.integers(0, 9),
            status=st.sampled_from(get_args(CellStatus)),
            execution_count=st.none() | st.integers(1, 9),
            seconds=st.none() | st.floats(0, 9),
            raised=st.none() | TEXT,
        ),
        max_size=2,
    ).map(tuple),
    error=st.none()
    | st.builds(
        Failure,
        cell=st.none() | st.integers(0, 9),
        source=TEXT,
        ename=TEXT,
        evalue=TEXT,
        traceback=TEXT,
    ),
    circumstances=st.builds(
        replace,
        st.just(CIRCUMSTANCES),
        commit=st.none() | TEXT,
        dirty=st.none() | st.booleans(),
        drift=st.lists(TEXT, max_size=1).map(tuple),
        notes=st.lists(TEXT, max_size=1).map(tuple),
    ),
)


def normal(record: Record) -> object:
    """Lists and tuples within parameters and previews are one in JSON."""
    return json.loads(canonical_json(record))


@settings(max_examples=30, deadline=None)
@given(record=RECORDS)
def test_a_record_comes_back_from_its_text(record: Record) -> None:
    back = Record.from_json(record.to_json())
    assert back.to_json() == record.to_json()
    assert normal(back) == normal(record)
    assert back.recipe.digest == record.recipe.digest
    assert back.results_digest == record.results_digest


def places(at: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """Every place in a JSON document, as the keys that lead to it."""
    found = [path] if path else []
    if isinstance(at, dict | list):
        items = at.items() if isinstance(at, dict) else enumerate(at)
        found += [p for key, item in items for p in places(item, (*path, key))]
    return found


PLAIN: Any = json.loads(a_record().to_json())


@settings(max_examples=60, deadline=None)
@given(place=st.sampled_from(places(PLAIN)), value=JSON)
def test_whatever_is_in_a_record_it_is_read_or_refused(
    place: tuple[Any, ...], value: object
) -> None:
    plain = at = json.loads(json.dumps(PLAIN))
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    with suppress(ToolkitError):
        assert Record.from_dict(plain).run == plain["run"]


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=20), at=st.integers(0, 3000), cut=st.integers(0, 20))
def test_damaged_bytes_are_read_or_refused(noise: bytes, at: int, cut: int) -> None:
    text = a_record().to_json()
    with suppress(ToolkitError):
        assert Record.from_json(text[:at] + noise + text[at + cut :]).schema == 3


@pytest.mark.parametrize(
    ("place", "key", "value", "message"),
    [
        pytest.param((), "schema", 1, "^schema: found 1, expected 3$", id="version"),
        pytest.param((), "signature", "", "unknown key 'signature'", id="key"),
        pytest.param(("recipe",), "parameter", {}, "'parameters'", id="misspelt"),
        pytest.param(
            ("recipe",), "parameters", {"n": 11}, "it was edited", id="edited-recipe"
        ),
        pytest.param(
            ("results", "metrics", 0), "value", 9.9, "^digest: .* edited", id="metric"
        ),
        pytest.param((), "digest", "", "^digest: .* edited", id="no-digest"),
        pytest.param(
            ("recipe",), "digest", "", "^recipe.digest: ", id="no-recipe-digest"
        ),
        pytest.param(
            (), "status", "ok", "^status: .*'finished' or 'failed'", id="status"
        ),
    ],
)
def test_what_this_version_does_not_know_is_refused_by_name(
    place: tuple[str, ...], key: str, value: object, message: str
) -> None:
    plain: Any = json.loads(a_record().to_json())
    at = plain
    for step in place:
        at = at[step]
    at[key] = value
    with pytest.raises(FieldError, match=message):
        Record.from_dict(plain)


def test_the_version_is_told_before_any_unknown_key() -> None:
    with pytest.raises(FieldError, match="schema: found 7"):
        Record.from_dict({"schema": 7, "new": 1})


def test_the_schema_stands_first() -> None:
    assert a_record().to_json().startswith(b'{\n  "schema": 3,\n  "run": "20261123-')


def test_the_recipe_knows_no_path_and_no_run() -> None:
    moved = replace(
        RECIPE,
        notebook=NotebookSource(path="elsewhere.ipynb", digest=DIGEST),
        upstream={"01": RunId("20260101-000000-01-aaaaaaaa")},
        digest=Sha256(""),
    )
    assert moved.digest == RECIPE.digest


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"parameters": {"n": 11}}, id="parameter"),
        pytest.param({"parameters": {"n": 10.0}}, id="type"),
        pytest.param({"code": None}, id="code"),
        pytest.param({"data": {}}, id="data"),
        pytest.param({"scope": DIGEST}, id="scope"),
        pytest.param({"upstream_results": {"01": DIGEST}}, id="upstream"),
        pytest.param(
            {"environment": replace(RECIPE.environment, python="3.12.0")}, id="python"
        ),
        pytest.param(
            {"notebook": replace(RECIPE.notebook, digest=Sha256("0" * 64))}, id="cells"
        ),
    ],
)
def test_whatever_decides_a_result_changes_the_recipe(change: dict[str, Any]) -> None:
    assert replace(RECIPE, **change, digest=Sha256("")).digest != RECIPE.digest


def test_metrics_are_flat_numbers() -> None:
    assert a_record().metrics == {"hit_rate": 1.02}
    assert a_record().notebook == "02-baseline"


@given(stem=st.text(min_size=1), nth=st.integers(1, 99))
def test_any_notebook_name_makes_a_folder_name(stem: str, nth: int) -> None:
    run = run_id(datetime(2026, 11, 23, 18, 15), stem, DIGEST, nth=nth)  # noqa: DTZ001 -- UTC
    assert not re.search(r"[/\\\0\s]", run)
    assert len(run.encode()) < 255 or len(stem) > 60
    assert split_run_id(run) == ("20261123-181500", safe_name(stem))


def test_what_is_no_run_id_is_told() -> None:
    assert split_run_id("README.md") is None


def test_canonical_json_has_one_text_per_value() -> None:
    assert canonical_json({"b": [1.0, True], "a": "é\ud800"}) == (
        b'{"a":"\xc3\xa9\xed\xa0\x80","b":[1.0,true]}'
    )
    assert value_digest(0.0) != value_digest(-0.0)
    assert isinstance(RECIPE, Recipe)
