from functools import cache

import matplotlib as mpl
import pytest
from figures_drawn import DRAWN, labels
from matplotlib import _pylab_helpers
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from toolkit.analysis import figures

each = pytest.mark.parametrize("name", DRAWN)
LEFT: dict[str, tuple[int, bool]] = {}  # by what was drawn


@cache
def drawn(name: str) -> Figure:
    draw, _ = DRAWN[name]
    before = dict(mpl.rcParams)
    figure = draw()
    LEFT[name] = len(_pylab_helpers.Gcf.figs), dict(mpl.rcParams) == before
    return figure


@each
def test_nothing_is_left_in_pyplot_or_in_the_settings(name: str) -> None:
    drawn(name)
    assert LEFT[name] == (0, True)


@each
def test_the_title_and_the_text_state_the_finding(name: str) -> None:
    _, finding = DRAWN[name]
    alt = figures.alt_text(drawn(name))
    title = " ".join(drawn(name).get_suptitle().split())
    assert finding in title
    assert alt.startswith(title)
    assert len(alt) > len(title) + 20


@each
def test_svg_holds_text_and_is_the_same_every_time(name: str) -> None:
    draw, _ = DRAWN[name]
    svg = figures.to_svg(draw())
    assert svg == figures.to_svg(drawn(name))
    assert b"<text" in svg
    assert b"<dc:date>" not in svg


@each
def test_axes_say_what_they_show(name: str) -> None:
    for axes in drawn(name).axes:
        assert axes.get_xlabel() or axes.get_xticks().size
        assert (
            axes.get_ylabel() or drawn(name).get_supylabel() or axes.get_yticks().size
        )


@each
def test_no_label_covers_another_or_leaves_the_figure(name: str) -> None:
    figure = drawn(name)
    boxes = labels(figure)
    assert len(boxes) > 5
    for at, (text, box) in enumerate(boxes):
        assert box.x0 > -1, text
        assert box.x1 < figure.bbox.x1 + 1, text
        assert box.y1 < figure.bbox.y1 + 1, text
        for other, another in boxes[:at]:
            shared = Bbox.intersection(box, another)
            area = shared.width * shared.height if shared is not None else 0.0
            assert area < 0.1 * box.width * box.height, (text, other)
