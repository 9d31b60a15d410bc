import csv
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as pdst

from toolkit.publish.results import Column, PublishError
from toolkit.publish.tables import (
    column_of,
    flat_frame,
    parse_csv,
    preview_rows,
    write_csv,
)

TIMES = st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01"))
HOLES = [None, pd.NA]


def filled(
    dtype: object, elements: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    """Series of one dtype."""
    return st.lists(elements, max_size=6).map(lambda v: pd.Series(v, dtype=dtype))  # type: ignore[call-overload]  # any dtype


INTS = st.integers(-(2**63), 2**63 - 1)
SERIES = st.one_of(
    filled("int64", INTS),
    filled("uint8", st.integers(0, 255)),
    filled("uint64", st.integers(0, 2**64 - 1)),
    filled("Int64", INTS | st.sampled_from(HOLES)),
    filled("float64", st.floats()),
    filled("float32", st.floats(width=32)),
    filled("Float64", st.floats(allow_nan=False) | st.sampled_from(HOLES)),
    filled("bool", st.booleans()),
    filled("boolean", st.booleans() | st.sampled_from(HOLES)),
    filled("str", st.text() | st.none()),
    filled("string", st.text() | st.sampled_from(HOLES)),
    filled("datetime64[us]", TIMES | st.none()),
    filled("datetime64[ns]", TIMES | st.none()),
    filled("datetime64[s]", TIMES.map(lambda t: t.replace(microsecond=0))),
    filled("datetime64[us, UTC]", TIMES.map(lambda t: pd.Timestamp(t, tz="UTC"))),
    filled(
        "timedelta64[ns]",
        st.timedeltas(
            max_value=pd.Timedelta(days=9999), min_value=pd.Timedelta(days=-9999)
        )
        | st.none(),
    ),
    filled(
        pd.CategoricalDtype(["b", "a", ""], ordered=True),
        st.sampled_from("ba") | st.none(),
    ),
    filled(pd.CategoricalDtype([2, 1]), st.sampled_from([1, 2])),
    filled(pd.CategoricalDtype(pd.Index([], dtype="str")), st.none()),
)


def there_and_back(frame: pd.DataFrame) -> pd.DataFrame:
    columns = [column_of("t", frame[name]) for name in frame]
    return parse_csv(write_csv(columns, frame), columns)


@settings(max_examples=150, deadline=None)
@given(series=SERIES, name=st.text(min_size=1))
def test_every_value_and_dtype_comes_back_from_csv(
    series: "pd.Series[Any]", name: str
) -> None:
    frame = pd.DataFrame({name: series}).assign(**{name + "n": np.arange(len(series))})
    back = there_and_back(frame)
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    if series.dtype.kind == "f":
        assert (
            np.signbit(back[name].dropna()).tolist()
            == np.signbit(series.dropna()).tolist()
        )


def test_times_in_a_zone_come_back_across_the_change_of_clocks() -> None:
    hours = pd.date_range("2026-10-25", periods=6, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"t": hours})
    pd.testing.assert_frame_equal(there_and_back(frame), frame)


def test_a_missing_text_is_not_the_empty_text() -> None:
    frame = pd.DataFrame({"a": pd.Series(["", None, "x"], dtype="str")})
    assert write_csv([column_of("t", frame["a"])], frame) == 'a\n""\n\nx\n'
    assert there_and_back(frame)["a"].isna().tolist() == [False, True, False]


def test_other_readers_of_csv_see_the_same_cells() -> None:
    frame = pd.DataFrame({'say "a"': ["1,2", "line\nbreak"], "x": [0.1, 1e300]})
    text = write_csv([column_of("t", frame[name]) for name in frame], frame)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ['say "a"', "x"],
        ["1,2", "0.1"],
        ["line\nbreak", "1e+300"],
    ]


def test_an_index_that_says_something_becomes_columns() -> None:
    frame = pd.DataFrame({"n": [1]}, index=pd.Index(["Bern"], name="city"))
    assert list(flat_frame("t", frame)) == ["city", "n"]
    assert list(flat_frame("t", pd.DataFrame({"n": [1, 2]}))) == ["n"]
    assert list(flat_frame("t", pd.DataFrame({"n": [1, 2]}, index=[1, 0]))) == [
        "index",
        "n",
    ]


def test_a_series_is_a_table_of_one_column() -> None:
    assert list(flat_frame("t", pd.Series([1.0], name="share"))) == ["share"]
    assert list(flat_frame("t", pd.Series([1.0]))) == ["value"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        pytest.param([1], "is a list; pass a DataFrame", id="list"),
        pytest.param(pd.DataFrame(), "has no columns", id="empty"),
        pytest.param(pd.DataFrame({1: [1]}), r"called 1; .*map\(str\)", id="number"),
        pytest.param(
            pd.DataFrame([[1, 2]], columns=["a", "a"]), "'a' is there twice", id="twice"
        ),
        pytest.param(
            pd.DataFrame({"a": [1]}, index=pd.Index([5], name="a")),
            "cannot become a column",
            id="index-called-as-a-column",
        ),
    ],
)
def test_what_is_no_table_is_refused(frame: object, message: str) -> None:
    with pytest.raises(PublishError, match=message):
        flat_frame("t", frame)  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize(
    "series",
    [
        pytest.param(pd.Series([1, "a"], dtype=object), id="mixed"),
        pytest.param(pd.Series(pd.interval_range(0, 2)), id="intervals"),
        pytest.param(pd.Series(pd.period_range("2026", periods=2)), id="periods"),
        pytest.param(pd.Series([1 + 2j]), id="complex"),
        pytest.param(pd.Series([0.5, 1.5]).astype("category"), id="float-categories"),
    ],
)
def test_a_column_that_text_cannot_restore_is_refused_by_name(
    series: "pd.Series[Any]",
) -> None:
    with pytest.raises(PublishError, match=r"column 'x' holds .*frame\['x'\]\.astype"):
        column_of("t", series.rename("x"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "has the columns", id="empty"),
        pytest.param("b\n1\n", "has the columns", id="other-columns"),
        pytest.param("a\n1,2\n", "uneven rows", id="uneven"),
        pytest.param('a\n"1\n', "broken at character 2", id="open-quote"),
        pytest.param("a\n1", "broken at character 2", id="truncated"),
    ],
)
def test_a_csv_that_is_not_the_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(PublishError, match=message):
        parse_csv(text, [Column(name="a", kind="int64")])


def test_a_preview_holds_json_values_only() -> None:
    frame = pd.DataFrame(
        {
            "t": [pd.Timestamp("2026-11-23"), pd.NaT, pd.Timestamp("2026-11-24")],
            "x": [float("inf"), float("nan"), -0.0],
            "n": [1, 2, 3],
        }
    )
    columns = [column_of("t", frame[name]) for name in frame]
    assert preview_rows(columns, frame, 2) == (
        ("2026-11-23T00:00:00", "inf", 1),
        (None, None, 2),
    )


@settings(max_examples=20, deadline=None)
@given(frame=pdst.data_frames(pdst.columns(["a", "b"], dtype=float)))
def test_frames_of_any_height_come_back(frame: pd.DataFrame) -> None:
    flat = flat_frame("t", frame)
    pd.testing.assert_frame_equal(there_and_back(flat), flat, check_exact=True)
