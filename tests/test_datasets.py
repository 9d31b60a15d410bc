import gzip
import hashlib
import re
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import ALARMS, PUMPS, STOPS, scope_of

from toolkit import datasets
from toolkit.datasets import (
    MissingColumnError,
    MissingSourceError,
    UnknownDatasetError,
    UnreadableSourceError,
)
from toolkit.scope import Scope, Table

BUNDLED = files("toolkit") / "data" / "azure-pdm-1000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "pumps.csv", "pump,make", "1,Ruhr", "2,")
    write(tmp_path / "stops.csv", "at,pump", "2015-01-01 06:00,1")
    write(tmp_path / "alarms.csv", "at,pump,code,note", "2015-01-01 07:00,2,17,x")
    return tmp_path


def write(path: Path, *lines: str) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def scope_in(folder: Path, *tables: Table) -> Scope:
    return scope_of(tables or (PUMPS, STOPS, ALARMS), root=str(folder))


def times_in(folder: Path, *times: str) -> pd.Series:
    write(folder / "stops.csv", "at,pump", *(f'"{at}",1' for at in times))
    return datasets.load_tables(scope_in(folder))["stops"]["at"]


def test_the_bundled_files_are_those_that_their_page_names() -> None:
    page = (BUNDLED / "README.md").read_text(encoding="utf-8")
    listed = {name: digest for digest, name in re.findall(r"(\w{64})  (\S+)", page)}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in BUNDLED.iterdir()
        if path.name.endswith(".csv")
    }
    assert found == listed


def test_the_bundled_tables_have_types() -> None:
    tables = datasets.load("azure-pdm-1000")
    types = {
        f"{name}.{column}": str(dtype)
        for name, frame in tables.items()
        for column, dtype in frame.dtypes.items()
    }
    assert types == {
        "machines.machineID": "int64",
        "machines.model": "str",
        "machines.age": "int64",
        "failures.datetime": "datetime64[us]",
        "failures.machineID": "int64",
        "failures.failure": "str",
        "errors.datetime": "datetime64[us]",
        "errors.machineID": "int64",
        "errors.errorID": "str",
        "maint.datetime": "datetime64[us]",
        "maint.machineID": "int64",
        "maint.comp": "str",
    }


def test_every_bundled_data_set_names_its_licence_and_what_it_is() -> None:
    page = (BUNDLED / "README.md").read_text(encoding="utf-8")
    line, remark = datasets.credit("azure-pdm-1000").split(" (")
    assert f'"{line}"' in page
    assert "simulated" in remark
    assert datasets.names() == ("azure-pdm-1000",)


@pytest.mark.parametrize("ask", [datasets.load, datasets.credit])
def test_an_unknown_name_is_met_with_the_closest_one(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(UnknownDatasetError, match="did you mean 'azure-pdm-1000'"):
        ask("azure_pdm")


def test_columns_keep_their_names_and_get_types_by_role(folder: Path) -> None:
    tables = datasets.load_tables(scope_in(folder))
    assert list(tables) == ["pumps", "stops", "alarms"]
    assert tables["alarms"].columns.tolist() == ["at", "pump", "code", "note"]
    row = tables["alarms"].iloc[0].to_dict()
    assert row == {
        "at": pd.Timestamp("2015-01-01 07:00"),
        "pump": 2,
        "code": "17",
        "note": "x",
    }


def test_parquet_and_zipped_files_load_like_plain_ones(folder: Path) -> None:
    plain = datasets.load_tables(scope_in(folder))
    plain["alarms"].set_index("at").to_parquet(folder / "alarms.parquet")
    (folder / "stops.csv.gz").write_bytes(
        gzip.compress((folder / "stops.csv").read_bytes())
    )
    packed = datasets.load_tables(
        scope_in(
            folder,
            PUMPS,
            replace(STOPS, source="stops.csv.gz"),
            replace(ALARMS, source="alarms.parquet"),
        )
    )
    for name, frame in plain.items():
        pd.testing.assert_frame_equal(packed[name], frame)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param(["2015-01-02", "2015-01-02 03:04:05"], "2015-01-02", id="ISO"),
        pytest.param(["2015-01-02T03:04", ""], "2015-01-02 03:04", id="T, missing"),
        pytest.param(["2015-01-02 03:04:05.25"], "2015-01-02 03:04:05.25", id="parts"),
        pytest.param(["2015-01-02T03:04Z"], "2015-01-02 03:04+00:00", id="Z"),
        pytest.param(
            ["2015-07-01 03:04+02:00", "2015-12-01T03:04+01"],
            "2015-07-01 01:04+00:00",
            id="offsets",
        ),
        pytest.param(["9999-12-31"], "9999-12-31", id="never"),
    ],
)
def test_times_in_iso_8601_become_instants(
    folder: Path, times: list[str], expected: str
) -> None:
    assert times_in(folder, *times)[0] == pd.Timestamp(expected)


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(["01/02/2015"], id="which is the month?"),
        pytest.param(["2015-01-02", "2015-02-30"], id="in no calendar"),
        pytest.param(["2015-01-02", "tomorrow"], id="a word"),
        pytest.param(["now"], id="now, which pandas would look up"),
        pytest.param(["today", "2015-01-02"], id="today, too"),
        pytest.param(["2015-01-02 03:04", "2015-01-02 03:04Z"], id="some with offset"),
        pytest.param(["1420167845"], id="seconds since when?"),
    ],
)
def test_times_that_would_have_to_be_guessed_stay_text(
    folder: Path, times: list[str]
) -> None:
    assert times_in(folder, *times).tolist() == times


def test_ids_are_whole_numbers_if_all_tables_agree(folder: Path) -> None:
    write(folder / "stops.csv", "at,pump", "2015-01-01,1", "2015-01-02,")
    tables = datasets.load_tables(scope_in(folder))
    assert [str(tables[name]["pump"].dtype) for name in tables] == [
        "int64",
        "Int64",
        "int64",
    ]
    assert tables["stops"]["pump"][1] is pd.NA


@pytest.mark.parametrize("odd", ["007", "7.0", "P7", "12345678901234567890"])
def test_one_id_that_is_no_whole_number_makes_all_of_them_text(
    folder: Path, odd: str
) -> None:
    write(folder / "stops.csv", "at,pump", f"2015-01-01,{odd}")
    pd.DataFrame({"pump": [1, 2], "make": "x"}).to_parquet(folder / "pumps.parquet")
    pumps = replace(PUMPS, source="pumps.parquet")
    tables = datasets.load_tables(scope_in(folder, pumps, STOPS, ALARMS))
    assert tables["stops"]["pump"].tolist() == [odd]
    assert tables["pumps"]["pump"].tolist() == ["1", "2"]
    assert tables["alarms"]["pump"].tolist() == ["2"]


def test_numeric_ids_of_a_typed_file_stay_as_they_are(folder: Path) -> None:
    frame = pd.DataFrame({"pump": [1.0, np.nan], "make": "x"})
    frame.to_parquet(folder / "pumps.parquet")
    pumps = replace(PUMPS, source="pumps.parquet")
    tables = datasets.load_tables(scope_in(folder, pumps, STOPS, ALARMS))
    assert str(tables["pumps"]["pump"].dtype) == "float64"
    assert str(tables["alarms"]["pump"].dtype) == "int64"


def test_typed_times_stay_as_they_are(folder: Path) -> None:
    frame = pd.DataFrame({"at": [pd.Timestamp("2015-01-01", tz="UTC")], "pump": [1]})
    frame.to_parquet(folder / "stops.parquet")
    stops = replace(STOPS, source="stops.parquet")
    tables = datasets.load_tables(scope_in(folder, PUMPS, stops, ALARMS))
    pd.testing.assert_frame_equal(tables["stops"], frame)


def test_the_dates_of_a_typed_file_become_times(folder: Path) -> None:
    frame = pd.DataFrame({"at": [date(2015, 1, 2), None], "pump": [1, 2]})
    frame.to_parquet(folder / "stops.parquet")
    stops = replace(STOPS, source="stops.parquet")
    tables = datasets.load_tables(scope_in(folder, PUMPS, stops, ALARMS))
    assert tables["stops"]["at"].tolist() == [pd.Timestamp("2015-01-02"), pd.NaT]


def test_odd_values_elsewhere_still_load_for_the_sanity_checks(folder: Path) -> None:
    write(folder / "pumps.csv", "pump,power", "1,5.5", "2,?")
    frame = datasets.load_tables(scope_in(folder))["pumps"]
    assert frame["power"].tolist() == ["5.5", "?"]


def test_a_missing_file_is_met_with_the_closest_one(folder: Path) -> None:
    scope = scope_in(folder, PUMPS, replace(STOPS, source="stop.csv"), ALARMS)
    with pytest.raises(
        MissingSourceError,
        match=r"tables\.stops\.source: found no file 'stop\.csv'; did you mean 'stops",
    ):
        datasets.load_tables(scope)


@pytest.mark.parametrize("source", ["raw/stops.csv", "empty/stops.csv"])
def test_a_missing_folder_is_met_with_where_paths_start(
    folder: Path, source: str
) -> None:
    (folder / "empty").mkdir()
    scope = scope_in(folder, PUMPS, replace(STOPS, source=source), ALARMS)
    with pytest.raises(MissingSourceError, match="paths start from"):
        datasets.load_tables(scope)


@pytest.mark.parametrize(
    ("table", "match"),
    [
        pytest.param(
            replace(ALARMS, entity="pumps"),
            r"tables\.alarms\.entity: found no column 'pumps' in 'alarms\.csv'; did you"
            " mean 'pump'",
            id="entity",
        ),
        pytest.param(
            replace(ALARMS, time="when"), r"alarms\.time: .*'when'", id="time"
        ),
        pytest.param(replace(ALARMS, kind="cod"), r"alarms\.kind: .*'code'", id="kind"),
        pytest.param(
            replace(ALARMS, role="measurements", kind=None, values=("note", "flow")),
            r"alarms\.values\[1\]: found no column 'flow'",
            id="values",
        ),
    ],
)
def test_a_missing_column_is_met_with_its_place_in_the_scope(
    folder: Path, table: Table, match: str
) -> None:
    with pytest.raises(MissingColumnError, match=match):
        datasets.load_tables(scope_in(folder, PUMPS, STOPS, table))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "No columns", id="nothing"),
        pytest.param(b"at,pump\n\xff\xfe,1\n", "can't decode", id="no UTF-8"),
        pytest.param(
            b"at,pump\n2015-01-01,1\n2015,1,3\n", "Expected 2 fields", id="long"
        ),
        pytest.param(
            b"at,pump\n2015-01-01,1,9\n", "more fields than its", id="all long"
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    folder: Path, content: bytes, reason: str
) -> None:
    (folder / "stops.csv").write_bytes(content)
    with pytest.raises(UnreadableSourceError, match=reason) as caught:
        datasets.load_tables(scope_in(folder))
    assert "tables.stops.source: found 'stops.csv' unreadable" in str(caught.value)


def test_a_broken_parquet_file_is_refused_with_the_reason(folder: Path) -> None:
    (folder / "stops.parquet").write_bytes(b"PAR1")
    scope = scope_in(folder, PUMPS, replace(STOPS, source="stops.parquet"), ALARMS)
    with pytest.raises(UnreadableSourceError, match=r"Parquet"):
        datasets.load_tables(scope)
