"""Figures of an evaluation: over time, by list length, by probability, by day."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from toolkit.analysis.figures.style import (
    BAR,
    GOAL,
    INK,
    ORACLE,
    PIPELINE,
    RANDOM,
    SHADE,
    Mark,
    all_on_axis,
    canvas,
    date_axis,
    entitle,
    label_ends,
    note,
    styled,
)

FAR = 2.0  # times all other lines
WEEK = pd.Timedelta(days=7)


@styled
def hit_rate_over_time(
    daily: pd.DataFrame,
    *,
    name: str,
    interval: tuple[float, float] | None = None,
    bar: pd.Series | None = None,
    bar_name: str = "the bar",
    goal: float | None = None,
) -> Figure:
    """Draw the weekly hit rate between chance and perfect foresight.

    Parameters
    ----------
    daily : DataFrame indexed by cutoff with ``hits``, ``oracle`` and ``random``
    name : what the pipeline is called
    interval : low and high of the mean hit rate
    bar : hits of the bar, by cutoff
    bar_name : what the bar is
    goal : success criterion, in hits a decision time
    """
    figure, (axes,) = canvas(4.2)
    lines = [
        ("perfect foresight", daily["oracle"], ORACLE),
        (name, daily["hits"], PIPELINE),
        ("by lot", daily["random"], RANDOM),
    ]
    if bar is not None:
        lines.append((bar_name, bar, BAR))
    if interval is not None:
        axes.axhspan(*interval, facecolor=SHADE, edgecolor="#9a9a9a", linewidth=0.8)
    ends = [
        _line(axes, _weekly(values), mark, f"{label} {values.mean():.2f}")
        for label, values, mark in lines
    ]
    against = ends[-1][1]
    if goal is not None:
        axes.axhline(goal, color=GOAL.color, linestyle=GOAL.linestyle)
        ends.append((goal, f"goal {goal:g}", GOAL.color))
        against += f", the goal {goal:g}"
    axes.set_ylim(0, _top(axes, daily["oracle"]))
    axes.set_ylabel("hits a decision time, weekly mean")
    axes.set_xlabel("week of the test beginning on")
    axes.margins(x=0.02)
    date_axis(axes)
    label_ends(axes, _below(ends, axes))
    shown = "" if interval is None else f" ({interval[0]:.2f} to {interval[1]:.2f})"
    weekly = _weekly(daily["hits"])
    return entitle(
        figure,
        f"{ends[1][1]} hits a decision time{shown}; {against}",
        alt=f"Lines over {len(weekly)} weeks; the shaded band is the 95 % interval of "
        f"the mean. {name} ranges from {weekly.min():.2f} to {weekly.max():.2f} a week",
    )


def _top(axes: Axes, oracle: pd.Series) -> float:
    """Return the axis' top; perfect foresight far above the rest is left outside it."""
    rest = 1.2 * max(
        float(np.max(np.asarray(line.get_ydata(), dtype=np.float64)))
        for line in axes.get_lines()[1:]  # the first is perfect foresight
    )
    return rest if oracle.min() > FAR * rest else 1.05 * max(rest, float(oracle.max()))


def _below(
    ends: Sequence[tuple[float, str, str]], axes: Axes
) -> list[tuple[float, str, str]]:
    """Put the name of a line that lies above the axis at its top, with an arrow."""
    _, top = axes.get_ylim()
    return [
        (top, f"{text} \N{UPWARDS ARROW}", color) if y > top else (y, text, color)
        for y, text, color in ends
    ]


def _weekly(daily: pd.Series) -> pd.Series:
    """Average weeks that are counted from the first day; the last may be short."""
    times = pd.DatetimeIndex(daily.index)
    start = times[0].normalize()
    week = (times - start) // WEEK
    return daily.groupby(start + week * WEEK).mean()


def _line(
    axes: Axes, values: pd.Series, mark: Mark, label: str
) -> tuple[float, str, str]:
    axes.plot(
        all_on_axis(values.index),
        values.to_numpy(),
        color=mark.color,
        linestyle=mark.linestyle,
        marker=mark.marker,
    )
    return float(values.iloc[-1]), label, mark.color


@styled
def cumulative_gain(
    gain: pd.DataFrame,
    *,
    name: str,
    capacity: int,
    bar: pd.DataFrame | None = None,
    bar_name: str = "the bar",
) -> Figure:
    """Draw what a longer or shorter list would have caught.

    Parameters
    ----------
    gain : DataFrame indexed by places (1 to 3N) with ``hits``, ``oracle``, ``random``
    name : what the pipeline is called
    capacity : int, N, marked by a line
    bar : the same of the bar; only its ``hits`` are drawn
    bar_name : what the bar is
    """
    figure, (axes,) = canvas(4.0)
    lines = [
        ("perfect foresight", gain["oracle"], ORACLE),
        (name, gain["hits"], PIPELINE),
        ("by lot", gain["random"], RANDOM),
    ]
    if bar is not None:
        lines.append((bar_name, bar["hits"], BAR))
    ends = []
    for label, values, mark in lines:
        marked = values.index.to_series().isin([capacity, values.index[-1]])
        axes.plot(
            values.index,
            values.to_numpy(),
            color=mark.color,
            linestyle=mark.linestyle,
            marker=mark.marker,
            markevery=np.flatnonzero(marked.to_numpy()).tolist(),
        )
        ends.append((float(values.iloc[-1]), label, mark.color))
    axes.axvline(capacity, color=INK, linewidth=0.8)
    axes.set_ylim(bottom=0)
    axes.set_xlim(1, gain.index[-1])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    note(axes, f"N = {capacity}", capacity, side="right")
    axes.set_xlabel("places in the list")
    axes.set_ylabel("hits a decision time")
    label_ends(axes, ends)
    at, most = gain["hits"].loc[capacity], gain["hits"].iloc[-1]
    return entitle(
        figure,
        f"{name}: {at:.2f} hits in {capacity} places, {most:.2f} in {gain.index[-1]}",
        alt=f"Hits by list length from 1 to {gain.index[-1]}. Perfect foresight gets "
        f"{gain['oracle'].loc[capacity]:.2f} in {capacity} places, a lot "
        f"{gain['random'].loc[capacity]:.2f}",
    )


@styled
def calibration(table: pd.DataFrame, *, name: str) -> Figure:
    """Draw observed rates against predicted ones, the diagonal being right.

    Parameters
    ----------
    table : DataFrame with ``score``, ``rate``, ``low``, ``high`` and ``n``
        One part of `toolkit.analysis.error_analysis.calibration_table`.
    name : what the rows are: "the list of the baseline"
    """
    figure, (axes,) = canvas(4.2)
    top = min(1.0, 1.1 * float(np.nanmax(table[["score", "high"]].to_numpy())))
    axes.plot([0, top], [0, top], color=INK, linestyle=(0, (8, 3)), linewidth=1)
    axes.annotate(
        "predicted = observed",
        (top * 0.98, top * 0.98),
        ha="right",
        va="top",
        xytext=(-16, 0),
        textcoords="offset points",
    )
    away = np.vstack([table["rate"] - table["low"], table["high"] - table["rate"]])
    axes.errorbar(
        table["score"],
        table["rate"],
        yerr=away,
        fmt="o",
        color=PIPELINE.color,
        capsize=3,
    )
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.grid(visible=True, axis="both")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    axes.set_xlabel("mean predicted probability of the bin")
    axes.set_ylabel("share that did fail (95 % interval)")
    n = table["n"].sum()
    agree = table["score"].between(table["low"], table["high"]).sum()
    said = (table["score"] * table["n"]).sum() / n
    seen = (table["rate"] * table["n"]).sum() / n
    return entitle(
        figure,
        f"In {name}, {said:.1%} predicted, {seen:.1%} observed",
        alt=f"{len(table)} bins of {n} rows with intervals against the diagonal; "
        f"{agree} agree with it",
    )


@styled
def hits_by_day(daily: pd.DataFrame, *, name: str) -> Figure:
    """Draw on how many decision times there were none, one, two … hits.

    Parameters
    ----------
    daily : DataFrame indexed by cutoff with ``hits``; fractions, from ties, are rounded
    name : what the pipeline is called
    """
    figure, (axes,) = canvas(3.6)
    hits = np.rint(daily["hits"].to_numpy(np.float64)).astype(int)
    counts = np.bincount(hits)
    bars = axes.bar(
        range(len(counts)), counts, width=0.8, color=PIPELINE.color, edgecolor=INK
    )
    axes.bar_label(bars, padding=2)
    mean = float(daily["hits"].mean())
    axes.axvline(mean, color=INK, linestyle="--", linewidth=1)
    note(axes, f"mean {mean:.2f}", mean, side="right")
    axes.margins(y=0.25)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("hits in the list of one decision time")
    axes.set_ylabel("decision times")
    return entitle(
        figure,
        f"{name}: no hit at {counts[0]} of {len(hits)} decision times, at most "
        f"{len(counts) - 1}",
        alt="Histogram of hits: "
        + ", ".join(f"{count} times {hit}" for hit, count in enumerate(counts)),
    )
