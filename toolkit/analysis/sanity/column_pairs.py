"""DS116: columns that repeat each other, be it in another unit."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Column, Floats, Nature, Part
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import TableView
from toolkit.analysis.sanity.wording import counted, number

_ROWS = 20
_SAME = 1e-9  # of 1 - correlation: a copy, perhaps in another unit
_NEAR = 1e-4
_MOST = 300  # columns compared with each other
_MOST_LEVELS = 1_000


def copies(table: TableView) -> Iterable[Draft] | None:
    """Find pairs of columns that say the same."""
    loose = [c for c in table.columns if c.part in {Part.VALUE, Part.OTHER, Part.KIND}]
    figures = [c for c in loose if _varies(c)][:_MOST]
    texts = [
        c
        for c in loose
        if c.nature is Nature.TEXT
        and 1 < len(c.levels) <= min(_MOST_LEVELS, c.present // 2)
    ][:_MOST]
    if len(figures) <= 1 and len(texts) <= 1:
        return None
    return [*_figures(figures), *_texts(texts)]


def _varies(column: Column) -> bool:
    if column.nature is not Nature.NUMBER or len(column.finite) < _ROWS:
        return False
    low, _, high = column.quartiles
    return high > low or bool(np.ptp(column.finite) > 0)


def _standard(column: Column) -> Floats:
    """Deviations from the mean over their norm; 0 where there is no number."""
    values = column.numbers
    lacking = ~np.isfinite(values)
    if lacking.any():
        values = np.where(lacking, 0.0, values - column.finite.mean())
    else:
        values = values - values.mean()
    norm = np.linalg.norm(values)
    return values / norm if np.isfinite(norm) and norm > 0 else np.zeros_like(values)


def _figures(columns: list[Column]) -> Iterable[Draft]:
    if len(columns) <= 1:
        return
    block = np.empty((len(columns), len(columns[0].series)))
    for row, column in zip(block, columns, strict=True):
        row[:] = _standard(column)
    correlation = block @ block.T
    for i, j in np.argwhere(np.triu(1 - np.abs(correlation) < _NEAR, k=1)):
        yield _pair(columns[i], columns[j], float(correlation[i, j]))


def _pair(a: Column, b: Column, correlation: float) -> Draft:
    both = np.isfinite(a.numbers) & np.isfinite(b.numbers)
    x, y = a.numbers[both], b.numbers[both]
    same = 1 - abs(correlation) < _SAME
    equal = bool((x == y).all())
    deviation = float(np.std(x))
    slope = float(np.copysign(np.std(y) / deviation, correlation)) if deviation else 1.0
    offset = float(y.mean() - slope * x.mean())
    if equal:
        what = "holds the same numbers"
    elif same:
        sign = "-" if offset < 0 else "+"
        what = f"is {number(slope)} x {a.name} {sign} {number(abs(offset))}"
    else:
        what = (
            f"nearly repeats it: correlation {np.floor(abs(correlation) * 1e5) / 1e5:g}"
        )
    return Draft(
        severity=Severity.WARNING if same else Severity.NOTE,
        place=b.place,
        message=f"{b.name} beside {a.name}: it {what}",
        count=int(both.sum()),
        evidence=pd.DataFrame(
            {a.name: x, b.name: y} if a.name != b.name else {a.name: x}
        )
        .drop_duplicates()
        .nsmallest(5, a.name),
    )


def _texts(columns: list[Column]) -> Iterable[Draft]:
    for i, a in enumerate(columns):
        for b in columns[i + 1 :]:
            if len(a.levels) != len(b.levels) or (a.missing != b.missing).any():
                continue
            pairs = np.unique(a.codes * (len(b.levels) + 1) + b.codes)
            if len(pairs) > len(a.levels) + bool(a.missing.any()):
                continue
            yield Draft(
                severity=Severity.NOTE,
                place=b.place,
                message=f"{b.name} says the same as {a.name}: each of the "
                f"{counted(len(a.levels), 'value')} goes with one of the other's",
                count=a.present,
            )


RULES: tuple[Rule[TableView], ...] = (
    Rule(
        code="DS116",
        title="columns that repeat each other",
        looks_at="table",
        needs="a table with two columns of numbers, or of categories, that are no key",
        advice="keep one; two copies share one weight and none can be read",
        check=copies,
    ),
)
