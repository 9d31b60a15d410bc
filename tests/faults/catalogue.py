"""All entries of the suite."""

from . import (
    clocks,
    data,
    data_fine,
    machine,
    machine_fine,
    numerics,
    order,
    parameters,
    randomness,
    records,
    seeded,
    state,
    success,
)
from .entry import Entry

GROUPS = (
    randomness.group,
    seeded.group,
    order.group,
    clocks.group,
    state.group,
    machine.group,
    machine_fine.group,
    data.group,
    data_fine.group,
    numerics.group,
    success.stored,
    success.swallowed,
    parameters.group,
    records.group,
)
ENTRIES: tuple[Entry, ...] = tuple(e for group in GROUPS for e in group.entries)
FAULTS = tuple(entry for entry in ENTRIES if entry.is_fault)
CLEAN = tuple(entry for entry in ENTRIES if not entry.is_fault)
