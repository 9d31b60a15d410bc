"""Two pumps' tables that a panel is made of."""

import numpy as np
import pandas as pd
from worlds import log

WEEK = (pd.Timedelta(days=7),)
Tables = dict[str, pd.DataFrame]


def tables_of(**changes: pd.DataFrame) -> Tables:
    return {
        "pumps": pd.DataFrame(
            {"pump": [2, 1], "make": ["Ruhr", None], "power": [5.0, np.nan]}
        ),
        "stops": log(
            ("2015-01-01 06:00", 1), ("2015-01-03 09:00", 2), ("2015-01-05 07:00", 1)
        ),
        "alarms": log(
            ("2014-12-30 12:00", 1, "hot"),
            ("2015-01-02 07:00", 1, "dry"),
            ("2015-01-03 08:00", 1, "hot"),
        ),
        "readings": log(
            ("2015-01-01 05:00", 1, 1.0),
            ("2015-01-01 06:00", 1, 5.0),
            ("2015-01-08 05:30", 1, 2.0),
            columns="at pump flow",
        ),
    } | changes
