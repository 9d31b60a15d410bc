"""Figures of the error analysis: what matters, who is missed, one machine's story."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from toolkit.analysis.figures.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PIPELINE,
    PURPLE,
    RED,
    SHADE,
    all_on_axis,
    canvas,
    date_axis,
    entitle,
    note,
    on_axis,
    shorten,
    styled,
)

EVENT_MARKS = (
    (BLUE, "o"),
    (ORANGE, "s"),
    (GREEN, "^"),
    (PURPLE, "D"),
    (RED, "v"),
)


@styled
def feature_importance(table: pd.DataFrame, *, name: str, most: int = 15) -> Figure:
    """Draw the hits lost when each feature is shuffled, with their intervals.

    Parameters
    ----------
    table : DataFrame with ``feature``, ``importance``, ``low`` and ``high``
        From `toolkit.analysis.error_analysis.permutation_importance`.
    name : what the pipeline is called
    most : int, at most so many features
    """
    top = table.head(most).iloc[::-1]
    figure, (axes,) = canvas(1.4 + 0.27 * len(top))
    away = [
        (top["importance"] - top["low"]).fillna(0.0),
        (top["high"] - top["importance"]).fillna(0.0),
    ]
    axes.errorbar(
        top["importance"],
        range(len(top)),
        xerr=away,
        fmt="o",
        color=PIPELINE.color,
        capsize=3,
    )
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(top)), [shorten(str(one)) for one in top["feature"]])
    axes.margins(y=0.04)
    axes.grid(visible=True, axis="both")
    axes.set_xlabel(
        "hits a decision time lost when shuffled (95 % interval over folds)"
    )
    sure = table[table["low"] > 0]
    best = table.iloc[0]
    return entitle(
        figure,
        f"{name}: {len(sure)} of {len(table)} features surely bring hits; most, "
        f"{best['importance']:.2f}, by {best['feature']}",
        alt="Importance with intervals: "
        + "; ".join(
            f"{one['feature']} {one['importance']:.2f}"
            for one in table.head(5).to_dict("records")
        ),
    )


@styled
def segments_forest(table: pd.DataFrame, *, rate: float, kind: str) -> Figure:
    """Draw each segment's error rate with its interval, beside the overall one.

    Parameters
    ----------
    table : DataFrame with ``segment``, ``rows``, ``rate``, ``low``, ``high``
        From `toolkit.analysis.error_analysis.Segments`.
    rate : float, overall error rate
    kind : "missed" or "false alarm"
    """
    rows = table.iloc[::-1]
    figure, (axes,) = canvas(1.6 + 0.36 * max(len(rows), 1))
    away = [rows["rate"] - rows["low"], rows["high"] - rows["rate"]]
    axes.errorbar(
        rows["rate"],
        range(len(rows)),
        xerr=away,
        fmt="s",
        color=PIPELINE.color,
        capsize=3,
        clip_on=False,
    )
    axes.axvline(rate, color=INK, linestyle="--", linewidth=1)
    note(axes, f"overall {rate:.0%}", rate, side="left", above=True)
    parts = [str(one).split(" and ") for one in rows["segment"]]
    labels = ["\nand ".join(map(shorten, part)) for part in parts]
    axes.set_yticks(range(len(rows)), labels, fontsize=8.5)
    for at, count in enumerate(rows["rows"]):
        axes.annotate(
            f"{count} rows",
            (1.025, at),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
        )
    axes.set_ylim(-0.6, len(rows) - 0.4 if len(rows) else 0.6)
    axes.set_xlim(right=1.0)
    axes.grid(visible=True, axis="both")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    axes.set_xlabel(f"{kind} rate (95 % interval)")
    finding = f"{kind.capitalize()}: no segment is worse than the rest"
    if len(table):
        where, worst = table["segment"].iloc[0], table["rate"].iloc[0]
        finding = f"{kind.capitalize()}: {worst:.0%} where {where}, {rate:.0%} over all"
    return entitle(
        figure,
        finding,
        alt=f"{len(table)} segments with intervals. "
        + "; ".join(
            f"{one['segment']}: {one['rate']:.0%} of {one['rows']} rows"
            for one in table.head(5).to_dict("records")
        ),
    )


@styled
def timeline(
    history: pd.DataFrame,
    *,
    entity: object,
    cutoff: pd.Timestamp,
    horizon: pd.Timedelta,
    failure: pd.Timestamp | None = None,
) -> Figure:
    """Draw what the logs say of one entity around the decision that went wrong.

    Parameters
    ----------
    history : DataFrame with ``time``, ``table``, ``kind`` and ``known``
        From `toolkit.analysis.error_analysis.history`. What was not known at the cutoff
        is drawn hollow.
    entity : its name
    cutoff : decision time
    horizon : how far the label looked ahead, hatched
    failure : when it failed, if it did
    """
    lanes = sorted(set(zip(history["table"], history["kind"], strict=True)))[::-1]
    figure, (axes,) = canvas(1.7 + 0.28 * max(len(lanes), 2))
    start, end = on_axis(cutoff), on_axis(cutoff + horizon)
    axes.axvspan(start, end, facecolor=SHADE, edgecolor="#9a9a9a", linewidth=0.8)
    axes.axvline(start, color=INK, linewidth=1)
    _events(axes, history, lanes)
    if failure is not None:
        axes.axvline(on_axis(failure), color=RED, linestyle="--")
        note(axes, "failure", on_axis(failure), side="right", color=RED)
    note(axes, "decision", start, side="left")
    date_axis(axes)
    names = [f"{table}: {kind}" if kind != table else table for table, kind in lanes]
    axes.set_yticks(range(len(lanes)), names)
    axes.set_ylim(-0.6, max(len(lanes), 1) + 0.2)
    axes.grid(visible=True, axis="both")
    axes.set_xlabel("time (hollow: not known at the decision; shaded: the horizon)")
    known = int(history["known"].sum())
    before = f"{known} records before it" if known else "no record before it"
    records = history.to_dict("records")
    return entitle(
        figure,
        f"Decision on {entity}, {cutoff:%Y-%m-%d %H:%M}: {before}",
        alt="Timeline. "
        + "; ".join(
            f"{one['time']:%Y-%m-%d %H:%M} {one['table']} {one['kind']}"
            for one in records
        ),
    )


def _events(
    axes: Axes, history: pd.DataFrame, lanes: Sequence[tuple[str, str]]
) -> None:
    """Draw each record in the lane of its table and kind, hollow if not known."""
    tables = sorted({table for table, _ in lanes})
    for at, (table, kind) in enumerate(lanes):
        own = history[(history["table"] == table) & (history["kind"] == kind)]
        color, marker = EVENT_MARKS[tables.index(table) % len(EVENT_MARKS)]
        for known, face in ((True, color), (False, "white")):
            times = all_on_axis(own.loc[own["known"] == known, "time"])
            axes.plot(
                times,
                [at] * len(times),
                marker,
                markersize=7,
                markeredgecolor=color,
                markerfacecolor=face,
                clip_on=False,
            )
