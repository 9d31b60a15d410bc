"""The panel's checks: give-away features, drift, and what the evaluation asks of it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sanity_worlds import SCOPE, found, loud, panel, remade

from toolkit.analysis.findings import Finding, Outcome, Severity
from toolkit.analysis.panel import Panel
from toolkit.analysis.sanity import check_panel
from toolkit.analysis.sanity.features import rank_auc
from toolkit.scope import Metric, Scope, Success

Values = npt.NDArray[np.float64]


def with_feature(values: Values, base: Panel | None = None) -> Panel:
    base = base or panel()
    return remade(base.X.assign(planted=values), base.y, base.events)


def only(panel_: Panel, code: str, asked: Scope = SCOPE) -> Finding:
    findings = found(check_panel(panel_, asked), code)
    assert len(findings) == 1
    return findings[0]


def asked(**evaluation: timedelta) -> Scope:
    return replace(SCOPE, evaluation=replace(SCOPE.evaluation, **evaluation))  # type: ignore[arg-type]  # only durations


def noise(
    seed: int = 5, n: int = 12_000
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(size=n)


def test_the_label_as_a_feature_is_an_error() -> None:
    base = panel()
    finding = only(with_feature(np.nan_to_num(base.y) + 0.01 * noise()), "DS403")
    assert (finding.severity, finding.place) == (Severity.ERROR, "panel.planted")
    assert "puts a positive row above a negative one in 100 %" in finding.message


def test_a_reversed_proxy_is_found_as_well() -> None:
    base = panel()
    finding = only(with_feature(-2.6 * np.nan_to_num(base.y) + noise()), "DS403")
    assert finding.severity is Severity.WARNING


def test_a_feature_that_is_missing_where_the_label_is_positive_is_an_error() -> None:
    base = panel()
    finding = only(with_feature(np.where(base.y == 1, np.nan, noise())), "DS403")
    assert finding.severity is Severity.ERROR
    assert finding.message.startswith("whether it is missing alone")


@pytest.mark.parametrize(("side", "words"), [(1.0, "from"), (-1.0, "up to")])
def test_values_that_decide_a_part_of_the_label_are_found(
    side: float, words: str
) -> None:
    base = panel()
    known = (base.y == 1) & (noise(1) > 0.5)
    values = side * np.where(known, 30.0, np.round(noise(2)))
    finding = only(with_feature(values), "DS404")
    assert words in finding.message
    assert "100 % of the rows" in finding.message


def test_a_good_honest_feature_is_no_giveaway() -> None:
    base = panel()
    report = check_panel(with_feature(1.2 * np.nan_to_num(base.y) + noise()), SCOPE)
    assert loud(report) == []


@pytest.mark.parametrize("seed", range(3))
def test_rank_auc_is_the_share_of_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 5, 30).astype(float), rng.integers(0, 5, 40).astype(float)
    pairs = np.sign(a[:, None] - b[None, :])
    assert rank_auc(a, b) == pytest.approx((pairs.mean() + 1) / 2)


def test_copied_stretches_are_found_across_train_and_test() -> None:
    base = panel()
    X = base.X.copy()
    X.iloc[200 * 40 : 220 * 40] = X.iloc[20 * 40 : 40 * 40].to_numpy()
    finding = only(remade(X, base.y, base.events), "DS406")
    assert (finding.severity, finding.count) == (Severity.ERROR, 800)


def test_a_few_copied_rows_are_a_warning() -> None:
    base = panel()
    X = base.X.copy()
    X.iloc[200 * 40 : 200 * 40 + 5] = X.iloc[:5].to_numpy()
    assert only(remade(X, base.y, base.events), "DS406").severity is Severity.WARNING


def test_equal_rows_of_counts_are_no_copies() -> None:
    base = panel()
    X = base.X.round().clip(-1, 1)
    report = check_panel(remade(X, base.y, base.events), SCOPE)
    outcome = {c.code: c.outcome for c in report.checks}
    assert outcome["DS406"] is Outcome.NOT_APPLICABLE


def test_a_month_with_many_more_events_is_drift_of_the_base_rate() -> None:
    base = panel()
    y = base.y.copy().reshape(300, 40)
    y[151:181, :12] = 1.0
    finding = only(remade(base.X, y.ravel(), base.events), "DS316")
    assert "in 2023-06" in finding.message
    assert finding.evidence is not None
    assert list(finding.evidence["month"])[:2] == ["2023-02", "2023-03"]


def test_a_shifted_feature_is_noted_as_drift() -> None:
    base = panel()
    X = base.X.copy()
    X.iloc[181 * 40 :, 1] += 2.0
    X.iloc[:, 2] = np.nan
    finding = only(remade(X, base.y, base.events), "DS317")
    assert finding.severity is Severity.NOTE
    assert finding.message.startswith("1 feature of 3 is distributed otherwise")
    assert finding.evidence is not None
    assert finding.evidence.loc[0, "month"] == "2023-07"


def test_a_dozen_of_events_is_too_few() -> None:
    sparse = panel(1, rate=0.002)
    finding = next(f for f in check_panel(sparse, SCOPE).findings if f.code == "DS501")
    assert finding.place in {"evaluation", "evaluation.first_training"}
    assert finding.severity is not Severity.NOTE


def test_hardly_any_event_is_an_error() -> None:
    base = panel()
    y = np.where(np.isnan(base.y), np.nan, 0.0)
    y[: 40 * 100 : 40] = 1.0
    few = base.events[base.events["time"] < pd.Timestamp("2023-03-01")]
    findings = found(check_panel(remade(base.X, y, few), SCOPE), "DS501")
    places = {f.place: f.severity for f in findings}
    assert places["evaluation"] is Severity.ERROR
    assert places["evaluation.test_length"] is Severity.NOTE


@pytest.mark.parametrize(
    "scope_",
    [
        pytest.param(asked(first_training=timedelta(days=400)), id="no test"),
        pytest.param(asked(gap=timedelta(days=1)), id="gap too short"),
    ],
)
def test_an_evaluation_that_cannot_be_made_is_an_error(scope_: Scope) -> None:
    report = check_panel(panel(), scope_)
    assert [f.severity for f in found(report, "DS502")] == [Severity.ERROR]
    outcomes = {c.code: c.outcome for c in report.checks}
    assert outcomes["DS501"] is Outcome.NOT_APPLICABLE


METRICS: list[tuple[Metric, float]] = [
    ("hit_rate", 5.0),
    ("precision", 1.0),
    ("recall", 1.0),
    ("lift", 60.0),
    ("average_precision", 1.0),
    ("saved_per_day", 1e9),
]


@pytest.mark.parametrize(("metric", "threshold"), METRICS)
def test_a_goal_beyond_perfect_foresight_is_an_error(
    metric: Metric, threshold: float
) -> None:
    goal = Success(metric=metric, threshold=threshold * 1.01)
    finding = only(panel(), "DS503", costly(replace(SCOPE, stated_success=goal)))
    assert finding.severity is Severity.ERROR
    assert "perfect foresight gives" in finding.message


def costly(scope_: Scope) -> Scope:
    from toolkit.scope import Costs, Estimate  # noqa: PLC0415  # used here alone

    one = Estimate(low=1, mid=1, high=1)
    costs = Costs(currency="EUR", failure=one, check=one, prevented_share=one)
    return replace(scope_, stated_costs=costs)


def test_a_goal_close_to_perfect_foresight_is_a_warning() -> None:
    goal = Success(metric="average_precision", threshold=0.9)
    finding = only(panel(), "DS503", replace(SCOPE, stated_success=goal))
    assert finding.severity is Severity.WARNING
    assert "it asks for 90 % of it" in finding.message


@pytest.mark.parametrize("goal", [None, Success(metric="saved_per_day", threshold=1.0)])
def test_a_goal_that_cannot_be_priced_is_not_applicable(goal: Success | None) -> None:
    report = check_panel(panel(), replace(SCOPE, stated_success=goal))
    outcomes = {c.code: c.outcome for c in report.checks}
    assert outcomes["DS503"] is Outcome.NOT_APPLICABLE


def test_what_every_reader_should_know_is_noted() -> None:
    report = check_panel(panel(), SCOPE)
    messages = {f.code: f.message for f in report.findings}
    assert messages["DS504"].startswith("80 rows from 2023-10-26 07:00:00 on have no")
    assert "hits count one event" in messages["DS507"]
    assert messages["DS510"].startswith("the tests cover 176 days")


def test_entities_that_the_training_never_saw_are_counted() -> None:
    base = panel()
    index = base.X.index
    late = index.get_level_values("cutoff") >= pd.Timestamp("2023-08-01")
    kept = late | (index.get_level_values("entity") < "U037")
    finding = only(remade(base.X[kept], base.y[kept], base.events), "DS505")
    assert finding.message.startswith("3 entities (U037, U038 and U039) first appear")


@pytest.mark.parametrize(
    ("capacity", "severity"), [(40, Severity.ERROR), (39, Severity.WARNING)]
)
def test_a_list_that_holds_everybody_is_found(
    capacity: int, severity: Severity
) -> None:
    base = panel()
    kept = np.ones(len(base.X), dtype=bool)
    kept[40:42] = False
    report = check_panel(
        remade(base.X[kept], base.y[kept], base.events),
        replace(SCOPE, capacity=capacity),
    )
    assert [f.severity for f in found(report, "DS506")] == [severity]


def test_missing_decision_times_are_found() -> None:
    base = panel()
    day = base.cutoffs.normalize()
    kept = np.asarray(day != pd.Timestamp("2023-04-04"))
    finding = only(remade(base.X[kept], base.y[kept], base.events), "DS511")
    assert finding.count == 1


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(0, id="none"),
        pytest.param(1, id="one"),
        pytest.param(40, id="a day"),
    ],
)
def test_a_tiny_panel_makes_no_check_raise(rows: int) -> None:
    base = panel()
    report = check_panel(remade(base.X.head(rows), base.y[:rows], base.events), SCOPE)
    assert len(report.checks) == 14


def test_a_panel_without_features_or_positives_makes_no_check_raise() -> None:
    base = panel()
    y = np.zeros(len(base.y))
    report = check_panel(remade(base.X.iloc[:, :0], y, base.events.head(0)), SCOPE)
    assert {c.code: c.outcome for c in report.checks}["DS403"] is Outcome.NOT_APPLICABLE


def test_foresight_is_held_to_the_capacity() -> None:
    base = panel(rate=0.1)
    one = replace(
        SCOPE,
        capacity=1,
        stated_success=Success(metric="hit_rate", threshold=1.01),
    )
    finding = only(base, "DS503", one)
    y = base.y.reshape(300, 40)[122:298]
    best = np.minimum(y.sum(axis=1), 1).mean()
    assert finding.message == (
        f"the goal is hit_rate 1.01, perfect foresight gives {best:.5g}"
    )
