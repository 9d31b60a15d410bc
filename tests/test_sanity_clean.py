"""Few false alarms, no effect of the order of rows, and no crash on any frame."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sanity_worlds import SCOPE, check, clean, log, loud, panel, remade, with_table

from toolkit.analysis.sanity import check_panel

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clean_fleet_raises_no_error_and_no_warning(seed: int) -> None:
    assert [(f.code, f.place, f.message) for f in loud(check(clean(seed)))] == []


@pytest.mark.parametrize("rate", [0.15, 0.6, 30.0], ids=["rare", "few", "many"])
@pytest.mark.parametrize("seed", range(4))
def test_the_rate_of_a_log_makes_no_finding(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    tables = clean(seed)
    tables["alarms"] = log(rng, "code", ["A1", "B2"], rate)
    tables["failures"] = log(rng, "part", ["belt"], rate)
    over_time = [f for f in loud(check(tables)) if f.code >= "DS300"]
    assert [(f.code, f.place, f.message) for f in over_time] == []


@pytest.mark.parametrize("seed", range(4))
def test_days_that_vary_more_than_chance_make_no_finding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = clean(seed)
    rows = rng.negative_binomial(6, 6 / (6 + 20), 364)
    day = np.repeat(np.arange(364), rows)
    at = pd.Timestamp("2023-01-01") + pd.to_timedelta(
        day * 86_400 + rng.integers(0, 86_400, len(day)), unit="s"
    )
    units = [f"U{i:03d}" for i in rng.integers(0, 50, len(day))]
    tables["alarms"] = pd.DataFrame({"at": at, "unit": units, "code": "A1"})
    assert [f.code for f in loud(check(tables)) if f.code != "DS109"] == []


@pytest.mark.parametrize("seed", range(4))
def test_a_free_weekend_and_office_hours_make_no_finding(seed: int) -> None:
    tables = clean(seed)
    rng = np.random.default_rng(seed)
    tables["alarms"] = log(rng, "code", ["A1", "B2"], 8.0 * 4**seed)
    for name in ("alarms", "failures"):
        at = tables[name]["at"]
        office = (at.dt.day_of_week < 5) & at.dt.hour.between(8, 17)
        tables[name] = tables[name][office]
    assert [(f.code, f.message) for f in loud(check(tables))] == []


@pytest.mark.parametrize("seed", range(4))
def test_an_honest_precursor_is_no_giveaway(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = clean(seed)
    failures = tables["failures"].sample(frac=0.5, random_state=seed)
    lead = pd.to_timedelta(rng.exponential(3.0, len(failures)), unit="D")
    before = failures[["unit"]].assign(at=failures["at"] - lead, code="A1")
    before = before[before["at"] >= pd.Timestamp("2023-01-01")]
    tables["alarms"] = pd.concat([tables["alarms"], before], ignore_index=True)
    assert [(f.code, f.message) for f in loud(check(tables))] == []


@pytest.mark.parametrize("seed", range(4))
def test_seasons_and_wear_are_no_level_shift(seed: int) -> None:
    tables = clean(seed)
    readings = tables["readings"]
    day = (readings["at"] - readings["at"].min()) / pd.Timedelta(days=1)
    readings["temperature"] += 15 * np.sin(2 * np.pi * day / 365)
    readings["vibration"] += day % 91 / 50
    assert [(f.code, f.message) for f in loud(check(tables))] == []


@pytest.mark.parametrize("seed", range(6))
def test_a_clean_panel_raises_no_error_and_no_warning(seed: int) -> None:
    report = check_panel(panel(seed), SCOPE)
    assert [(f.code, f.place, f.message) for f in loud(report)] == []


def test_a_sliced_scope_with_times_of_a_zone_is_read_by_its_clock() -> None:
    tables = clean()
    for name in ("failures", "alarms", "readings"):
        tables[name]["at"] = tables[name]["at"].dt.tz_localize("UTC")
    asked = with_table("alarms", delay=timedelta(hours=3))
    decisions = replace(asked.decisions, timezone="Asia/Tokyo")
    report = check(tables, replace(asked, decisions=decisions))
    assert [(f.code, f.message) for f in loud(report)] == []


def test_what_happens_on_most_days_anyway_is_no_giveaway() -> None:
    rng = np.random.default_rng(0)
    tables = clean()
    for name, kind, share in (("failures", "part", 0.7), ("alarms", "code", 0.3)):
        day, unit = np.nonzero(rng.random((364, 50)) < share)
        tables[name] = pd.DataFrame(
            {
                "at": pd.Timestamp("2023-01-01 06:00") + pd.to_timedelta(day * 24, "h"),
                "unit": [f"U{i:03d}" for i in unit],
                kind: rng.choice(["A1", "B2"], len(day)),
            }
        )
    codes = [f.code for f in loud(check(tables))]
    assert not {"DS401", "DS402"} & set(codes)


def test_a_slightly_fuller_first_day_of_a_large_log_is_no_artefact() -> None:
    rng = np.random.default_rng(0)
    rows = rng.poisson(3_000, 60)
    rows[0] = 3_600
    day = np.repeat(np.arange(60), rows)
    seconds = day * 86_400 + rng.integers(0, 86_400, len(day))
    tables = clean()
    tables["alarms"] = pd.DataFrame(
        {
            "at": pd.Timestamp("2023-01-01") + pd.to_timedelta(seconds, unit="s"),
            "unit": [f"U{i:03d}" for i in rng.integers(0, 50, len(day))],
            "code": rng.choice(["A1", "B2"], len(day)),
        }
    )
    places = [(f.code, f.place) for f in loud(check(tables))]
    assert ("DS305", "alarms.at") not in places


def test_a_loose_rhythm_of_three_days_is_no_grid() -> None:
    rng = np.random.default_rng(0)
    tables = clean()
    unit, step = (np.repeat(np.arange(50), 60), np.tile(np.arange(60) * 6, 50))
    day = np.where(
        rng.random(len(step)) < 0.8, step, step + rng.integers(0, 6, len(step))
    )
    tables["alarms"] = pd.DataFrame(
        {
            "at": pd.Timestamp("2023-01-01 06:00") + pd.to_timedelta(day * 24, "h"),
            "unit": [f"U{i:03d}" for i in unit],
            "code": rng.choice(["A1", "B2"], len(unit)),
        }
    )[rng.random(len(unit)) < 0.5]
    tables["alarms"]["at"] += pd.to_timedelta(
        rng.integers(0, 2, len(tables["alarms"])) * 24 * 3, "h"
    )
    assert "DS310" not in [f.code for f in check(tables).findings]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(lambda rng, n: rng.integers(0, 100, n), id="0 to 99"),
        pytest.param(lambda rng, n: rng.integers(-1, 9, n), id="-1 to 8"),
        pytest.param(lambda rng, n: rng.lognormal(0, 1.0, n), id="skewed"),
        pytest.param(lambda rng, n: rng.exponential(5, n), id="waiting times"),
        pytest.param(
            lambda rng, n: np.where(rng.random(n) < 0.03, 900.0, rng.normal(5, 1, n)),
            id="two states",
        ),
    ],
)
def test_unusual_but_honest_values_make_no_finding(
    values: Callable[[np.random.Generator, int], npt.NDArray[np.float64]],
) -> None:
    tables = clean()
    rng = np.random.default_rng(0)
    tables["readings"]["pressure"] = values(rng, len(tables["readings"]))
    assert [(f.code, f.message) for f in loud(check(tables))] == []


@pytest.mark.parametrize("seed", range(4))
def test_a_long_horizon_is_no_drift_of_the_base_rate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = panel()
    happened = rng.random((330, 40)) < 0.003
    y = np.array([happened[day + 1 : day + 29].any(axis=0) for day in range(300)])
    long = replace(
        remade(base.X, y.ravel().astype(float), base.events),
        horizon=pd.Timedelta(days=28),
    )
    assert "DS316" not in [f.code for f in check_panel(long, SCOPE).findings]


def test_thinned_out_negatives_count_in_full() -> None:
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [pd.date_range("2015-01-01", periods=3_000), range(40)],
        names=["cutoff", "entity"],
    )
    y = (rng.random(len(index)) < 0.01).astype(float)
    high = np.where(y == 1, rng.random(len(y)) < 0.5, rng.random(len(y)) < 0.0008)
    X = pd.DataFrame({"a": high.astype(float)}, index=index)
    events = pd.DataFrame({"entity": [1], "time": [pd.Timestamp("2015-01-02")]})
    assert 0.8 < y[high].mean() < 0.88
    assert "DS404" not in [
        f.code for f in check_panel(remade(X, y, events), SCOPE).findings
    ]


def test_three_failures_on_one_day_are_no_shock() -> None:
    tables = clean()
    day = np.append(np.arange(0, 306, 6), np.repeat([7, 91, 200], 3))
    tables["failures"] = pd.DataFrame(
        {
            "at": pd.Timestamp("2023-01-02") + pd.to_timedelta(day * 1_447, "min"),
            "unit": [f"U{i % 50:03d}" for i in range(len(day))],
            "part": "belt",
        }
    )
    assert "DS509" not in [f.code for f in check(tables).findings]
