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

Floats = npt.NDArray[np.float64]
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
        else _extreme(counts)
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


def _extreme(counts: pd.DataFrame) -> str:
    """Name the day that is farthest above what is usual in its table."""
    usual = counts.where(counts > 0).median().fillna(1.0)
    table = str((counts.max() / usual).idxmax())
    day = counts[table].idxmax()
    return (
        f"At most {counts[table].max():,.0f} records of {table} a day, on "
        f"{day:%Y-%m-%d}; {usual[table]:,.0f} are usual"
    )


def _mark(axes: Axes, artefact: Artefact, *, middle: float) -> None:
    """Hatch a stretch and name it on the side where there is more room."""
    start, end = on_axis(artefact.start), on_axis(artefact.end)
    axes.axvspan(start, end, facecolor="none", edgecolor=ORANGE, hatch="////")
    late = start > middle
    note(axes, artefact.label, start if late else end, side="left" if late else "right")


@styled
def lead_times(leads: pd.DataFrame, *, label: str, horizon: pd.Timedelta) -> Figure:
    """Draw how long before an event each log was written: a pile gives it away.

    Parameters
    ----------
    leads : DataFrame of shape (n_events, n_logs), in hours from the last record of the
        log to the event, such as `toolkit.analysis.rhythm.leads` returns; NaN where
        there was none
    label : name of the events' table
    horizon : marked by a line: a record nearer than this can announce the event
    """
    figure, panes = canvas(1.3 + 1.5 * leads.shape[1], rows=leads.shape[1])
    ahead = horizon / pd.Timedelta(hours=1)
    most = SHOWN_HORIZONS * ahead
    bins = np.arange(0, most + 2 * ahead / BINS_IN_HORIZON, ahead / BINS_IN_HORIZON)
    piles = {}
    for axes, log in zip(panes, leads.columns, strict=True):
        hours = leads[log].to_numpy(np.float64)
        known = hours[np.isfinite(hours)]
        near = known[known <= most]
        axes.hist(near, bins=bins.tolist(), color=PIPELINE.color, edgecolor=INK)
        axes.axvline(ahead, color=INK, linestyle="--", linewidth=1)
        axes.set_title(
            f"{log} ({len(hours) - near.size:,} of {len(hours):,} beyond {most:g} h)",
            fontsize=10,
            pad=3,
        )
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        piles[str(log)] = _pile(known, len(hours))
    note(panes[0], f"horizon {ahead:g} h", ahead, side="right")
    panes[-1].set_xlabel(f"hours from the last record to the event in {label}")
    figure.supylabel(f"events in {label}", fontsize=10)
    log = max(piles, key=lambda name: piles[name][0])
    share, hour = piles[log]
    return entitle(
        figure,
        f"{share:.0%} of the events in {label} have their last record of {log} "
        f"{hour:g} hours before",
        alt="Histograms of lead times. "
        + "; ".join(
            f"{name}: {part:.0%} at {at:g} hours" for name, (part, at) in piles.items()
        ),
    )


def _pile(hours: Floats, n_events: int) -> tuple[float, float]:
    """Return the share of events at the most frequent whole hour, and that hour."""
    whole, counts = np.unique(np.round(hours), return_counts=True)
    if not len(whole):
        return 0.0, 0.0
    return float(counts.max() / n_events), float(whole[counts.argmax()])


@styled
def stamps_by_hour(counts: pd.DataFrame) -> Figure:
    """Draw at which hours of the day the records of each table are stamped.

    Parameters
    ----------
    counts : DataFrame indexed by hour (0 to 23), a column per table
    """
    figure, (axes,) = canvas(1.9 + 0.42 * counts.shape[1])
    hourly = counts.reindex(range(HOURS)).fillna(0)
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
