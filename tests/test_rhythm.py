"""What the figures of the logs draw, counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from toolkit import scope
from toolkit.analysis import rhythm


@pytest.fixture
def asked() -> scope.Scope:
    whole = scope.load()
    kept = {name: whole.tables[name] for name in ("machines", "failures", "errors")}
    return replace(whole, tables=kept)


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    failures = {"2015-01-03 06:00": 1, "2015-01-03 07:00": 2, "2015-01-06 06:00": 1}
    errors = {"2015-01-02 06:00": 1, "2015-01-03 06:00": 1, "2015-01-04 00:00": 2}
    return {
        "machines": pd.DataFrame({"machineID": [1, 2]}),
        "failures": pd.DataFrame(
            {"datetime": pd.to_datetime(list(failures)), "machineID": failures.values()}
        ),
        "errors": pd.DataFrame(
            {"datetime": pd.to_datetime(list(errors)), "machineID": errors.values()}
        ),
    }


def test_days_without_records_are_zeros(
    tables: dict[str, pd.DataFrame], asked: scope.Scope
) -> None:
    counts = rhythm.records_by_day(tables, asked)
    assert counts.index.equals(pd.date_range("2015-01-02", "2015-01-06", freq="D"))
    assert counts["failures"].tolist() == [0, 2, 0, 0, 1]
    assert counts["errors"].tolist() == [1, 1, 1, 0, 0]


def test_every_hour_of_the_day_has_a_row(
    tables: dict[str, pd.DataFrame], asked: scope.Scope
) -> None:
    counts = rhythm.records_by_hour(tables, asked)
    assert counts.index.tolist() == list(range(24))
    assert counts["failures"].to_dict() == {**dict.fromkeys(range(24), 0), 6: 2, 7: 1}


def test_the_lead_is_that_of_the_last_record_of_the_same_entity(
    tables: dict[str, pd.DataFrame], asked: scope.Scope
) -> None:
    shuffled = {name: table.iloc[::-1] for name, table in tables.items()}
    for given in (tables, shuffled):
        leads = rhythm.leads(given, asked)
        assert list(leads.columns) == ["errors"]
        np.testing.assert_array_equal(leads["errors"], [0.0, np.nan, 72.0])
