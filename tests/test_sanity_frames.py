"""No order of rows plays a part, and no frame makes a check crash."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sanity_worlds import Tables, check, clean

from toolkit.analysis.findings import Outcome
from toolkit.analysis.sanity import SanityReport


def lines(report: SanityReport) -> list[tuple[object, ...]]:
    return [
        (f.code, f.severity, f.place, f.message, f.count, str(f.evidence))
        for f in report.findings
    ]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    tables = clean()
    failures = tables["failures"]
    tables["alarms"] = failures.set_axis(["at", "unit", "code"], axis=1).iloc[:800]
    tables["readings"].loc[::7, "vibration"] = np.nan
    tables["readings"] = pd.concat([tables["readings"], tables["readings"].iloc[:40]])
    before = lines(check(tables))
    shuffled = {
        name: frame.sample(frac=1, random_state=np.random.default_rng(seed))
        for name, frame in tables.items()
    }
    assert before
    assert lines(check(shuffled)) == before


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["?", "01/02/2023", "2023-02-30", "1e400", "-", "N/A", "0x1F"]),
    st.dates(),
    st.datetimes(),
    st.lists(st.integers(), max_size=2),
    st.binary(max_size=2),
    st.complex_numbers(),
    st.decimals(allow_nan=False),
    st.just(pd.NaT),
    st.just(pd.Timestamp("2023-01-01", tz="Europe/Berlin")),
)
NAMES = st.sampled_from(
    ["unit", "at", "part", "code", "temperature", "vibration", "model", "age", "y"]
)


@st.composite
def columns(draw: st.DrawFn, rows: int) -> pd.Series:
    kind = draw(st.sampled_from(["object", "float", "time", "zoned", "text", "odd"]))
    numbers = draw(
        st.lists(st.floats(width=32) | st.just(-999.0), min_size=rows, max_size=rows)
    )
    if kind == "float":
        return pd.Series(numbers, dtype=np.float64)
    if kind == "odd":
        ints = [int(abs(hash(n))) % 5 for n in numbers]
        odd: list[pd.Series] = [
            pd.Series(ints, dtype="Int64"),
            pd.Series([n % 2 == 0 for n in ints], dtype="boolean"),
            pd.Series(ints).astype("category"),
            pd.Series(ints, dtype=np.complex128),
        ]
        return draw(st.sampled_from(odd))
    if kind in {"time", "zoned"}:
        moments = st.datetimes(
            pd.Timestamp("1700-01-01").to_pydatetime(),
            pd.Timestamp("2200-01-01").to_pydatetime(),
        )
        times = draw(st.lists(moments | st.none(), min_size=rows, max_size=rows))
        moved = pd.Series(pd.to_datetime(pd.Series(times, dtype="datetime64[us]")))
        return moved.dt.tz_localize("UTC") if kind == "zoned" else moved
    cells = draw(st.lists(CELLS, min_size=rows, max_size=rows))
    if kind == "text":
        return pd.Series([str(cell) for cell in cells], dtype="str")
    return pd.Series(cells, dtype=object)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.sampled_from([0, 1, 2, 5, 60]))
    base = draw(st.sampled_from([1, rows or 1]))
    names = draw(st.lists(NAMES, min_size=0, max_size=6))
    parts = [draw(columns(min(base, rows))) for _ in names]
    frame = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=range(rows))
    repeats = rows // max(1, len(frame)) if len(frame) else 0
    if repeats > 1:
        frame = pd.concat([frame] * repeats, ignore_index=True)
    return frame.set_axis(names, axis=1)


@settings(max_examples=30, deadline=None)
@given(failures=frames(), readings=frames(), units=frames(), alarms=frames())
def test_no_frame_makes_a_check_raise(
    failures: pd.DataFrame,
    readings: pd.DataFrame,
    units: pd.DataFrame,
    alarms: pd.DataFrame,
) -> None:
    tables = {
        "units": units,
        "failures": failures,
        "alarms": alarms,
        "readings": readings,
    }
    copies = {name: frame.copy(deep=True) for name, frame in tables.items()}
    report = check(tables)
    assert len(report.summary()) >= len(report.checks)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, copies[name])


@settings(max_examples=25, deadline=None)
@given(odd=frames(), name=st.sampled_from(["units", "failures", "alarms", "readings"]))
def test_one_odd_table_among_clean_ones_makes_no_check_raise(
    odd: pd.DataFrame, name: str
) -> None:
    tables = {key: frame.head(500) for key, frame in clean().items()}
    assert check({**tables, name: odd}).checks


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param({}, id="no table"),
        pytest.param({name: f.head(0) for name, f in clean().items()}, id="no rows"),
        pytest.param(
            {name: f.head(1) for name, f in clean().items()}, id="one row each"
        ),
        pytest.param({"units": clean()["units"]}, id="entities only"),
        pytest.param({"failures": clean()["failures"]}, id="label only"),
    ],
)
def test_what_cannot_be_looked_at_is_not_called_passed(tables: Tables) -> None:
    report = check(tables)
    outcomes = {c.code: c.outcome for c in report.checks}
    assert outcomes["DS402"] is Outcome.NOT_APPLICABLE
    reasons = [c.reason for c in report.checks if c.outcome is not Outcome.FOUND]
    assert all(reason.startswith(("needs", "looked at")) for reason in reasons)
