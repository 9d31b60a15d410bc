"""Figures of the money: where it comes from, and which guess it hangs on."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from toolkit.analysis.figures.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    RED,
    canvas,
    entitle,
    styled,
)


@styled
def waterfall(steps: Mapping[str, float], *, total: str, currency: str) -> Figure:
    """Draw how gains and costs add up to the total.

    Parameters
    ----------
    steps : mapping from what it is to its money a day; costs are negative
    total : what the sum is called
    currency : its name or sign
    """
    figure, (axes,) = canvas(3.8)
    values = np.array(list(steps.values()), dtype=np.float64)
    ends = np.cumsum(values)
    names = [*steps, total]
    spans = [*zip(ends - values, ends, values, strict=True), (0.0, ends[-1], ends[-1])]
    for at, (start, end, value) in enumerate(spans):
        last = at == len(values)
        gain, loss = (BLUE, "") if last else (GREEN, ""), (RED, "////")
        color, hatch = gain if value >= 0 else loss
        axes.bar(
            at,
            end - start,
            bottom=start,
            color=color,
            hatch=hatch,
            edgecolor=INK,
            width=0.6,
        )
        axes.annotate(
            f"{value:,.0f}" if last else f"{value:+,.0f}",
            (at, max(start, end)),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
        )
    for at, end in enumerate(ends):
        axes.plot([at + 0.3, at + 0.7], [end, end], color=INK, linewidth=0.8)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xticks(range(len(names)), names)
    axes.margins(y=0.12)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_ylabel(f"{currency} a day")
    return entitle(
        figure,
        f"{total}: {ends[-1]:,.0f} {currency} a day",
        alt="Waterfall of "
        + "; ".join(f"{name} {value:+,.0f}" for name, value in steps.items()),
    )


@styled
def tornado(table: pd.DataFrame, *, mid: float, what: str, currency: str) -> Figure:
    """Draw how far each uncertain input moves the money, the widest on top.

    Parameters
    ----------
    table : DataFrame with ``input``, ``low_input``, ``high_input`` (what was put in)
        and ``low``, ``high`` (the money that came out of each)
    mid : float, money with every input at its middle
    what : what the money is: "gain over today's way"
    currency : its name or sign
    """
    width = (table["high"] - table["low"]).abs()
    rows = table.loc[width.sort_values(kind="stable").index]
    records = rows.to_dict("records")
    figure, (axes,) = canvas(1.7 + 0.5 * len(rows))
    for at, one in enumerate(records):
        _end(axes, at, one["low"], one["low_input"], mid=mid, low=True)
        if one["high"] != one["low"]:
            _end(axes, at, one["high"], one["high_input"], mid=mid, low=False)
    axes.axvline(mid, color=INK, linewidth=1)
    low, high = axes.get_xlim()
    if low <= 0 <= high:
        axes.axvline(0, color=RED, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), rows["input"])
    axes.margins(x=0.12)
    axes.grid(visible=True, axis="x")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_xlabel(
        f"{what}, {currency} a day (numbers: the value put in; hatched: low)"
    )
    least, most = sorted([records[-1]["low"], records[-1]["high"]])
    return entitle(
        figure,
        f"{what}: {mid:,.0f} {currency} a day; it hangs most on "
        f"{records[-1]['input']} ({least:,.0f} to {most:,.0f})",
        alt="Tornado: "
        + "; ".join(
            f"{one['input']} {one['low_input']:,g} to {one['high_input']:,g} gives "
            f"{one['low']:,.0f} to {one['high']:,.0f}"
            for one in records[::-1]
        ),
    )


def _end(
    axes: Axes, at: int, money: float, given: float, *, mid: float, low: bool
) -> None:
    """Draw one end of a tornado's bar, with the value that was put in."""
    axes.barh(
        at,
        money - mid,
        left=mid,
        height=0.6,
        color=ORANGE if low else BLUE,
        hatch="////" if low else "",
        edgecolor=INK,
    )
    right = money >= mid
    axes.annotate(
        f"{given:,g}",
        (money, at),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        va="center",
        ha="left" if right else "right",
    )
