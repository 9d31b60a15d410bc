"""The bar: what is done today, or chance, whichever is higher."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.analysis.backtest import Backtest, backtest
from toolkit.analysis.folds import Splitter
from toolkit.analysis.logs import times_of
from toolkit.analysis.money import money
from toolkit.analysis.panel import Panel
from toolkit.analysis.strategies import CurrentStrategy, RandomOrder, Strategy

if TYPE_CHECKING:
    from toolkit.scope import Costs, Scope

N_SEEDS = 20


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Bar:
    """Today's strategy and chance on the same decision times.

    Parameters
    ----------
    current : backtests of today's strategy
        One; or one a seed, where its state at the start had to be drawn.
    random : Backtest of a list drawn by lot
    """

    current: tuple[Backtest, ...]
    random: Backtest

    @property
    def current_hit_rate(self) -> float:
        """Mean hit rate of today's strategy, over seeds if there are several."""
        return float(np.mean([one.hit_rate for one in self.current]))

    @property
    def spread(self) -> float:
        """Standard deviation of that hit rate over seeds; 0 of a single one."""
        return float(np.std([one.hit_rate for one in self.current]))

    @property
    def higher(self) -> tuple[Backtest, ...]:
        """The backtests that make the bar."""
        beaten = self.current_hit_rate < self.random.hit_rate
        return (self.random,) if beaten else self.current

    @property
    def name(self) -> str:
        """Which of the two makes the bar."""
        return self.higher[0].name

    @property
    def hit_rate(self) -> float:
        """Hit rate that a pipeline has to pass."""
        return max(self.current_hit_rate, self.random.hit_rate)

    @property
    def hits(self) -> pd.Series:
        """The bar's hits at each decision time, to compare in pairs."""
        return _mean([one.daily["hits"] for one in self.higher])

    def per_day(self, panel: Panel, costs: "Costs") -> pd.Series:
        """Return what the bar saves at each decision time, in the currency a day."""
        return _mean([money(one, panel, costs).per_day for one in self.higher])


def bar(
    strategy: Strategy,
    panel: Panel,
    splitter: Splitter,
    *,
    capacity: int,
    random_state: int,
    n_seeds: int = N_SEEDS,
) -> Bar:
    """Return the bar that a pipeline has to pass on these decision times.

    The log's own checks prevented some failures that the replayed strategy would have
    hit, so its hit rate is too low (`CurrentStrategy`), and lower than chance is no
    bar: the higher of the two is.

    Parameters
    ----------
    strategy : Strategy
        What is done today, see `strategy_from_scope`; with no log of checks it is
        repeated over seeds.
    panel, splitter, capacity, random_state
        As in `toolkit.analysis.backtest.backtest`.
    n_seeds : int, at least 1
        Repetitions where the strategy's start is drawn.
    """

    def run(one: Strategy, name: str, seed: int) -> Backtest:
        return backtest(
            one, panel, splitter, capacity=capacity, name=name, random_state=seed
        )

    drawn = isinstance(strategy, CurrentStrategy) and strategy.checks is None
    seeds = range(random_state, random_state + (n_seeds if drawn else 1))
    return Bar(
        current=tuple(run(strategy, "current strategy", seed) for seed in seeds),
        random=run(RandomOrder(), "random", random_state),
    )


def strategy_from_scope(scope: "Scope", tables: Mapping[str, pd.DataFrame]) -> Strategy:
    """Return the strategy that the scope names, with its log of checks if it has one.

    Parameters
    ----------
    scope : Scope
    tables : mapping of names to DataFrames, such as ``datasets.load_tables`` returns
    """
    today = scope.current_strategy
    if today.rule == "random":
        return RandomOrder()
    if today.checks is None:
        return CurrentStrategy()
    table = scope.tables[today.checks]
    log = tables[table.name]
    times = times_of(log, table, scope.decisions.timezone)
    checks = pd.DataFrame({"entity": log[table.entity].to_numpy(), "time": times})
    return CurrentStrategy(checks=checks.dropna(), delay=pd.Timedelta(table.delay))


def _mean(series: list[pd.Series]) -> pd.Series:
    return pd.concat(series, axis=1).mean(axis=1)
