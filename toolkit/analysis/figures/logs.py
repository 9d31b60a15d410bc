"""Figures of the raw logs: when records were made, and what they give away."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from toolkit.analysis.figures.style import (
    INK,
    ORANGE,
    PIPELINE,
    all_on_axis,
    canvas,
    date_axis,
    entitle,
    note,
    on_axis,
    styled,
)

HOURS = 24
SHOWN_HORIZONS = 7  # of lead time on the axis; the rest is counted
BINS_IN_HORIZON = 8
SMALL = 0.005  # a share that rounds to 0 %


@dataclass(frozen=True, kw_only=True, slots=True)
class Artefact:
    """A stretch of time in which a table does not say what happened."""

    table: str
    start: pd.Timestamp
    end: pd.Timestamp
    label: str  # "start-up"


@styled
def events_over_time(
    counts: pd.DataFrame, *, artefacts: Sequence[Artefact] = ()
) -> Figure:
    """Draw the records a day of each table, with what looks wrong marked.

    Parameters
    ----------
    counts : DataFrame indexed by day, a column per table, in records a day
    artefacts : marked by a hatched stretch and their label
    """
    figure, panes = canvas(0.9 + 1.35 * counts.shape[1], rows=counts.shape[1])
    days = all_on_axis(counts.index)
    for axes, table in zip(panes, counts.columns, strict=True):
        axes.fill_between(
            days, counts[table], step="mid", color=PIPELINE.color, linewidth=0
        )
        axes.set_title(str(table), fontsize=10, pad=3)
        axes.set_ylim(0, 1.3 * max(float(counts[table].max()), 1.0))
        axes.margins(x=0.01)
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        for one in artefacts:
            if one.table == table:
                _mark(axes, one, middle=days[len(days) // 2])
    date_axis(panes[-1])
    figure.supylabel("records a day", fontsize=10)
    marked = {one.table for one in artefacts}
    finding = (
        f"Unlike the rest: {len(artefacts)} stretches in {len(marked)} of "
        f"{counts.shape[1]} tables"
        if artefacts
        else f"No stretch stands out in the records a day of {counts.shape[1]} tables"
    )
    return entitle(
        figure,
        finding,
        alt=f"Records a day from {counts.index[0]:%Y-%m-%d} to "
        f"{counts.index[-1]:%Y-%m-%d}. "
        + "; ".join(
            f"{one.table}, {one.start:%Y-%m-%d} to {one.end:%Y-%m-%d}: {one.label}"
            for one in artefacts
        ),
    )


def _mark(axes: Axes, artefact: Artefact, *, middle: float) -> None:
    """Hatch a stretch and name it on the side where there is more room."""
    start, end = on_axis(artefact.start), on_axis(artefact.end)
    axes.axvspan(start, end, facecolor="none", edgecolor=ORANGE, hatch="////")
    late = start > middle
    note(axes, artefact.label, start if late else end, side="left" if late else "right")


@styled
def lead_times(
    hours: npt.NDArray[np.float64], *, log: str, label: str, horizon_hours: float
) -> Figure:
    """Draw how long before an event its log was written: near 0, it gives it away.

    Parameters
    ----------
    hours : array, from the nearest record of the log to the event; negative is after it
    log : name of the log
    label : name of the events' table
    horizon_hours : float, marked by a line: what lies nearer can be of no use
    """
    figure, (axes,) = canvas(3.6)
    known = hours[np.isfinite(hours)]
    most = SHOWN_HORIZONS * horizon_hours
    near = known[np.abs(known) <= most]
    width = horizon_hours / BINS_IN_HORIZON
    low = width * np.floor(near.min(initial=0.0) / width)
    sns.histplot(
        x=near,
        bins=np.arange(low, most + 2 * width, width).tolist(),
        ax=axes,
        color=PIPELINE.color,
        edgecolor=INK,
    )
    same = float(np.mean(known == 0)) if known.size else 0.0
    axes.axvline(horizon_hours, color=INK, linestyle="--", linewidth=1)
    note(axes, f"horizon {horizon_hours:g} h", horizon_hours, side="right")
    axes.annotate(
        f"{known.size - near.size} of {known.size} beyond {most:g} h",
        (1, 0.5),
        xycoords="axes fraction",
        ha="right",
    )
    axes.set_xlabel(f"hours from the record in {log} to the next event in {label}")
    axes.set_ylabel(f"events in {label}")
    return entitle(
        figure,
        f"{same:.0%} of the events in {label} have a record in {log} at the same time",
        alt=f"Histogram of {known.size} lead times; the median is "
        f"{np.median(known) if known.size else float('nan'):.1f} hours",
    )


@styled
def stamps_by_hour(counts: pd.DataFrame) -> Figure:
    """Draw at which hours of the day the records of each table are stamped.

    Parameters
    ----------
    counts : DataFrame indexed by hour (0 to 23), a column per table
    """
    figure, (axes,) = canvas(1.9 + 0.42 * counts.shape[1])
    hourly = counts.reindex(range(HOURS), fill_value=0)
    share = (hourly / hourly.sum().clip(lower=1)).T
    text = share.map(_percent)
    sns.heatmap(
        share,
        ax=axes,
        cmap="Greys",
        vmin=0,
        vmax=1,
        annot=text,
        fmt="",
        annot_kws={"fontsize": 8},
        cbar=False,
        linewidths=0.5,
        linecolor="#cccccc",
    )
    axes.set_xlabel("hour of the day (numbers: % of the table's records)")
    axes.set_ylabel("")
    axes.tick_params(length=0)
    axes.set_yticklabels(axes.get_yticklabels(), rotation=0)
    used = hourly.gt(0).sum()
    few = used.index[int(used.argmin())]
    return entitle(
        figure,
        f"All records of {few} are stamped at {used.min()} of {HOURS} hours",
        alt="Share of records by hour. "
        + "; ".join(f"{name}: {used[name]} hours in use" for name in counts.columns),
    )


def _percent(part: float) -> str:
    if part == 0:
        return ""
    return "<1" if part < SMALL else f"{100 * part:.0f}"
