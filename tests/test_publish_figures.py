from types import SimpleNamespace

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from published import Bundle, collected

from toolkit import publish
from toolkit.publish.figures import svg_bytes


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    return collected(monkeypatch)


def drawn() -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 2], [3, 1], marker="o")
    axes.fill_between([1, 2], [0, 1])
    return figure


def test_equal_drawings_give_equal_bytes() -> None:
    first, second = svg_bytes("f", drawn()), svg_bytes("f", drawn())
    assert first == second
    assert b"<dc:date>" not in first
    assert mpl.__version__.encode() not in first


def test_a_figure_is_shown_once_with_its_alternative_text(shown: list[Bundle]) -> None:
    figure, axes = plt.subplots()
    publish.figure("f", axes, alt='a "line"', caption="up & down")
    assert not plt.fignum_exists(figure.number)
    assert 'alt="a &quot;line&quot;"' in shown[0]["text/html"]
    assert "up &amp; down" in shown[0]["text/html"]
    assert shown[0]["image/svg+xml"].startswith("<?xml")
    assert shown[0]["image/png"]


def test_a_part_of_a_figure_publishes_the_whole(shown: list[Bundle]) -> None:
    whole = Figure()
    part = whole.add_subfigure(whole.add_gridspec(1, 2)[0])
    publish.figure("f", part, alt="two halves")
    publish.figure("g", SimpleNamespace(figure=whole), alt="a grid")
    assert len(shown) == 2


@pytest.mark.parametrize(
    ("figure", "alt", "message"),
    [
        pytest.param(Figure(), " ", "alt is empty; say in a sentence", id="no-alt"),
        pytest.param([1], "x", "is a list; pass a matplotlib figure", id="no-figure"),
    ],
)
def test_what_is_no_figure_is_refused(figure: object, alt: str, message: str) -> None:
    with pytest.raises(publish.PublishError, match=message):
        publish.figure("f", figure, alt=alt)


def test_a_figure_that_knows_what_it_shows_needs_no_alt(shown: list[Bundle]) -> None:
    publish.figure("f", Figure(label="a line that rises"))
    assert 'alt="a line that rises"' in shown[0]["text/html"]
