import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scorers import DAYS, KFoldOfOne, Spy, panel, run
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import KFold, TimeSeriesSplit

from toolkit.analysis import metrics
from toolkit.analysis.backtest import ScorerError
from toolkit.analysis.folds import LeakingFoldError, NoTestError, RepeatedTestError
from toolkit.analysis.panel import Panel
from toolkit.analysis.strategies import Oracle, RandomOrder
from toolkit.analysis.windows import FoldTrainingError


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
