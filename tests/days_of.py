"""Windows and panels of a few days."""

import numpy as np
import pandas as pd

from toolkit.analysis.panel import Panel
from toolkit.analysis.windows import GrowingWindow

DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2024-01-01 07:00")


def growing(
    first: int = 5, length: int = 2, step: int | None = None, gap: int = 3
) -> GrowingWindow:
    return GrowingWindow(
        first_test=START + first * DAY,
        test_length=length * DAY,
        step=(length if step is None else step) * DAY,
        gap=gap * DAY,
    )


def days(n: int, *, tz: str | None = None) -> pd.DatetimeIndex:
    return pd.date_range(START.tz_localize(tz), periods=n, freq="D")


def panel(n_days: int, horizon: int = 2, entities: int = 2) -> Panel:
    index = pd.MultiIndex.from_product(
        [days(n_days), range(entities)], names=["cutoff", "entity"]
    )
    y = np.tile([1.0, 0.0], n_days * entities // 2)
    y[-horizon * entities :] = np.nan
    return Panel(
        X=pd.DataFrame({"age": np.arange(len(y), dtype=float)}, index=index),
        y=y,
        events=pd.DataFrame({"entity": [0], "time": [START]}),
        horizon=horizon * DAY,
        delay=pd.Timedelta(0),
    )
