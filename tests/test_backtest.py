import warnings
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import KFold, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from threadpoolctl import (
    threadpool_info,
)

from toolkit.analysis import metrics
from toolkit.analysis.backtest import Backtest, ScorerError, backtest
from toolkit.analysis.baseline import baseline
from toolkit.analysis.fitting import FitError
from toolkit.analysis.folds import LeakingFoldError, NoTestError, RepeatedTestError
from toolkit.analysis.panel import Panel
from toolkit.analysis.strategies import Oracle, RandomOrder
from toolkit.analysis.windows import FoldTrainingError, GrowingWindow

DAY = pd.Timedelta(days=1)
DAYS = pd.date_range("2024-01-01 07:00", periods=40, freq="D")
WEEKLY = GrowingWindow(
    first_test=DAYS[20], test_length=7 * DAY, step=7 * DAY, gap=2 * DAY
)


def panel(
    n_days: int = 40, n_entities: int = 30, *, seed: int = 0, n_features: int = 4
) -> Panel:
    """Events come to those whose first feature is high; the last two days are open."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [DAYS[:n_days], range(n_entities)], names=["cutoff", "entity"]
    )
    X = rng.normal(size=(len(index), n_features))
    y = (rng.random(len(index)) < 1 / (1 + np.exp(2 - 2 * X[:, 0]))).astype(float)
    y[-2 * n_entities :] = np.nan
    columns = [f"x{i}" for i in range(n_features)]
    return Panel(
        X=pd.DataFrame(X, index=index, columns=columns, copy=False),
        y=y,
        events=pd.DataFrame({"entity": [0], "time": [DAYS[3]]}),
        horizon=2 * DAY,
        delay=pd.Timedelta(0),
    )


def run(scorer: object, rows: Panel | None = None, **changed: object) -> Backtest:
    settings: dict[str, object] = {"capacity": 5, "name": "tried", "random_state": 0}
    splitter = changed.pop("splitter", WEEKLY)
    return backtest(
        scorer,  # type: ignore[arg-type]  # some are refused, which is the test
        panel() if rows is None else rows,
        splitter,  # type: ignore[arg-type]  # any of scikit-learn's
        **(settings | changed),  # type: ignore[arg-type]  # as above
    )


class Spy(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Remember what it was given; score by the first column."""

    def fit(self, X: pd.DataFrame, y: npt.NDArray[np.int8]) -> Self:
        self.classes_ = [0, 1]
        self.X_, self.y_ = X, y
        return self

    def decision_function(self, X: pd.DataFrame) -> npt.NDArray[np.float64]:
        return X["x0"].to_numpy()


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


class KFoldOfOne:
    """One fold, on which everything from day 20 on is tested."""

    def split(
        self, X: pd.DataFrame, y: object = None, groups: object = None
    ) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        del y, groups
        return [(np.arange(18 * 30 + 30), np.arange(20 * 30, len(X)))]


def test_shuffled_folds_are_refused_because_they_leak() -> None:
    with pytest.raises(LeakingFoldError, match=r"fold 0: trains up to .* at least 2"):
        run(LogisticRegression(), splitter=KFold(3, shuffle=True, random_state=0))


def test_a_row_splitter_with_too_short_a_gap_is_refused() -> None:
    with pytest.raises(LeakingFoldError, match="widen the splitter's gap"):
        run(LogisticRegression(), splitter=TimeSeriesSplit(3, gap=0))


def test_a_row_splitter_with_gap_enough_serves() -> None:
    found = run(
        LogisticRegression(), splitter=TimeSeriesSplit(3, gap=60, test_size=300)
    )
    assert found.folds["n_test"].tolist() == [300, 300, 240]


def test_rows_tested_twice_are_refused() -> None:
    class Twice(KFoldOfOne):
        def split(
            self, X: pd.DataFrame, y: object = None, groups: object = None
        ) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
            return super().split(X, y, groups) * 2

    with pytest.raises(RepeatedTestError, match="fold 1: 540 of its rows"):
        run(LogisticRegression(), splitter=Twice())


def test_rows_in_no_order_are_taken_one_by_one() -> None:
    class Scattered(KFoldOfOne):
        def split(
            self, X: pd.DataFrame, y: object = None, groups: object = None
        ) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
            return [(a[::-2], b[::-1]) for a, b in super().split(X, y, groups)]

    scattered = run(Spy(), splitter=Scattered())
    straight = run(Spy(), splitter=KFoldOfOne())
    pd.testing.assert_frame_equal(scattered.predictions, straight.predictions)
    assert scattered.folds["n_train"].tolist() == [285]


def test_a_splitter_that_tests_only_open_rows_is_refused() -> None:
    class Late(KFoldOfOne):
        def split(
            self, X: pd.DataFrame, y: object = None, groups: object = None
        ) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
            return [(a, b[-60:]) for a, b in super().split(X, y, groups)]

    with pytest.raises(NoTestError, match="none of the 1140 resolved rows"):
        run(Spy(), splitter=Late())


@pytest.mark.parametrize(
    ("train", "found"),
    [
        pytest.param(np.arange(0), "no row", id="empty"),
        pytest.param(np.arange(30), "no positive", id="no positive"),
    ],
)
def test_a_fold_without_anything_to_learn_is_refused(
    train: npt.NDArray[np.intp], found: str
) -> None:
    class Empty(KFoldOfOne):
        def split(
            self, X: pd.DataFrame, y: object = None, groups: object = None
        ) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
            return [(train, b) for _, b in super().split(X, y, groups)]

    rows = panel()
    rows.y[:30] = 0
    with pytest.raises(FoldTrainingError, match=found):
        run(Spy(), rows, splitter=Empty())


@pytest.mark.parametrize(
    "scorer",
    [
        pytest.param(LogisticRegression, id="a class"),
        pytest.param("lr", id="a name"),
        pytest.param(BaseEstimator(), id="no classifier"),
    ],
)
def test_what_cannot_rank_is_refused(scorer: object) -> None:
    with pytest.raises(ScorerError, match=r"tried: .* cannot rank entities"):
        run(scorer)


def test_fixture_of_the_fold_table() -> None:
    folds = run(RandomOrder()).folds
    assert folds.columns.tolist() == [
        "fold",
        "train_from",
        "train_to",
        "test_from",
        "test_to",
        "n_train",
        "n_train_positives",
        "n_test",
        "n_test_positives",
    ]
    last = folds.iloc[-1]
    assert last["train_to"] == DAYS[32]
    assert (last["test_from"], last["test_to"]) == (DAYS[34], DAYS[37])
    assert (last["n_train"], last["n_test"]) == (33 * 30, 4 * 30)


def test_a_margin_is_no_probability() -> None:
    margin, probability = run(RidgeClassifier()), run(LogisticRegression())
    assert np.isnan(margin.brier)
    assert 0 < probability.brier < probability.brier_of_base_rate


def test_the_properties_are_the_metrics_of_the_daily_table() -> None:
    found = run(LogisticRegression())
    for name in ("hit_rate", "precision", "recall", "lift", "skill"):
        assert getattr(found, name) == getattr(metrics, name)(found.daily)
    assert found.precision == found.hit_rate / 5
    assert 0 < found.average_precision <= 1
    assert found.calibration(n_bins=4)["n"].sum() == len(found.predictions)
    assert found.calibration_of_list()["n"].sum() == len(found.listed) == 18 * 5
    assert found.cumulative_gain().loc[5, "hits"] == pytest.approx(found.hit_rate)


def test_the_list_agrees_with_the_hits_where_nothing_is_tied() -> None:
    found = run(LogisticRegression())
    hits = found.listed.groupby("cutoff")["y"].sum()
    pd.testing.assert_series_equal(
        hits, found.daily["hits"], check_dtype=False, check_names=False
    )


def test_no_model_does_better_than_the_oracle_nor_chance_than_its_mean() -> None:
    oracle, chance = run(Oracle()), run(RandomOrder())
    assert oracle.skill == 1.0
    assert chance.skill == pytest.approx(0.0, abs=1e-12)
    assert chance.models == ()


def test_decision_times_without_rows_are_listed_not_invented() -> None:
    whole = panel()
    keep = ~np.isin(whole.cutoffs, DAYS[[3, 25]])
    rows = Panel(
        X=whole.X[keep],
        y=whole.y[keep],
        events=whole.events,
        horizon=whole.horizon,
        delay=whole.delay,
    )
    found = run(RandomOrder(), rows)
    assert list(found.missing) == [DAYS[25]]
    assert len(found.daily) == 17
