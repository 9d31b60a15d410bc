from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from backtests import DAY, START, backtest_of, panel_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from test_error_analysis_register import learned

from toolkit.analysis.error_analysis import (
    Alteration,
    Backlog,
    BacklogRowError,
    CatchValue,
    Importance,
    false_alarm_segments,
    missed_segments,
    permutation_importance,
    suggest,
)
from toolkit.analysis.error_analysis.suggestions import _slug
from toolkit.analysis.fitting import FitWarning

ROW: dict[str, object] = {"key": "scaler", "title": "scale the features"}


def test_an_empty_cell_is_unknown_however_it_is_written() -> None:
    cells: tuple[object, ...] = ("", None, float("nan"), "  ")
    for cell in cells:
        (one,) = Backlog.from_rows([ROW | {"chance": cell, "note": cell}]).alterations
        assert np.isnan(one.chance)
        assert one.note == ""
        assert one.status == "open"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param({"key": ""}, "row 1, column 'key': found ''", id="no key"),
        pytest.param({"title": None}, "column 'title'", id="no title"),
        pytest.param(
            {"effort": 3}, "column 'effort'.*did you mean 'effort_hours'", id="misspelt"
        ),
        pytest.param({"xyz": 3}, "an unknown column", id="unknown column"),
        pytest.param(
            {"effort_hours": "soon"},
            "found 'soon', expected a number from 0",
            id="no number",
        ),
        pytest.param({"effort_hours": "0"}, "effort_hours", id="no effort"),
        pytest.param({"effort_hours": "-1"}, "effort_hours", id="negative effort"),
        pytest.param({"chance": "60"}, "a number from 0 to 1", id="percent"),
        pytest.param(
            {"status": "closed"}, "found 'closed', expected one of", id="status"
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(
    row: dict[str, object], message: str
) -> None:
    with pytest.raises(BacklogRowError, match=message):
        Backlog.from_rows([ROW | row])


def test_a_key_stands_once() -> None:
    with pytest.raises(BacklogRowError, match="row 2, column 'key': found 'scaler'"):
        Backlog.from_rows([ROW, ROW])


few = settings(max_examples=30, deadline=None)  # each makes frames
numbers = st.floats(0.1, 1) | st.just(float("nan"))
alterations = st.builds(
    Alteration,
    key=st.sampled_from("abcdef"),
    title=st.just("t"),
    effort_hours=numbers,
    chance=numbers,
    ceiling=numbers,
    status=st.sampled_from(["open", "done", "refused"]),
)
backlogs = st.lists(alterations, unique_by=lambda one: one.key).map(
    lambda some: Backlog(alterations=tuple(some))
)


@given(backlogs)
@few
def test_the_edited_table_is_read_back_as_it_was_written(backlog: Backlog) -> None:
    rows = backlog.to_frame().to_dict("records")
    again = Backlog.from_rows([{str(k): v for k, v in row.items()} for row in rows])
    pd.testing.assert_frame_equal(again.to_frame(), backlog.to_frame())


@given(backlogs, backlogs)
@few
def test_merging_keeps_every_edit_and_adds_what_is_new(
    team: Backlog, offered: Backlog
) -> None:
    merged = team.merge(offered.alterations)
    keys = [one.key for one in merged.alterations]
    assert len(keys) == len(set(keys))
    assert set(keys) == {one.key for one in (*team.alterations, *offered.alterations)}
    for mine, kept in zip(team.alterations, merged.alterations, strict=False):
        assert kept.status == mine.status
        assert np.isnan(mine.chance) or kept.chance == mine.chance
        assert np.isnan(mine.ceiling) or kept.ceiling == mine.ceiling


def test_merging_fills_empty_cells_from_the_run() -> None:
    team = Backlog(alterations=(Alteration(key="a", title="ours", effort_hours=8.0),))
    offered = Alteration(key="a", title="theirs", effort_hours=1.0, ceiling=0.5)
    (one,) = team.merge([offered]).alterations
    assert (one.title, one.effort_hours, one.ceiling) == ("ours", 8.0, 0.5)


@given(backlogs)
@few
def test_the_order_is_effort_then_expected_gain(backlog: Backlog) -> None:
    table = backlog.ordered(detectable=0.5)
    assert len(table) == len(backlog.alterations)
    opened = table[table["status"] == "open"]
    assert opened.index.to_list() == list(range(len(opened)))
    effort = opened["effort_hours"].fillna(np.inf)
    assert effort.is_monotonic_increasing
    for _, same in opened.groupby("effort_hours"):
        gain = (same["ceiling"] * same["chance"]).fillna(-np.inf)
        assert gain.is_monotonic_decreasing


def test_what_is_below_the_detectable_difference_is_to_be_bundled() -> None:
    some = [
        Alteration(key=key, title=key, ceiling=ceiling, chance=0.5, effort_hours=2.0)
        for key, ceiling in (("a", 0.1), ("b", 0.2), ("c", float("nan")))
    ]
    table = Backlog(alterations=tuple(some)).ordered(detectable=0.2).set_index("key")
    assert table["proof"].to_dict() == {"a": "bundle", "b": "alone", "c": ""}
    assert table["gain_per_hour"]["b"] == pytest.approx(0.05)
    assert table.index[-1] == "c"


def suggested(*, warned: bool, missing: bool) -> dict[str, Alteration]:
    panel, result = learned(LogisticRegression())
    if warned:
        flags = tuple(
            FitWarning(fold=fold, category="ConvergenceWarning", message="stopped")
            for fold in (0, 0, 2)
        )
        result = replace(result, warnings=flags)
    importance = permutation_importance(result, panel, random_state=0)
    missed, alarms = missed_segments(result, panel), false_alarm_segments(result, panel)
    if missing:
        gap = panel.X.assign(noise=panel.X["noise"].where(panel.X["noise"] > 0))
        panel = replace(panel, X=gap)
    found = suggest(
        result,
        panel,
        missed=missed,
        alarms=alarms,
        importance=importance,
        value=CatchValue(failure=1000, check=10),
    )
    return {one.key: one for one in found}


def test_each_finding_suggests_an_alteration() -> None:
    found = suggested(warned=True, missing=True)
    assert "did not converge in 2 of 3 folds" in found["scaler"].reason
    assert "1 of 3 columns" in found["impute"].reason
    assert "'noise'" in found["impute"].reason
    assert found["scaler"].ceiling == found["impute"].ceiling > 0
    assert found["refine-signal"].ceiling >= 0
    backlog = Backlog().merge(found.values())
    assert backlog.ordered(detectable=0.1)["key"].iloc[0] == "scaler"


def test_without_findings_nothing_is_suggested_for_them() -> None:
    found = suggested(warned=False, missing=False)
    assert not {"scaler", "impute"} & set(found)


@pytest.mark.parametrize(("factor", "expected"), [(1.0, False), (0.1, True)])
def test_calibration_is_suggested_where_the_list_is_wrong(
    factor: float,
    expected: bool,  # noqa: FBT001  # a case of the table
) -> None:
    rng = np.random.default_rng(0)
    names = [f"m{at:03}" for at in range(100)]
    risk = np.linspace(0.0, 0.5, 100)
    failed = [
        (names[at], START + day * DAY + DAY / 2)
        for day in range(0, 40, 2)
        for at in np.flatnonzero(rng.random(100) < risk)
    ]
    panel = panel_of(39, names, failed)
    result = backtest_of(panel, np.tile(risk * factor, 39), capacity=20)
    found = suggest(
        result,
        panel,
        missed=missed_segments(result, panel),
        alarms=false_alarm_segments(result, panel),
        importance=Importance(table=IMPORTANCE, by_fold=IMPORTANCE),
        value=CatchValue(failure=1000, check=10),
    )
    assert ("calibrate" in {one.key for one in found}) == expected


IMPORTANCE = pd.DataFrame(columns=["feature", "importance", "low"])


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        pytest.param("m.model=model3", "m.model-is-model3", id="category"),
        pytest.param("1 < age <= 2.5", "1-lt-age-le-2.5", id="bin"),
        pytest.param(
            "age > 15 and x is missing", "age-gt-15-and-x-is-missing", id="pair"
        ),
    ],
)
def test_a_key_can_be_read(text: str, slug: str) -> None:
    assert _slug(text) == slug
