import re
from collections.abc import Callable, Mapping
from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import _pylab_helpers
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from toolkit.analysis import figures
from toolkit.analysis.figures.style import shorten, spread

START = pd.Timestamp("2024-01-01 07:00")
DAYS = pd.date_range(START, periods=60, freq="D", name="cutoff")
RNG = np.random.default_rng(0)
DAILY = pd.DataFrame(
    {"hits": RNG.integers(0, 4, 60) * 1.0, "oracle": 5.0, "random": 0.2}, index=DAYS
)
GAIN = pd.DataFrame(
    {
        "hits": np.linspace(0.5, 3, 30),
        "oracle": np.linspace(1, 9, 30),
        "random": np.linspace(0, 0.5, 30),
    },
    index=pd.Index(range(1, 31), name="places"),
)
BINS = pd.DataFrame(
    {
        "n": [50, 50],
        "score": [0.1, 0.3],
        "rate": [0.12, 0.5],
        "low": [0.05, 0.4],
        "high": [0.2, 0.6],
    }
)
COUNTS = pd.DataFrame(
    {"alarms": RNG.integers(0, 9, 60), "stops": 1}, index=DAYS.normalize()
)
IMPORTANCE = pd.DataFrame(
    {
        "feature": ["alarms[a] count 7 days", "age"],
        "importance": [0.5, 0.0],
        "low": [0.3, np.nan],
        "high": [0.7, np.nan],
    }
)
SEGMENTS = pd.DataFrame(
    {
        "segment": ["age > 15 and model = b", "x <= 1"],
        "rows": [40, 30],
        "rate": [0.9, 0.8],
        "low": [0.8, 0.6],
        "high": [1.0, 0.9],
    }
)
HISTORY = pd.DataFrame(
    {
        "time": [START - pd.Timedelta(days=2), START + pd.Timedelta(days=1)],
        "table": ["alarms", "stops"],
        "kind": ["a7", "stops"],
        "known": [True, False],
    }
)
TORNADO = pd.DataFrame(
    {
        "worst": [-500.0, 900.0, 1000.0, -700.0],
        "mid": 1000.0,
        "best": [3000.0, 1100.0, 1000.0, 3200.0],
        "worst_input": [5000.0, 600.0, 0.5, np.nan],
        "best_input": [20000.0, 150.0, 0.5, np.nan],
    },
    index=["failure", "check", "planned_repair", "all"],
)


def over_time() -> Figure:
    return figures.hit_rate_over_time(
        DAILY, name="baseline", interval=(1.2, 1.8), bar=DAILY["random"] * 2, goal=2.0
    )


def events() -> Figure:
    marks = [
        figures.Artefact(table="alarms", start=DAYS[0], end=DAYS[5], label="start-up"),
        figures.Artefact(table="stops", start=DAYS[50], end=DAYS[59], label="silence"),
    ]
    return figures.events_over_time(COUNTS, artefacts=marks)


def story(zone: str | None = None) -> Figure:
    cutoff = START.tz_localize(zone)
    return figures.timeline(
        HISTORY.assign(time=HISTORY["time"].dt.tz_localize(zone)),
        entity="pump 7",
        cutoff=cutoff,
        horizon=pd.Timedelta(days=2),
        failure=cutoff + pd.Timedelta(days=1),
    )


DRAWN: Mapping[str, tuple[Callable[[], Figure], str]] = {
    "over time": (over_time, "1.2"),
    "gain": (
        lambda: figures.cumulative_gain(GAIN, name="baseline", capacity=10, bar=GAIN),
        "in 10 places, 3.00 in 30",
    ),
    "calibration": (
        lambda: figures.calibration(BINS, name="the list"),
        "20.0% predicted, 31.0% observed",
    ),
    "by day": (lambda: figures.hits_by_day(DAILY, name="baseline"), "of 60 decision"),
    "events": (events, "2 stretches in 2 of 2 tables"),
    "lead": (
        lambda: figures.lead_times(
            pd.DataFrame(
                {"alarms": [0.0, 1, 2, 3, np.nan], "maint": [24.2, 23.9, 5, 900, 24]}
            ),
            label="stops",
            horizon=pd.Timedelta(days=1),
        ),
        "60% of the events in stops have their last record of maint 24 hours before",
    ),
    "stamps": (
        lambda: figures.stamps_by_hour(
            pd.DataFrame(
                {
                    "maint": {6: 9999, 3: 1},
                    "alarms": dict.fromkeys(range(23), 500) | {23: 1},
                }
            )
        ),
        "All records of maint are stamped at 2 of 24 hours",
    ),
    "importance": (
        lambda: figures.feature_importance(IMPORTANCE, name="baseline"),
        "1 of 2 features",
    ),
    "segments": (
        lambda: figures.segments_forest(SEGMENTS, rate=0.6, kind="missed"),
        "Missed: 90% where age > 15 and model = b, 60% over all",
    ),
    "timeline": (story, "1 records before it"),
    "waterfall": (
        lambda: figures.waterfall(
            {"prevented": 900.0, "checks": -200.0}, total="saved", currency="EUR"
        ),
        "saved: 700 EUR a day",
    ),
    "tornado": (
        lambda: figures.tornado(TORNADO, what="saved", currency="EUR"),
        "saved: 1,000 EUR a day; it hangs most on cost of a failure (-500 to 3,000)",
    ),
}
each = pytest.mark.parametrize("name", DRAWN)


@cache
def drawn(name: str) -> Figure:
    draw, _ = DRAWN[name]
    return draw()


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
    figure = draw()
    svg = figures.to_svg(figure)
    assert svg == figures.to_svg(figure) == figures.to_svg(drawn(name))
    assert b"<text" in svg
    assert b"<dc:date>" not in svg


@each
def test_axes_say_what_they_show(name: str) -> None:
    for axes in drawn(name).axes:
        assert axes.get_xlabel() or axes.get_xticks().size
        assert (
            axes.get_ylabel() or drawn(name).get_supylabel() or axes.get_yticks().size
        )


def labels(figure: Figure) -> list[tuple[str, Bbox]]:
    """All texts that are drawn: ticks beyond the limits of an axis are not."""
    canvas = FigureCanvasAgg(figure)
    canvas.print_to_buffer()  # type: ignore[no-untyped-call]  # no stub
    unseen: set[object] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not low <= tick.get_loc() <= high:
                    unseen |= {tick.label1, tick.label2}
    boxes = [
        (one.get_text(), one.get_window_extent())
        for one in figure.findobj(Text)
        if one not in unseen
    ]
    return [(text, box) for text, box in boxes if text.strip() and box.width > 1]


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


def test_nothing_is_left_in_pyplot_or_in_the_settings() -> None:
    before = dict(mpl.rcParams)
    for draw, _ in DRAWN.values():
        draw()
    assert dict(mpl.rcParams) == before
    assert not _pylab_helpers.Gcf.figs


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
    assert figures.to_png(over_time()) == figures.to_png(over_time())
    assert figures.to_png(over_time())[:4] == b"\x89PNG"


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
