"""What two results must share before they may stand on one line."""

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.analysis.panel import Panel
from toolkit.analysis.times import nanoseconds

if TYPE_CHECKING:
    from toolkit.scope import Scope

METRIC_VERSION = 1  # raised when a definition in metrics or money changes


def evaluation_contract(
    scope: "Scope",
    panel: Panel,
    *,
    random_state: int,
    metric_version: int = METRIC_VERSION,
) -> dict[str, object]:
    """Return all that decides what is measured, and nothing of how it is predicted.

    Two results with different contracts measure different things: the older one is
    run again, never compared. Features are left out, or no pipeline could be compared
    with the next; rows, labels and events are in, by their digest.

    Returns
    -------
    dict of texts, numbers, lists and dicts, ready for canonical JSON
    """
    whole = scope.to_dict()
    return {
        "metric_version": metric_version,
        "panel": panel_digest(panel),
        "label": {"table": scope.label.table, "kinds": sorted(scope.label.kinds)},
        "horizon": panel.horizon.isoformat(),
        "delay": panel.delay.isoformat(),
        "entities": {
            name: {"source": table.source, "entity": table.entity, "time": table.time}
            for name, table in scope.tables.items()
            if table.role == "entities"
        },
        "decisions": whole["decisions"],
        "capacity": scope.capacity,
        "evaluation": whole["evaluation"],
        "current_strategy": {
            "rule": scope.current_strategy.rule,
            "checks": scope.current_strategy.checks,
        },
        "costs": whole.get("costs"),
        "random_state": random_state,
    }


def panel_digest(panel: Panel) -> str:
    """Return the SHA-256 of a panel's rows, labels and events, features left out.

    Times count as instants, entities by their text: the unit of time and the kind of
    integer do not matter.
    """
    digest = sha256()
    happened = pd.DatetimeIndex(panel.events["time"])
    for times, entities in (
        (panel.cutoffs, panel.entities),
        (happened, pd.Index(panel.events["entity"])),
    ):
        code, names = pd.factorize(entities)
        digest.update(nanoseconds(times).astype("<i8").tobytes())
        digest.update("\0".join(map(str, names)).encode())
        digest.update(code.astype("<i8").tobytes())
    digest.update(np.nan_to_num(panel.y, nan=-1.0).astype("<i1").tobytes())
    return digest.hexdigest()
