"""Each planted flaw is found by the check that is there for it, where it stands."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sanity_worlds import (
    DAYS,
    SCOPE,
    START,
    Flaw,
    Tables,
    check,
    clean,
    flawed,
    found,
    with_table,
)

from toolkit.analysis.findings import MAX_EVIDENCE_ROWS, Severity
from toolkit.scope import Accepted


def numbers_as_text(t: Tables) -> None:
    t["readings"]["pressure"] = t["readings"]["pressure"].map("{:.2f}".format)


def mixed_types(t: Tables) -> None:
    values = t["readings"]["pressure"].astype(object)
    values.iloc[::50] = "low"
    t["readings"]["pressure"] = values


def mostly_numbers(t: Tables) -> None:
    values = t["readings"]["pressure"].map("{:.2f}".format)
    values.iloc[::50] = "12 bar"
    t["readings"]["pressure"] = values


def unreadable_dates(t: Tables) -> None:
    texts = t["alarms"]["at"].dt.strftime("%Y-%m-%d %H:%M:%S").astype(object)
    texts.iloc[:40] = "2023-02-30 10:00:00"
    t["alarms"]["at"] = texts.astype("str")


def dates_as_text(t: Tables) -> None:
    t["units"]["bought"] = "2019-03-04"
    t["units"].loc[::2, "bought"] = "2020-05-06"


def two_date_orders(t: Tables) -> None:
    at = t["alarms"]["at"]
    day_first = at.dt.strftime("%d/%m/%Y %H:%M:%S")
    month_first = at.dt.strftime("%m/%d/%Y %H:%M:%S")
    t["alarms"]["at"] = day_first.where(np.arange(len(at)) % 2 == 0, month_first)


def no_date_tells(t: Tables) -> None:
    days = pd.Series([f"0{1 + i % 9}/0{1 + i % 8}/23" for i in range(50)])
    t["units"]["bought"] = days.to_numpy()


def swapped_days(t: Tables) -> None:
    at = t["alarms"]["at"]
    t["alarms"] = t["alarms"][at.dt.day <= 12]


def missing_values(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["readings"].loc[rng.random(len(t["readings"])) < 0.3, "pressure"] = np.nan


def missing_since_june(t: Tables) -> None:
    late = t["readings"]["at"] >= pd.Timestamp("2023-11-01")
    t["readings"].loc[late, "pressure"] = np.nan


def missing_at_one_site(t: Tables) -> None:
    of = t["readings"]["unit"].isin(["U003", "U004", "U005"])
    t["readings"].loc[of, "pressure"] = np.nan


def sentinel(t: Tables) -> None:
    t["readings"].loc[::97, "temperature"] = -999.0


def tokens(t: Tables) -> None:
    t["units"].loc[:5, "model"] = ["?", "N/A", "unknown", "?", "-", "?"]


def constant(t: Tables) -> None:
    t["readings"]["pressure"] = 101.0


def empty_column(t: Tables) -> None:
    t["units"]["note"] = None


def near_constant(t: Tables) -> None:
    t["readings"]["pressure"] = 101.0
    t["readings"].loc[::500, "pressure"] = 102.0


def infinite(t: Tables) -> None:
    t["readings"].loc[[5, 9], "vibration"] = [np.inf, -np.inf]


def negative_age(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["units"]["ageYears"] = rng.integers(0, 20, len(t["units"]))
    t["units"].loc[7, "ageYears"] = -3


def impossible_share(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["readings"]["load pct"] = rng.uniform(0, 100, len(t["readings"]))
    t["readings"].loc[3, "load pct"] = 140.0


def methuselah(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["units"]["age"] = rng.integers(0, 20, len(t["units"]))
    t["units"].loc[7, "age"] = 2019


def negative_count(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["readings"]["starts"] = rng.poisson(1.0, len(t["readings"]))
    t["readings"].loc[:3, "starts"] = -1


def decimal_slip(t: Tables) -> None:
    t["readings"].loc[[100, 2000], "temperature"] *= 100


def spellings(t: Tables) -> None:
    codes = t["alarms"]["code"].to_numpy(dtype=object).copy()
    codes[:30] = [" a1", "A 1", "\u0410 1"] * 10  # the last with a Cyrillic A
    t["alarms"]["code"] = codes


def id_column(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["units"]["serial"] = [f"S{i}" for i in rng.permutation(len(t["units"])) + 500]


def row_number(t: Tables) -> None:
    t["alarms"]["row"] = np.arange(len(t["alarms"]))


def too_many_kinds(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["alarms"]["code"] = [f"E{i}" for i in rng.integers(0, 400, len(t["alarms"]))]


def rare_kind(t: Tables) -> None:
    t["alarms"].loc[:3, "code"] = "Z9"


def fahrenheit(t: Tables) -> None:
    t["readings"]["also"] = 1.8 * t["readings"]["temperature"] + 32


def copied_column(t: Tables) -> None:
    t["readings"]["again"] = t["readings"]["temperature"]


def nearly_copied(t: Tables) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.02, len(t["readings"]))
    t["readings"]["near"] = t["readings"]["temperature"] + noise


def same_categories(t: Tables) -> None:
    t["units"]["plant"] = t["units"]["model"].map({"north": "N", "south": "S"})


def wrong_column(t: Tables) -> None:
    t["alarms"] = t["alarms"].rename(columns={"code": "Code"})


def no_time_column(t: Tables) -> None:
    t["alarms"] = t["alarms"].drop(columns="at")


def no_id_column(t: Tables) -> None:
    t["failures"] = t["failures"].drop(columns="unit")


def repeated_column(t: Tables) -> None:
    t["alarms"].insert(2, "code", "A1", allow_duplicates=True)


def no_rows(t: Tables) -> None:
    t["alarms"] = t["alarms"].head(0)


def exported_twice(t: Tables) -> None:
    t["readings"] = pd.concat([t["readings"], t["readings"].iloc[1000:1200]])


def two_versions(t: Tables) -> None:
    again = t["readings"].iloc[1000:1100].copy()
    again["pressure"] += 1
    t["readings"] = pd.concat([t["readings"], again], ignore_index=True)


def two_kinds_at_once(t: Tables) -> None:
    again = t["failures"].iloc[:40].assign(part="pump")
    t["failures"] = pd.concat([t["failures"], again], ignore_index=True)


def unknown_unit(t: Tables) -> None:
    t["alarms"].loc[:20, "unit"] = "X999"


def ids_of_another_form(t: Tables) -> None:
    t["alarms"]["unit"] = t["alarms"]["unit"].str[1:].astype(int) + 1000


def never_seen(t: Tables) -> None:
    more = pd.DataFrame({"unit": ["U900", "U901"], "model": "north"})
    t["units"] = pd.concat([t["units"], more], ignore_index=True)


def look_alike(t: Tables) -> None:
    t["alarms"].loc[:20, "unit"] = "u0O7"


def reused_id(t: Tables) -> None:
    t["readings"]["site"] = "s" + t["readings"]["unit"].str[-1]
    of = (t["readings"]["unit"] == "U009") & (t["readings"]["at"].dt.month > 6)
    t["readings"].loc[of, "site"] = "s0"


def no_id(t: Tables) -> None:
    t["alarms"].loc[:9, "unit"] = None
    t["alarms"].loc[20:24, "at"] = pd.NaT


def kind_never_in_a_group(t: Tables) -> None:
    north = t["units"].loc[t["units"]["model"] == "north", "unit"]
    of = t["failures"]["unit"].isin(north) & (t["failures"]["part"] == "belt")
    t["failures"].loc[of, "part"] = "motor"


def undated_age(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["units"]["age"] = rng.integers(0, 20, len(t["units"]))


def one_stamp_in_2035(t: Tables) -> None:
    t["alarms"].loc[4, "at"] = pd.Timestamp("2035-01-01")


def placeholder(t: Tables) -> None:
    t["alarms"].loc[:4, "at"] = pd.Timestamp("1900-01-01")


def label_ends_early(t: Tables) -> None:
    at = t["failures"]["at"]
    t["failures"] = t["failures"][at < pd.Timestamp("2023-11-01")]


def alarms_begin_late(t: Tables) -> None:
    t["alarms"] = t["alarms"][t["alarms"]["at"] >= pd.Timestamp("2023-04-01")]


def fleet_gap(t: Tables) -> None:
    at = t["readings"]["at"]
    t["readings"] = t["readings"][~at.between("2023-05-03", "2023-05-06")]


def log_gap(t: Tables) -> None:
    at = t["alarms"]["at"]
    t["alarms"] = t["alarms"][~at.between("2023-05-03", "2023-05-13")]


def gone(t: Tables) -> None:
    late = t["readings"]["at"] > pd.Timestamp("2023-08-01")
    of = t["readings"]["unit"].isin(["U001", "U002"])
    t["readings"] = t["readings"][~(late & of)]


def gone_from_a_log(t: Tables) -> None:
    late = t["alarms"]["at"] > pd.Timestamp("2023-08-01")
    t["alarms"] = t["alarms"][~(late & (t["alarms"]["unit"] == "U001"))]


def dead_after_failure(t: Tables) -> None:
    early = t["failures"][t["failures"]["at"] < pd.Timestamp("2023-09-01")]
    last = early.groupby("unit")["at"].max().head(8)
    for name in ("readings", "failures"):
        end = t[name]["unit"].map(last).fillna(pd.Timestamp("2030-01-01"))
        t[name] = t[name][t[name]["at"] <= end]


def first_day_flood(t: Tables) -> None:
    more = t["failures"].sample(80, replace=True, random_state=1).copy()
    more["at"] = START + pd.to_timedelta(3, "h")
    t["failures"] = pd.concat([t["failures"], more], ignore_index=True)


def last_week_thin(t: Tables) -> None:
    rng = np.random.default_rng(0)
    late = t["alarms"]["at"] >= START + pd.Timedelta(days=DAYS - 7)
    t["alarms"] = t["alarms"][~late | (rng.random(len(t["alarms"])) < 0.05)]


def storm(t: Tables) -> None:
    rng = np.random.default_rng(0)
    more = t["alarms"].sample(120, random_state=1).copy()
    more["at"] = pd.Timestamp("2023-06-10") + pd.to_timedelta(
        rng.integers(0, 86_400, 120), unit="s"
    )
    t["alarms"] = pd.concat([t["alarms"], more], ignore_index=True)


def rate_jump(t: Tables) -> None:
    rng = np.random.default_rng(0)
    early = t["alarms"]["at"] < pd.Timestamp("2023-06-01")
    t["alarms"] = t["alarms"][~early | (rng.random(len(t["alarms"])) < 0.3)]


def batch_at_six(t: Tables) -> None:
    t["alarms"]["at"] = t["alarms"]["at"].dt.normalize() + pd.Timedelta(hours=6)


def half_at_six(t: Tables) -> None:
    rng = np.random.default_rng(0)
    six = t["alarms"]["at"].dt.normalize() + pd.Timedelta(hours=6)
    t["alarms"]["at"] = six.where(rng.random(len(six)) < 0.6, t["alarms"]["at"])


def dates_only(t: Tables) -> None:
    t["failures"]["at"] = t["failures"]["at"].dt.normalize()


def grid(t: Tables) -> None:
    at = t["failures"]["at"]
    phase = t["failures"]["unit"].str[1:].astype(int) % 15
    day = (at - START).dt.days
    on_grid = (day // 15) * 15 + phase
    t["failures"]["at"] = START + pd.to_timedelta(on_grid * 24 + 6, unit="h")
    t["failures"] = t["failures"].drop_duplicates(["unit", "at"])


def inventory(t: Tables) -> None:
    rng = np.random.default_rng(0)
    pairs = pd.MultiIndex.from_product(
        [t["units"]["unit"], ["A1", "B2", "C3"]], names=["unit", "code"]
    ).to_frame(index=False)
    pairs["at"] = pd.Timestamp("2022-12-01") + pd.to_timedelta(
        rng.integers(0, 30, len(pairs)), unit="D"
    )
    t["alarms"] = pd.concat([t["alarms"], pairs], ignore_index=True)


def unit_change(t: Tables) -> None:
    of = t["readings"]["unit"].isin(["U010", "U011", "U012"])
    late = of & (t["readings"]["at"] >= pd.Timestamp("2023-06-15"))
    t["readings"].loc[late, "temperature"] *= 1.8
    t["readings"].loc[late, "temperature"] += 32


def fleet_shift(t: Tables) -> None:
    late = t["readings"]["at"] >= pd.Timestamp("2023-06-15")
    t["readings"].loc[late, "pressure"] *= 14.50377


def frozen(t: Tables) -> None:
    of = t["readings"].index[t["readings"]["unit"] == "U020"][100:130]
    t["readings"].loc[of, "vibration"] = 2.0


def naive_beside_zoned(t: Tables) -> None:
    t["alarms"]["at"] = t["alarms"]["at"].dt.tz_localize("UTC")


def one_pause(t: Tables) -> None:
    of = t["readings"]["unit"] == "U020"
    t["readings"] = t["readings"][
        ~(of & t["readings"]["at"].between("2023-04-01", "2023-06-01"))
    ]


def repairs_logged_as_alarms(t: Tables) -> None:
    again = t["failures"].rename(columns={"part": "code"})
    t["alarms"] = pd.concat([t["alarms"], again], ignore_index=True)


def one_kind_coincides(t: Tables) -> None:
    again = t["failures"].iloc[:100].rename(columns={"part": "code"}).assign(code="R")
    more = [t["alarms"]] * 1
    t["alarms"] = pd.concat([*more, again], ignore_index=True)


def announced_a_day_before(t: Tables) -> None:
    before = t["failures"].rename(columns={"part": "code"})
    before = before[before["at"] >= START + pd.Timedelta(days=1)].assign(code="A1")
    before["at"] -= pd.Timedelta(days=1)
    t["alarms"] = pd.concat([t["alarms"], before], ignore_index=True)


def announced_24_to_29_hours_before(t: Tables) -> None:
    rng = np.random.default_rng(0)
    before = t["failures"].rename(columns={"part": "code"}).assign(code="A1")
    hours = rng.uniform(24, 29, len(before))
    before["at"] -= pd.to_timedelta(hours, unit="h")
    t["alarms"] = pd.concat(
        [t["alarms"], before[before["at"] >= START]], ignore_index=True
    )


def label_in_the_readings(t: Tables) -> None:
    t["readings"]["pressure"] = label(t)


def label_with_errors(t: Tables) -> None:
    t["readings"]["target"] = label(t)
    t["readings"].loc[::40, "target"] = 1 - t["readings"]["target"]


def label_of_something_else(t: Tables) -> None:
    rng = np.random.default_rng(0)
    t["readings"]["target"] = rng.integers(0, 2, len(t["readings"]))


def label(t: Tables) -> pd.Series:
    readings = t["readings"].reset_index(names="row").sort_values("at")
    readings["at"] = readings["at"].astype("datetime64[us]")
    events = t["failures"][["at", "unit"]].sort_values("at")
    joined = pd.merge_asof(
        readings,
        events.assign(when=events["at"]),
        on="at",
        by="unit",
        direction="forward",
        allow_exact_matches=False,
    )
    soon = (joined["when"] - joined["at"]) <= pd.Timedelta(days=2)
    return soon.astype(float).set_axis(joined["row"]).sort_index()


def no_rows_before_failures(t: Tables) -> None:
    t["readings"] = t["readings"][label(t).to_numpy() == 0]


def shock(t: Tables) -> None:
    rng = np.random.default_rng(0)
    more = t["failures"].sample(300, replace=True, random_state=1).copy()
    more["at"] = pd.Timestamp("2023-06-10") + pd.to_timedelta(
        rng.integers(0, 86_400, 300), unit="s"
    )
    t["failures"] = pd.concat([t["failures"], more], ignore_index=True)


FLAWS: list[tuple[Flaw, str, str]] = [
    (wrong_column, "DS100", "alarms"),
    (no_time_column, "DS100", "alarms"),
    (no_id_column, "DS100", "failures"),
    (repeated_column, "DS100", "alarms"),
    (no_rows, "DS100", "alarms"),
    (mixed_types, "DS101", "readings.pressure"),
    (mostly_numbers, "DS101", "readings.pressure"),
    (numbers_as_text, "DS102", "readings.pressure"),
    (unreadable_dates, "DS103", "alarms.at"),
    (dates_as_text, "DS103", "units.bought"),
    (two_date_orders, "DS104", "alarms.at"),
    (no_date_tells, "DS104", "units.bought"),
    (swapped_days, "DS104", "alarms.at"),
    (missing_values, "DS105", "readings.pressure"),
    (missing_since_june, "DS106", "readings.pressure"),
    (missing_at_one_site, "DS107", "readings.pressure"),
    (sentinel, "DS108", "readings.temperature"),
    (tokens, "DS108", "units.model"),
    (constant, "DS109", "readings.pressure"),
    (empty_column, "DS109", "units.note"),
    (near_constant, "DS110", "readings.pressure"),
    (infinite, "DS111", "readings.vibration"),
    (negative_age, "DS112", "units.ageYears"),
    (impossible_share, "DS112", "readings.load pct"),
    (methuselah, "DS112", "units.age"),
    (negative_count, "DS112", "readings.starts"),
    (decimal_slip, "DS113", "readings.temperature"),
    (spellings, "DS114", "alarms.code"),
    (id_column, "DS115", "units.serial"),
    (row_number, "DS115", "alarms.row"),
    (too_many_kinds, "DS115", "alarms.code"),
    (fahrenheit, "DS116", "readings.also"),
    (copied_column, "DS116", "readings.again"),
    (nearly_copied, "DS116", "readings.near"),
    (same_categories, "DS116", "units.plant"),
    (rare_kind, "DS117", "alarms.code"),
    (exported_twice, "DS201", "readings"),
    (two_versions, "DS202", "readings"),
    (two_kinds_at_once, "DS203", "failures.part"),
    (unknown_unit, "DS204", "alarms.unit"),
    (ids_of_another_form, "DS204", "alarms.unit"),
    (never_seen, "DS205", "units.unit"),
    (look_alike, "DS206", "unit"),
    (reused_id, "DS207", "readings.site"),
    (no_id, "DS208", "alarms.unit"),
    (no_id, "DS208", "alarms.at"),
    (kind_never_in_a_group, "DS209", "failures[belt]"),
    (undated_age, "DS210", "units.age"),
    (one_stamp_in_2035, "DS301", "alarms.at"),
    (placeholder, "DS301", "alarms.at"),
    (label_ends_early, "DS302", "failures.at"),
    (alarms_begin_late, "DS302", "alarms.at"),
    (fleet_gap, "DS303", "readings.at"),
    (log_gap, "DS303", "alarms.at"),
    (gone, "DS304", "readings"),
    (gone_from_a_log, "DS304", "alarms"),
    (dead_after_failure, "DS304", "readings"),
    (first_day_flood, "DS305", "failures.at"),
    (last_week_thin, "DS306", "alarms.at"),
    (storm, "DS307", "alarms.at"),
    (rate_jump, "DS308", "alarms.at"),
    (batch_at_six, "DS309", "alarms.at"),
    (half_at_six, "DS309", "alarms.at"),
    (dates_only, "DS405", "failures.at"),
    (grid, "DS310", "failures.at"),
    (inventory, "DS311", "alarms.at"),
    (unit_change, "DS312", "readings.temperature"),
    (fleet_shift, "DS312", "readings.pressure"),
    (frozen, "DS313", "readings.vibration"),
    (naive_beside_zoned, "DS314", "failures"),
    (one_pause, "DS318", "readings"),
    (repairs_logged_as_alarms, "DS401", "alarms"),
    (one_kind_coincides, "DS401", "alarms[R]"),
    (announced_a_day_before, "DS402", "alarms"),
    (announced_24_to_29_hours_before, "DS402", "alarms"),
    (label_in_the_readings, "DS407", "readings.pressure"),
    (label_with_errors, "DS407", "readings.target"),
    (label_of_something_else, "DS407", "readings.target"),
    (no_rows_before_failures, "DS408", "readings"),
    (shock, "DS509", "failures"),
]


@pytest.mark.parametrize(
    ("flaw", "code", "place"),
    [pytest.param(*row, id=f"{row[1]} {row[0].__name__} {row[2]}") for row in FLAWS],
)
def test_a_planted_flaw_is_found(flaw: Flaw, code: str, place: str) -> None:
    findings = found(check(flawed(flaw)), code)
    assert place in [f.place for f in findings]
    finding = next(f for f in findings if f.place == place)
    assert finding.message[:1].strip()
    assert finding.advice
    assert finding.evidence is None or len(finding.evidence) <= MAX_EVIDENCE_ROWS


@pytest.mark.parametrize(
    ("flaw", "code", "severity", "words"),
    [
        pytest.param(
            announced_a_day_before,
            "DS402",
            Severity.ERROR,
            "of the same unit exactly 24 hours later; by chance it would be",
            id="announced",
        ),
        pytest.param(
            announced_24_to_29_hours_before,
            "DS402",
            Severity.ERROR,
            "24.1 hours to 28.9 hours later",
            id="announced within hours",
        ),
        pytest.param(
            repairs_logged_as_alarms,
            "DS401",
            Severity.ERROR,
            "failures rows have a row of alarms with the same unit",
            id="coincides",
        ),
        pytest.param(
            grid,
            "DS310",
            Severity.ERROR,
            "whole multiples of 15 days (by chance 7 %)",
            id="grid",
        ),
        pytest.param(
            first_day_flood,
            "DS305",
            Severity.ERROR,
            "80 of them bear the time 03:00, seldom seen later",
            id="flood",
        ),
        pytest.param(
            label_in_the_readings,
            "DS407",
            Severity.ERROR,
            "the scope lists it as a measurement",
            id="label as measurement",
        ),
        pytest.param(
            label_of_something_else,
            "DS407",
            Severity.WARNING,
            "is named like a label",
            id="not the label",
        ),
        pytest.param(
            no_rows_before_failures,
            "DS408",
            Severity.ERROR,
            "in the 2 days before a label event 100 % of the entities have no row",
            id="absence",
        ),
        pytest.param(
            dead_after_failure,
            "DS304",
            Severity.WARNING,
            "stop within 2 days of a label event",
            id="dead after failure",
        ),
        pytest.param(
            label_ends_early,
            "DS302",
            Severity.WARNING,
            "what happened then is unknown, not nothing",
            id="label ends early",
        ),
        pytest.param(
            unit_change,
            "DS312",
            Severity.WARNING,
            "3 entities of 50 (U010, U011 and U012) jump from about",
            id="unit change",
        ),
        pytest.param(
            fleet_shift,
            "DS312",
            Severity.WARNING,
            "as between psi and bar",
            id="fleet shift",
        ),
        pytest.param(
            fahrenheit,
            "DS116",
            Severity.WARNING,
            "it is 1.8 x temperature + 32",
            id="F",
        ),
        pytest.param(
            nearly_copied, "DS116", Severity.NOTE, "nearly repeats it", id="near copy"
        ),
        pytest.param(
            missing_at_one_site,
            "DS107",
            Severity.WARNING,
            "100 % of the missing values belong to 3 entities of 50",
            id="one site",
        ),
        pytest.param(
            numbers_as_text,
            "DS102",
            Severity.ERROR,
            "though the scope lists the column as a measurement",
            id="text measurement",
        ),
        pytest.param(
            unreadable_dates,
            "DS103",
            Severity.ERROR,
            "40 times of",
            id="unreadable dates",
        ),
        pytest.param(
            two_date_orders,
            "DS104",
            Severity.ERROR,
            "can be read both ways",
            id="orders",
        ),
        pytest.param(
            ids_of_another_form,
            "DS204",
            Severity.ERROR,
            "are in no table of entities",
            id="ids of another form",
        ),
        pytest.param(
            dates_only,
            "DS405",
            Severity.WARNING,
            "what was known at 07:00 of that day",
            id="dates only",
        ),
        pytest.param(
            batch_at_six,
            "DS309",
            Severity.WARNING,
            "06:00 is 1 hour before the decision at 07:00",
            id="batch",
        ),
    ],
)
def test_a_finding_says_what_was_found(
    flaw: Flaw, code: str, severity: Severity, words: str
) -> None:
    findings = found(check(flawed(flaw)), code)
    assert [f.severity for f in findings if words in f.message] == [severity]


def test_what_a_kind_announces_stands_in_the_evidence() -> None:
    def flaw(t: Tables) -> None:
        announced_a_day_before(t)
        belts = t["alarms"]["code"] == "A1"
        t["alarms"].loc[belts, "code"] = "belt soon"

    evidence = found(check(flawed(flaw)), "DS402")[0].evidence
    assert evidence is not None
    row = evidence.set_index("kind").loc["belt soon"]
    assert row["mostly with"] in {"belt", "motor"}
    assert int(str(row["matched"]).split()[0]) > 50


@pytest.mark.parametrize(
    ("delay", "severity", "words"),
    [
        (timedelta(0), Severity.ERROR, "With no delay declared"),
        (timedelta(hours=6), Severity.ERROR, "With the declared delay of 6 hours"),
        (timedelta(days=1), Severity.WARNING, "the whole result hangs on that delay"),
    ],
)
def test_the_declared_delay_decides_what_an_announcement_is_worth(
    delay: timedelta, severity: Severity, words: str
) -> None:
    finding = found(
        check(flawed(announced_a_day_before), with_table("alarms", delay=delay)),
        "DS402",
    )[0]
    assert finding.severity is severity
    assert words in finding.message


def test_an_announcement_between_two_decisions_cannot_help() -> None:
    def flaw(t: Tables) -> None:
        for name in ("failures", "alarms"):
            t[name]["at"] = t[name]["at"].dt.normalize() + pd.Timedelta(hours=12)
        before = t["failures"].rename(columns={"part": "code"})
        before["at"] -= pd.Timedelta(hours=2)
        t["alarms"] = pd.concat([t["alarms"], before], ignore_index=True)

    finding = found(check(flawed(flaw)), "DS402")[0]
    assert finding.severity is Severity.WARNING
    assert "no decision falls between them and the event" in finding.message


def test_a_flood_before_the_first_decision_is_no_error() -> None:
    later = replace(
        SCOPE, decisions=replace(SCOPE.decisions, first=date(2023, 1, 8), last=None)
    )
    finding = found(check(flawed(first_day_flood), later), "DS305")[0]
    assert finding.severity is Severity.WARNING


def test_kinds_beside_the_label_in_its_own_table_are_a_log_as_well() -> None:
    def flaw(t: Tables) -> None:
        before = t["failures"][t["failures"]["part"] == "belt"].assign(part="warning")
        before["at"] -= pd.Timedelta(hours=30)
        t["failures"] = pd.concat([t["failures"], before], ignore_index=True)

    belts = replace(SCOPE, label=replace(SCOPE.label, kinds=("belt",)))
    assert [f.place for f in found(check(flawed(flaw), belts), "DS402")] == ["failures"]


def test_treated_rows_are_counted() -> None:
    strategy = replace(SCOPE.current_strategy, checks="alarms")
    finding = found(check(clean(), replace(SCOPE, current_strategy=strategy)), "DS508")[
        0
    ]
    assert finding.severity is Severity.WARNING
    assert "within the horizon" in finding.message


def test_rows_before_an_entity_began_are_found() -> None:
    tables = clean()
    tables["units"]["since"] = pd.Timestamp("2020-01-01")
    tables["units"].loc[3, "since"] = pd.Timestamp("2023-06-01")
    findings = found(check(tables, with_table("units", time="since")), "DS315")
    assert {f.place for f in findings} == {"alarms.at", "failures.at", "readings.at"}


def test_a_unit_names_no_unit_change_that_is_none() -> None:
    def flaw(t: Tables) -> None:
        late = t["readings"]["at"] >= pd.Timestamp("2023-06-15")
        t["readings"].loc[late, "temperature"] += 41.7

    finding = found(check(flawed(flaw)), "DS312")[0]
    assert finding.message.endswith("-06-18")


def test_a_pause_of_the_whole_fleet_is_no_gap_of_single_entities() -> None:
    def flaw(t: Tables) -> None:
        at = t["readings"]["at"]
        t["readings"] = t["readings"][~at.between("2023-04-01", "2023-06-01")]

    report = check(flawed(flaw))
    assert found(report, "DS303")
    assert not found(report, "DS318")


def test_accepting_is_by_code_and_place() -> None:
    report = check(flawed(announced_a_day_before))
    here = Accepted(code="DS402", place="alarms", reason="as in the scope")
    there = Accepted(code="DS402", place="failures", reason="elsewhere")
    assert not report.unaccepted([here])
    assert len(report.unaccepted([there])) == 1


def test_rows_after_the_last_event_are_not_compared_with_a_label_column() -> None:
    def flaw(t: Tables) -> None:
        t["readings"]["target"] = label(t)
        early = t["failures"]["at"] < pd.Timestamp("2023-11-01")
        t["failures"] = t["failures"][early]

    finding = found(check(flawed(flaw)), "DS407")[0]
    assert "agrees with the events in 100 % of" in finding.message
