"""Tables with types: the bundled data, and whatever a scope names."""

from toolkit.datasets.backlog import UnreadableBacklogError, load_backlog
from toolkit.datasets.bundled import UnknownDatasetError, credit, load, names
from toolkit.datasets.reading import MissingColumnError, UnreadableSourceError
from toolkit.datasets.scoped import MissingSourceError, load_tables

__all__ = [
    "MissingColumnError",
    "MissingSourceError",
    "UnknownDatasetError",
    "UnreadableBacklogError",
    "UnreadableSourceError",
    "credit",
    "load",
    "load_backlog",
    "load_tables",
    "names",
]
