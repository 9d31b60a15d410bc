"""A pipeline beside the bar, chance, foresight and the goal, on the same days."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from toolkit import scope
from toolkit.analysis import measures
from toolkit.analysis.baseline import scaled_baseline
from toolkit.analysis.build import build_panel
from toolkit.analysis.evaluation import Evaluation, evaluate
from toolkit.analysis.panel import Panel

N_MACHINES = 40
DAYS = pd.date_range("2015-01-01", periods=120, freq="D")


@pytest.fixture(scope="module")
def asked() -> scope.Scope:
    whole = scope.load()
    kept = {name: whole.tables[name] for name in ("machines", "failures", "maint")}
    return replace(
        whole.with_capacity(4),
        tables=kept,
        decisions=replace(whole.decisions, first=None),
        evaluation=replace(
            whole.evaluation,
            first_training=timedelta(days=40),
            test_length=timedelta(days=14),
            step=timedelta(days=14),
        ),
    )


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Machines that fail the more often, the older they are."""
    draw = np.random.default_rng(0)
    age = np.arange(N_MACHINES) % 20
    machine, day = np.nonzero(
        draw.random((N_MACHINES, len(DAYS))) < 0.004 * age[:, None]
    )
    checked = draw.integers(N_MACHINES, size=len(DAYS))
    return {
        "machines": pd.DataFrame(
            {"machineID": np.arange(N_MACHINES), "model": "m", "age": age}
        ),
        "failures": pd.DataFrame(
            {
                "datetime": DAYS[day] + pd.Timedelta(hours=12),
                "machineID": machine,
                "failure": "comp1",
            }
        ),
        "maint": pd.DataFrame(
            {"datetime": DAYS, "machineID": checked, "comp": "comp1"}
        ),
    }


@pytest.fixture(scope="module")
def panel(asked: scope.Scope, tables: dict[str, pd.DataFrame]) -> Panel:
    return build_panel(tables, asked)


@pytest.fixture(scope="module")
def result(
    asked: scope.Scope, tables: dict[str, pd.DataFrame], panel: Panel
) -> Evaluation:
    return evaluate(
        scaled_baseline(), panel, asked, tables, name="scaled", random_state=0
    )


def test_all_are_held_to_the_same_decision_times(result: Evaluation) -> None:
    times = result.pipeline.daily.index
    assert times.equals(result.oracle.daily.index)
    assert times.equals(result.bar.hits.index)


def test_a_pipeline_lies_between_chance_and_foresight(result: Evaluation) -> None:
    assert result.random_hit_rate.mean < result.hit_rate.mean
    assert result.hit_rate.mean < result.oracle_hit_rate.mean
    assert result.hits_over_bar.mean == pytest.approx(
        result.hit_rate.mean - result.bar_hit_rate.mean
    )
    assert result.saved_over_bar.mean < result.saved_per_day.mean + 4 * 250


def test_the_comparison_has_a_row_for_each_and_the_goal(result: Evaluation) -> None:
    table = result.comparison().set_index("name")
    assert list(table.index) == [
        "scaled",
        "today's way",
        "by lot",
        "perfect foresight",
        "goal",
    ]
    assert table.loc["scaled", "hit_rate"] == result.hit_rate.mean
    assert table.loc["goal", "hit_rate"] == result.goal == 3
    assert table.loc["scaled", "failures_caught"] == result.caught_per_day
    assert table.loc["goal"].drop("hit_rate").isna().all()


def test_a_goal_in_another_metric_is_no_hit_rate(result: Evaluation) -> None:
    success = replace(result.scope.success, metric="average_precision", threshold=0.5)
    other = replace(result, scope=replace(result.scope, stated_success=success))
    assert other.goal is None
    assert "goal" not in set(other.comparison()["name"])
    assert "goal_hit_rate" not in {one.name for one in measures.hit_measures(other)}


def test_every_number_has_a_name_of_its_own(result: Evaluation) -> None:
    both = measures.hit_measures(result) + measures.money_measures(result)
    names = [one.name for one in both]
    assert len(names) == len(set(names))
    assert np.isfinite([one.value for one in both]).all()
    for one in both:
        if one.interval is not None:
            assert one.interval.low <= one.value <= one.interval.high


def test_money_counts_what_hits_do_not(result: Evaluation) -> None:
    amounts = {one.name: one.value for one in measures.money_measures(result)}
    assert amounts["distinct_failures_caught_per_day"] < result.hit_rate.mean
    assert amounts["saved_per_day"] < amounts["saved_per_day_if_each_hit_paid"]


def test_a_list_longer_than_the_fleet_is_refused_with_its_place(
    asked: scope.Scope, tables: dict[str, pd.DataFrame], panel: Panel
) -> None:
    long = asked.with_capacity(N_MACHINES + 1)
    with pytest.raises(scope.ScopeError, match=r"scope.yaml:\d+:\d+: capacity"):
        evaluate(scaled_baseline(), panel, long, tables, name="s", random_state=0)
