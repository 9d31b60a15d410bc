"""Whatever the tables hold: no feature knows the future, and all agree with Python."""

from collections.abc import Callable
from statistics import fmean, stdev

import numpy as np
import pandas as pd
from hypothesis import given
from panel_worlds import END, World, quick, worlds
from worlds import DAY

AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "mean": fmean,
    "min": min,
    "max": max,
    "std": stdev,
}


def arrivals(world: World, name: str) -> list[tuple[pd.Timestamp, pd.Series]]:
    """Return (arrival, record) of a log, in pure Python, without strangers."""
    table = world.scope.tables[name]
    return [
        (row["at"] + table.delay, row)
        for _, row in world.tables[name].iterrows()
        if pd.notna(row["at"]) and pd.notna(row["pump"])
    ]


def oracle_events(world: World, name: str, kind: str | None) -> Callable[..., float]:
    """Return a function of column end, cutoff and entity."""
    rows = [
        (arrival, row["at"], row["pump"])
        for arrival, row in arrivals(world, name)
        if kind is None or row.get("code") == kind
    ]

    def value(end: str, cutoff: pd.Timestamp, entity: int) -> float:
        mine = [(a, t) for a, t, pump in rows if pump == entity and a <= cutoff]
        if end == "days since":
            last = max((t for _, t in mine), default=None)
            return np.nan if last is None else float((cutoff - last) / DAY)
        window = pd.Timedelta(end.removeprefix("count "))
        return sum(cutoff - window < a for a, _ in mine)

    return value


def oracle_readings(world: World) -> Callable[..., float]:
    rows = [
        (arrival, row["at"], row["pump"], row["flow"])
        for arrival, row in arrivals(world, "readings")
        if np.isfinite(row["flow"])
    ]

    def value(end: str, cutoff: pd.Timestamp, entity: int) -> float:
        aggregate, _, window = end.partition(" ")
        since = cutoff - pd.Timedelta(window)
        mine = [(t, v) for a, t, p, v in rows if p == entity and since < a <= cutoff]
        values = [float(v) for _, v in mine]
        if not values or (aggregate == "std" and len(values) == 1):
            return np.nan
        if aggregate == "last":
            return float(max(mine)[1])
        return AGGREGATES[aggregate](values)

    return value


@quick
@given(worlds())
def test_counts_and_aggregates_agree_with_plain_python(world: World) -> None:
    panel = world.panel()
    for name in panel.X.columns:
        stem, _, end = name.partition(" ")
        table, _, kind = stem.rstrip("]").partition("[")
        if stem.startswith("pumps"):
            continue
        value = (
            oracle_readings(world)
            if stem == "readings.flow"
            else oracle_events(world, table, kind or None)
        )
        expected = [value(end, cutoff, entity) for cutoff, entity in panel.X.index]
        np.testing.assert_allclose(panel.X[name], expected, 1e-9, 1e-9, err_msg=name)


@quick
@given(worlds())
def test_static_features_and_presence_agree_with_plain_python(world: World) -> None:
    panel = world.panel()
    frame = world.tables["pumps"]
    times = frame.get("since", pd.Series(pd.Timestamp.min, index=frame.index))
    rows = [
        (cutoff, pump, frame[(frame["pump"] == pump) & (times <= cutoff)])
        for cutoff in panel.X.index.unique("cutoff")
        for pump in sorted(frame["pump"].unique())
    ]
    rows = [row for row in rows if len(row[2])]
    assert [row[:2] for row in rows] == panel.X.index.tolist()
    for (cutoff, _, known), (_, features) in zip(rows, panel.X.iterrows(), strict=True):
        latest = known.loc[times[known.index].idxmax()]
        assert features["pumps.power"] == latest["power"]
        for make in sorted(frame["make"].unique()):
            assert features[f"pumps.make={make}"] == (latest["make"] == make)
        if "since" in frame:
            age = (cutoff - known["since"].min()) / pd.Timedelta(DAY)
            assert features["pumps days since"] == age


@quick
@given(worlds())
def test_labels_agree_with_plain_python_and_the_tail_is_unresolved(
    world: World,
) -> None:
    panel = world.panel()
    label, horizon = world.scope.label, world.scope.horizon
    table = world.scope.tables[label.table]
    pumps_known = set(world.tables["pumps"]["pump"])
    events = {
        (row["at"], row["pump"])
        for _, row in arrivals(world, label.table)
        if row["pump"] in pumps_known
        and (not label.kinds or row["code"] in label.kinds)
    }
    expected = [
        np.nan
        if cutoff + horizon + table.delay > END
        else float(any(p == pump and cutoff < t <= cutoff + horizon for t, p in events))
        for cutoff, pump in panel.X.index
    ]
    np.testing.assert_array_equal(panel.y, expected)
    found = zip(panel.events["time"], panel.events["entity"], strict=True)
    assert list(found) == sorted(events)
