"""DS316, DS317, DS406: months against their past, test rows against training."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Floats, Ints
from toolkit.analysis.sanity.panel_view import PanelView
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import counted, listed, percent
from toolkit.analysis.times import spacing

_RATIO = 1.5
_Z = 6.0
_TIMES = 10  # decision times of a month
_BINS = 10
_PSI = 0.25
_NOISE = 4.0  # times what chance makes of the index
_SAMPLE = 60_000
_UNIQUE = 0.9  # of the values: then two equal ones are no chance
_FEW = 5_000
_ODD = np.uint64(0x9E3779B97F4A7C15)


def base_rate(view: PanelView) -> Iterable[Draft] | None:
    """Find months whose share of positives is far from that of all months before."""
    at, y = view.moment[view.resolved], view.panel.y[view.resolved]
    rows = np.bincount(at, minlength=len(view.times)).astype(np.float64)
    positives = np.bincount(at, weights=y, minlength=len(rows)).astype(np.float64)
    kept = rows > 0
    month = view.months[kept]
    rows, positives = rows[kept], positives[kept]
    if not len(month) or month.max() < 1 or not positives.any():
        return None
    variance = _count_variance(view, rows, positives)
    hit, table = [], []
    for m in range(1, int(month.max()) + 1):
        now, past = month == m, month < m
        if now.sum() < _TIMES or past.sum() < _TIMES:
            continue
        rate, before = (float(positives[s].sum() / rows[s].sum()) for s in (now, past))
        expected = before * rows[now].sum()
        sd = np.sqrt(max(expected, 1.0) * variance * (1 + now.sum() / past.sum()))
        ratio = rate / before if before else np.inf
        z = abs(positives[now].sum() - expected) / sd
        name = str(view.times[kept][now][0].strftime("%Y-%m"))
        table.append((name, int(positives[now].sum()), rate, before))
        if z >= _Z and not 1 / _RATIO < ratio < _RATIO:
            hit.append((z, name, rate, before, int(positives[now].sum())))
    if not hit:
        return ()
    _, name, rate, before, n = max(hit)
    return [
        Draft(
            severity=Severity.WARNING,
            place="panel.y",
            message=f"{percent(rate)} of the rows are positive in {name}, "
            f"{percent(before)} in all months before; so do "
            f"{counted(len(hit), 'month')} "
            "in all",
            count=n,
            evidence=pd.DataFrame(
                table, columns=["month", "positives", "share", "share before"]
            ),
        )
    ]


def _count_variance(view: PanelView, rows: Floats, positives: Floats) -> float:
    """Variance of a month's positives over its mean: days vary, and labels overlap."""
    expected = rows * positives.sum() / rows.sum()
    spread = np.abs(positives - expected) / np.sqrt(np.maximum(expected, 1e-9))
    dispersion = max(1.0, float(np.median(spread) / 0.6745) ** 2)
    return dispersion * max(1.0, view.panel.horizon / spacing(view.times))


def feature_drift(view: PanelView) -> Iterable[Draft] | None:
    """Find features whose distribution in a month is far from all months before.

    References
    ----------
    Yurdakul (2018), Statistical properties of the population stability index
    """
    if not len(view.months) or view.months[-1] < 1 or not view.names:
        return None
    kept = np.arange(0, len(view.moment), max(1, len(view.moment) // _SAMPLE))
    month = view.months[view.moment[kept]]
    entities = view.panel.entities.nunique()
    found = []
    for position, name in enumerate(view.names):
        worst = _worst_month(view.feature(position)[kept], month, entities)
        if worst is not None:
            when = view.times[view.months == worst[1]][0].strftime("%Y-%m")
            found.append((name, str(when), round(worst[0], 2)))
    if not found:
        return ()
    found.sort(key=lambda row: (-row[2], row[0]))
    return [
        Draft(
            severity=Severity.NOTE,
            place="panel",
            message=f"{counted(len(found), 'feature')} of {len(view.names)} "
            f"{'is' if len(found) == 1 else 'are'} distributed otherwise in some month "
            f"than in all before, most of all {listed(name for name, _, _ in found)}",
            count=len(found),
            evidence=pd.DataFrame(
                found, columns=["feature", "month", "stability index"]
            ),
        )
    ]


def _worst_month(
    values: Floats, month: Ints, entities: int
) -> tuple[float, int] | None:
    """Return index and month of the widest drift, if it is more than chance."""
    there = ~np.isnan(values)
    if not there.any():
        return None
    cuts = np.unique(np.quantile(values[there], np.linspace(0, 1, _BINS + 1)[1:-1]))
    bins = np.where(there, np.searchsorted(cuts, values, "right"), len(cuts) + 1)
    width, months = len(cuts) + 2, int(month.max()) + 1
    table = np.bincount(month * width + bins, minlength=months * width)
    table = table.reshape(months, width)
    past = np.cumsum(table, axis=0)[:-1]
    now = table[1:]
    enough = (now.sum(axis=1) >= _TIMES * width) & (past.sum(axis=1) >= _TIMES * width)
    p = (now + 0.5) / (now.sum(axis=1, keepdims=True) + 0.5 * width)
    q = (past + 0.5) / (past.sum(axis=1, keepdims=True) + 0.5 * width)
    index = np.where(enough, ((p - q) * np.log(p / q)).sum(axis=1), 0.0)
    worst = int(np.argmax(index))
    least = max(_PSI, _NOISE * 2 * (width - 1) / max(1, entities))
    return (float(index[worst]), worst + 1) if index[worst] >= least else None


def _moves(view: PanelView, position: int) -> bool:
    """Whether a feature hardly ever takes a value twice, unlike counts and days."""
    values = view.feature(position)[:: max(1, len(view.moment) // _FEW)]
    return len(np.unique(values)) >= _UNIQUE * len(values)


def copied_rows(view: PanelView) -> Iterable[Draft] | None:
    """Find rows of the test whose features equal those of a training row."""
    folds = view.folds
    if not isinstance(folds, tuple) or not folds or not view.names:
        return None
    moving = [view.feature(i) for i in range(len(view.names)) if _moves(view, i)]
    if not moving:
        return None
    digest = np.zeros(len(view.moment), dtype=np.uint64)
    for values in moving:
        bits = np.ascontiguousarray(values + 0.0).view(np.uint64)
        digest = (digest ^ (digest >> np.uint64(29))) * _ODD + bits
    distinct, number = np.unique(digest, return_inverse=True)
    test = np.asarray(view.panel.cutoffs >= folds[0].test_from)
    trained = np.zeros(len(distinct), dtype=np.bool_)
    trained[number[~test]] = True
    copied = np.flatnonzero(test & trained[number])
    if not len(copied):
        return ()
    index = view.panel.X.index[copied]
    return [
        Draft(
            severity=Severity.ERROR
            if len(copied) >= 0.01 * test.sum()
            else Severity.WARNING,
            place="panel",
            message=f"{counted(len(copied), 'row')} of the test "
            f"({percent(len(copied) / test.sum())}) "
            "equal a training row in every measured feature",
            count=len(copied),
            evidence=index[:10].to_frame(index=False),
        )
    ]


RULES: tuple[Rule[PanelView], ...] = (
    Rule(
        code="DS316",
        title="drift of the base rate",
        looks_at="panel",
        needs="resolved rows of two months and a positive",
        advice="show the result by month; ask what changed",
        check=base_rate,
    ),
    Rule(
        code="DS317",
        title="drift of features",
        looks_at="panel",
        needs="rows of two months",
        advice="drift is not damage: show it beside the result by month",
        check=feature_drift,
    ),
    Rule(
        code="DS406",
        title="test rows that copy training rows",
        looks_at="panel",
        needs="folds, and a feature that hardly ever takes a value twice",
        advice="look for a stretch of measurements that was copied or filled in",
        check=copied_rows,
    ),
)
