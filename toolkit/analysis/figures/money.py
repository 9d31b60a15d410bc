"""Figures of the money: where it comes from, and which guess it hangs on."""

from collections.abc import Hashable, Mapping

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

ALL = "all"  # the row of a sensitivity table in which every estimate moves
NAMES = {
    "failure": "cost of a failure",
    "check": "cost of a check",
    "prevented_share": "share prevented",
    "planned_repair": "planned repair",
    ALL: "all together",
}


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
def tornado(table: pd.DataFrame, *, what: str, currency: str) -> Figure:
    """Draw how far each uncertain estimate moves the money, the widest on top.

    Parameters
    ----------
    table : DataFrame indexed by estimate, as from `Money.sensitivity`
        ``worst``, ``mid`` and ``best`` money a day; a row ``all``, all together, comes
        last. With ``worst_input`` and ``best_input`` the bars say what was put in.
    what : what the money is: "saved"
    currency : its name or sign
    """
    alone = table.drop(index=ALL, errors="ignore")
    width = (alone["best"] - alone["worst"]).abs()
    rows = alone.loc[width.sort_values(kind="stable").index]
    if ALL in table.index:
        rows = pd.concat([table.loc[[ALL]], rows])
    figure, (axes,) = canvas(1.7 + 0.5 * len(rows))
    mid = float(rows["mid"].iloc[-1])
    records = rows.to_dict("records")
    for at, one in enumerate(records):
        _end(axes, at, one, mid=mid, end="worst")
        if one["best"] != one["worst"]:
            _end(axes, at, one, mid=mid, end="best")
    axes.axvline(mid, color=INK, linewidth=1)
    low, high = axes.get_xlim()
    if low <= 0 <= high:
        axes.axvline(0, color=RED, linestyle="--", linewidth=1)
    names = [NAMES.get(str(name), str(name)) for name in rows.index]
    axes.set_yticks(range(len(rows)), names)
    axes.margins(x=0.14)
    axes.grid(visible=True, axis="x")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_xlabel(f"{what}, {currency} a day (hatched: the worst of each estimate)")
    worst, best = records[-1]["worst"], records[-1]["best"]
    return entitle(
        figure,
        f"{what}: {mid:,.0f} {currency} a day; it hangs most on {names[-1]} "
        f"({worst:,.0f} to {best:,.0f})",
        alt="Tornado: "
        + "; ".join(
            f"{name} {one['worst']:,.0f} to {one['best']:,.0f}"
            for name, one in zip(names[::-1], records[::-1], strict=True)
        ),
    )


def _end(
    axes: Axes, at: int, one: Mapping[Hashable, float], *, mid: float, end: str
) -> None:
    """Draw one end of a tornado's bar, with the estimate or else the money."""
    money = one[end]
    worst = end == "worst"
    axes.barh(
        at,
        money - mid,
        left=mid,
        height=0.6,
        color=ORANGE if worst else BLUE,
        hatch="////" if worst else "",
        edgecolor=INK,
    )
    given = one.get(f"{end}_input", float("nan"))
    right = money >= mid
    axes.annotate(
        f"{money:,.0f}" if np.isnan(given) else f"{given:,g}",
        (money, at),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        va="center",
        ha="left" if right else "right",
    )
