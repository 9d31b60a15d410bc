"""Flaws of time, and of what a label gives away, to be planted in clean tables."""

import numpy as np
import pandas as pd
from sanity_worlds import (
    DAYS,
    START,
    Flaw,
    Tables,
)


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


FLAWS_IN_TIME: tuple[tuple[Flaw, str, str], ...] = (
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
)
