"""Red flags of the data, before anybody trusts a number that was made from them.

``check_tables`` looks at the tables as they were loaded, ``check_panel`` at the panel
that was built from them. Every check has a code, and ``docs/checks.md`` explains each.
"""

from collections.abc import Mapping

import pandas as pd

from toolkit.analysis.panel import Panel
from toolkit.analysis.sanity.catalogue import (
    COLUMN_RULES,
    PANEL_RULES,
    TABLE_RULES,
    WORLD_RULES,
    titles,
)
from toolkit.analysis.sanity.panel_view import PanelView
from toolkit.analysis.sanity.report import SanityReport, UnacceptedFindingsError
from toolkit.analysis.sanity.rules import run_rule
from toolkit.analysis.sanity.wording import listed
from toolkit.analysis.sanity.world import World
from toolkit.scope import Scope

__all__ = [
    "SanityReport",
    "UnacceptedFindingsError",
    "check_panel",
    "check_tables",
    "titles",
]


def check_tables(tables: Mapping[str, pd.DataFrame], scope: Scope) -> SanityReport:
    """Run every check of columns, keys, times and give-aways on the scope's tables.

    Parameters
    ----------
    tables : mapping of table name to DataFrame, with its original column names
        Tables that the scope does not name are left alone. The frames are not changed,
        and the order of their rows does not matter.
    scope : Scope

    Returns
    -------
    SanityReport with one outcome per check
    """
    world = World.of(tables, scope)
    names = listed((table.name for table in world.tables), limit=20)
    columns = [column for table in world.tables for column in table.columns]
    checks = [
        *(run_rule(rule, columns) for rule in COLUMN_RULES),
        *(run_rule(rule, world.tables) for rule in TABLE_RULES),
        *(run_rule(rule, [world], names) for rule in WORLD_RULES),
    ]
    return SanityReport(checks=tuple(sorted(checks, key=lambda check: check.code)))


def check_panel(panel: Panel, scope: Scope) -> SanityReport:
    """Run every check of features, label and the evaluation asked on the panel.

    Parameters
    ----------
    panel : Panel
    scope : Scope
        Its evaluation, capacity and success criterion are held against the panel.

    Returns
    -------
    SanityReport with one outcome per check
    """
    view = PanelView(panel=panel, scope=scope)
    shape = f"{len(panel.X):,} rows and {panel.X.shape[1]:,} features"
    checks = [run_rule(rule, [view], shape) for rule in PANEL_RULES]
    return SanityReport(checks=tuple(sorted(checks, key=lambda check: check.code)))
