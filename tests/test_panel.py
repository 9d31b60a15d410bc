from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from panel_tables import WEEK, tables_of
from worlds import ALARMS, DAY, HOUR, PUMPS, READINGS, STOPS, delayed, log, scope_of

from toolkit.analysis.build import build_panel
from toolkit.scope import Label


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
