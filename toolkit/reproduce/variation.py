"""What must not matter to a result, and is therefore varied to see whether it does."""

from dataclasses import dataclass

NAMES: tuple[str, ...] = (
    "hash-seed",
    "time-zone",
    "locale",
    "clock",
    "folder",
    "home",
    "user",
    "host",
    "umask",
    "processors",
    "threads",
    "listing",
    "environment",
    "parallel",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Variation:
    """Which surroundings differ from the pinned ones; none is the plain execution."""

    names: frozenset[str] = frozenset()
    stray: tuple[
        str, ...
    ] = ()  # variables that the notebook asked for, for "environment"
