"""Two executions differ exactly where their results do, and it is said by how much."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebooks import cell
from toolkit.publish.results import (
    Column,
    Figure,
    Metric,
    PublishedFinding,
    Results,
    Sha256,
    Table,
)
from toolkit.reproduce.comparison.difference import change, number_texts
from toolkit.reproduce.comparison.figures import svg_difference
from toolkit.reproduce.comparison.outputs import told_lines
from toolkit.reproduce.comparison.sides import (
    Difference,
    Side,
    compare,
    first_cell,
    published_in,
)
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.outputs.cells import CellOutput, text_digest
from toolkit.reproduce.records.record import CellRecord

HIT = Metric(name="hit_rate", value=0.9535, tolerance=0.01, interval=(0.9, 0.97))
FLAG = PublishedFinding(
    code="DS104",
    severity="warning",
    place="trips.csv",
    message="3 rows twice",
    advice="look",
    count=3,
    accepted=None,
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def metrics(*several: Metric) -> Side:
    return Side(results=Results(metrics=several))


def findings(*several: PublishedFinding) -> Side:
    return Side(results=Results(findings=several))


def only(found: tuple[Difference, ...]) -> str:
    (one,) = found
    return one.how_much


def output(text: str, index: int = 0, **rest: Any) -> CellOutput:  # noqa: ANN401 -- passed on
    return CellOutput(cell=index, digest=text_digest(text), text=text, **rest)


def record(index: int, status: Any, **rest: Any) -> CellRecord:  # noqa: ANN401 -- passed on
    return CellRecord(
        index=index, status=status, execution_count=1, seconds=0.1, **rest
    )


# metrics


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


# findings


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


# tables


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


# figures


def drawing(svg: str, alt: str = "a line") -> Figure:
    return Figure(name="f", alt=alt, caption="", digest=bytes_digest(svg.encode()))


def figure_side(folder: Path, svg: str) -> Side:
    path = folder / "figures" / "f.svg"
    path.parent.mkdir(parents=True)
    path.write_text(svg)
    return Side(results=Results(figures=(drawing(svg),)), folder=folder)


SVG = (
    "<svg><metadata><date>2026</date></metadata><defs>"
    "<clipPath id='p1a2b3c4d5e'/></defs>"
    '<g id="text_1"><!-- 0.95 --></g><g clip-path="url(#p1a2b3c4d5e)">'
    '<path d="M 1 2 L 3 4" style="fill: none"/><path d="M 5 6"/></g></svg>'
)


def test_a_figure_that_differs_in_dates_and_ids_is_the_same(tmp_path: Path) -> None:
    old = figure_side(tmp_path / "old", SVG)
    other = SVG.replace("2026", "2027").replace("p1a2b3c4d5e", "p9f8e7d6c5b")
    assert compare(old, figure_side(tmp_path / "new", other)) == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.95", "0.93", "the text “0.95” → “0.93”"),
        ("L 3 4", "L 3 4.5", "1 of 2 path elements differ, by at most 0.5 points"),
        ("fill: none", "fill: red", "1 of 2 path elements differ"),
        ('<path d="M 5 6"/>', "", "2 path elements → 1"),
        ("<!-- 0.95 -->", "", "the text “0.95” is gone"),
        ("</svg>", "<g>x</g></svg>", "how it is drawn differs: styles or order"),
    ],
)
def test_a_figure_is_told_by_what_was_plotted(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    before = figure_side(tmp_path / "old", SVG)
    after = figure_side(tmp_path / "new", SVG.replace(old, new))
    assert only(compare(before, after)) == f"f: {message}"


def test_a_figure_without_its_svg_is_told_by_digest() -> None:
    before, after = (
        Side(results=Results(figures=(drawing(svg),))) for svg in ("<a>", "<b>")
    )
    assert "its drawing differs (" in only(compare(before, after))


def test_the_alternative_text_belongs_to_a_figure() -> None:
    before, after = (
        Side(results=Results(figures=(drawing("<a>", alt),))) for alt in ("up", "down")
    )
    assert only(compare(before, after)) == "f: its alt “up” → “down”"


def test_matplotlib_draws_the_same_twice_and_another_otherwise() -> None:
    plt = pytest.importorskip("matplotlib.figure")

    def svg(*heights: float) -> str:
        import io  # noqa: PLC0415

        figure = plt.Figure()
        axes = figure.subplots()
        axes.plot([1, 2, 3], heights, "o-")
        axes.set_title(f"sum {sum(heights)}")
        stream = io.StringIO()
        figure.savefig(stream, format="svg")
        return stream.getvalue()

    assert svg(1, 2, 3) != svg(1, 2, 3)
    assert svg_difference(svg(1, 2, 3), svg(1, 2, 3)) is None
    told = svg_difference(svg(1, 2, 3), svg(1, 2.5, 3))
    assert told is not None
    assert "the text “sum 6” → “sum 6.5”" in told
    assert "path elements differ, by at most" in told


# outputs and cells


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


@given(st.text(max_size=60), st.text(max_size=60))
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


# where


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
