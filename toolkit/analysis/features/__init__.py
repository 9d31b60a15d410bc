"""What was known of every entity at every decision time, as columns of numbers."""

from toolkit.analysis.features.events import EventFeatures
from toolkit.analysis.features.grid import Features, Grid
from toolkit.analysis.features.levels import ManyLevelsError, texts_of
from toolkit.analysis.features.measurements import (
    AGGREGATES,
    MeasurementFeatures,
    NotNumericError,
    numbers_of,
)
from toolkit.analysis.features.statics import StaticFeatures

__all__ = [
    "AGGREGATES",
    "EventFeatures",
    "Features",
    "Grid",
    "ManyLevelsError",
    "MeasurementFeatures",
    "NotNumericError",
    "StaticFeatures",
    "numbers_of",
    "texts_of",
]
