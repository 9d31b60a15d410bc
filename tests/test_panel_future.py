"""Whatever the tables hold: no feature knows the future."""

from dataclasses import replace
from functools import partial
from random import Random

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st
from panel_worlds import END, EPOCH, WINDOWS, World, frame_of, quick, worlds
from worlds import DAY

from toolkit.analysis.build import build_panel
from toolkit.analysis.panel import Panel
from toolkit.analysis.rebuild import find_future_leaks
from toolkit.scope import Label, Table


def same_bits(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> bool:
    signs = bool((np.signbit(a) == np.signbit(b))[~np.isnan(a)].all())
    return np.array_equal(a, b, equal_nan=True) and signs


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
