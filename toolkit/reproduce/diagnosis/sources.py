"""What makes results irreproducible: the shape of tables, and a look at a step."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeGuard

from toolkit.reproduce.diagnosis.facts import Facts
from toolkit.reproduce.diagnosis.kinds import Kinds
from toolkit.reproduce.diagnosis.order import Order
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Step

Groups: TypeAlias = Mapping[str, float]  # variation, or "entropy" -> how well it fits

FILE_TIMES = "when a file was last touched"  # another time in each checkout


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Finding:
    """A line that can make results differ."""

    step: Step
    line: int
    groups: Groups
    why: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One statement, with all that rules ask about it."""

    program: Program
    kinds: Kinds
    order: Order
    step: Step
    facts: Facts

    @property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the statement."""
        return self.program.nodes(self.step)

    def parent(self, node: ast.AST) -> ast.AST:
        """Return the node around another."""
        return self.program.parent(node, self.step)

    def dotted(self, node: ast.AST) -> str:
        """Return the full name of what an expression names, "" if unknown."""
        return self.program.dotted(node, self.step.scope) or ""

    def text(self, node: ast.AST) -> str:
        """Return what was written."""
        return self.step.source.snippet(node)

    def kind(self, node: ast.AST) -> str:
        """Return the kind of an expression."""
        return self.kinds.of(node, self.step)

    def found(self, node: ast.AST, groups: Groups, why: str, advice: str) -> Finding:
        """Return a finding at a node's line; ``{}`` stands for what was written."""
        text = self.text(node)
        return Finding(
            step=self.step,
            line=getattr(node, "lineno", self.step.line),
            groups=groups,
            why=why.replace("{}", text),
            advice=advice.replace("{}", text),
        )

    def named(self) -> Iterator[tuple[ast.expr, str, ast.Call | None]]:
        """Yield each name that is read, and its parts: node, full name, its call."""
        for node in self.nodes:
            if not _is_name(node):
                continue
            above = self.parent(node)
            call = above if isinstance(above, ast.Call) and above.func is node else None
            if dotted := self.dotted(node):
                yield node, dotted, call

    def calls(self) -> Iterator[tuple[ast.Call, str, str]]:
        """Yield each call with its full name ("" if unknown) and its last name."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                func = node.func
                dotted = self.dotted(func)
                last = getattr(func, "attr", getattr(func, "id", ""))
                yield node, dotted, dotted.rpartition(".")[2] or last

    def constant(self, node: ast.AST | None) -> object:
        """Return the value of a constant, also through a name; ... if unknown."""
        return self.facts.constant(node, self.step)


When: TypeAlias = Callable[[Look, "ast.Call | None"], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A function or attribute whose value is not the same everywhere."""

    groups: Groups
    why: str
    advice: str
    when: When | None = None


Rule: TypeAlias = Callable[[Look], Iterator[Finding]]


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rules of some groups."""

    names: Mapping[str, Known]  # by full name
    methods: Mapping[str, Known]  # by the last name, on whatever object
    rules: tuple[tuple[frozenset[str], Rule], ...] = ()  # with words that wake them

    @cached_property
    def words(self) -> frozenset[str]:
        """Identifiers without which no name of the table can be there."""
        return frozenset(name.rpartition(".")[2] for name in self.names)


def _is_name(node: ast.AST) -> TypeGuard[ast.expr]:
    """Whether it reads a name, a part of one, or ``getattr(module, "name")``."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        return isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr"


def table(
    names: str, groups: Groups, why: str, advice: str, when: When | None = None
) -> dict[str, Known]:
    """Return one entry for each of several names that are explained alike."""
    entry = Known(groups=groups, why=why, advice=advice, when=when)
    return dict.fromkeys(names.split(), entry)


def keyword(call: ast.Call | None, *names: str) -> ast.expr | None:
    """Return what a call gives for one of several keywords."""
    if call is not None:
        for word in call.keywords:
            if word.arg in names:
                return word.value
    return None


def unpacks(call: ast.Call | None) -> bool:
    """Whether a call is given arguments that cannot be seen: ``**options``."""
    return call is not None and any(word.arg is None for word in call.keywords)
