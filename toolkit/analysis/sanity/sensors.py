"""DS312 and DS313: measurements that jump to another level or stand still."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Column, Floats, Ints, Nature, Part
from toolkit.analysis.sanity.counts import WEEK
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import TableView
from toolkit.analysis.sanity.wording import counted, duration, listed, number

_ROWS = 100
_WEEKS = 8
_CLIP = 10.0  # interquartile ranges: a single wild value moves no mean
_SHIFT = 6.0  # standard deviations within a week
_SUDDEN = 0.6  # of the shift happens within two weeks
_CHANCE = 1e-9  # of the longest run of equal values
_LONG = 10  # rows of a run
_RARELY = 0.5  # equal neighbours of a sensor that moves
_CLOSE = 0.03  # of a known factor between units
_FACTORS = {
    1000.0: "a factor of 1,000",
    100.0: "a factor of 100",
    10.0: "a factor of 10",
    3.6: "m/s and km/h",
    1.609344: "miles and kilometres",
    2.54: "inches and centimetres",
    25.4: "inches and millimetres",
    3.28084: "metres and feet",
    6.894757: "psi and kPa",
    14.50377: "psi and bar",
    2.204623: "kilograms and pounds",
    60.0: "a factor of 60",
}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Shift:
    """Where each entity's weekly means part most, shape (n_entities,)."""

    week: Ints  # the first of the new level, or the one in between
    shifted: npt.NDArray[np.bool_]


def _measured(table: TableView) -> list[Column] | None:
    if not table.dated or len(table.rows) < _ROWS:
        return None
    columns = [
        column
        for column in table.columns
        if column.nature is Nature.NUMBER and column.part in {Part.VALUE, Part.OTHER}
    ]
    return columns or None


def level_shifts(table: TableView) -> Iterable[Draft] | None:
    """Find entities whose values move to another level from one week to the next."""
    columns = _measured(table)
    week = (table.days - table.days.min()) // WEEK if columns else np.empty(0, np.int64)
    if columns is None or week.max() + 1 < _WEEKS:
        return None
    cells = table.who * (week.max() + 1) + week
    shape = (len(table.ids), int(week.max()) + 1)
    return [
        draft
        for column in columns
        if (shift := _find_shift(table, column, cells, shape)) is not None
        for draft in _describe(table, column, shift)
    ]


def _find_shift(
    table: TableView, column: Column, cells: Ints, shape: tuple[int, int]
) -> _Shift | None:
    values = column.numbers[table.rows]
    if len(column.finite) < _ROWS:
        return None
    low, _, high = column.quartiles
    reach = _CLIP * (high - low)
    if not reach > 0:
        return None
    there = np.isfinite(values)
    if not there.all():
        values, cells = values[there], cells[there]
    values = np.clip(values, low - reach, high + reach) - low
    size = shape[0] * shape[1]
    rows = np.bincount(cells, minlength=size).astype(np.float64)
    total = np.bincount(cells, weights=values, minlength=size).astype(np.float64)
    square = np.bincount(cells, weights=values * values, minlength=size)
    within = square - total * total / np.maximum(rows, 1)
    freedom = np.maximum(rows - 1, 0).sum()
    noise = float(np.sqrt(max(within.sum(), 0.0) / freedom)) if freedom else 0.0
    return _split(rows.reshape(shape), total.reshape(shape), noise)


def _split(rows: Floats, total: Floats, noise: float) -> _Shift:
    """Split each entity's weeks where the two sides differ most."""
    n, s = np.cumsum(rows, axis=1), np.cumsum(total, axis=1)
    left_n, left_s = n[:, :-1], s[:, :-1]
    right_n, right_s = n[:, -1:] - left_n, s[:, -1:] - left_s
    with np.errstate(invalid="ignore", divide="ignore"):
        left, right = left_s / left_n, right_s / right_n
        means = total / rows
        weight = np.sqrt(left_n * right_n / n[:, -1:])
        gain = np.where(
            (left_n > 1) & (right_n > 1), np.abs(right - left) * weight, 0.0
        )
    best = np.nan_to_num(gain).argmax(axis=1)
    at = np.arange(len(best))
    size = np.abs(right[at, best] - left[at, best])
    earlier, later = np.maximum(best - 1, 0), np.minimum(best + 2, means.shape[1] - 1)
    sudden = np.fmax(
        np.abs(means[at, later] - means[at, earlier]),
        np.abs(means[at, best + 1] - means[at, best]),
    )
    usual = _row_medians(np.abs(np.diff(means, axis=1)))
    least = _SHIFT * np.maximum(usual, max(noise, np.finfo(float).tiny))
    return _Shift(week=best + 1, shifted=(size >= least) & (sudden >= _SUDDEN * size))


def _row_medians(steps: Floats) -> Floats:
    """Median of each row without its gaps; 0 of a row that has nothing else."""
    ordered = np.sort(steps, axis=1)  # NaN last
    there = np.isfinite(ordered).sum(axis=1)
    middle = ordered[np.arange(len(ordered)), np.maximum(there - 1, 0) // 2]
    medians: Floats = np.nan_to_num(middle)
    return medians


def _describe(table: TableView, column: Column, shift: _Shift) -> Iterable[Draft]:
    who = np.flatnonzero(shift.shifted)
    if not len(who):
        return
    found = _medians(table, column, shift)
    before, after = float(found["before"].median()), float(found["after"].median())
    found.insert(0, table.spec.entity, table.ids[who])
    starts = table.days.min() + WEEK * shift.week[who]
    found["since about"] = starts.astype("datetime64[D]").astype(str)
    since = str(np.sort(starts)[len(who) // 2].astype("datetime64[D]"))
    size = (found["after"] - found["before"]).abs()
    yield Draft(
        severity=Severity.WARNING,
        place=column.place,
        message=f"{counted(len(who), 'entity')} of {len(table.ids):,} "
        f"({listed(table.ids[who])}) jump from about {before:.3g} to {after:.3g}, "
        f"typically around {since}{_unit(before, after)}",
        count=len(who),
        evidence=found.loc[size.sort_values(ascending=False, kind="stable").index],
    )


def _medians(table: TableView, column: Column, shift: _Shift) -> pd.DataFrame:
    """Median of each shifted entity before and after its week of change."""
    rows = shift.shifted[table.who]
    who = table.who[rows]
    week = (table.days[rows] - table.days.min()) // WEEK
    side = np.sign(week - shift.week[who])
    values = pd.DataFrame(
        {"who": who, "side": side, "value": column.numbers[table.rows][rows]}
    )
    medians = values.groupby(["side", "who"])["value"].median()
    within, before, after = (
        medians[medians.index.get_level_values("side") == s].droplevel("side")
        for s in (0, -1, 1)
    )
    frame = pd.DataFrame({"before": before, "after": after, "within": within})
    frame["after"] = frame["after"].fillna(frame.pop("within"))
    return frame.reset_index(drop=True)


def _unit(before: float, after: float) -> str:
    """Name the change of unit that would explain a jump, if there is one."""
    for low, high in ((before, after), (after, before)):
        if np.isclose(high, 1.8 * low + 32, rtol=_CLOSE) and high > 0:
            return ": as between Celsius and Fahrenheit"
        for factor, name in _FACTORS.items():
            if low > 0 and np.isclose(high / low, factor, rtol=_CLOSE):
                return f": as between {name}" if " and " in name else f": by {name}"
    return ""


def frozen(table: TableView) -> Iterable[Draft] | None:
    """Find runs of one value that a sensor which moves does not show by chance."""
    columns = _measured(table)
    if columns is None or table.spec.role != "measurements":
        return None
    same_entity = np.diff(table.who) == 0
    return [
        draft for column in columns for draft in _frozen(table, column, same_entity)
    ]


def _frozen(
    table: TableView, column: Column, same_entity: npt.NDArray[np.bool_]
) -> Iterable[Draft]:
    values = column.numbers[table.rows]
    equal = (values[1:] == values[:-1]) & same_entity
    pairs = int(same_entity.sum())
    if not equal.any() or not pairs:
        return
    edges = np.flatnonzero(np.diff(np.concatenate(([0], equal.view(np.int8), [0]))))
    start, length = edges[::2], edges[1::2] - edges[::2] + 1
    if length.max() < _LONG:
        return
    who = table.who[:-1]
    of = np.bincount(who[same_entity], minlength=len(table.ids))
    share = np.bincount(who[equal], minlength=len(of)) / np.maximum(of, 1)
    usual = float(np.median(share[of > 0]))
    if usual > _RARELY:
        return
    least = max(_LONG, np.log(_CHANCE / len(values)) / np.log(max(usual, 1e-3)) + 1)
    long = np.flatnonzero(length >= least)
    if not len(long):
        return
    long = long[np.lexsort((start[long], -length[long]))]
    first, last = start[long], start[long] + length[long] - 1
    ids = table.ids[np.unique(who[first])]
    lasted = (table.micro[last[0]] - table.micro[first[0]]) / 1e6
    yield Draft(
        severity=Severity.WARNING,
        place=column.place,
        message=f"{counted(len(long), 'run')} of one unchanging value, of "
        f"{counted(len(ids), 'entity')} ({listed(ids)}); the longest holds "
        f"{number(float(values[first[0]]))} for {duration(lasted)} "
        f"({length[long[0]]:,} rows)",
        count=int(length[long].sum()),
        evidence=pd.DataFrame(
            {
                table.spec.entity: table.ids[who[first]],
                "from": table.micro[first].astype("datetime64[us]"),
                "to": table.micro[last].astype("datetime64[us]"),
                "rows": length[long],
                "value": values[first],
            }
        ),
    )


RULES: tuple[Rule[TableView], ...] = (
    Rule(
        code="DS312",
        title="jump to another level, change of unit",
        looks_at="dated table",
        needs=f"a dated table with numbers, {_ROWS} rows and {_WEEKS} weeks",
        advice="ask whether the sensor or its unit was changed; convert on loading",
        check=level_shifts,
    ),
    Rule(
        code="DS313",
        title="frozen sensor",
        looks_at="dated table",
        needs=f"a table of measurements with numbers and {_ROWS} rows",
        advice="make the run missing after its first row; ask what the sensor does "
        "when off",
        check=frozen,
    ),
)
