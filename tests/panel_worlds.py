"""Tables of any content, and what plain Python makes of them."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd
from hypothesis import Phase, reject, settings
from hypothesis import strategies as st
from worlds import ALARMS, DAILY, DAY, HOUR, PUMPS, READINGS, STOPS, delayed, scope_of

from toolkit.analysis.build import build_panel
from toolkit.analysis.decisions import NoDecisionsError, NoRecordsError
from toolkit.analysis.panel import Panel
from toolkit.analysis.rebuild import cut
from toolkit.scope import Label, Scope, Table

EPOCH = pd.Timestamp("1970-01-01")  # in the middle, so that times have either sign
END = EPOCH + pd.Timedelta(days=4)
WINDOWS = (pd.Timedelta(days=2), pd.Timedelta(hours=30))
TYPES = {
    "at": "datetime64[us]",
    "since": "datetime64[us]",
    "pump": "float64",
    "flow": "float64",
    "power": "float64",
    "code": "object",
    "make": "str",
}
Tables = dict[str, pd.DataFrame]
quick = settings(max_examples=30, deadline=None, phases=set(Phase) - {Phase.explain})
hours = st.integers(-100, 100).map(lambda hour: EPOCH + pd.Timedelta(hours=hour))
pumps = st.sampled_from([1, 2, 3, 77, None])
records: dict[str, st.SearchStrategy[tuple[object, ...]]] = {
    "stops": st.tuples(hours, pumps),
    "alarms": st.tuples(hours, pumps, st.sampled_from(["a", "b", "future", None])),
    "readings": st.tuples(
        hours | st.none(),
        pumps,
        st.sampled_from([0.1, -0.0, 0.0, 1e6, np.nan, np.inf])
        | st.floats(-1e3, 1e3, width=32),
    ),
    "pumps": st.tuples(
        hours, st.sampled_from([1, 2, 3]), st.floats(0, 9), st.sampled_from("xyz")
    ),
}
COLUMNS = {
    "stops": ["at", "pump"],
    "alarms": ["at", "pump", "code"],
    "readings": ["at", "pump", "flow"],
    "pumps": ["since", "pump", "power", "make"],
}


@dataclass(frozen=True, kw_only=True)
class World:
    tables: Tables
    scope: Scope

    def panel(self) -> Panel:
        """Build it, or give up the example if nothing is to be decided."""
        try:
            return build_panel(self.tables, self.scope, windows=WINDOWS, end=END)
        except (NoDecisionsError, NoRecordsError):
            reject()

    def known_at(self, cutoff: pd.Timestamp) -> Tables:
        return cut(self.tables, self.scope, cutoff)


def frame_of(name: str, rows: list[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS[name])
    frame = frame.astype({column: TYPES[column] for column in COLUMNS[name]})
    if name == "pumps":
        return frame.drop_duplicates(["since", "pump"], ignore_index=True)
    return frame


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Logs with duplicates, strangers, gaps and times on both sides of the grid."""
    rows = {
        name: draw(st.lists(record, min_size=name == "pumps", max_size=9))
        for name, record in records.items()
    }
    if draw(st.booleans()):  # an entity table without times
        entities = PUMPS
        pumps_frame = frame_of("pumps", rows["pumps"]).drop(columns="since")
        frames = {"pumps": pumps_frame.drop_duplicates("pump")}
    else:
        entities = Table(
            name="pumps", source="", role="entities", entity="pump", time="since"
        )
        frames = {"pumps": frame_of("pumps", rows["pumps"])}
    frames |= {
        name: frame_of(name, rows[name]) for name in ("stops", "alarms", "readings")
    }
    delays = st.sampled_from([timedelta(), HOUR, DAY])
    logs = [delayed(table, draw(delays)) for table in (STOPS, ALARMS, READINGS)]
    scope = scope_of(
        (entities, *logs),
        decisions=replace(
            DAILY,
            every=draw(st.sampled_from([DAY, 2 * DAY, 12 * HOUR])),
            first=draw(st.sampled_from([None, (EPOCH - 2 * DAY).date()])),
        ),
        horizon=draw(st.sampled_from([DAY, 40 * HOUR])),
        label=draw(
            st.sampled_from(
                [Label(table="stops"), Label(table="alarms", kinds=("a", "b"))]
            )
        ),
    )
    return World(tables=frames, scope=scope)
