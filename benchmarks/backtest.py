"""Weekly refits over a year: our backtest against the bare loop, and two cores.

The bare loop is what nobody would call an evaluation: it fits and predicts, and
keeps no metric, list or fold. Both run on one BLAS thread, in turn, and their CPU
seconds are compared; two cores against one are compared by the clock.

    python benchmarks/backtest.py [--rounds 3] [--entities 1000] [--days 365] [--plain]
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import cross_validate
from sklearn.pipeline import Pipeline
from threadpoolctl import (
    threadpool_limits,
)

from toolkit.analysis.backtest import backtest
from toolkit.analysis.baseline import baseline, scaled_baseline
from toolkit.analysis.panel import Panel
from toolkit.analysis.uncertainty import block_length, interval
from toolkit.analysis.windows import GrowingWindow

DAY = pd.Timedelta(days=1)
CAPACITY = 10
OVERHEAD = 1.10  # at most, CPU seconds of ours over those of the bare loop
SPEED_UP = 1.6  # at least, seconds of one core over those of two


def synthetic_panel(n_days: int, n_entities: int, n_features: int = 20) -> Panel:
    """Counts, ages and rates of different scales; a quarter of a percent positive."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01 07:00", periods=n_days, freq="D")
    index = pd.MultiIndex.from_product(
        [days, range(n_entities)], names=["cutoff", "entity"]
    )
    X = np.empty((len(index), n_features))
    third = n_features // 3
    X[:, :third] = rng.poisson(0.5, size=(len(index), third))
    X[:, third : 2 * third] = rng.gamma(2.0, 30.0, size=(len(index), third))
    X[:, 2 * third :] = rng.normal(size=(len(index), n_features - 2 * third))
    risk = X[:, 0] + X[:, third] / 60 + X[:, -1]
    y = (rng.random(len(index)) < 1 / (1 + np.exp(9.5 - risk))).astype(float)
    y[-2 * n_entities :] = np.nan
    return Panel(
        X=pd.DataFrame(
            X, index=index, columns=[f"x{i}" for i in range(n_features)], copy=False
        ),
        y=y,
        events=pd.DataFrame({"entity": [0], "time": days[:1]}),
        horizon=2 * DAY,
        delay=0 * DAY,
    )


def bare_loop(scorer: Pipeline, panel: Panel, splitter: GrowingWindow) -> None:
    """Fit and predict on slices of one matrix, and nothing else."""
    matrix, y = panel.X.to_numpy(), np.nan_to_num(panel.y).astype(np.int8)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for train, test in splitter.split(panel.X, panel.y):
            model = clone(scorer)
            model.fit(matrix[train[0] : train[-1] + 1], y[train[0] : train[-1] + 1])
            model.predict_proba(matrix[test[0] : test[-1] + 1])


def cross_validated(scorer: Pipeline, panel: Panel, splitter: GrowingWindow) -> None:
    """Let scikit-learn drive the same folds, with one metric."""
    folds = list(splitter.split(panel.X, panel.y))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cross_validate(scorer, panel.X, panel.y, cv=folds, scoring="average_precision")


def ours(
    scorer: Pipeline, panel: Panel, splitter: GrowingWindow, n_jobs: int = 1
) -> None:
    """Run the backtest, and ask for what a notebook shows."""
    found = backtest(
        scorer,
        panel,
        splitter,
        capacity=CAPACITY,
        name="benchmark",
        random_state=0,
        n_jobs=n_jobs,
    )
    interval(
        found.daily["hits"],
        block_length=block_length(pd.DatetimeIndex(found.daily.index), panel.horizon),
        random_state=0,
    )


def seconds(clock: Callable[[], float], run: Callable[[], None]) -> float:
    start = clock()
    run()
    return clock() - start


def alternating(
    rounds: int, clock: Callable[[], float], *runs: Callable[[], None]
) -> list[float]:
    """Return each one's median over rounds in which they take turns."""
    taken = [[seconds(clock, run) for run in runs] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entities", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--plain", action="store_true", help="fit without scaling")
    asked = parser.parse_args()
    panel = synthetic_panel(asked.days, asked.entities)
    splitter = GrowingWindow(
        first_test=panel.cutoffs[0] + asked.days // 2 * DAY,
        test_length=7 * DAY,
        step=7 * DAY,
        gap=2 * DAY,
    )
    scorer = baseline() if asked.plain else scaled_baseline()
    n_folds = splitter.get_n_splits(panel.X, panel.y)
    print(f"{len(panel.X):,} rows, {panel.X.shape[1]} columns, {n_folds} refits")
    given = (scorer, panel, splitter)
    partial(ours, *given, n_jobs=2)()  # starts the worker processes
    bare, kept, crossed = alternating(
        asked.rounds,
        time.process_time,
        partial(bare_loop, *given),
        partial(ours, *given),
        partial(cross_validated, *given),
    )
    one, two = alternating(
        asked.rounds,
        time.perf_counter,
        partial(ours, *given),
        partial(ours, *given, n_jobs=2),
    )
    print(f"bare loop           {bare:6.2f} CPU s, {bare / n_folds:.2f} a refit")
    print(f"backtest            {kept:6.2f} CPU s, ratio {kept / bare:.2f}")
    print(f"cross_validate      {crossed:6.2f} CPU s, ratio {crossed / bare:.2f}")
    print(
        f"one core, two cores {one:6.2f} s, {two:.2f} s, {one / two:.2f} times faster"
    )
    held = kept <= OVERHEAD * bare and one >= SPEED_UP * two
    print(f"expected: ratio at most {OVERHEAD}, at least {SPEED_UP} times faster")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
