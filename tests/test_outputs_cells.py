"""Which cells' outputs count, and what a record keeps of them."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from shown import displayed, printed, shown

from notebooks import cell
from toolkit.reproduce.outputs.cells import (
    normalise_outputs,
    recorded_outputs,
    text_digest,
)
from toolkit.reproduce.records.record import CellRecord

BEGAN = datetime(2026, 11, 23, 18, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "tags"),
    [
        ("x", ["toolkit-ignore-output"]),
        ("x", ["nbval-ignore-output"]),
        ("# NBVAL_IGNORE_OUTPUT\nx", []),
        ("x = 1\n    # NBVAL_IGNORE_OUTPUT: drawn by lot\nx", []),
    ],
)
def test_a_cell_can_leave_its_output_out(source: str, tags: list[str]) -> None:
    output = shown(printed("0.123\n"), source=source, tags=tags)
    assert output.left_out
    assert output.digest is None
    assert not shown(printed("1"), source="'NBVAL_IGNORE_OUTPUT'").left_out


def test_outputs_stand_at_the_cells_of_the_source() -> None:
    cells = [
        cell("# title", kind="markdown"),
        cell("n = 1", "parameters"),
        cell("n = 2", "injected-parameters") | {"outputs": [printed("no")]},
        cell("n") | {"outputs": [displayed(plain="2")]},
    ]
    outputs = normalise_outputs(cells, source_index=lambda index: index - (index >= 2))
    assert [(o.cell, o.text) for o in outputs] == [(1, ""), (2, "2")]


def test_the_source_of_any_cell_says_whether_a_clock_is_read() -> None:
    timed = cell("t0 = time.perf_counter()")
    output = cell("x") | {"outputs": [printed("Duration: 3.2 s")]}
    assert normalise_outputs([timed, output])[1].text == "Duration: <duration>"
    assert normalise_outputs([output])[0].text == "Duration: 3.2 s"


def test_places_and_times_are_told_by_the_execution() -> None:
    output = printed("2026-11-23 18:15:31 INFO wrote /home/eva/pumps/a.csv")
    kept = shown(
        output,
        places={"/home/eva/pumps": "<project>"},
        began=BEGAN,
        ended=BEGAN.replace(minute=16),
    )
    assert kept.text == "<now> INFO wrote <project>/a.csv"


def test_the_outputs_given_are_not_changed() -> None:
    cells = [cell("x") | {"outputs": [displayed(plotly={"b": 1}, plain=["a"])]}]
    before = copy.deepcopy(cells)
    normalise_outputs(cells)
    assert cells == before


@pytest.mark.parametrize(
    "plain",
    [
        {"cell_type": "code"},
        {"cell_type": "code", "outputs": None, "metadata": None},
        {"cell_type": "code", "outputs": [3, {"output_type": "stream"}]},
        {"cell_type": "code", "metadata": {"tags": "x"}, "source": None},
        {"cell_type": "code", "outputs": [{"output_type": "x", "data": 3}]},
    ],
)
def test_an_odd_notebook_shows_nothing(plain: dict[str, Any]) -> None:
    (output,) = normalise_outputs([json.loads(json.dumps(plain))])
    assert output.digest is None


def test_a_record_keeps_the_beginning_and_the_digest() -> None:
    digest = text_digest("x" * 500)
    record = CellRecord(
        index=3,
        status="finished",
        execution_count=1,
        seconds=0.1,
        output=digest,
        shown="x" * 200,
    )
    (output,) = recorded_outputs([record])
    assert (output.cell, output.digest, output.whole) == (3, digest, False)
