"""Which runs leave the project, and what became of each."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from toolkit.errors import ToolkitError
from toolkit.reproduce.levels import load_levels
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import Store
from toolkit.reproduce.trust import Trust

Effect: TypeAlias = Literal["added", "completed", "there already"]
NOT_FOR_QUOTING = "not for quoting"


@dataclass(eq=False)
class ExportError(ToolkitError, RuntimeError):
    """Runs could not be handed over."""

    where: str  # an address, a file
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A run that is to leave the project, with the trust that it deserves now."""

    record: Record
    trust: Trust

    @property
    def mark(self) -> str:
        """What a reader must know first; empty where the numbers may be quoted."""
        if self.trust.quotable:
            return ""
        return f"{NOT_FOR_QUOTING}: only {self.trust.level} ({self.trust.short})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What was asked for: the runs that go, and those that stay."""

    runs: tuple[Chosen, ...]  # oldest first
    left_out: tuple[Chosen, ...] = ()  # not even reproduced
    unreadable: tuple[ToolkitError, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """What became of one run."""

    run: str
    level: str
    effect: Effect
    where: str  # an address, a file
    notes: tuple[str, ...] = ()  # what could not go along, and why


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What a project says of itself."""

    name: str
    licence: str | None  # SPDX: "BSD-3-Clause"


def choose(store: Store, asked: Sequence[str], *, everything: bool) -> Choice:
    """Return the runs to export.

    Parameters
    ----------
    store : of the project
    asked : runs' ids or their beginnings, or notebooks; every run if empty
    everything : also those that are not at least *reproduced*

    Raises
    ------
    UnknownRunError : if a run is not there
    RecordError : if one that was asked for cannot be read
    """
    listing = store.scan()
    levels = load_levels(store.runs_dir, listing.records)
    wanted = {store.find(name).run for name in asked}
    runs: list[Chosen] = []
    left_out: list[Chosen] = []
    for record in listing.records:
        if asked and record.run not in wanted:
            continue
        chosen = Chosen(record=record, trust=levels.trust(record))
        goes = everything or chosen.trust.quotable
        (runs if goes else left_out).append(chosen)
    unreadable = () if asked else (*listing.unreadable, *levels.unreadable)
    return Choice(runs=tuple(runs), left_out=tuple(left_out), unreadable=unreadable)


def about(root: Path) -> About:
    """Return the name and the licence that pyproject.toml states.

    Without a name there, the project is called as its folder.

    Parameters
    ----------
    root : of the project
    """
    try:
        document = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    except (OSError, ValueError):
        document = {}
    stated = document.get("project")
    project = stated if isinstance(stated, dict) else {}
    name, licence = project.get("name"), project.get("license")
    return About(
        name=name if isinstance(name, str) and name else root.resolve().name,
        licence=licence if isinstance(licence, str) else None,
    )
