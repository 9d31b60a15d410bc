import json
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from toolkit import scope
from toolkit.analysis.contract import evaluation_contract, panel_digest
from toolkit.analysis.panel import Panel

DAY = pd.Timedelta(days=1)
DAYS = pd.date_range("2024-01-01 07:00", periods=3, freq="D")
TEXT = """
horizon: 1 day
capacity: 2
decisions: {every: 1 day, ready_by: "07:00"}
current_strategy: {rule: random}
tables:
  pumps: {source: pumps.csv, role: entities, entity: id}
  stops: {source: stops.csv, role: events, entity: id, time: at, kind: why}
label: {table: stops, kinds: [b, a]}
evaluation:
  {window: growing, first_training: 9 days, test_length: P7D, step: P7D, gap: P2D}
"""


def panel(one: int = 1, other: int = 2, kind: type = np.int64) -> Panel:
    entities: npt.NDArray[np.generic] = np.array([one, other], dtype=kind)
    index = pd.MultiIndex.from_arrays(
        [DAYS.repeat(2), np.tile(entities, 3)], names=["cutoff", "entity"]
    )
    events = pd.DataFrame({"entity": entities, "time": DAYS[1]})
    return Panel(
        X=pd.DataFrame({"x": np.arange(6.0)}, index=index),
        y=np.array([0.0, 1.0, 0.0, 0.0, np.nan, np.nan]),
        events=events,
        horizon=DAY,
        delay=0 * DAY,
    )


def contract(text: str = TEXT, rows: Panel | None = None, seed: int = 0) -> str:
    found = evaluation_contract(scope.parse(text), rows or panel(), random_state=seed)
    return json.dumps(found, sort_keys=True, allow_nan=False)


def test_the_contract_is_plain_json() -> None:
    found = json.loads(contract())
    assert found["capacity"] == 2
    assert found["label"] == {"kinds": ["a", "b"], "table": "stops"}
    assert found["horizon"] == "P1DT0H0M0S"


def test_the_features_are_no_part_of_it() -> None:
    rows = panel()
    assert contract(rows=replace(rows, X=rows.X.assign(x=1.0, z=2.0))) == contract()


def test_neither_are_words_that_decide_nothing() -> None:
    assert contract("why: because\n" + TEXT) == contract()
    assert contract(TEXT.replace("[b, a]", "[a, b]")) == contract()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("capacity: 2", "capacity: 1", id="capacity"),
        pytest.param("[b, a]", "[b]", id="label"),
        pytest.param("P7D, step", "P6D, step", id="test length"),
        pytest.param("growing", "sliding", id="window"),
        pytest.param("rule: random", "rule: longest-unchecked", id="strategy"),
        pytest.param("07:00", "08:00", id="decisions"),
    ],
)
def test_what_the_scope_decides_changes_it(old: str, new: str) -> None:
    assert contract(TEXT.replace(old, new)) != contract()


def test_another_seed_or_metric_version_changes_it() -> None:
    assert contract(seed=1) != contract()
    asked = scope.parse(TEXT)
    one, two = (
        evaluation_contract(asked, panel(), random_state=0, metric_version=version)
        for version in (1, 2)
    )
    assert one != two


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"horizon": 2 * DAY}, id="horizon"),
        pytest.param({"delay": DAY}, id="delay"),
        pytest.param({"y": np.zeros(6)}, id="labels"),
        pytest.param({"events": panel().events.iloc[:1]}, id="events"),
        pytest.param({"X": panel(1, 3).X}, id="entities"),
        pytest.param({"X": panel().X.iloc[:4], "y": np.zeros(4)}, id="rows"),
    ],
)
def test_what_is_measured_changes_it(changed: dict[str, object]) -> None:
    rows = replace(panel(), **changed)  # type: ignore[arg-type]  # one part each
    assert contract(rows=rows) != contract()


def test_the_unit_of_time_and_the_kind_of_integer_do_not_matter() -> None:
    narrow = panel(kind=np.int16)
    assert panel_digest(narrow) == panel_digest(panel())
    events = panel().events.assign(time=panel().events["time"].dt.as_unit("ns"))
    assert panel_digest(replace(panel(), events=events)) == panel_digest(panel())
