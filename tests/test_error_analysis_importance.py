from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from backtests import backtest_of, panel_of
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from test_error_analysis_register import learned

from toolkit.analysis.error_analysis import NoModelError, permutation_importance
from toolkit.analysis.error_analysis import importance as module


class SlowScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Counts how many rows it is asked to transform."""

    rows = 0

    def fit(self, X: pd.DataFrame, y: object = None) -> "SlowScaler":
        del X, y
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        type(self).rows += len(X)
        return X

    def get_feature_names_out(self, names: object = None) -> object:
        return names


MODELS = [
    pytest.param(LogisticRegression(), id="logistic"),
    pytest.param(make_pipeline(StandardScaler(), LogisticRegression()), id="scaled"),
    pytest.param(RidgeClassifier(), id="decision function"),
    pytest.param(DecisionTreeClassifier(max_depth=4), id="trees"),
    pytest.param(make_pipeline(PCA(2), LogisticRegression()), id="mixed by name"),
    pytest.param(make_pipeline(Normalizer(), LogisticRegression()), id="mixed in rows"),
]


@pytest.mark.parametrize("model", MODELS[:-1])
def test_the_feature_that_tells_the_failures_matters_most(model: object) -> None:
    panel, result = learned(model)
    found = permutation_importance(result, panel, random_state=0)
    assert found.table["feature"].iloc[0] == "signal"
    assert found.table["low"].iloc[0] > 0
    assert found.table["importance"].is_monotonic_decreasing
    assert set(found.by_fold["fold"]) == set(result.folds["fold"])


@pytest.mark.parametrize("model", MODELS)
def test_the_quick_way_equals_predicting_again(
    model: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, result = learned(model)
    quick = permutation_importance(result, panel, random_state=3, repeats=1)
    monkeypatch.setattr(module, "linear_model", lambda *_: None)
    slow = permutation_importance(result, panel, random_state=3, repeats=1)
    pd.testing.assert_frame_equal(quick.by_fold, slow.by_fold)


def test_a_linear_pipeline_is_transformed_once_a_fold_and_shuffle() -> None:
    panel, result = learned(make_pipeline(SlowScaler(), LogisticRegression()))
    SlowScaler.rows = 0
    permutation_importance(result, panel, random_state=0, repeats=2)
    assert SlowScaler.rows < 5 * len(result.predictions)


def test_the_seed_decides_the_shuffles() -> None:
    panel, result = learned(LogisticRegression())
    one, same, other = (
        permutation_importance(result, panel, random_state=seed).table
        for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(one, same)
    assert not one["importance"].equals(other["importance"])


def test_columns_shuffled_together_count_as_one() -> None:
    panel, result = learned(LogisticRegression())
    groups = {"all": ["signal", "noise", "m.kind=x"], "kind": ["m.kind=x"]}
    found = permutation_importance(result, panel, random_state=0, groups=groups)
    assert found.table["feature"].to_list() == ["all", "kind"]
    rows = result.daily
    assert found.table["importance"].iloc[0] == pytest.approx(
        result.hit_rate - rows["random"].mean(), abs=0.3
    )


def test_the_rows_predicted_are_bounded() -> None:
    panel, result = learned(DecisionTreeClassifier(max_depth=4))
    few = permutation_importance(result, panel, random_state=0, max_predictions=300)
    assert few.by_fold["days"].max() < 7
    assert few.by_fold["days"].min() >= 1


def test_a_strategy_has_no_importance() -> None:
    panel = panel_of(2, ["a", "b"])
    result = backtest_of(panel, np.arange(4.0), capacity=1)
    with pytest.raises(NoModelError, match="'made up' has no fitted models"):
        permutation_importance(result, panel, random_state=0)


def test_a_column_that_never_varies_within_a_day_costs_nothing() -> None:
    panel, result = learned(DecisionTreeClassifier(max_depth=4))
    constant = panel.X.assign(**{"m.kind=x": 0.0})
    object.__setattr__(panel, "X", constant)
    found = permutation_importance(result, panel, random_state=0).table
    assert found.set_index("feature").loc["m.kind=x", "importance"] == 0


def test_hits_count_ties_by_expectation_and_unequal_days() -> None:
    X = pd.DataFrame({"f": np.zeros(5)})
    y = np.array([1.0, 0, 1, 0, 1])
    days = pd.Series([0, 0, 0, 1, 1])
    fold = module._Fold.of(X, y, days)  # noqa: SLF001
    assert fold.hits(np.zeros(5), 1) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert fold.hits(np.zeros(5), 3) == pytest.approx((2 + 1) / 2)
    assert fold.hits(np.zeros(5), 0) == 0
    unknown = np.array([np.nan, 2.0, np.nan, 1.0, np.nan])
    assert fold.hits(unknown, 2) == pytest.approx((1.0 + 1.0) / 2)


def test_a_shuffle_stays_within_the_day() -> None:
    days = pd.Series(np.repeat(np.arange(20), np.arange(1, 21)))
    X = pd.DataFrame({"f": np.zeros(len(days))})
    fold = module._Fold.of(X, np.zeros(len(days)), days)  # noqa: SLF001
    source = fold.shuffle(np.random.default_rng(0))
    assert sorted(source) == list(range(len(days)))
    assert (days.to_numpy()[source] == days.to_numpy()).all()
    assert (source != np.arange(len(days))).mean() > 0.7


def test_rows_and_folds_without_a_score_are_left_out() -> None:
    panel, result = learned(LogisticRegression())
    unread = result.predictions["fold"].eq(0) | result.predictions["entity"].eq("m01")
    gone = result.predictions.assign(score=result.predictions["score"].mask(unread))
    found = permutation_importance(
        replace(result, predictions=gone), panel, random_state=0
    )
    assert set(found.by_fold["fold"]) == set(result.folds["fold"]) - {0}
    assert found.table["feature"].iloc[0] == "signal"
