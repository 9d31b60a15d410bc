from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from backtests import DAY, HORIZON, START, backtest_of, panel_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from worlds import ALARMS, PUMPS, READINGS, STOPS, scope_of

from toolkit.analysis.backtest import Backtest, backtest
from toolkit.analysis.error_analysis import (
    Population,
    contributions,
    history,
    worst_false_alarms,
    worst_misses,
)
from toolkit.analysis.error_analysis.linear import linear_model
from toolkit.analysis.panel import Panel
from toolkit.analysis.windows import GrowingWindow
from toolkit.scope import Table

NAMES = ["a", "b", "c", "d"]


def learned(model: object, *, missing: bool = False) -> tuple[Panel, Backtest]:
    """Thirty entities over forty days; "signal" tells the failures, "noise" nothing."""
    rng = np.random.default_rng(0)
    names = [f"m{at:02}" for at in range(30)]
    signal, noise = rng.normal(size=(2, 40, 30))
    failed = [
        (names[entity], START + day * DAY + DAY / 2)
        for day in range(40)
        for entity in np.flatnonzero(signal[day] > 1.6)
    ]
    if missing:
        noise[rng.random(noise.shape) < 0.2] = np.nan
    features = {"signal": signal, "noise": noise, "m.kind=x": (noise > 0) * 1.0}
    panel = panel_of(40, names, failed, features)
    window = GrowingWindow(
        first_test=START + 20 * DAY, test_length=7 * DAY, step=7 * DAY, gap=HORIZON
    )
    return panel, backtest(
        model,  # type: ignore[arg-type]  # scikit-learn is untyped
        panel,
        window,
        capacity=2,
        name="learned",
        random_state=0,
    )


def test_the_worst_miss_is_the_lowest_ranked_failure() -> None:
    failed = [("d", START + DAY / 2), ("c", START + DAY / 2), ("a", START + DAY / 2)]
    feature = np.array([[0.0, 1, 2, 9]])
    panel = panel_of(1, NAMES, failed, {"f": feature})
    table = worst_misses(
        backtest_of(panel, np.array([4.0, 3, 2, 1]), capacity=1), panel, n=5
    )
    assert table["entity"].to_list() == ["d", "c"]
    assert table["rank"].to_list() == [4, 3]
    assert table["class"].to_list() == ["missed", "missed"]
    assert table["unusual"].iloc[0] == "f = 9 (+5.1)"
    assert table["twin"].iloc[0] == f"a on {START}"
    assert "contributions" not in table


def test_a_failure_seen_on_two_mornings_is_one_miss() -> None:
    panel = panel_of(3, NAMES, [("d", START + 1.5 * DAY)])
    score = np.array([[4.0, 3, 2, 1], [4, 3, 1, 2], [4, 3, 2, 1]])
    table = worst_misses(backtest_of(panel, score, capacity=1), panel, n=5)
    assert table[["rank", "mornings"]].to_numpy().tolist() == [[3, 2]]
    assert table["twin"].to_list() == [""]


def test_without_a_miss_the_register_is_empty() -> None:
    panel = panel_of(1, NAMES)
    backtest = backtest_of(panel, np.array([4.0, 3, 2, 1]), capacity=1)
    assert worst_misses(backtest, panel, n=5).empty
    full = backtest_of(panel, np.array([4.0, 3, 2, 1]), capacity=0)
    assert worst_false_alarms(full, panel, n=5).empty


def test_false_alarms_are_ordered_by_their_number_then_by_score() -> None:
    failed = [("b", START + 5 * DAY)]
    panel = panel_of(3, NAMES, failed)
    score = np.array([[4.0, 5, 0, 0], [4, 5, 0, 0], [0, 4, 5, 0]])
    table = worst_false_alarms(backtest_of(panel, score, capacity=2), panel, n=2)
    assert table["entity"].to_list() == ["b", "a"]
    assert table["listings"].to_list() == [3, 2]
    assert table["first"].to_list() == [START, START]
    assert table["last"].to_list() == [START + 2 * DAY, START + DAY]
    assert table["cutoff"].to_list() == [START, START]
    assert table["until_failure"].iloc[0] == 5 * DAY
    assert pd.isna(table["until_failure"].iloc[1])


@pytest.mark.parametrize(
    ("model", "missing"),
    [
        pytest.param(LogisticRegression(), False, id="bare"),
        pytest.param(
            make_pipeline(StandardScaler(), LogisticRegression()), False, id="scaled"
        ),
        pytest.param(
            Pipeline(
                [
                    ("skip", "passthrough"),
                    ("fill", SimpleImputer(add_indicator=True)),
                    ("model", LogisticRegression()),
                ]
            ),
            True,
            id="imputed with indicator",
        ),
    ],
)
def test_contributions_add_up_to_the_score(model: object, missing: bool) -> None:  # noqa: FBT001  # a case of the table
    panel, result = learned(model, missing=missing)
    rows = result.predictions
    parts = contributions(result, panel, rows)
    assert parts is not None
    total = rows.assign(total=parts.sum(axis=1))
    log_odds = np.log(total["score"] / (1 - total["score"]))
    offset = (log_odds - total["total"]).groupby(total["fold"])
    assert (offset.max() - offset.min() < 1e-9).all()
    assert total.groupby("fold")["total"].mean().abs().max() < 1e-9


def test_the_register_names_what_moved_a_linear_score() -> None:
    panel, result = learned(make_pipeline(StandardScaler(), LogisticRegression()))
    table = worst_misses(result, panel, n=3)
    assert table["contributions"].str.startswith("signal = ").all()
    assert not table["unusual"].str.contains("m.kind").any()


def test_a_model_that_is_not_linear_has_no_contributions() -> None:
    panel, result = learned(DecisionTreeClassifier(max_depth=4))
    assert contributions(result, panel, result.predictions.head(3)) is None
    assert "contributions" not in worst_false_alarms(result, panel, n=3)


class Nameless:
    """A transformer that does not say what its columns are."""


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(object(), id="no weights"),
        pytest.param(
            type("Many", (), {"coef_": np.zeros((3, 2)), "intercept_": 0})(),
            id="classes",
        ),
        pytest.param(
            Pipeline([("t", Nameless()), ("m", LogisticRegression())]), id="unfitted"
        ),
    ],
)
def test_what_is_not_linear_has_no_linear_view(model: object) -> None:
    assert linear_model(model, pd.Index(["a", "b"])) is None


def test_an_unnamed_transformer_hides_the_weights() -> None:
    fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    pipeline = Pipeline([("t", Nameless()), ("m", fitted)])
    assert linear_model(pipeline, pd.Index(["a"])) is None


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        pytest.param("age", 0, id="itself"),
        pytest.param("missingindicator_age", 0, id="indicator"),
        pytest.param("age_2", 0, id="power"),
        pytest.param("mileage", 1, id="longer name that ends alike"),
        pytest.param("pca0", -1, id="none"),
    ],
)
def test_a_transformed_column_belongs_to_the_longest_name(
    name: str, owner: int
) -> None:
    fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    linear = linear_model(fitted, pd.Index([name]))
    assert linear is not None
    assert linear.owners(pd.Index(["age", "mileage"])).tolist() == [owner]


@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=40))
@settings(max_examples=50, deadline=None)
def test_robust_z_is_finite_and_zero_at_the_median(values: list[float]) -> None:
    column = np.array(values)[:, None]
    population = Population.of(column)
    z = population.z(column)
    assert np.isfinite(z).all()
    assert population.z(population.median[None, :]).item() == 0


def test_a_value_among_mostly_equal_ones_is_still_far() -> None:
    column = np.r_[np.zeros(90), np.ones(10)][:, None]
    assert Population.of(column).z(np.array([[1.0]])).item() > 3


ALARM_TIMES = [
    START - 20 * DAY,
    START - DAY,
    START - pd.Timedelta(hours=1),
    START + DAY,
]


def tables_of() -> dict[str, pd.DataFrame]:
    return {
        "pumps": pd.DataFrame({"pump": ["p", "q"]}),
        "stops": pd.DataFrame({"pump": ["p", "q"], "at": [START + DAY, START]}),
        "alarms": pd.DataFrame({"pump": "p", "at": ALARM_TIMES, "code": 7}),
        "readings": pd.DataFrame({"pump": "p", "at": [START], "flow": [1.0]}),
    }


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_history_says_what_was_known_at_the_decision(zone: str | None) -> None:
    late = Table(
        name="alarms",
        source="alarms.csv",
        role="events",
        entity="pump",
        time="at",
        kind="code",
        delay=timedelta(hours=2),
    )
    scope = scope_of([PUMPS, STOPS, late, READINGS])
    scope = replace(scope, decisions=replace(scope.decisions, timezone=zone))
    cutoff = START.tz_localize(zone)
    found = history("p", cutoff, tables=tables_of(), scope=scope, before=14 * DAY)
    assert found["table"].to_list() == ["alarms", "alarms", "alarms", "stops"]
    assert found["kind"].to_list() == ["7", "7", "7", "stops"]
    assert found["known"].to_list() == [True, False, False, False]
    assert found["hours"].to_list() == [-24, -1, 24, 24]


def test_an_entity_without_records_has_an_empty_history() -> None:
    scope = scope_of([PUMPS, STOPS, ALARMS, READINGS])
    found = history("z", START, tables=tables_of(), scope=scope, before=DAY)
    assert found.empty
    assert list(found.columns) == ["time", "hours", "table", "kind", "known"]
