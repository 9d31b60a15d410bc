"""Do the probabilities hold: over all rows, and where it counts, in the list."""

import numpy as np
import pandas as pd

from toolkit.analysis import metrics
from toolkit.analysis.backtest import Backtest
from toolkit.analysis.error_analysis.outcomes import classify
from toolkit.analysis.error_analysis.proportions import wilson

BINS = 10
LIST_BINS = 5


def calibration_table(backtest: Backtest) -> pd.DataFrame:
    """Compare predicted and observed rates over all rows and within the list.

    Over all rows a model of rare events looks calibrated whatever it does; the money
    hangs on the top.

    Returns
    -------
    DataFrame, bins from low to high score within each ``part`` ("all rows", "the list")
        ``n`` rows, ``score`` (mean), ``rate`` observed, ``low`` to ``high``, its 95 %
        Wilson interval, and ``agrees``: whether the mean score lies within it

    References
    ----------
    Brocker and Smith (2007), Increasing the Reliability of Reliability Diagrams,
    Weather and Forecasting 22(3)
    """
    rows = classify(backtest)
    parts = {
        "all rows": (rows, BINS),
        "the list": (rows[rows["listed"]], LIST_BINS),
    }
    tables = []
    for name, (part, bins) in parts.items():
        table = metrics.calibration(
            part["score"].to_numpy(np.float64),
            part["y"].to_numpy(np.float64),
            n_bins=bins,
        )
        tables.append(table.assign(part=name))
    table = pd.concat(tables, ignore_index=True)
    low, high = wilson(
        table["rate"].to_numpy(np.float64), table["n"].to_numpy(np.float64)
    )
    agrees = table["score"].between(pd.Series(low), pd.Series(high))
    table = table.assign(low=low, high=high, agrees=agrees)
    return table[["part", "n", "score", "rate", "low", "high", "agrees"]]
