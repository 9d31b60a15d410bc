"""One notebook of the suite, and what is expected of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Literal, TypeAlias

Caught: TypeAlias = Literal["run", "verify", "runs", "nothing"]
SALES = """\
day,shop,units,price
2026-01-05,north,12,3.5
2026-01-06,south,7,3.25
2026-01-07,north,9,3.6
2026-01-08,east,14,3.1
2026-01-09,south,11,3.4
2026-01-12,west,6,3.9
2026-01-13,east,13,3.2
2026-01-14,north,10,3.55
"""
LOAD = """\
import csv

with open("data/sales.csv", encoding="utf-8") as stream:
    sales = list(csv.DictReader(stream))
units = [int(row["units"]) for row in sales]
print(len(sales), "days")
"""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where an entry is played: its project, and a folder beside it."""

    root: Path
    outside: Path

    @property
    def run(self) -> Path:
        """Folder of the latest run."""
        return max(path for path in (self.root / "runs").iterdir() if path.is_dir())


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell's source with its tags and the outputs that were stored with it."""

    source: str
    tags: tuple[str, ...] = ()
    stored: tuple[Mapping[str, object], ...] = ()


Act: TypeAlias = Callable[[Site], None]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A notebook, what is done to it, and what ought to come of that.

    ``caught`` says by which command a fault is found: ``run`` fails, ``verify`` says
    that it differs, ``runs`` gives it no more trust than it deserves. ``causes``,
    ``cell`` (index) and ``line`` (a part of it) are what a person would name.
    """

    name: str
    group: str
    cells: tuple[Cell, ...]
    caught: Caught
    causes: tuple[str, ...] = ()  # any one of them
    cell: int | None = None
    line: str = ""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    ignored: str = ""  # content of .gitignore
    before: Act | None = None  # before the run: what somebody's machine has
    between: Act | None = None  # after the run: what somebody did to it
    fails: bool = False  # the run itself fails, as part of the plot
    run: tuple[str, ...] = ()  # further arguments
    verify: tuple[str, ...] = ()

    @property
    def is_fault(self) -> bool:
        """Whether something is wrong with it."""
        return self.caught != "nothing"


def code(source: str, *tags: str) -> Cell:
    """Return a code cell; the text's own indent is taken away."""
    return Cell(source=dedent(source).strip("\n"), tags=tags)


def printed(source: str, text: str) -> Cell:
    """Return a code cell with stored text."""
    stream = {"output_type": "stream", "name": "stdout", "text": text}
    return Cell(source=dedent(source).strip("\n"), stored=(stream,))


class Group:
    """Makes the entries of one group."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: list[Entry] = []

    def fault(
        self,
        name: str,
        *cells: str | Cell,
        causes: str | tuple[str, ...],
        caught: Caught = "verify",
        cell: int | None = None,
        line: str = "",
        **rest: object,
    ) -> None:
        """Add a fault; without a cell, no one cell is to blame."""
        named = (causes,) if isinstance(causes, str) else causes
        self._add(
            name, cells, caught=caught, causes=named, cell=cell, line=line, **rest
        )

    def clean(self, name: str, *cells: str | Cell, **rest: object) -> None:
        """Add a notebook that looks suspicious and is fine."""
        self._add(name, cells, caught="nothing", **rest)

    def _add(self, name: str, cells: tuple[str | Cell, ...], **rest: object) -> None:
        made = tuple(code(cell) if isinstance(cell, str) else cell for cell in cells)
        files: object = rest.pop("files", {"data/sales.csv": SALES})
        self.entries.append(
            Entry(name=name, group=self.name, cells=made, files=files, **rest)  # type: ignore[arg-type]  # by name
        )
