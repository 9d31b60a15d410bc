"""Whatever the tables hold: no feature knows the future, and all agree with Python."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from random import Random
from statistics import fmean, stdev

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import Phase, assume, given, reject, settings
from hypothesis import strategies as st
from worlds import ALARMS, DAILY, DAY, HOUR, PUMPS, READINGS, STOPS, delayed, scope_of

from toolkit.analysis.build import build_panel
from toolkit.analysis.decisions import NoDecisionsError, NoRecordsError
from toolkit.analysis.panel import Panel
from toolkit.analysis.rebuild import cut, find_future_leaks
from toolkit.scope import Label, Scope, Table

EPOCH = pd.Timestamp("1970-01-01")  # in the middle, so that times have either sign
END = EPOCH + pd.Timedelta(days=4)
WINDOWS = (pd.Timedelta(days=2), pd.Timedelta(hours=30))
TYPES = {
    "at": "datetime64[us]",
    "since": "datetime64[us]",
    "pump": "float64",
    "flow": "float64",
    "power": "float64",
    "code": "object",
    "make": "str",
}
AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "mean": fmean,
    "min": min,
    "max": max,
    "std": stdev,
}
Tables = dict[str, pd.DataFrame]
quick = settings(max_examples=30, deadline=None, phases=set(Phase) - {Phase.explain})

hours = st.integers(-100, 100).map(lambda hour: EPOCH + pd.Timedelta(hours=hour))
pumps = st.sampled_from([1, 2, 3, 77, None])
records: dict[str, st.SearchStrategy[tuple[object, ...]]] = {
    "stops": st.tuples(hours, pumps),
    "alarms": st.tuples(hours, pumps, st.sampled_from(["a", "b", "future", None])),
    "readings": st.tuples(
        hours | st.none(),
        pumps,
        st.sampled_from([0.1, -0.0, 0.0, 1e6, np.nan, np.inf])
        | st.floats(-1e3, 1e3, width=32),
    ),
    "pumps": st.tuples(
        hours, st.sampled_from([1, 2, 3]), st.floats(0, 9), st.sampled_from("xyz")
    ),
}
COLUMNS = {
    "stops": ["at", "pump"],
    "alarms": ["at", "pump", "code"],
    "readings": ["at", "pump", "flow"],
    "pumps": ["since", "pump", "power", "make"],
}


@dataclass(frozen=True, kw_only=True)
class World:
    tables: Tables
    scope: Scope

    def panel(self) -> Panel:
        """Build it, or give up the example if nothing is to be decided."""
        try:
            return build_panel(self.tables, self.scope, windows=WINDOWS, end=END)
        except (NoDecisionsError, NoRecordsError):
            reject()

    def known_at(self, cutoff: pd.Timestamp) -> Tables:
        return cut(self.tables, self.scope, cutoff)


def frame_of(name: str, rows: list[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS[name])
    frame = frame.astype({column: TYPES[column] for column in COLUMNS[name]})
    if name == "pumps":
        return frame.drop_duplicates(["since", "pump"], ignore_index=True)
    return frame


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Logs with duplicates, strangers, gaps and times on both sides of the grid."""
    rows = {
        name: draw(st.lists(record, min_size=name == "pumps", max_size=9))
        for name, record in records.items()
    }
    if draw(st.booleans()):  # an entity table without times
        entities = PUMPS
        pumps_frame = frame_of("pumps", rows["pumps"]).drop(columns="since")
        frames = {"pumps": pumps_frame.drop_duplicates("pump")}
    else:
        entities = Table(
            name="pumps", source="", role="entities", entity="pump", time="since"
        )
        frames = {"pumps": frame_of("pumps", rows["pumps"])}
    frames |= {
        name: frame_of(name, rows[name]) for name in ("stops", "alarms", "readings")
    }
    delays = st.sampled_from([timedelta(), HOUR, DAY])
    logs = [delayed(table, draw(delays)) for table in (STOPS, ALARMS, READINGS)]
    scope = scope_of(
        (entities, *logs),
        decisions=replace(
            DAILY,
            every=draw(st.sampled_from([DAY, 2 * DAY, 12 * HOUR])),
            first=draw(st.sampled_from([None, (EPOCH - 2 * DAY).date()])),
        ),
        horizon=draw(st.sampled_from([DAY, 40 * HOUR])),
        label=draw(
            st.sampled_from(
                [Label(table="stops"), Label(table="alarms", kinds=("a", "b"))]
            )
        ),
    )
    return World(tables=frames, scope=scope)


def same_bits(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> bool:
    signs = bool((np.signbit(a) == np.signbit(b))[~np.isnan(a)].all())
    return np.array_equal(a, b, equal_nan=True) and signs


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


@quick
@given(worlds(), worlds(), st.data())
def test_no_feature_changes_with_what_arrives_later(
    world: World, other: World, data: st.DataObject
) -> None:
    """Later rows are deleted, changed or added, in any table that has times."""
    before = world.panel()
    cutoff = draw_cutoff(data, before)
    changed = {
        name: pd.concat([known, later_rows(other.tables[name], table, cutoff)])
        if table.time is not None
        else known
        for (name, known), table in zip(
            world.known_at(cutoff).items(), world.scope.tables.values(), strict=True
        )
    }
    after = World(tables=changed, scope=world.scope).panel()
    a, b = (panel.X[panel.cutoffs <= cutoff] for panel in (before, after))
    assert a.index.equals(b.index)
    for name in {*a, *b}:
        if name in a and name in b:
            assert same_bits(a[name].to_numpy(), b[name].to_numpy()), name
        else:  # a kind or category that had not occurred yet
            alone = (a if name in a else b)[name]
            assert (alone.isna() | (alone == 0)).all(), name


def draw_cutoff(data: st.DataObject, panel: Panel) -> pd.Timestamp:
    cutoffs = list(panel.X.index.unique("cutoff"))
    assume(cutoffs)
    chosen: pd.Timestamp = data.draw(st.sampled_from(cutoffs), label="cutoff")
    return chosen


def later_rows(frame: pd.DataFrame, table: Table, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return rows of another world, those that arrive after the cutoff here."""
    if table.time not in frame:
        return frame[:0]
    return frame[frame[table.time] + table.delay > cutoff]


@quick
@given(worlds(), worlds())
def test_no_feature_changes_with_the_records_of_another_entity(
    world: World, other: World
) -> None:
    names = ("stops", "alarms", "readings")
    start = frame_of("stops", [(EPOCH - 7 * DAY, 1.0)])  # one grid for both
    world.tables["stops"] = pd.concat([world.tables["stops"], start])
    added = {name: other.tables[name] for name in names}
    tables = world.tables | {
        name: pd.concat([world.tables[name], rows[rows["pump"] != 2]])
        for name, rows in added.items()
    }
    label = Label(table="stops")
    scope = replace(world.scope, label=label)
    before = World(tables=world.tables, scope=scope).panel().X
    after = World(tables=tables, scope=scope).panel().X
    a, b = (X[X.index.get_level_values("entity") == 2] for X in (before, after))
    for name in a:
        assert same_bits(a[name].to_numpy(), b[name].to_numpy()), name


@quick
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_plays_no_part(world: World, random: Random) -> None:
    shuffled = {
        name: frame.iloc[random.sample(range(len(frame)), len(frame))]
        for name, frame in world.tables.items()
    }
    a, b = world.panel(), World(tables=shuffled, scope=world.scope).panel()
    pd.testing.assert_frame_equal(a.X, b.X, check_exact=True)
    np.testing.assert_array_equal(a.y, b.y)
    pd.testing.assert_frame_equal(a.events, b.events)


@quick
@given(worlds(), st.data())
def test_the_panel_passes_the_rebuild_test(world: World, data: st.DataObject) -> None:
    world.tables["stops"] = pd.concat(
        [world.tables["stops"], frame_of("stops", [(END, 77.0)])]  # a stranger
    )
    chosen = [draw_cutoff(data, world.panel())]
    build = partial(build_panel, windows=WINDOWS)
    assert find_future_leaks(build, world.tables, world.scope, chosen).empty
