"""The faults that are planted at run time, looked for without running."""

import pytest
from faults.catalogue import CLEAN, FAULTS
from faults.entry import Entry
from values_linted import hits

GROUPS = (
    "randomness",
    "hash and listing order",
    "time, zone and locale",
    "environment",
    "numerics",
)
# seen by other rules, or only when it is executed
ELSEWHERE = (
    "exchange rate from the network",
    "a package that nobody declared",
    "dot product by several threads of BLAS",
    "a title with the folder's name",  # the last part of a path is mostly a file's
    "the newest file as ls says",  # what programs print is not followed
)
OUTSIDE = "/home/ann/outside"


def sources(entry: Entry) -> list[str]:
    return [cell.source.replace("OUTSIDE", OUTSIDE) for cell in entry.cells]


def texts(entry: Entry) -> dict[str, str]:
    return {k: v for k, v in entry.files.items() if isinstance(v, str)}


@pytest.mark.parametrize(
    "entry",
    [e for e in FAULTS if e.group in GROUPS and e.name not in ELSEWHERE],
    ids=lambda entry: entry.name,
)
def test_a_fault_is_found_in_the_cell_that_it_gets_in(entry: Entry) -> None:
    found = hits(*sources(entry), files=texts(entry))
    cells = [hit.cell for _, hit in found]
    assert (entry.cell in cells) if entry.cell is not None else cells


@pytest.mark.parametrize("entry", CLEAN, ids=lambda entry: entry.name)
def test_nothing_is_said_of_what_is_clean(entry: Entry) -> None:
    found = hits(*sources(entry), files=texts(entry))
    assert [hit.what for rule, hit in found if rule.severity != "note"] == []
