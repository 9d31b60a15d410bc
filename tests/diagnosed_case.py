"""A tiny notebook, and what verification would know about it."""

from typing import NamedTuple


class Case(NamedTuple):
    """What verification would know about a notebook."""

    name: str
    group: str
    cells: tuple[str, ...]
    names: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    cell: int | None = None  # that parted; None: the last


def case(
    name: str,
    group: str,
    *cells: str,
    names: str = "",
    files: dict[str, str] | None = None,
    cell: int | None = None,
) -> Case:
    given = tuple((files or {}).items())
    return Case(name, group, cells, tuple(names.split()), given, cell)
