"""One style for all figures: legible in black and white, the same bytes every time."""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from io import BytesIO
from typing import ParamSpec

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

P = ParamSpec("P")
WIDTH = 8.0  # inches
LABEL_GAP = 0.055  # of the axes' height, between labels
TITLE_CHARACTERS = 82  # that fit one line of WIDTH
BLUE, ORANGE, GREEN, RED, PURPLE, BROWN, PINK, GREY, YELLOW, SKY = sns.color_palette(
    "colorblind"
).as_hex()
INK = "#222222"
SHADE = "#d9d9d9"
SVG = {"svg.fonttype": "none", "svg.hashsalt": "toolkit"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How one thing is drawn wherever it appears: never by colour alone."""

    color: str
    linestyle: str | tuple[int, tuple[int, ...]]
    marker: str


PIPELINE = Mark(color=BLUE, linestyle="-", marker="o")
BAR = Mark(color=RED, linestyle="--", marker="s")
ORACLE = Mark(color=GREEN, linestyle=":", marker="^")
RANDOM = Mark(color="#6f6f6f", linestyle="-.", marker="")
GOAL = Mark(color=INK, linestyle=(0, (8, 3)), marker="")


@contextmanager
def style() -> Iterator[None]:
    """Apply the style inside the block and nothing outside it."""
    look = {
        **sns.axes_style("ticks"),
        **sns.plotting_context("notebook", font_scale=0.85),
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 11.5,
        "axes.titleweight": "bold",
        "axes.titlepad": 10,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "figure.dpi": 100,
        "figure.facecolor": "white",
        "font.family": ["sans-serif"],
        "font.sans-serif": ["DejaVu Sans"],
        "grid.color": "#e4e4e4",
        "hatch.linewidth": 0.6,
        "legend.frameon": False,
        "lines.linewidth": 1.6,
        "lines.markersize": 4.5,
        "savefig.facecolor": "white",
        "text.color": INK,
        **SVG,
    }
    with mpl.rc_context(look):  # type: ignore[arg-type]  # stubs list each key, seaborn says str
        yield


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw inside `style`."""

    @wraps(draw)
    def within(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with style():
            return draw(*args, **kwargs)

    return within


def canvas(height: float, *, rows: int = 1) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure that pyplot does not know, with its axes from top to bottom."""
    figure = Figure(
        figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(h_pad=0.09, w_pad=0.06)
    )
    axes = figure.subplots(rows, 1, squeeze=False, sharex=True)
    return figure, list(axes[:, 0])


def entitle(figure: Figure, finding: str, *, alt: str) -> Figure:
    """Set the title, which states the finding, and the text for who cannot see it.

    Parameters
    ----------
    figure : Figure
    finding : one sentence; it is broken to the figure's width
    alt : what is drawn, from where to where; the finding is put before it
    """
    lines = -(-len(finding) // TITLE_CHARACTERS)
    even = min(TITLE_CHARACTERS, len(finding) // lines + 8)
    figure.suptitle(
        textwrap.fill(finding, even),
        x=0.01,
        ha="left",
        fontsize=11.5,
        fontweight="bold",
        color=INK,
    )
    figure.set_label(f"{finding}. {alt}")
    for _ in range(2):  # the second pass sees the labels where the first put them
        figure.draw_without_rendering()
    figure.set_layout_engine("none")  # or each saving would move things a little
    return figure


def alt_text(figure: Figure) -> str:
    """Return a figure's text alternative: its finding, then what is drawn."""
    return str(figure.get_label())


def to_svg(figure: Figure) -> bytes:
    """Return the figure as SVG: text as text, the same bytes every time."""
    return _saved(figure, "svg", {"Date": None})


def to_png(figure: Figure, *, dpi: int = 150) -> bytes:
    """Return the figure as PNG."""
    return _saved(figure, "png", {"Software": None}, dpi=dpi)


def _saved(
    figure: Figure, kind: str, metadata: Mapping[str, None], *, dpi: int = 100
) -> bytes:
    with style(), BytesIO() as buffer:
        figure.savefig(buffer, format=kind, metadata=dict(metadata), dpi=dpi)
        return buffer.getvalue()


def on_axis(time: pd.Timestamp) -> float:
    """Return a time's place on a time axis, by the clock of its own zone."""
    return float(date2num(time.tz_localize(None)))  # type: ignore[no-untyped-call]  # no stub


def all_on_axis(times: pd.Index | pd.Series) -> list[float]:
    """Return the places of many times, see `on_axis`."""
    return [on_axis(time) for time in pd.DatetimeIndex(times)]


def date_axis(axes: Axes) -> None:
    """Label the time axis briefly: the year once, not at every tick."""
    axes.xaxis_date()
    locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]  # no stub
    axes.xaxis.set_major_locator(locator)
    labels = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]  # no stub
    axes.xaxis.set_major_formatter(labels)


def label_ends(axes: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    """Write each line's name beside its end, moved apart where two would touch.

    Parameters
    ----------
    axes : Axes whose limits are final
    labels : (y of the end, name, colour)
    """
    low, high = axes.get_ylim()
    places = spread([y for y, _, _ in labels], LABEL_GAP * (high - low))
    for place, (y, text, color) in zip(places, labels, strict=True):
        axes.annotate(
            text,
            xy=(1, y),
            xytext=(1.025, place),
            xycoords=("axes fraction", "data"),
            textcoords=("axes fraction", "data"),
            color=color,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6},
        )


def note(
    axes: Axes,
    text: str,
    x: float,
    *,
    side: str,
    color: str = INK,
    above: bool = False,
) -> None:
    """Write beside the top of a vertical line at x, on its left or right side."""
    axes.annotate(
        text,
        (x, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4 if side == "right" else -4, 0 if above else -2),
        textcoords="offset points",
        ha="left" if side == "right" else "right",
        va="bottom" if above else "top",
        color=color,
    )


def spread(values: Sequence[float], gap: float) -> list[float]:
    """Move values apart to at least a gap, keeping their order and their middle.

    Examples
    --------
    >>> spread([1.0, 1.0, 5.0], gap=1.0)
    [0.5, 1.5, 5.0]
    """
    order = np.argsort(values, kind="stable")
    groups: list[list[float]] = []  # [middle, size] of values that touch
    for value in np.asarray(values, dtype=float)[order]:
        groups.append([value, 1.0])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], gap):
            (a, n), (b, m) = groups[-2:]
            groups[-2:] = [[(a * n + b * m) / (n + m), n + m]]
    placed = [
        float(middle + (at - (size - 1) / 2) * gap)
        for middle, size in groups
        for at in range(int(size))
    ]
    return [placed[at] for at in np.argsort(order, kind="stable")]


def _touch(one: Sequence[float], other: Sequence[float], gap: float) -> bool:
    return other[0] - one[0] < gap * (one[1] + other[1]) / 2 - 1e-12


def shorten(text: str, *, most: int = 44) -> str:
    """Cut a long label in its middle, where names differ least.

    Examples
    --------
    >>> shorten("errors[error1] count 30 days", most=15)
    'errors[…30 days'
    """
    if len(text) <= most:
        return text
    side = (most - 1) // 2
    return f"{text[:side].rstrip()}…{text[-side:].lstrip()}"
