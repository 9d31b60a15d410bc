"""Every check there is, in one list; a code names one of them for good."""

from toolkit.analysis.sanity import (
    categories,
    column_pairs,
    column_types,
    drift,
    evaluation_asked,
    events_asked,
    features,
    giveaways,
    goal,
    ids,
    keys,
    label_columns,
    missing_values,
    rates,
    rhythm,
    sensors,
    silence,
    spans,
    values,
)
from toolkit.analysis.sanity.columns import Column
from toolkit.analysis.sanity.panel_view import PanelView
from toolkit.analysis.sanity.report import STALE
from toolkit.analysis.sanity.rules import Rule
from toolkit.analysis.sanity.tables import TableView
from toolkit.analysis.sanity.world import World

COLUMN_RULES: tuple[Rule[Column], ...] = (
    *column_types.RULES,
    *missing_values.COLUMN_RULES,
    *values.RULES,
    *categories.RULES,
)
TABLE_RULES: tuple[Rule[TableView], ...] = (
    *missing_values.TABLE_RULES,
    *column_pairs.RULES,
    *keys.RULES,
    *ids.TABLE_RULES,
    *spans.TABLE_RULES,
    *sensors.RULES,
    *silence.TABLE_RULES,
)
WORLD_RULES: tuple[Rule[World], ...] = (
    *ids.WORLD_RULES,
    *spans.WORLD_RULES,
    *rates.RULES,
    *rhythm.RULES,
    *silence.WORLD_RULES,
    *giveaways.RULES,
    *label_columns.RULES,
    *events_asked.RULES,
)
PANEL_RULES: tuple[Rule[PanelView], ...] = (
    *features.RULES,
    *drift.RULES,
    *evaluation_asked.RULES,
    *goal.RULES,
)


def titles() -> dict[str, str]:
    """Return every code with its title, in the order of the codes.

    Examples
    --------
    >>> titles()["DS201"]
    'exact duplicate rows'
    """
    found = {
        **{rule.code: rule.title for rule in COLUMN_RULES},
        **{rule.code: rule.title for rule in TABLE_RULES},
        **{rule.code: rule.title for rule in WORLD_RULES},
        **{rule.code: rule.title for rule in PANEL_RULES},
    }
    found[STALE] = "accepted finding that no check finds"
    return dict(sorted(found.items()))
