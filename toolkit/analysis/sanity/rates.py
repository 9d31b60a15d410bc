"""DS305 to DS308: ends, single days and stretches with too many or too few rows."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Floats
from toolkit.analysis.sanity.counts import WEEK, DailyCounts
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import TableView
from toolkit.analysis.sanity.wording import clock, counted, listed, percent
from toolkit.analysis.sanity.world import World

_DAYS = 30  # days from which a usual day can be told
_BLOCKS = (1, 3, 7)  # days at either end that are looked at together
_Z = 7.0  # robust standard deviations; Poisson's days reach 3.5 in a year
_RATIO = 1.5
_BURST = 2.0
_JUMP_Z = 8.0
_SIDE = 4  # blocks on either side of a change
_CHANGES = 3
_ABSURD = 100.0  # ratio: the rate was as good as nothing before
_WEEKS = 16
_HALF = 0.5
_RARELY = 0.01  # of the other days' rows
_CLOCK = 5  # rows at one time of day


def _counted_tables(world: World) -> list[tuple[TableView, DailyCounts]]:
    counts = [(table, DailyCounts.of(table)) for table in world.dated]
    return [(table, daily) for table, daily in counts if len(daily) >= _DAYS]


def start_artefacts(world: World) -> Iterable[Draft] | None:
    """Find logs whose first days hold far more or fewer rows than the others."""
    tables = _counted_tables(world)
    if not tables:
        return None
    return [d for t, daily in tables for d in _end(world, t, daily, at_start=True)]


def end_artefacts(world: World) -> Iterable[Draft] | None:
    """Find logs whose last days hold far more or fewer rows than the others."""
    tables = _counted_tables(world)
    if not tables:
        return None
    return [d for t, daily in tables for d in _end(world, t, daily, at_start=False)]


def _end(
    world: World, table: TableView, daily: DailyCounts, *, at_start: bool
) -> Iterable[Draft]:
    counts = daily.counts if at_start else daily.counts[::-1]
    roots = daily.roots if at_start else daily.roots[::-1]
    scored = [(_block_score(roots, k, daily.spread), k) for k in _BLOCKS]
    score, k = max(scored, key=lambda pair: abs(pair[0]))
    rows, rest = float(counts[:k].sum()), float(counts[k:].mean())
    ratio = rows / k / rest if rest else np.inf
    if abs(score) < _Z or 1 / _RATIO < ratio < _RATIO or table.time is None:
        return
    days = daily.days[:k] if at_start else daily.days[-k:]
    span = str(_date(days[0])) if k == 1 else f"{_date(days[0])} to {_date(days[-1])}"
    what = "first" if at_start else "last"
    first, last = world.evaluated
    label = table is world.label and first <= days[-1] and days[0] <= last
    evidence = pd.DataFrame(
        {"day": _dates(daily), "rows": daily.counts.astype(np.int64)}
    )
    yield Draft(
        severity=_end_severity(label=label, many=ratio > 1, at_start=at_start),
        place=table.time.place,
        message=f"the {what} {'day holds' if k == 1 else f'{k} days hold'} "
        f"{counted(int(rows), 'row')} ({span}), the other days about {rest:,.0f} each"
        + _clock_note(table, days[0], days[-1]),
        count=int(rows),
        evidence=evidence.head(10) if at_start else evidence.tail(10),
    )


def _end_severity(*, label: bool, many: bool, at_start: bool) -> Severity:
    """Call a flood of label events an error; a day cut off at the end is usual."""
    if label and many:
        return Severity.ERROR
    return Severity.WARNING if many or at_start or label else Severity.NOTE


def _block_score(roots: Floats, k: int, spread: float) -> float:
    """Robust standard deviations of the first k days' mean from the other blocks'."""
    blocks = len(roots) // k
    means = roots[: blocks * k].reshape(blocks, k).mean(axis=1) * np.sqrt(k)
    low, middle, high = np.quantile(means[1:], [0.25, 0.5, 0.75])
    scale = max(spread, float(high - low) / 1.349) if blocks > 2 * WEEK else spread
    return float((means[0] - middle) / scale)


def _clock_note(table: TableView, first: int, last: int) -> str:
    """Say if most of these days' rows stand at a time of day that others never have."""
    there = (table.days >= first) & (table.days <= last)
    minute = table.micro // 60_000_000 % 1440
    inside = np.bincount(minute[there], minlength=1440)
    outside = np.bincount(minute[~there], minlength=1440)
    rare = outside <= _RARELY * max(1, outside.sum())
    top = int(np.argmax(inside * rare))
    if not rare[top] or inside[top] < max(_CLOCK, _HALF * inside.sum()):
        return ""
    seen = "seldom" if outside[top] else "never"
    when = "later" if first == table.days.min() else "before"
    return (
        f"; {inside[top]:,} of them bear the time {clock(top * 60)}, {seen} seen {when}"
    )


def burst_days(world: World) -> Iterable[Draft] | None:
    """Find single days, ends left out, with far more or fewer rows than the others."""
    tables = _counted_tables(world)
    if not tables:
        return None
    return [draft for table, daily in tables for draft in _bursts(table, daily)]


def _bursts(table: TableView, daily: DailyCounts) -> Iterable[Draft]:
    usual = np.maximum(daily.expected, 0.5)
    ratio = np.maximum(daily.counts, 0.5) / usual
    odd = (np.abs(daily.scores) >= _Z) & ((ratio >= _BURST) | (ratio <= 1 / _BURST))
    odd &= daily.counts > 0  # days without rows are DS303's
    odd[[0, -1]] = False
    if not odd.any() or table.time is None:
        return
    places = np.flatnonzero(odd)
    worst = places[np.lexsort((places, -np.abs(daily.scores[places])))]
    rows = int(daily.counts[odd].sum())
    examples = [f"{_date(daily.days[i])}: {daily.counts[i]:,.0f}" for i in worst]
    yield Draft(
        severity=Severity.WARNING,
        place=table.time.place,
        message=f"{counted(len(places), 'day')} "
        f"{'stands' if len(places) == 1 else 'stand'} "
        f"out from the usual {daily.usual:,.0f} rows ({listed(examples)}); "
        f"{percent(rows / daily.counts.sum())} of all rows",
        count=rows,
        evidence=pd.DataFrame(
            {
                "day": [str(_date(d)) for d in daily.days[worst]],
                "rows": daily.counts[worst].astype(np.int64),
                "expected": np.round(usual[worst], 1),
            }
        ),
    )


def rate_jumps(world: World) -> Iterable[Draft] | None:
    """Find days from which on a log holds many more or many fewer rows."""
    tables = _counted_tables(world)
    if not tables:
        return None
    return [draft for table, daily in tables for draft in _jumps(table, daily)]


def _jumps(table: TableView, daily: DailyCounts) -> Iterable[Draft]:
    size = WEEK if len(daily) >= _WEEKS * WEEK else 1
    blocks = len(daily) // size
    start = len(daily) - blocks * size  # the odd days at the beginning are left out
    rows = daily.counts[start:].reshape(blocks, size).sum(axis=1)
    changes = _changes(rows, _CHANGES)
    if not changes or table.time is None:
        return
    bounds = [0, *sorted(changes), blocks]
    pieces = [
        (daily.first + start + a * size, float(rows[a:b].mean()) / size)
        for a, b in pairwise(bounds)
    ]
    (_, before), *later = pieces
    words = [f"about {before:,.3g} rows a day"]
    words += [f"{rate:,.3g} from about {_date(since)}" for since, rate in later]
    rates = np.array([rate for _, rate in pieces])
    ratio = rates.max() / max(rates.min(), 1e-9)
    yield Draft(
        severity=Severity.WARNING,
        place=table.time.place,
        message=f"the rate jumps: {', '.join(words)}"
        + (
            f" ({ratio:.2g} times as many)"
            if rates[-1] > rates[0] and ratio < _ABSURD
            else ""
        ),
        count=int(rows[min(changes) :].sum()),
        evidence=_monthly(table, pieces[1][0]),
    )


def _changes(rows: Floats, most: int) -> list[int]:
    """Split where the two sides differ most, then again within each side.

    References
    ----------
    Scott and Knott (1974), A cluster analysis method for grouping means in the
    analysis of variance, Biometrics 30 (binary segmentation)
    """
    n = len(rows)
    if most <= 0 or n < 2 * _SIDE:
        return []
    roots = 2 * np.sqrt(rows + 0.375)
    steps = np.diff(roots)
    low, high = np.quantile(steps, [0.25, 0.75])
    spread = max(1.0, float(high - low) / 1.349 / np.sqrt(2))
    at = np.arange(_SIDE, n - _SIDE + 1)
    total = np.cumsum(roots)
    left = total[at - 1] / at
    right = (total[-1] - total[at - 1]) / (n - at)
    z = np.abs(right - left) / (spread * np.sqrt(1 / at + 1 / (n - at)))
    best = int(at[np.argmax(z)])
    a, b = float(np.median(rows[:best])), float(np.median(rows[best:]))
    if z.max() < _JUMP_Z or max(a, b) < _RATIO * max(min(a, b), 1e-9):
        return []
    found = [best]
    found += _changes(rows[:best], most - 1)
    found += [best + c for c in _changes(rows[best:], most - len(found))]
    return found[:most]


def _monthly(table: TableView, change: int) -> pd.DataFrame:
    """Count the rows of the ten months around a day."""
    rows = np.bincount(table.months)
    start = np.datetime64(int(table.days.min()), "D").astype("datetime64[M]")
    at = int((_date(change).astype("datetime64[M]") - start).astype(np.int64))
    frame = pd.DataFrame(
        {"month": [str(start + m) for m in range(len(rows))], "rows": rows}
    )
    return frame.iloc[max(0, at - 5) : at + 5]


def _date(number: int) -> np.datetime64:
    return np.datetime64(int(number), "D")


def _dates(daily: DailyCounts) -> list[str]:
    return [str(_date(number)) for number in daily.days]


RULES: tuple[Rule[World], ...] = (
    Rule(
        code="DS305",
        title="start-up artefact",
        looks_at="set of tables",
        needs=f"a dated table of {_DAYS} days",
        advice="set decisions.first after these days, or drop their rows, and say why",
        check=start_artefacts,
    ),
    Rule(
        code="DS306",
        title="end artefact",
        looks_at="set of tables",
        needs=f"a dated table of {_DAYS} days",
        advice="set decisions.last before these days: late rows may still arrive",
        check=end_artefacts,
    ),
    Rule(
        code="DS307",
        title="days that stand out",
        looks_at="set of tables",
        needs=f"a dated table of {_DAYS} days",
        advice="ask what happened; show how much of the result these days carry",
        check=burst_days,
    ),
    Rule(
        code="DS308",
        title="jump in the rate",
        looks_at="set of tables",
        needs=f"a dated table of {_DAYS} days",
        advice="ask what changed in the recording; train on one side of it only",
        check=rate_jumps,
    ),
)
