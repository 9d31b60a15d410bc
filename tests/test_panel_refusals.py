from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from panel_tables import Tables, tables_of
from worlds import ALARMS, DAILY, DAY, PUMPS, READINGS, STOPS, scope_of

from toolkit.analysis import build
from toolkit.analysis.build import FeatureWindowError, build_panel
from toolkit.analysis.decisions import ManyDecisionsError, NoRecordsError
from toolkit.analysis.features import ManyLevelsError, NotNumericError
from toolkit.analysis.logs import EntityTypeError, TimeColumnError
from toolkit.analysis.panel import Panel, PanelShapeError
from toolkit.analysis.sources import MissingPartError, RepeatedEntityError
from toolkit.errors import ToolkitError


def change(
    name: str, column: str, value: str | int | pd.Timestamp | list[str]
) -> Callable[[Tables], Tables]:
    return lambda tables: tables | {name: tables[name].assign(**{column: value})}


def drop(name: str, column: str) -> Callable[[Tables], Tables]:
    return lambda tables: tables | {name: tables[name].drop(columns=column)}


@pytest.mark.parametrize(
    ("broken", "error", "match"),
    [
        pytest.param(
            lambda tables: {k: tables[k] for k in tables if k != "alarms"},
            MissingPartError,
            "tables: found no 'alarms'; known: pumps, stops, readings",
            id="no table",
        ),
        pytest.param(
            lambda tables: (
                tables | {"alarms": tables["alarms"].rename(columns=str.upper)}
            ),
            MissingPartError,
            "alarms: found no 'pump'",
            id="no column",
        ),
        pytest.param(
            drop("readings", "flow"),
            MissingPartError,
            "readings: found no 'flow'; known: at, pump",
            id="no values",
        ),
        pytest.param(
            change("alarms", "at", ["2015-01-01", "31/12/2015", "2015-01-02"]),
            TimeColumnError,
            r"alarms\.at: found (str|object) such as '31/12/2015', expected times",
            id="a text that is no time",
        ),
        pytest.param(
            change("alarms", "at", pd.Timestamp("2015-01-01", tz="UTC")),
            TimeColumnError,
            r"alarms\.at: found times with an offset \(UTC\), expected times without",
            id="a zone that the scope does not know",
        ),
        pytest.param(
            change("alarms", "pump", "1"),
            EntityTypeError,
            r"alarms\.pump: found ids of type (str|object), expected int64",
            id="ids of another type",
        ),
        pytest.param(
            change("pumps", "pump", 7),
            RepeatedEntityError,
            r"pumps\.pump: found several rows for 7, expected one;",
            id="an entity twice",
        ),
        pytest.param(
            change("readings", "flow", "off"),
            NotNumericError,
            r"readings\.flow: found type (str|object), expected numbers",
            id="measurements in words",
        ),
        pytest.param(
            lambda tables: (
                tables
                | {
                    "pumps": pd.DataFrame(
                        {"pump": range(101), "serial": range(101)}
                    ).astype({"serial": str})
                }
            ),
            ManyLevelsError,
            r"pumps\.serial: found 101 different texts \('0', '1', '10', …\)",
            id="a name as a category",
        ),
        pytest.param(
            lambda tables: {name: frame[:0] for name, frame in tables.items()},
            NoRecordsError,
            "stops, alarms, readings: found no record with a time",
            id="nothing at all",
        ),
        pytest.param(
            lambda tables: tables | {"stops": tables["stops"][:0]},
            NoRecordsError,
            "the label's table: found no record with a time",
            id="nothing to announce",
        ),
    ],
)
def test_tables_that_cannot_be_used_are_refused(
    broken: Callable[[Tables], Tables], error: type[ToolkitError], match: str
) -> None:
    with pytest.raises(error, match=match):
        build_panel(broken(tables_of()), scope_of())


def test_an_entity_twice_at_one_time_is_refused() -> None:
    pumps = tables_of()["pumps"].assign(pump=1, since=pd.Timestamp("2015-01-01"))
    scope = scope_of((replace(PUMPS, time="since"), STOPS, ALARMS, READINGS))
    with pytest.raises(RepeatedEntityError, match="expected one at a time"):
        build_panel(tables_of(pumps=pumps), scope)


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param((pd.Timedelta(days=7), pd.Timedelta(hours=168)), id="twice"),
        pytest.param((pd.Timedelta(0),), id="zero"),
    ],
)
def test_windows_that_make_no_sense_are_refused(
    windows: tuple[pd.Timedelta, ...],
) -> None:
    with pytest.raises(FeatureWindowError, match="expected different lengths above"):
        build_panel(tables_of(), scope_of(), windows=windows)


def test_an_end_with_an_offset_needs_a_zone() -> None:
    end = pd.Timestamp("2015-01-06", tz="UTC")
    with pytest.raises(TimeColumnError, match="end: found a time with an offset"):
        build_panel(tables_of(), scope_of(), end=end)
    scope = scope_of(decisions=replace(DAILY, timezone="Asia/Tokyo"))
    assert build_panel(tables_of(), scope, end=end).end == end


def test_a_panel_larger_than_memory_is_refused_before_it_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(build, "MAX_ROWS", 13)
    with pytest.raises(ManyDecisionsError, match=r"found 14 rows .* at most 13"):
        build_panel(tables_of(), scope_of())


GRID = pd.MultiIndex.from_product(
    [pd.to_datetime(["2015-01-01", "2015-01-02"]), [1, 2]], names=["cutoff", "entity"]
)


@pytest.mark.parametrize(
    ("rows", "n_labels", "match"),
    [
        pytest.param(GRID, 3, "found 3 labels, expected 4", id="labels"),
        pytest.param(GRID[::-1], 4, "unsorted rows", id="order"),
        pytest.param(GRID[[0, 0, 1, 2]], 4, "repeated rows", id="twice"),
        pytest.param(GRID.set_names(["at", "entity"]), 4, "found levels", id="names"),
    ],
)
def test_parts_that_do_not_fit_make_no_panel(
    rows: pd.MultiIndex, n_labels: int, match: str
) -> None:
    with pytest.raises(PanelShapeError, match=match):
        Panel(
            X=pd.DataFrame({"a": np.zeros(4)}, index=rows),
            y=np.zeros(n_labels),
            events=pd.DataFrame({"entity": [], "time": []}),
            horizon=pd.Timedelta(DAY),
            delay=pd.Timedelta(0),
        )
