import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from figures_drawn import (
    COUNTS,
    DAILY,
    DRAWN,
    GAIN,
    HISTORY,
    SEGMENTS,
    START,
    TORNADO,
    labels,
    over_time,
    story,
)
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from toolkit.analysis import figures
from toolkit.analysis.figures.style import shorten, spread


@pytest.mark.parametrize(
    ("draw", "finding"),
    [
        pytest.param(
            lambda: figures.hit_rate_over_time(DAILY, name="b"),
            "by lot 0.20",
            id="bare",
        ),
        pytest.param(
            lambda: figures.cumulative_gain(GAIN, name="b", capacity=10),
            "hits in 10 places",
            id="gain without bar",
        ),
        pytest.param(
            lambda: figures.events_over_time(COUNTS),
            "At most",
            id="clean",
        ),
        pytest.param(
            lambda: figures.segments_forest(SEGMENTS.head(0), rate=0.5, kind="missed"),
            "no segment is worse",
            id="no segments",
        ),
        pytest.param(
            lambda: figures.timeline(
                HISTORY.head(0),
                entity="p",
                cutoff=START,
                horizon=pd.Timedelta(days=1),
            ),
            "no record before it",
            id="no history",
        ),
        pytest.param(
            lambda: figures.lead_times(
                pd.DataFrame({"maint": [np.nan]}),
                label="stops",
                horizon=pd.Timedelta(days=1),
            ),
            "0% of the events",
            id="no lead times",
        ),
        pytest.param(
            lambda: figures.waterfall(
                {"checks": -200.0}, total="saved", currency="EUR"
            ),
            "saved: -200 EUR",
            id="loss",
        ),
        pytest.param(
            lambda: figures.tornado(
                TORNADO[["worst", "mid", "best"]].iloc[1:3] + 500,
                what="saved",
                currency="EUR",
            ),
            "it hangs most on cost of a check (1,400 to 1,600)",
            id="no inputs, no sum",
        ),
    ],
)
def test_what_is_missing_is_left_out(draw: Callable[[], Figure], finding: str) -> None:
    assert finding in figures.alt_text(draw())


def test_times_are_shown_by_the_clock_of_their_zone() -> None:
    assert figures.to_svg(story("Europe/Berlin")) == figures.to_svg(story())


def test_the_pipelines_differ_in_line_or_marker_not_only_in_colour() -> None:
    (axes,) = over_time().axes
    looks = [(line.get_linestyle(), line.get_marker()) for line in axes.get_lines()]
    assert len(set(looks)) >= 4


def test_png_is_the_same_every_time() -> None:
    png = figures.to_png(over_time())
    assert png == figures.to_png(over_time())
    assert png[:4] == b"\x89PNG"


def test_perfect_foresight_far_above_the_rest_is_named_not_drawn() -> None:
    far = figures.hit_rate_over_time(DAILY.assign(oracle=50.0), name="b")
    near = figures.hit_rate_over_time(DAILY, name="b")
    assert far.axes[0].get_ylim()[1] < 10
    assert "perfect foresight 50.00 \N{UPWARDS ARROW}" in str(labels(far))
    assert near.axes[0].get_ylim()[1] > 5
    assert "\N{UPWARDS ARROW}" not in str(labels(near))


def test_a_long_title_is_broken_evenly() -> None:
    figure = figures.hit_rate_over_time(
        DAILY, name="a pipeline with " + 3 * "a long name "
    )
    first, *more = figure.get_suptitle().split("\n")
    assert more
    assert len(first) < 90
    assert len(more[-1]) > len(first) / 3


@given(st.lists(st.floats(-100, 100), max_size=8), st.floats(0.1, 10))
def test_spread_keeps_a_gap_and_the_order(values: list[float], gap: float) -> None:
    placed = spread(values, gap)
    order = np.argsort(values, kind="stable")
    assert (np.diff(np.array(placed)[order]) >= gap - 1e-6).all()
    assert np.mean(placed or [0]) == pytest.approx(np.mean(values or [0]), abs=1e-6)


@given(st.text(max_size=80), st.integers(5, 40))
def test_a_shortened_name_fits(text: str, most: int) -> None:
    assert len(shorten(text, most=most)) <= most


def test_every_public_figure_is_tested() -> None:
    drawing = {
        name
        for name in figures.__all__
        if re.match("^[a-z]", name)
        and name not in {"alt_text", "style", "to_png", "to_svg"}
    }
    assert len(drawing) == len(DRAWN)
