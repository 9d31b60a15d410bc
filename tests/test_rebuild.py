from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd
import pytest
from worlds import ALARMS, DAY, HOUR, PUMPS, READINGS, STOPS, delayed, log, scope_of

from toolkit.analysis.build import build_panel
from toolkit.analysis.panel import Panel
from toolkit.analysis.rebuild import (
    UnknownCutoffError,
    cut,
    draw_cutoffs,
    find_future_leaks,
)
from toolkit.scope import Scope

AT = pd.Timestamp("2015-01-05 07:00")
Tables = Mapping[str, pd.DataFrame]


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    days = pd.date_range("2015-01-01 06:00", periods=10)
    return {
        "pumps": pd.DataFrame({"pump": [1, 2], "power": [3.0, 4.0]}),
        "stops": log(("2015-01-01 06:00", 1), ("2015-01-05 08:00", 2)),
        "alarms": log(
            ("2015-01-02", 1, "hot"),
            ("2015-01-05 08:00", 2, "dry"),
            ("2015-01-07", 2, "hot"),
        ),
        "readings": pd.DataFrame({"at": days, "pump": 1, "flow": range(10)}),
    }


def leaky(column: Callable[[Tables, Panel], pd.Series]) -> Callable[..., Panel]:
    """Return a builder that adds one more feature."""

    def build(
        tables: Tables, scope: Scope, *, end: pd.Timestamp | None = None
    ) -> Panel:
        panel = build_panel(tables, scope, end=end)
        return replace(panel, X=panel.X.assign(added=column(tables, panel)))

    return build


def test_what_was_known_at_the_time_passes(tables: dict[str, pd.DataFrame]) -> None:
    cutoffs = [AT, AT + DAY, AT - 2 * DAY]
    assert find_future_leaks(build_panel, tables, scope_of(), cutoffs).empty


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(
            lambda _, panel: panel.X["readings.flow last 7 days"].fillna(
                panel.X["readings.flow last 7 days"].mean()
            ),
            id="filled with the mean of all times",
        ),
        pytest.param(
            lambda _, panel: (
                panel.X["readings.flow last 7 days"].groupby("entity").shift(-1)
            ),
            id="the next day's value",
        ),
        pytest.param(
            lambda tables, panel: pd.Series(
                float(len(tables["alarms"])), panel.X.index
            ),
            id="a count over all times",
        ),
    ],
)
def test_a_feature_that_saw_the_future_is_named(
    tables: dict[str, pd.DataFrame], column: Callable[[Tables, Panel], pd.Series]
) -> None:
    found = find_future_leaks(leaky(column), tables, scope_of(), [AT])
    assert found["feature"].tolist() == ["added"]
    assert found["cutoff"].tolist() == [AT]


def test_the_evidence_shows_both_values_of_the_first_row(
    tables: dict[str, pd.DataFrame],
) -> None:
    build = leaky(
        lambda tables, panel: pd.Series(float(len(tables["alarms"])), panel.X.index)
    )
    row = find_future_leaks(build, tables, scope_of(), [AT]).iloc[0]
    assert row[["rows", "entity", "as_of", "in_full"]].tolist() == [2, 1, 1.0, 3.0]


def test_a_builder_that_ignores_the_delay_is_caught(
    tables: dict[str, pd.DataFrame],
) -> None:
    late = scope_of((PUMPS, STOPS, delayed(ALARMS, 6 * DAY), READINGS))

    def hasty(
        tables: Tables, scope: Scope, *, end: pd.Timestamp | None = None
    ) -> Panel:
        prompt = {name: replace(t, delay=0 * HOUR) for name, t in scope.tables.items()}
        return build_panel(tables, replace(scope, tables=prompt), end=end)

    found = find_future_leaks(hasty, tables, late, [AT])
    assert "alarms count 7 days" in found["feature"].tolist()


def test_a_column_of_a_kind_that_had_not_occurred_is_no_leak_while_it_is_empty(
    tables: dict[str, pd.DataFrame],
) -> None:
    assert "alarms[dry] count 7 days" in build_panel(tables, scope_of()).X
    assert find_future_leaks(build_panel, tables, scope_of(), [AT]).empty
    alone = leaky(lambda _, panel: panel.X["pumps.power"])

    def conditional(
        tables: Tables, scope: Scope, *, end: pd.Timestamp | None = None
    ) -> Panel:
        build = alone if len(tables["alarms"]) > 1 else build_panel
        return build(tables, scope, end=end)

    found = find_future_leaks(conditional, tables, scope_of(), [AT])
    assert found["feature"].tolist() == ["added"]


def test_rows_of_entities_that_only_the_future_knows_are_named(
    tables: dict[str, pd.DataFrame],
) -> None:
    def busy(tables: Tables, scope: Scope, *, end: pd.Timestamp | None = None) -> Panel:
        panel = build_panel(tables, scope, end=end)
        known = panel.entities.isin(tables["alarms"]["pump"])
        return replace(panel, X=panel.X[known], y=panel.y[known])

    found = find_future_leaks(busy, tables, scope_of(), [AT])
    assert found[["feature", "rows", "as_of", "in_full"]].to_numpy().tolist() == [
        ["(rows)", 1, 1, 2]
    ]


def test_a_time_at_which_nothing_is_decided_is_refused(
    tables: dict[str, pd.DataFrame],
) -> None:
    with pytest.raises(UnknownCutoffError, match="found 2015-01-05 08:00:00, expected"):
        find_future_leaks(build_panel, tables, scope_of(), [AT + HOUR])


@pytest.mark.parametrize("n", [0, 3, 99])
def test_cutoffs_are_drawn_once_each_in_order_and_again_by_seed(
    tables: dict[str, pd.DataFrame], n: int
) -> None:
    panel = build_panel(tables, scope_of())
    drawn = draw_cutoffs(panel, n=n, random_state=1)
    known = list(panel.cutoffs.unique())
    assert len(drawn) == min(n, len(known))
    assert list(drawn) == sorted(set(drawn) & set(known))
    assert drawn == draw_cutoffs(panel, n=n, random_state=1)


def test_a_cut_keeps_what_had_arrived_and_tables_without_times(
    tables: dict[str, pd.DataFrame],
) -> None:
    scope = scope_of((PUMPS, STOPS, delayed(ALARMS, 3 * DAY), READINGS))
    known = cut(tables, scope, AT)
    sizes = {name: len(frame) for name, frame in known.items()}
    assert sizes == {"pumps": 2, "stops": 1, "alarms": 1, "readings": 5}
