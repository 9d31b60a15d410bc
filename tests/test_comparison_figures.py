"""Figures differ where another line was drawn, not where a date or an id did."""

from pathlib import Path

import pytest
from compared import drawing, only

from toolkit.publish.results import Results
from toolkit.reproduce.comparison.figures import svg_difference
from toolkit.reproduce.comparison.sides import Side, compare


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
