"""Two executions differ exactly where their results do, and it is said by how much."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from compared import FLAG, HIT, drawing, only
from hypothesis import given
from hypothesis import strategies as st

from toolkit.publish.results import Column, Metric, PublishedFinding, Results, Table
from toolkit.reproduce.comparison.difference import change, number_texts
from toolkit.reproduce.comparison.sides import Side, compare
from toolkit.reproduce.digest import bytes_digest

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def metrics(*several: Metric) -> Side:
    return Side(results=Results(metrics=several))


def findings(*several: PublishedFinding) -> Side:
    return Side(results=Results(findings=several))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        pytest.param(
            HIT,
            replace(HIT, value=0.9312),
            "hit_rate: 0.9535 → 0.9312, 0.0223 lower, 2.3 %; beyond the tolerance 0.01",
            id="value",
        ),
        pytest.param(
            replace(HIT, tolerance=None),
            replace(HIT, tolerance=None, value=math.nextafter(0.9535, 1)),
            "hit_rate: 0.9535 → 0.9535000000000001, 1.11e-16 higher, "
            "in the last digits",
            id="last bit",
        ),
        pytest.param(
            HIT,
            replace(HIT, interval=(0.8, 0.97)),
            "hit_rate, low end of its interval: 0.9 → 0.8, 0.1 lower, 11 %; "
            "beyond the tolerance 0.01",
            id="interval",
        ),
        pytest.param(
            HIT,
            replace(HIT, interval=None),
            "hit_rate: its interval (0.9, 0.97) → none",
            id="no interval",
        ),
        pytest.param(
            HIT,
            replace(HIT, direction="lower"),
            "hit_rate: its direction “higher” → “lower”",
            id="direction",
        ),
        pytest.param(
            HIT,
            replace(HIT, unit="a day"),
            "hit_rate: its unit “” → “a day”",
            id="unit",
        ),
        pytest.param(
            HIT,
            replace(HIT, tolerance=1.0),
            "hit_rate: its tolerance 0.01 → 1.0",
            id="tolerance",
        ),
        pytest.param(
            replace(HIT, value=0.0, tolerance=None),
            replace(HIT, value=-0.0, tolerance=None),
            "hit_rate: 0 → -0, only the sign of zero",
            id="sign of zero",
        ),
        pytest.param(
            replace(HIT, value=1234567.0, tolerance=None),
            replace(HIT, value=1234568.0, tolerance=None),
            "hit_rate: 1234567 → 1234568, 1 higher, 8.1e-05 %",
            id="counts",
        ),
    ],
)
def test_a_metric_that_differs_is_told(
    before: Metric, after: Metric, message: str
) -> None:
    assert only(compare(metrics(before), metrics(after))) == message


@given(FLOATS, FLOATS)
def test_metrics_agree_to_the_last_bit(before: float, after: float) -> None:
    old, now = (metrics(Metric(name="m", value=v)) for v in (before, after))
    assert compare(old, old) == ()
    assert bool(compare(old, now)) == (before.hex() != after.hex())


@given(st.floats(-1e6, 1e6), st.floats(0, 10), st.floats(-20, 20))
def test_the_tolerance_of_before_is_what_counts(
    value: float, tolerance: float, step: float
) -> None:
    before = Metric(name="m", value=value, tolerance=tolerance)
    after = replace(before, value=value + step)
    found = compare(metrics(before), metrics(after))
    if abs(step) < tolerance * 0.999 - 1e-9:
        assert not found
    if abs(step) > tolerance * 1.001 + 1e-9:
        assert found


def test_a_tolerance_written_in_decimals_reaches_its_own_end() -> None:
    before = Metric(name="m", value=0.3, tolerance=0.1)
    assert compare(metrics(before), metrics(replace(before, value=0.2))) == ()
    assert compare(metrics(before), metrics(replace(before, value=0.4))) == ()
    assert compare(metrics(before), metrics(replace(before, value=0.401)))


@given(FLOATS, FLOATS)
def test_two_numbers_that_differ_are_told_apart(before: float, after: float) -> None:
    texts = number_texts(before, after)
    assert (texts[0] != texts[1]) == (before.hex() != after.hex())
    assert change(before, after)


def test_missing_and_new_results_are_told() -> None:
    other = replace(HIT, name="auc")
    assert [d.how_much for d in compare(metrics(HIT), metrics(other))] == [
        "hit_rate: published before, not any more",
        "auc: not published before",
    ]
    assert [d.how_much for d in compare(findings(), findings(FLAG))] == [
        "DS104 trips.csv: not published before"
    ]
    table, figure = frame("a\n1\n"), drawing("<svg/>")
    side = Side(results=Results(tables=(table,), figures=(figure,)))
    assert [d.kind for d in compare(side, Side())] == ["table", "figure"]
    assert [d.kind for d in compare(Side(), side)] == ["table", "figure"]


def test_findings_are_held_together_by_code_and_place() -> None:
    other = replace(FLAG, place="rounds.csv")
    assert compare(findings(FLAG, other), findings(other, FLAG)) == ()
    louder = replace(FLAG, message="4 rows twice", count=4)
    assert only(compare(findings(FLAG), findings(louder))) == (
        "DS104 trips.csv: its message “3 rows twice” → “4 rows twice”"
    )
    assert only(compare(findings(FLAG), findings(replace(FLAG, accepted="known")))) == (
        "DS104 trips.csv: its accepted none → “known”"
    )
    assert len(compare(findings(FLAG, FLAG), findings(FLAG))) == 1


def frame(text: str, name: str = "t", kind: str = "float64") -> Table:
    header, *rows = text.splitlines()
    return Table(
        name=name,
        title="",
        columns=tuple(Column(name=c, kind=kind) for c in header.split(",")),
        rows=len(rows),
        digest=bytes_digest(text.encode()),
        preview=(),
    )


def table_side(folder: Path, text: str) -> Side:
    path = folder / "tables" / "t.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return Side(results=Results(tables=(frame(text),)), folder=folder)


OLD_TABLE = "day,n,rmse\na,1,0.5\nb,2,0.25\nc,3,0.1\n"


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (
            OLD_TABLE.replace("0.25", "0.26"),
            (
                "t: 1 of 9 cells differ; the first in row 2, column rmse: "
                "0.25 → 0.26, 0.01 higher, 4 %"
            ),
        ),
        (
            OLD_TABLE.replace("0.25", "0.26").replace(",3,", ",5,"),
            (
                "t: 2 of 9 cells differ; the first in row 2, column rmse: 0.25 → 0.26, "
                "0.01 higher, 4 %; the most in row 3, column n: 3 → 5, 2 higher, 67 %"
            ),
        ),
        (
            OLD_TABLE.replace("b,", "x,"),
            "t: 1 of 9 cells differ; the first in row 2, column day: “b” → “x”",
        ),
        (
            "day,n,rmse\nb,2,0.25\na,1,0.5\nc,3,0.1\n",
            "t: the same 3 rows in another order, from row 1 on",
        ),
        (
            OLD_TABLE + "d,4,0.2\n",
            "t: 3 rows → 4 rows; the first that differs is row 4: “” → “d,4,0.2”",
        ),
        (
            OLD_TABLE.replace("rmse", "mae"),
            "t: the column rmse is gone, the column mae is new",
        ),
        (
            "n,day,rmse\n1,a,0.5\n",
            "t: its columns are in another order: n, day, rmse",
        ),
        (
            OLD_TABLE.replace("a,", '"a",'),
            "t: only how missing values are written",
        ),
    ],
)
def test_a_table_is_told_cell_by_cell(tmp_path: Path, after: str, message: str) -> None:
    old = table_side(tmp_path / "old", OLD_TABLE)
    assert compare(old, table_side(tmp_path / "same", OLD_TABLE)) == ()
    assert only(compare(old, table_side(tmp_path / "new", after))) == message


def test_a_table_without_its_csv_is_told_by_shape_and_digest(tmp_path: Path) -> None:
    old = replace(table_side(tmp_path, OLD_TABLE), folder=None)
    other = frame(OLD_TABLE.replace("0.25", "0.26"))
    assert only(compare(old, Side(results=Results(tables=(other,))))).startswith(
        f"t: its content differs ({frame(OLD_TABLE).digest[:12]} → "
    )
    longer = frame(OLD_TABLE + "d,4,0.2\n")
    assert only(compare(old, Side(results=Results(tables=(longer,))))) == (
        "t: 3 rows → 4 rows"
    )


def test_what_a_table_claims_beside_its_content_is_compared() -> None:
    old = Side(results=Results(tables=(frame(OLD_TABLE),)))
    other = replace(frame(OLD_TABLE), title="all")
    assert only(compare(old, Side(results=Results(tables=(other,))))) == (
        "t: its title “” → “all”"
    )
    forged = replace(frame(OLD_TABLE), preview=((9.0,),))
    assert compare(old, Side(results=Results(tables=(forged,))))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'"\n' * 3])
def test_a_damaged_csv_is_no_crash(tmp_path: Path, content: bytes) -> None:
    old = table_side(tmp_path / "old", OLD_TABLE)
    new = table_side(tmp_path / "new", OLD_TABLE.replace("1", "2"))
    (tmp_path / "new" / "tables" / "t.csv").write_bytes(content)
    assert compare(old, new)
