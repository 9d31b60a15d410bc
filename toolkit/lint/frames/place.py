"""Where an expression is read: what names hold there, and what was seen so far."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from toolkit.lint.frames.values import Data, Event, Rows, Texts, Value
from toolkit.reproduce.diagnosis.sources import Look


@dataclass(slots=True, eq=False)
class Story:
    """What happens to rows in a notebook."""

    events: list[Event] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    cuts: dict[tuple[Rows, str], int] = field(default_factory=dict)

    def cut(self, rows: Rows, key: str) -> int:
        """Return the number of a division; equal ones have one number."""
        return self.cuts.setdefault((rows, key), next(self.numbers))


@dataclass(slots=True, eq=False)
class Place:
    """A statement that is being read."""

    look: Look
    names: dict[str, Value | None]
    story: Story
    evaluate: Callable[["Place", ast.AST], Value | None]
    memory: dict[ast.AST, Value | None] = field(default_factory=dict)

    def of(self, node: ast.AST | None) -> Value | None:
        """Return what an expression is; each is read once."""
        if node is None:
            return None
        if node not in self.memory:
            self.memory[node] = None  # for what contains itself
            self.memory[node] = self.evaluate(self, node)
        return self.memory[node]

    def data(self, node: ast.AST | None) -> Data | None:
        """Return what an expression is if that is rows."""
        found = self.of(node)
        return found if isinstance(found, Data) else None

    def fresh(self, *, real: bool = False, time: str = "") -> Data:
        """Return rows of which nothing is known."""
        rows = Rows(origin=next(self.story.numbers))
        return Data(rows=rows, real=real, time=time)

    def constant(self, node: ast.AST | None) -> object:
        """Return the value of a constant; ... if unknown."""
        return self.look.constant(node)

    def texts(self, node: ast.AST | None) -> frozenset[str] | None:
        """Return one or several constant texts: names of columns."""
        found = self.of(node)
        if isinstance(found, Texts):
            return None if found.others else found.names
        one = self.constant(node)
        return frozenset({one}) if isinstance(one, str) else None

    def bind(self, node: ast.AST, value: Value | None) -> None:
        """Let the name of an expression hold something else from here on."""
        if isinstance(node, ast.Name):
            self.names[node.id] = value
