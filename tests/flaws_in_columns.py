"""Flaws of columns and of identity, to be planted in clean tables."""

import numpy as np
import pandas as pd
from sanity_worlds import (
    Flaw,
    Tables,
)


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


FLAWS_IN_COLUMNS: tuple[tuple[Flaw, str, str], ...] = (
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
)
