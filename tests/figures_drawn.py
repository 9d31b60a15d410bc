"""Every public figure, drawn once of small tables."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from toolkit.analysis import figures

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
