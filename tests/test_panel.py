from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from worlds import (
    ALARMS,
    DAILY,
    DAY,
    HOUR,
    PUMPS,
    READINGS,
    STOPS,
    delayed,
    log,
    scope_of,
)

from toolkit.analysis import build
from toolkit.analysis.build import FeatureWindowError, build_panel
from toolkit.analysis.decisions import ManyDecisionsError, NoRecordsError
from toolkit.analysis.features import ManyLevelsError, NotNumericError
from toolkit.analysis.logs import EntityTypeError, TimeColumnError
from toolkit.analysis.panel import Panel, PanelShapeError
from toolkit.analysis.sources import MissingPartError, RepeatedEntityError
from toolkit.errors import ToolkitError
from toolkit.scope import Label

WEEK = (pd.Timedelta(days=7),)
Tables = dict[str, pd.DataFrame]


def tables_of(**changes: pd.DataFrame) -> Tables:
    return {
        "pumps": pd.DataFrame(
            {"pump": [2, 1], "make": ["Ruhr", None], "power": [5.0, np.nan]}
        ),
        "stops": log(
            ("2015-01-01 06:00", 1), ("2015-01-03 09:00", 2), ("2015-01-05 07:00", 1)
        ),
        "alarms": log(
            ("2014-12-30 12:00", 1, "hot"),
            ("2015-01-02 07:00", 1, "dry"),
            ("2015-01-03 08:00", 1, "hot"),
        ),
        "readings": log(
            ("2015-01-01 05:00", 1, 1.0),
            ("2015-01-01 06:00", 1, 5.0),
            ("2015-01-08 05:30", 1, 2.0),
            columns="at pump flow",
        ),
    } | changes


def test_the_columns_are_named_by_table_kind_and_window() -> None:
    panel = build_panel(tables_of(), scope_of(), windows=(*WEEK, pd.Timedelta(HOUR)))
    assert panel.X.columns.tolist() == [
        "pumps.make=Ruhr",
        "pumps.power",
        "stops count 7 days",
        "stops count 1 hour",
        "stops days since",
        "alarms count 7 days",
        "alarms count 1 hour",
        "alarms days since",
        "alarms[dry] count 7 days",
        "alarms[dry] count 1 hour",
        "alarms[dry] days since",
        "alarms[hot] count 7 days",
        "alarms[hot] count 1 hour",
        "alarms[hot] days since",
        "readings.flow mean 7 days",
        "readings.flow min 7 days",
        "readings.flow max 7 days",
        "readings.flow last 7 days",
        "readings.flow std 7 days",
        "readings.flow mean 1 hour",
        "readings.flow min 1 hour",
        "readings.flow max 1 hour",
        "readings.flow last 1 hour",
        "readings.flow std 1 hour",
    ]


def test_a_row_worked_out_by_hand() -> None:
    panel = build_panel(tables_of(), scope_of(), windows=WEEK)
    row = panel.X.xs(1, level="entity").loc[pd.Timestamp("2015-01-06 07:00")]
    expected = {
        "pumps.make=Ruhr": 0.0,
        "pumps.power": np.nan,
        "stops count 7 days": 2.0,
        "stops days since": 1.0,
        "alarms count 7 days": 3.0,
        "alarms days since": 71 / 24,
        "alarms[dry] count 7 days": 1.0,
        "alarms[dry] days since": 4.0,
        "alarms[hot] count 7 days": 2.0,
        "alarms[hot] days since": 71 / 24,
        "readings.flow mean 7 days": 3.0,
        "readings.flow min 7 days": 1.0,
        "readings.flow max 7 days": 5.0,
        "readings.flow last 7 days": 5.0,
        "readings.flow std 7 days": np.sqrt(8.0),
    }
    assert row.to_dict() == pytest.approx(expected, nan_ok=True)


def test_a_window_is_open_at_its_old_end_and_closed_at_the_decision() -> None:
    alarms = log(("2015-01-01 07:00", 1, "hot"), ("2015-01-08 07:00", 1, "hot"))
    panel = build_panel(tables_of(alarms=alarms), scope_of(), windows=WEEK)
    counts = panel.X["alarms count 7 days"].xs(1, level="entity")
    assert counts.loc["2015-01-07 07:00":].tolist() == [1.0, 1.0]
    assert counts.loc["2015-01-01 07:00"] == 1.0


def test_a_delayed_record_counts_from_its_arrival_and_ages_from_its_time() -> None:
    scope = scope_of((PUMPS, STOPS, delayed(ALARMS, DAY), READINGS))
    X = build_panel(tables_of(), scope, windows=WEEK).X.xs(1, level="entity")
    counts, since = X["alarms[dry] count 7 days"], X["alarms[dry] days since"]
    assert counts.loc["2015-01-02 07:00"] == 0.0
    assert np.isnan(since.loc["2015-01-02 07:00"])
    assert counts.loc["2015-01-03 07:00"] == 1.0
    assert since.loc["2015-01-03 07:00"] == 1.0


def test_the_horizon_is_open_at_the_decision_and_closed_at_its_end() -> None:
    panel = build_panel(tables_of(), scope_of(), windows=WEEK)
    y = pd.Series(panel.y, panel.X.index).xs(1, level="entity")
    assert y.loc["2015-01-04 07:00"] == 1.0  # the stop of the 5th, 07:00
    assert y.loc["2015-01-05 07:00"] == 0.0
    assert y.loc["2015-01-03 07:00"] == 0.0


@pytest.mark.parametrize(
    ("end", "last_resolved"),
    [
        pytest.param(None, "2015-01-06 07:00", id="the last time of any table"),
        pytest.param("2015-01-05 07:00", "2015-01-04 07:00", id="to the second"),
        pytest.param("2015-01-05 06:59", "2015-01-03 07:00", id="not one minute less"),
        pytest.param("2015-01-20 12:00", "2015-01-19 07:00", id="stated, later"),
    ],
)
def test_rows_whose_horizon_outlasts_observation_have_no_label(
    end: str | None, last_resolved: str
) -> None:
    stated = None if end is None else pd.Timestamp(end)
    panel = build_panel(tables_of(), scope_of(), windows=WEEK, end=stated)
    resolved = panel.cutoffs[panel.resolved]
    assert resolved.max() == pd.Timestamp(last_resolved)
    assert panel.cutoffs[~panel.resolved].min() > resolved.max()
    assert panel.end == (stated or pd.Timestamp("2015-01-08 05:30"))


def test_a_late_label_is_unresolved_for_longer_even_where_an_event_is_known() -> None:
    scope = scope_of((PUMPS, delayed(STOPS, 2 * DAY), ALARMS, READINGS))
    panel = build_panel(tables_of(), scope, windows=WEEK)
    assert panel.cutoffs[panel.resolved].max() == pd.Timestamp("2015-01-04 07:00")
    assert panel.delay == 2 * DAY
    assert panel.cutoffs[0] == pd.Timestamp("2015-01-03 07:00")  # when the first came


def test_the_label_can_be_some_kinds_and_keeps_their_distinct_events() -> None:
    twice = log(*[("2015-01-03 08:00", 1, "hot")] * 2, ("2015-01-03 08:00", 9, "hot"))
    tables = tables_of(alarms=pd.concat([tables_of()["alarms"], twice]))
    scope = scope_of(label=Label(table="alarms", kinds=("hot",)))
    panel = build_panel(tables, scope, windows=WEEK)
    assert panel.events.to_dict("list") == {
        "entity": [1, 1],
        "time": [pd.Timestamp("2014-12-30 12:00"), pd.Timestamp("2015-01-03 08:00")],
    }
    assert panel.y[panel.resolved].sum() == 1.0


def test_the_features_are_one_block_whose_time_slices_are_views() -> None:
    panel = build_panel(tables_of(), scope_of(), windows=WEEK)
    block = panel.X.to_numpy()
    assert block.flags.c_contiguous
    assert block.dtype == np.float64
    assert np.shares_memory(block, panel.X.to_numpy())
    assert np.shares_memory(block, panel.X.iloc[2:6].to_numpy())


def test_entities_come_with_their_first_row_and_change_with_the_next() -> None:
    pumps = pd.DataFrame(
        {
            "pump": [1, 2, 2],
            "since": pd.to_datetime(["2014-01-01", "2015-01-03", "2015-01-05"]),
            "power": [1.0, 2.0, 3.0],
        }
    )
    scope = scope_of((replace(PUMPS, time="since"), STOPS, ALARMS, READINGS))
    panel = build_panel(tables_of(pumps=pumps), scope, windows=WEEK)
    of_two = panel.X.xs(2, level="entity")
    assert of_two.index[0] == pd.Timestamp("2015-01-03 07:00")
    assert of_two["pumps.power"].tolist() == [2.0, 2.0, 3.0, 3.0, 3.0]
    assert of_two["pumps days since"].iloc[2] == 2 + 7 / 24
    assert len(panel.X.xs(1, level="entity")) == 7


def test_a_date_that_is_not_the_tables_time_is_no_feature() -> None:
    pumps = tables_of()["pumps"].assign(scrapped=pd.Timestamp("2016-01-01"))
    X = build_panel(tables_of(pumps=pumps), scope_of(), windows=WEEK).X
    assert not [name for name in X.columns if "scrapped" in name]


def test_hourly_decisions_in_a_zone_keep_the_repeated_hour_apart() -> None:
    tables = tables_of(
        stops=log(("2015-10-25 00:10", 1), ("2015-10-25 05:00", 1)),
        alarms=log(("2015-10-25 02:30", 1, "hot")),  # shown twice: the later one
    )
    hourly = replace(DAILY, every=HOUR, timezone="Europe/Berlin", ready_by=time(0))
    scope = scope_of(decisions=hourly, horizon=HOUR)
    panel = build_panel(tables, scope, windows=(pd.Timedelta(HOUR),))
    counts = panel.X["alarms count 1 hour"].xs(1, level="entity")
    shown = pd.DatetimeIndex(counts.index).strftime("%H%z")
    assert [f"{at} {n:.0f}" for at, n in zip(shown, counts, strict=True)] == [
        "01+0200 0",
        "02+0200 0",
        "02+0100 0",
        "03+0100 1",
        "04+0100 0",
        "05+0100 0",
    ]
    assert panel.events["time"].dt.tz is not None
    assert str(panel.cutoffs.tz) == "Europe/Berlin"


def test_times_with_an_offset_are_the_same_instants() -> None:
    tables = tables_of()
    scope = scope_of(decisions=replace(DAILY, timezone="Europe/Berlin"))
    aware = {
        name: frame.assign(at=frame["at"].dt.tz_localize(scope.decisions.timezone))
        if "at" in frame
        else frame
        for name, frame in tables.items()
    }
    aware["alarms"]["at"] = aware["alarms"]["at"].dt.tz_convert("UTC")
    a, b = build_panel(tables, scope), build_panel(aware, scope)
    pd.testing.assert_frame_equal(a.X, b.X)
    pd.testing.assert_frame_equal(a.events, b.events)


def test_parts_of_a_microsecond_never_make_a_record_known_too_early() -> None:
    late = pd.DataFrame(
        {"at": pd.to_datetime(["2015-01-02 07:00:00.000000001"]), "pump": [1]}
    ).assign(code="hot")
    X = build_panel(tables_of(alarms=late), scope_of(), windows=WEEK).X
    counts = X["alarms count 7 days"].xs(1, level="entity")
    assert counts.loc["2015-01-02 07:00"] == 0.0
    assert counts.loc["2015-01-03 07:00"] == 1.0


def test_times_far_away_and_large_ids_overflow_nothing() -> None:
    tables = tables_of(
        pumps=pd.DataFrame({"pump": [1, 2, 2**62]}),
        alarms=log(
            ("0001-01-01", 2**62, "hot"),
            ("2015-01-02", 2**62, "hot"),
            ("9999-12-31", 2**62, "hot"),
        ),
    )
    scope = scope_of(decisions=replace(DAILY, last=date(2015, 1, 5)))
    X = build_panel(tables, scope, windows=WEEK).X
    of_last = X["alarms count 7 days"].xs(2**62, level="entity")
    assert of_last.loc["2015-01-05 07:00"] == 1.0
    assert X["alarms count 7 days"].sum() == 4.0


@pytest.mark.parametrize(
    "name", ["alarms", "readings", "pumps"], ids=lambda name: f"no {name}"
)
def test_an_empty_table_is_no_obstacle(name: str) -> None:
    tables = tables_of()
    left = tables | {name: tables[name][:0]}
    panel = build_panel(left, scope_of(), end=pd.Timestamp("2015-01-08 07:00"))
    assert len(panel.X) == (0 if name == "pumps" else 16)


def test_missing_ids_times_and_values_are_passed_over() -> None:
    tables = tables_of(
        alarms=pd.DataFrame(
            {
                "at": pd.to_datetime(["", "2015-01-02", "2015-01-02"]),
                "pump": pd.array([1, None, 1], dtype="Int64"),
                "code": ["hot", "hot", None],
            }
        ),
        readings=log(
            ("2015-01-02", 1, np.nan), ("2015-01-02", 1, np.inf), columns="at pump flow"
        ),
    )
    X = build_panel(tables, scope_of(), windows=WEEK).X.xs(1, level="entity")
    assert X["alarms count 7 days"].max() == 1.0
    assert "alarms[hot] count 7 days" not in X
    assert X["readings.flow mean 7 days"].isna().all()


@pytest.mark.parametrize("flows", [[0.1, 0.7, 0.3], [0.0, -0.0, 0.0]])
def test_of_readings_at_one_instant_the_greatest_is_the_last(
    flows: list[float],
) -> None:
    rows = [("2015-01-02 06:00", 1, flow) for flow in flows]
    first, *others = (
        build_panel(
            tables_of(readings=log(*order, columns="at pump flow")), scope_of()
        ).X
        for order in permutations(rows)
    )
    at_seven = first.xs(1, level="entity").loc[pd.Timestamp("2015-01-02 07:00")]
    assert at_seven["readings.flow last 7 days"] == max(flows)
    for other in others:
        np.testing.assert_array_equal(first, other)
        assert (np.signbit(first) == np.signbit(other)).all(axis=None)


def test_a_spread_beside_a_huge_first_value_is_still_right() -> None:
    values = [1e9, *np.tile([0.1, 0.3], 10)]
    readings = pd.DataFrame(
        {
            "at": pd.date_range("2015-01-01", periods=21, freq="6h"),
            "pump": 1,
            "flow": values,
        }
    )
    X = build_panel(
        tables_of(readings=readings), scope_of(), windows=(pd.Timedelta(days=2),)
    ).X.xs(1, level="entity")
    spread = X["readings.flow std 2 days"].loc["2015-01-04 07:00"]
    assert spread == pytest.approx(np.std(np.tile([0.1, 0.3], 4), ddof=1), rel=1e-12)


def change(
    name: str, column: str, value: str | int | pd.Timestamp | list[str]
) -> Callable[[Tables], Tables]:
    return lambda tables: tables | {name: tables[name].assign(**{column: value})}


def drop(name: str, column: str) -> Callable[[Tables], Tables]:
    return lambda tables: tables | {name: tables[name].drop(columns=column)}


@pytest.mark.parametrize(
    ("broken", "error", "match"),
    [
        pytest.param(
            lambda tables: {k: tables[k] for k in tables if k != "alarms"},
            MissingPartError,
            "tables: found no 'alarms'; known: pumps, stops, readings",
            id="no table",
        ),
        pytest.param(
            lambda tables: (
                tables | {"alarms": tables["alarms"].rename(columns=str.upper)}
            ),
            MissingPartError,
            "alarms: found no 'pump'",
            id="no column",
        ),
        pytest.param(
            drop("readings", "flow"),
            MissingPartError,
            "readings: found no 'flow'; known: at, pump",
            id="no values",
        ),
        pytest.param(
            change("alarms", "at", ["2015-01-01", "31/12/2015", "2015-01-02"]),
            TimeColumnError,
            r"alarms\.at: found (str|object) such as '31/12/2015', expected times",
            id="a text that is no time",
        ),
        pytest.param(
            change("alarms", "at", pd.Timestamp("2015-01-01", tz="UTC")),
            TimeColumnError,
            r"alarms\.at: found times with an offset \(UTC\), expected times without",
            id="a zone that the scope does not know",
        ),
        pytest.param(
            change("alarms", "pump", "1"),
            EntityTypeError,
            r"alarms\.pump: found ids of type (str|object), expected int64",
            id="ids of another type",
        ),
        pytest.param(
            change("pumps", "pump", 7),
            RepeatedEntityError,
            r"pumps\.pump: found several rows for 7, expected one;",
            id="an entity twice",
        ),
        pytest.param(
            change("readings", "flow", "off"),
            NotNumericError,
            r"readings\.flow: found type (str|object), expected numbers",
            id="measurements in words",
        ),
        pytest.param(
            lambda tables: (
                tables
                | {
                    "pumps": pd.DataFrame(
                        {"pump": range(101), "serial": range(101)}
                    ).astype({"serial": str})
                }
            ),
            ManyLevelsError,
            r"pumps\.serial: found 101 different texts \('0', '1', '10', …\)",
            id="a name as a category",
        ),
        pytest.param(
            lambda tables: {name: frame[:0] for name, frame in tables.items()},
            NoRecordsError,
            "stops, alarms, readings: found no record with a time",
            id="nothing at all",
        ),
        pytest.param(
            lambda tables: tables | {"stops": tables["stops"][:0]},
            NoRecordsError,
            "the label's table: found no record with a time",
            id="nothing to announce",
        ),
    ],
)
def test_tables_that_cannot_be_used_are_refused(
    broken: Callable[[Tables], Tables], error: type[ToolkitError], match: str
) -> None:
    with pytest.raises(error, match=match):
        build_panel(broken(tables_of()), scope_of())


def test_an_entity_twice_at_one_time_is_refused() -> None:
    pumps = tables_of()["pumps"].assign(pump=1, since=pd.Timestamp("2015-01-01"))
    scope = scope_of((replace(PUMPS, time="since"), STOPS, ALARMS, READINGS))
    with pytest.raises(RepeatedEntityError, match="expected one at a time"):
        build_panel(tables_of(pumps=pumps), scope)


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param((pd.Timedelta(days=7), pd.Timedelta(hours=168)), id="twice"),
        pytest.param((pd.Timedelta(0),), id="zero"),
    ],
)
def test_windows_that_make_no_sense_are_refused(
    windows: tuple[pd.Timedelta, ...],
) -> None:
    with pytest.raises(FeatureWindowError, match="expected different lengths above"):
        build_panel(tables_of(), scope_of(), windows=windows)


def test_an_end_with_an_offset_needs_a_zone() -> None:
    end = pd.Timestamp("2015-01-06", tz="UTC")
    with pytest.raises(TimeColumnError, match="end: found a time with an offset"):
        build_panel(tables_of(), scope_of(), end=end)
    scope = scope_of(decisions=replace(DAILY, timezone="Asia/Tokyo"))
    assert build_panel(tables_of(), scope, end=end).end == end


def test_a_panel_larger_than_memory_is_refused_before_it_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(build, "MAX_ROWS", 13)
    with pytest.raises(ManyDecisionsError, match=r"found 14 rows .* at most 13"):
        build_panel(tables_of(), scope_of())


GRID = pd.MultiIndex.from_product(
    [pd.to_datetime(["2015-01-01", "2015-01-02"]), [1, 2]], names=["cutoff", "entity"]
)


@pytest.mark.parametrize(
    ("rows", "n_labels", "match"),
    [
        pytest.param(GRID, 3, "found 3 labels, expected 4", id="labels"),
        pytest.param(GRID[::-1], 4, "unsorted rows", id="order"),
        pytest.param(GRID[[0, 0, 1, 2]], 4, "repeated rows", id="twice"),
        pytest.param(GRID.set_names(["at", "entity"]), 4, "found levels", id="names"),
    ],
)
def test_parts_that_do_not_fit_make_no_panel(
    rows: pd.MultiIndex, n_labels: int, match: str
) -> None:
    with pytest.raises(PanelShapeError, match=match):
        Panel(
            X=pd.DataFrame({"a": np.zeros(4)}, index=rows),
            y=np.zeros(n_labels),
            events=pd.DataFrame({"entity": [], "time": []}),
            horizon=pd.Timedelta(DAY),
            delay=pd.Timedelta(0),
        )
