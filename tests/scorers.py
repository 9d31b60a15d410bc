"""A panel of forty days, and scorers that tell what was done to them."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin

from toolkit.analysis.backtest import Backtest, backtest
from toolkit.analysis.panel import Panel
from toolkit.analysis.windows import GrowingWindow

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


class KFoldOfOne:
    """One fold, on which everything from day 20 on is tested."""

    def split(
        self, X: pd.DataFrame, y: object = None, groups: object = None
    ) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        del y, groups
        return [(np.arange(18 * 30 + 30), np.arange(20 * 30, len(X)))]
