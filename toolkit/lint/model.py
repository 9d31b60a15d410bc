"""What a rule looks at, and what it says of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

from toolkit.reproduce.diagnosis.facts import Facts
from toolkit.reproduce.diagnosis.kinds import Kinds
from toolkit.reproduce.diagnosis.order import Order
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.sources import Look
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.notebook import Notebook

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A safe change of one cell's source."""

    cell: int  # index in the notebook
    before: str  # the cell's source, whole
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One place where a rule is broken."""

    cell: int | None  # index in the notebook; None: the notebook as a whole
    line: int = 1  # in the cell, from 1
    column: int = 0  # from 0, in characters
    what: str  # what was found there, one sentence without a full stop
    mend: str = ""  # what to do there; the rule's own advice if left out
    edit: Edit | None = None  # mends it without changing what else happens


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One thing that keeps a notebook from being produced again."""

    code: str  # "RND101", never used again for anything else
    name: str  # "unseeded-generator"
    severity: Severity
    why: str  # it bites: one or two sentences
    mend: str  # one imperative sentence
    bad: tuple[str, ...]  # cells that break it; tags and outputs: examples.py
    good: tuple[str, ...]  # the same, mended
    check: "Callable[[Subject], Iterable[Hit]]" = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What rules may know of the project around a notebook."""

    modules: frozenset[str] = frozenset()  # top-level names that it defines itself
    locked: frozenset[str] | None = None  # normal names of the lock; None: no lock
    files: Mapping[str, str] = field(default_factory=dict)  # its sources, by path


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One notebook, read once for all rules.

    ``program`` holds cells and imported project files as statements with their data
    flow, magics and shell lines replaced; ``content`` is the notebook's whole JSON.
    """

    notebook: Notebook
    around: Surroundings = field(default_factory=Surroundings)

    @property
    def content(self) -> Mapping[str, Any]:
        """The notebook's JSON: outputs, counts and metadata are there as well."""
        return self.notebook.content

    @cached_property
    def program(self) -> Program:
        """Statements of the cells, in their order, and what names in them mean."""
        program = Program(self.notebook, self.around.files)
        program.load_imported()
        return program

    @cached_property
    def kinds(self) -> Kinds:
        """Tells what an expression is."""
        return Kinds(self.program)

    @cached_property
    def order(self) -> Order:
        """Tells whether an arbitrary order shows."""
        return Order(self.program, self.kinds)

    @cached_property
    def facts(self) -> Facts:
        """Tells constants."""
        return Facts(self.program)

    def looks(self) -> Iterator[Look]:
        """Yield a look at each statement of the cells, functions in them included."""
        for step in self.program.steps():
            if step.source.cell is not None:
                yield self.look(step)

    def look(self, step: Step) -> Look:
        """Return what rules ask about one statement."""
        return Look(
            program=self.program,
            kinds=self.kinds,
            order=self.order,
            step=step,
            facts=self.facts,
        )
