"""Figures: frames in, a matplotlib figure out; nothing is shown or kept.

Each title states the finding, `alt_text` gives the text alternative, and nothing is
told by colour alone. `to_svg` keeps text as text and gives the same bytes every time.
"""

from toolkit.analysis.figures.errors import (
    feature_importance,
    segments_forest,
    timeline,
)
from toolkit.analysis.figures.evaluation import (
    calibration,
    cumulative_gain,
    hit_rate_over_time,
    hits_by_day,
)
from toolkit.analysis.figures.logs import (
    Artefact,
    events_over_time,
    lead_times,
    stamps_by_hour,
)
from toolkit.analysis.figures.money import tornado, waterfall
from toolkit.analysis.figures.style import alt_text, style, to_png, to_svg

__all__ = [
    "Artefact",
    "alt_text",
    "calibration",
    "cumulative_gain",
    "events_over_time",
    "feature_importance",
    "hit_rate_over_time",
    "hits_by_day",
    "lead_times",
    "segments_forest",
    "stamps_by_hour",
    "style",
    "timeline",
    "to_png",
    "to_svg",
    "tornado",
    "waterfall",
]
