"""Stored outputs are held against those of an execution."""

from typing import Any

import pytest

from notebooks import cell
from toolkit.reproduce.comparison.sides import Side, compare
from toolkit.reproduce.outputs.cells import CellOutput, text_digest
from toolkit.reproduce.outputs.stored import settled, stored_outputs


def output(text: str, index: int = 0) -> CellOutput:
    return CellOutput(cell=index, digest=text_digest(text), text=text)


def with_text(*texts: str | None) -> dict[str, Any]:
    """A notebook whose cells have these outputs; None: none."""
    cells = []
    for text in texts:
        plain = cell("x")
        if text is not None:
            plain["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": [text]}
            ]
        cells.append(plain)
    return {"cells": [cell("# title", kind="markdown"), *cells], "nbformat": 4}


SAME = [
    ("2024-01-02 03:04:05,678 INFO read 3", "<now> INFO read 3"),
    ("made Mon Jan  2 03:04:05 2024 by eva", "made <now> by eva"),
    ("read /Users/jo/pumps/trips.csv", "read <project>/trips.csv"),
    (r"read C:\pumps/trips.csv", "read <project>/trips.csv"),
    ("Duration: 3.2 s, n 3", "Duration: <duration>, n 3"),
    ("at 03:04:05 in /a/b: 1", "at <now> in <tmp>: 1"),
    ("rmse 0.5", "rmse 0.5"),
]
OTHER = [
    ("2024-01-02 03:04:05,678 INFO read 3", "<now> INFO read 4"),
    ("read /Users/jo/pumps/trips.csv", "read <project>/rounds.csv"),
    ("Duration: very long, n 3", "Duration: <duration>, n 3"),
    ("rmse 0.5", "rmse 0.6"),
    ("rmse 0.5\nn 3", "rmse 0.5"),
    ("rmse 0.5", "<progress> 0.5"),
]


@pytest.mark.parametrize(("stored", "fresh"), SAME)
def test_a_line_agrees_where_the_fresh_one_hides_something(
    stored: str, fresh: str
) -> None:
    assert settled(output(stored), output(fresh)) == output(fresh)


@pytest.mark.parametrize(("stored", "fresh"), OTHER)
def test_anything_else_in_the_line_must_be_the_same(stored: str, fresh: str) -> None:
    assert settled(output(stored), output(fresh)) == output(stored)
    assert compare(Side(outputs=(output(stored),)), Side(outputs=(output(fresh),)))


def test_what_one_execution_could_not_tell_the_other_does() -> None:
    """A constant that happens to be the time, or the duration, of one of the two."""
    old, now = output("[06:00:00] begin"), output("[<now>] begin")
    for one, two in ((old, now), (now, old)):
        assert compare(Side(outputs=(one,)), Side(outputs=(two,))) == ()


def test_cells_without_stored_outputs_are_not_compared() -> None:
    stored = stored_outputs(with_text("a\n", None, "b\n"))
    assert [(o.cell, o.text) for o in stored] == [(1, "a"), (3, "b")]
    assert stored_outputs({}) == ()


def test_stored_outputs_speak_the_words_of_the_fresh_ones() -> None:
    fresh = (output("<now> INFO read 3", 1), output("rmse 0.6", 2))
    content = with_text("2024-01-02 03:04:05 INFO read 3\n", "rmse 0.5\n")
    stored = stored_outputs(content, fresh=fresh)
    (difference,) = compare(Side(outputs=stored), Side(outputs=fresh))
    assert difference.cell == 2
    assert difference.how_much == (
        "cell 2: only numbers differ: 0.5 → 0.6, 0.1 higher, 20 %"
    )


def test_no_line_takes_more_than_its_length() -> None:
    stored = output("<now>" + "1" * 100_000 + "x")
    fresh = output("<now> <duration> <project> <now> <duration> <tmp> <home> <now>")
    assert settled(stored, fresh) == stored
    near = output("1 " * 4000 + "x")
    assert settled(near, fresh) == near
