import warnings
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scorers import DAYS, WEEKLY, KFoldOfOne, Spy, panel, run
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_info

from toolkit.analysis.baseline import baseline
from toolkit.analysis.fitting import FitError
from toolkit.analysis.strategies import Oracle


class Loud(Spy):
    def fit(self, X: pd.DataFrame, y: npt.NDArray[np.int8]) -> Self:
        for _ in range(2):
            warnings.warn("does not converge", RuntimeWarning, stacklevel=1)
        return super().fit(X, y)


class Broken(Spy):
    def fit(self, X: pd.DataFrame, y: npt.NDArray[np.int8]) -> Self:
        if len(X) > 600:
            self.column_ = X["x9"]
        return super().fit(X, y)


class Threads(Spy):
    def fit(self, X: pd.DataFrame, y: npt.NDArray[np.int8]) -> Self:
        self.threads_ = [pool["num_threads"] for pool in threadpool_info()]
        return super().fit(X, y)


class Refuser(Spy):
    """Read no missing value, whatever was seen in training."""

    def decision_function(self, X: pd.DataFrame) -> npt.NDArray[np.float64]:
        if X.isna().any(axis=None):
            text = "Input contains NaN"
            raise ValueError(text)
        return super().decision_function(X)


def test_every_resolved_row_from_the_first_test_on_is_scored_once() -> None:
    found = run(LogisticRegression())
    rows = panel()
    due = rows.X.index[(rows.cutoffs >= DAYS[20]) & rows.resolved]
    keys = found.predictions[["cutoff", "entity"]]
    assert pd.MultiIndex.from_frame(keys).equals(due)
    assert found.predictions["score"].notna().all()
    assert found.predictions.columns.tolist() == [
        "cutoff",
        "entity",
        "fold",
        "score",
        "y",
    ]


def test_scores_are_those_of_a_plain_loop_of_fits() -> None:
    rows = panel()
    found = run(LogisticRegression(), rows)
    for number, (train, test) in enumerate(WEEKLY.split(rows.X, rows.y)):
        model = LogisticRegression().fit(rows.X.iloc[train], rows.y[train])
        expected = model.predict_proba(rows.X.iloc[test])[:, 1]
        score = found.predictions.loc[found.predictions["fold"] == number, "score"]
        np.testing.assert_allclose(score, expected, rtol=1e-12)


def test_fits_read_views_of_one_matrix() -> None:
    rows = panel()
    matrix = rows.X.to_numpy()
    for model in run(Spy(), rows).models:
        assert np.shares_memory(model.X_.to_numpy(), matrix)  # type: ignore[attr-defined]  # a Spy


class Writer(Spy):
    def fit(self, X: pd.DataFrame, y: npt.NDArray[np.int8]) -> Self:
        X.to_numpy()[0, 0] = 9.0
        return super().fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_fit_cannot_change_the_panel(n_jobs: int) -> None:
    rows = panel(n_entities=60, n_features=90)  # above joblib's limit for a memory map
    with pytest.raises(FitError, match=r"fold 0 .* read-only"):
        run(Writer(), rows, n_jobs=n_jobs)


@pytest.mark.parametrize(
    "scorer",
    [
        pytest.param(baseline(), id="baseline"),
        pytest.param(RandomForestClassifier(n_estimators=3), id="forest"),
        pytest.param(HistGradientBoostingClassifier(max_iter=3), id="boosting"),
    ],
)
def test_two_processes_give_the_same_bits_as_one(scorer: BaseEstimator) -> None:
    rows = panel(n_entities=60, n_features=90)  # above joblib's limit for a memory map
    one, two = (run(scorer, rows, n_jobs=n_jobs) for n_jobs in (1, 2))
    pd.testing.assert_frame_equal(one.predictions, two.predictions, check_exact=True)
    assert one.warnings == two.warnings
    assert len(two.models) == len(one.folds) == 3


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_fit_runs_on_one_thread(n_jobs: int) -> None:
    for model in run(Threads(), n_jobs=n_jobs).models:
        assert set(model.threads_) == {1}  # type: ignore[attr-defined]  # a Threads


def test_a_seed_left_open_is_set_and_an_explicit_one_kept() -> None:
    scorer = make_pipeline(RandomForestClassifier(n_estimators=2))
    found = run(scorer, random_state=7)
    assert found.models[0][-1].random_state == 7  # type: ignore[index]  # a Pipeline
    explicit = run(RandomForestClassifier(n_estimators=2, random_state=3))
    assert explicit.models[0].random_state == 3  # type: ignore[attr-defined]  # forest
    assert scorer[-1].random_state is None


def test_warnings_of_each_fit_are_kept_and_not_shown() -> None:
    found = run(Loud())
    flags = [(w.fold, w.category, w.message, w.count) for w in found.warnings]
    assert flags == [
        (fold, "RuntimeWarning", "does not converge", 2) for fold in range(3)
    ]


def test_a_fit_that_does_not_converge_is_a_warning_of_its_fold() -> None:
    found = run(LogisticRegression(max_iter=1))
    assert {w.category for w in found.warnings} == {"ConvergenceWarning"}
    assert [w.fold for w in found.warnings] == [0, 1, 2]


def test_warnings_are_told_once_each_with_the_folds_they_were_seen_in() -> None:
    found = run(LogisticRegression(max_iter=1))
    table = found.warning_table()
    assert table["category"].tolist() == ["ConvergenceWarning"]
    assert table["folds"].tolist() == [3]
    assert table["message"].str.startswith("lbfgs failed to converge").all()
    assert run(Oracle()).warning_table().empty


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_names_the_fold_and_its_dates(n_jobs: int) -> None:
    text = r"tried, fold 1 \(trained 2024-01-01 .* 2024-01-26 .*: KeyError: 'x9'"
    with pytest.raises(FitError, match=text) as caught:
        run(Broken(), n_jobs=n_jobs)
    assert "self.column_ = " in caught.value.__notes__[0]


def test_rows_that_a_model_cannot_read_are_ranked_last_and_reported() -> None:
    rows = panel()
    first_test = 20 * 30
    rows.X.iloc[first_test + 3, 0] = np.nan
    found = run(Refuser(), rows)
    day = found.predictions.iloc[:30]
    assert day["score"].isna().tolist() == [i == 3 for i in range(30)]
    assert [(w.fold, w.category) for w in found.warnings] == [
        (0, "UnscoredRowsWarning")
    ]
    assert "1 test rows miss a value in ['x0']" in found.warnings[0].message


def test_a_day_that_no_row_of_can_be_read_is_all_tied() -> None:
    rows = panel()
    rows.X.iloc[20 * 30 :, 0] = np.nan
    found = run(Refuser(), rows, splitter=KFoldOfOne())
    assert found.predictions["score"].isna().all()
    assert found.daily["hits"].tolist() == pytest.approx(found.daily["random"].tolist())


def test_a_model_that_refuses_what_it_was_trained_on_is_an_error() -> None:
    rows = panel()
    rows.X.iloc[::2, 0] = np.nan
    with pytest.raises(FitError, match="Input contains NaN"):
        run(Refuser(), rows)
