from dataclasses import replace
from datetime import date, time
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from panel_tables import WEEK, tables_of
from worlds import DAILY, HOUR, log, scope_of

from toolkit.analysis.build import build_panel


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
