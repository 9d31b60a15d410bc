"""Error analysis: what went wrong, where, why, and what to try next."""

from toolkit.analysis.error_analysis.backlog import (
    Alteration,
    Backlog,
    BacklogRowError,
)
from toolkit.analysis.error_analysis.calibration import calibration_table
from toolkit.analysis.error_analysis.ceilings import (
    CatchValue,
    ceilings,
    missed_groups,
    segment_groups,
)
from toolkit.analysis.error_analysis.explanations import (
    ForeignRowsError,
    Population,
    contributions,
)
from toolkit.analysis.error_analysis.importance import (
    Importance,
    NoModelError,
    permutation_importance,
)
from toolkit.analysis.error_analysis.outcomes import (
    ErrorClass,
    classify,
    error_classes,
    failures,
    mornings,
)
from toolkit.analysis.error_analysis.register import (
    history,
    worst_false_alarms,
    worst_misses,
)
from toolkit.analysis.error_analysis.segments import (
    Segments,
    false_alarm_segments,
    find_segments,
    missed_segments,
)
from toolkit.analysis.error_analysis.suggestions import suggest

__all__ = [
    "Alteration",
    "Backlog",
    "BacklogRowError",
    "CatchValue",
    "ErrorClass",
    "ForeignRowsError",
    "Importance",
    "NoModelError",
    "Population",
    "Segments",
    "calibration_table",
    "ceilings",
    "classify",
    "contributions",
    "error_classes",
    "failures",
    "false_alarm_segments",
    "find_segments",
    "history",
    "missed_groups",
    "missed_segments",
    "mornings",
    "permutation_importance",
    "segment_groups",
    "suggest",
    "worst_false_alarms",
    "worst_misses",
]
