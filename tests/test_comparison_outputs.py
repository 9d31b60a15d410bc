"""Outputs and cells decide where nothing is published, and are told in any case."""

import re
from dataclasses import replace
from typing import Any

import pytest
from compared import FLAG, HIT, only
from hypothesis import given
from hypothesis import strategies as st

from notebooks import cell
from toolkit.publish.results import Results, Sha256
from toolkit.reproduce.comparison.outputs import told_lines
from toolkit.reproduce.comparison.sides import Side, compare, first_cell, published_in
from toolkit.reproduce.outputs.cells import CellOutput, text_digest
from toolkit.reproduce.records.record import CellRecord


def output(text: str, index: int = 0, **rest: Any) -> CellOutput:  # noqa: ANN401 -- passed on
    return CellOutput(cell=index, digest=text_digest(text), text=text, **rest)


def record(index: int, status: Any, **rest: Any) -> CellRecord:  # noqa: ANN401 -- passed on
    return CellRecord(
        index=index, status=status, execution_count=1, seconds=0.1, **rest
    )


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "n 12\nrmse 0.50",
            "n 12\nrmse 0.52",
            "only numbers differ: 0.5 → 0.52, 0.02 higher, 4 %",
        ),
        (
            "a 1 b 2.0",
            "a 1.1 b 4.0",
            (
                "only numbers differ, 2 of them: first 1 → 1.1, 0.1 higher, 10 %; "
                "the most 2 → 4, 2 higher, 100 %"
            ),
        ),
        ("1.50", "1.5", "only how numbers are written differs: “1.50” → “1.5”"),
        ("a\nb", "b\na", "the same lines in another order: “a” → “b”"),
        (
            "{'a', 'b', 'c'}",
            "{'b', 'a', 'c'}",
            "the same values in another order: “{'a', 'b', 'c'}” → “{'b', 'a', 'c'}”",
        ),
        ("b c, a", "a b c", "the same values in another order: “b c, a” → “a b c”"),
        ("x\ny\nz", "x\nw\nz", "1 of 3 lines differ: “y” → “w”"),
        ("x\ny", "x\ny\nz", "2 lines → 3 lines"),
        ("x\ny", "x", "2 lines → 1 line"),
        (
            "{1, 3, 2}",
            "{2, 1, 3}",
            "the same values in another order: “{1, 3, 2}” → “{2, 1, 3}”",
        ),
        (
            "<tr>\n<td>a</td>\n<td>0.5</td></tr>",
            "<tr>\n<td>a</td>\n<td>0.6</td></tr>",
            "only numbers differ: 0.5 → 0.6, 0.1 higher, 20 %",
        ),
        (
            '<td class="x">a</td>',
            '<td class="y">a</td>',
            "only its markup differs",
        ),
        ("a", "", "shows nothing, and showed “a” before"),
        ("", "a", "shows “a”, and showed nothing before"),
    ],
)
def test_an_output_is_told_as_a_person_would(
    before: str, after: str, message: str
) -> None:
    found = compare(Side(outputs=(output(before),)), Side(outputs=(output(after),)))
    assert only(found) == f"cell 0: {message}"


# What an output rule took away may be anything of its kind on the other side.
TEXTS = st.text(max_size=60).filter(lambda text: not re.search("<[a-z]+>", text))


@given(TEXTS, TEXTS)
def test_any_two_texts_can_be_told(before: str, after: str) -> None:
    assert told_lines(before, after)[2]
    old, now = Side(outputs=(output(before),)), Side(outputs=(output(after),))
    assert compare(old, old) == ()
    assert bool(compare(old, now)) == (before != after)


def test_outputs_decide_only_where_nothing_is_published() -> None:
    old, now = (Side(outputs=(output(t),)) for t in ("a", "b"))
    assert [d.decides for d in compare(old, now)] == [True]
    results = Results(metrics=(HIT,))
    old, now = (replace(side, results=results) for side in (old, now))
    assert [d.decides for d in compare(old, now)] == [False]


def test_an_output_that_is_left_out_never_differs() -> None:
    left_out = CellOutput(cell=0, left_out=True)
    for one, two in ((left_out, output("a")), (output("a"), left_out)):
        assert compare(Side(outputs=(one,)), Side(outputs=(two,))) == ()


def test_the_beginning_that_a_record_keeps_is_compared_by_the_digest_of_all() -> None:
    whole = output("n 3\n" + "x" * 500)
    kept = replace(whole, text=whole.text[:200])
    assert compare(Side(outputs=(kept,)), Side(outputs=(whole,))) == ()
    other = output("n 4\n" + "x" * 500)
    assert only(compare(Side(outputs=(kept,)), Side(outputs=(other,)))) == (
        "cell 0: what it shows differs: “n 3” → “n 4”"
    )
    later = output("n 3\n" + "x" * 499 + "y")
    assert only(compare(Side(outputs=(kept,)), Side(outputs=(later,)))) == (
        "cell 0: what it shows differs after the first 200 characters"
    )


def test_a_beginning_alone_is_never_taken_for_the_whole() -> None:
    longer = text_digest("[06:00:00] begin\nrmse 0.5")
    kept = CellOutput(cell=0, digest=longer, text="[06:00:00] begin")
    assert compare(Side(outputs=(kept,)), Side(outputs=(output("[<now>] begin"),)))


def test_cells_that_end_otherwise_are_told() -> None:
    before = (record(0, "finished"), record(1, "finished", raised="ValueError"))
    after = (record(0, "failed"), record(1, "finished", raised="KeyError"))
    told = [d.how_much for d in compare(Side(cells=before), Side(cells=after))]
    assert told == [
        "cell 0: finished → failed",
        "cell 1: finished, raised ValueError → finished, raised KeyError",
    ]
    assert [d.how_much for d in compare(Side(cells=before), Side())] == [
        "cell 0: finished → not there",
        "cell 1: finished, raised ValueError → not there",
    ]
    assert len(compare(Side(), Side(cells=before))) == 2


def publishing(kind: str, **payload: object) -> dict[str, Any]:
    mime = f"application/vnd.toolkit.{kind}+json"
    return cell("x") | {
        "outputs": [{"output_type": "display_data", "data": {mime: payload}}]
    }


def test_the_first_cell_that_parts_is_found() -> None:
    cells = [
        cell("# title", kind="markdown"),
        publishing("metric", name="hit_rate"),
        publishing("table", name="hit_rate"),
        publishing("finding", code="DS104", place="trips.csv"),
    ]
    places = published_in(cells)
    assert places == {
        "metric hit_rate": 1,
        "table hit_rate": 2,
        "finding DS104 trips.csv": 3,
    }
    before = Side(results=Results(metrics=(HIT,), findings=(FLAG,)))
    after = Side(
        results=Results(
            metrics=(replace(HIT, value=0.1),), findings=(replace(FLAG, count=4),)
        ),
        outputs=(output("b", 0),),
    )
    found = compare(before, after, places=places)
    assert [d.cell for d in found] == [1, 3]
    assert first_cell(found) == 1
    assert first_cell(compare(before, after), places) == 1
    assert first_cell(compare(before, after)) is None
    assert first_cell(()) is None


def test_only_what_was_executed_is_compared() -> None:
    places = {"metric hit_rate": 1, "metric auc": 5}
    before = Side(
        results=Results(metrics=(HIT, replace(HIT, name="auc"))),
        outputs=(output("a", 1), output("b", 5)),
        cells=(record(1, "finished"), record(5, "finished")),
    )
    after = Side(
        results=Results(metrics=(HIT,)),
        outputs=(output("a", 1),),
        cells=(record(1, "finished"), record(5, "not run")),
    )
    assert compare(before, after, places=places, until=1) == ()
    assert len(compare(before, after, places=places)) == 2


def test_a_digest_alone_is_enough_to_differ() -> None:
    one, two = (CellOutput(cell=0, digest=Sha256(letter * 64)) for letter in ("a", "b"))
    assert only(compare(Side(outputs=(one,)), Side(outputs=(two,))))
