"""Panels and backtests made of the scores that a test wants to see."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.listing import delivered
from toolkit.analysis.metrics import daily_hits
from toolkit.analysis.panel import Panel

START = pd.Timestamp("2024-01-01 07:00")
DAY = pd.Timedelta(days=1)
HORIZON = 2 * DAY


def panel_of(
    n_days: int,
    entities: Sequence[str],
    failures: Sequence[tuple[str, pd.Timestamp]] = (),
    features: dict[str, npt.NDArray[np.float64]] | None = None,
) -> Panel:
    """All entities on all days; features have the shape (n_days, n_entities)."""
    days = pd.date_range(START, periods=n_days, freq="D", name="cutoff")
    index = pd.MultiIndex.from_product(
        [days, list(entities)], names=["cutoff", "entity"]
    )
    columns = {name: value.ravel() for name, value in (features or {}).items()}
    X = pd.DataFrame(columns or {"f": np.zeros(len(index))}, index=index, dtype=float)
    y = np.zeros((n_days, len(entities)))
    for entity, time in failures:
        hit = (days < time) & (time <= days + HORIZON)
        y[hit, list(entities).index(entity)] = 1.0
    events = pd.DataFrame(list(failures), columns=["entity", "time"])
    return Panel(
        X=X,
        y=y.ravel(),
        events=events.astype({"time": "datetime64[us]"}).sort_values(
            ["time", "entity"], ignore_index=True
        ),
        horizon=HORIZON,
        delay=pd.Timedelta(0),
    )


def backtest_of(
    panel: Panel, score: npt.NDArray[np.float64], *, capacity: int
) -> Backtest:
    """A strategy's backtest on all rows of a panel, in one fold."""
    index = panel.X.index
    predictions = pd.DataFrame(
        {
            "cutoff": index.get_level_values("cutoff"),
            "entity": index.get_level_values("entity"),
            "fold": 0,
            "score": score.ravel(),
            "y": panel.y.astype(np.int8),
        }
    )
    return Backtest(
        name="made up",
        capacity=capacity,
        horizon=panel.horizon,
        random_state=0,
        predictions=predictions,
        daily=daily_hits(predictions, capacity=capacity),
        listed=delivered(predictions, capacity=capacity, random_state=0),
        folds=pd.DataFrame({"fold": [0]}),
        missing=pd.DatetimeIndex([]),
    )
