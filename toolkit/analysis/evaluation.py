"""One pipeline against the bar, chance, perfect foresight and the goal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.analysis.backtest import Backtest, backtest
from toolkit.analysis.bar import Bar, bar, strategy_from_scope
from toolkit.analysis.fitting import Classifier
from toolkit.analysis.money import Money, money
from toolkit.analysis.panel import Panel
from toolkit.analysis.strategies import Oracle
from toolkit.analysis.times import spacing
from toolkit.analysis.uncertainty import (
    Difference,
    Interval,
    block_length,
    difference,
    interval,
)
from toolkit.analysis.windows import from_scope
from toolkit.scope import check_capacity

if TYPE_CHECKING:
    from toolkit.scope import Scope


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Evaluation:
    """A pipeline's backtest beside what it has to beat, on the same decision times.

    Parameters
    ----------
    pipeline : Backtest
    bar : Bar, today's strategy and chance
    oracle : Backtest of perfect foresight
    panel : Panel that all of them were made from
    scope : Scope, for the costs and the success criterion
    random_state : int, seed of the resampling
    """

    pipeline: Backtest
    bar: Bar
    oracle: Backtest
    panel: Panel = field(repr=False)
    scope: "Scope" = field(repr=False)
    random_state: int

    @property
    def money(self) -> Money:
        """What the pipeline's list saves against doing nothing."""
        return money(self.pipeline, self.panel, self.scope.costs)

    @property
    def hit_rate(self) -> Interval:
        """Hits a decision time, with the interval of the block bootstrap."""
        return self._interval(self.pipeline.daily["hits"])

    @property
    def bar_hit_rate(self) -> Interval:
        """The same of the bar."""
        return self._interval(self.bar.hits)

    @property
    def random_hit_rate(self) -> Interval:
        """The same of a list drawn by lot."""
        return self._interval(self.bar.random.daily["hits"])

    @property
    def oracle_hit_rate(self) -> Interval:
        """The same of perfect foresight."""
        return self._interval(self.oracle.daily["hits"])

    @property
    def goal(self) -> float | None:
        """The hit rate agreed on; None where the goal is another metric."""
        success = self.scope.success
        return success.threshold if success.metric == "hit_rate" else None

    @property
    def saved_per_day(self) -> Interval:
        """Saved a day against doing nothing, in the currency."""
        return self._interval(self.money.per_day)

    @property
    def caught_per_day(self) -> float:
        """Distinct failures that the list names first, a day."""
        return self.money.caught / _days(self.pipeline.daily.index)

    @property
    def hits_over_bar(self) -> Difference:
        """Hits a decision time above the bar, in pairs."""
        return self._difference(self.pipeline.daily["hits"], self.bar.hits)

    @property
    def saved_over_bar(self) -> Difference:
        """Saved a day above the bar, in the currency, in pairs."""
        theirs = self.bar.per_day(self.panel, self.scope.costs)
        return self._difference(self.money.per_day, theirs)

    def comparison(self) -> pd.DataFrame:
        """Return the pipeline, the strategies and the goal, one a row.

        Returns
        -------
        DataFrame with the columns name, hit_rate, low and high (its 95 % interval),
        precision, recall, lift, failures_caught (distinct, a day), saved_per_day,
        saved_low, saved_high (in the currency)
        """
        strategies = [
            ("today's way", self.bar.current),
            ("by lot", (self.bar.random,)),
            ("perfect foresight", (self.oracle,)),
        ]
        rows = [self._row(self.pipeline.name, (self.pipeline,))]
        rows += [self._row(name, tested) for name, tested in strategies]
        success = self.scope.success
        if success.metric in rows[0]:
            rows.append({"name": "goal", success.metric: success.threshold})
        return pd.DataFrame(rows)

    def _row(self, name: str, tested: tuple[Backtest, ...]) -> dict[str, object]:
        """Return one line of the comparison, a mean where there are several seeds."""
        hits = pd.concat([one.daily["hits"] for one in tested], axis=1).mean(axis=1)
        worth = [money(one, self.panel, self.scope.costs) for one in tested]
        per_day = pd.concat([one.per_day for one in worth], axis=1).mean(axis=1)
        rate, saved = self._interval(hits), self._interval(per_day)
        return {
            "name": name,
            "hit_rate": rate.mean,
            "low": rate.low,
            "high": rate.high,
            "precision": _mean([one.precision for one in tested]),
            "recall": _mean([one.recall for one in tested]),
            "lift": _mean([one.lift for one in tested]),
            "failures_caught": _mean([one.caught for one in worth]) / _days(hits.index),
            "saved_per_day": saved.mean,
            "saved_low": saved.low,
            "saved_high": saved.high,
        }

    def _interval(self, values: pd.Series) -> Interval:
        length = self._block_length(values)
        return interval(values, block_length=length, random_state=self.random_state)

    def _difference(self, ours: pd.Series, theirs: pd.Series) -> Difference:
        return difference(
            ours,
            theirs,
            block_length=self._block_length(ours),
            random_state=self.random_state,
        )

    def _block_length(self, values: pd.Series) -> int:
        times = pd.DatetimeIndex(values.index)
        return min(block_length(times, self.panel.horizon), len(times))


def evaluate(
    estimator: Classifier,
    panel: Panel,
    scope: "Scope",
    tables: Mapping[str, pd.DataFrame],
    *,
    name: str,
    random_state: int,
    n_jobs: int = 1,
) -> Evaluation:
    """Backtest a pipeline as the scope asks, beside the bar and perfect foresight.

    Parameters
    ----------
    estimator : scikit-learn classifier or pipeline
        Cloned for each fold, never fitted itself.
    panel : Panel
    scope : Scope
    tables : mapping of names to DataFrames
        For the log of checks, from which today's strategy starts.
    name : str, what tables and charts call the pipeline
    random_state : int
        Seed of the fits, of ties in the list and of the resampling.
    n_jobs : int, processes that fit

    Raises
    ------
    ScopeError : if the capacity is above the number of entities
    FitError : if a fit fails; names the fold and its dates
    """
    check_capacity(scope, panel.entities.nunique())
    n = scope.capacity
    splitter = from_scope(scope.evaluation, panel)
    today = strategy_from_scope(scope, tables)
    return Evaluation(
        pipeline=backtest(
            estimator,
            panel,
            splitter,
            capacity=n,
            name=name,
            random_state=random_state,
            n_jobs=n_jobs,
        ),
        bar=bar(today, panel, splitter, capacity=n, random_state=random_state),
        oracle=backtest(
            Oracle(),
            panel,
            splitter,
            capacity=n,
            name="oracle",
            random_state=random_state,
        ),
        panel=panel,
        scope=scope,
        random_state=random_state,
    )


def _days(cutoffs: pd.Index) -> float:
    """Return the calendar days that a grid of decision times covers."""
    times = pd.DatetimeIndex(cutoffs)
    return (
        len(times) * (spacing(times) / pd.Timedelta(days=1)) if len(times) > 1 else 1.0
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
