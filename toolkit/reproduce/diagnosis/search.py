"""All rules, applied to the statements that they can say something about."""

import ast
from collections.abc import Iterable, Iterator

from toolkit.reproduce.diagnosis import (
    rules_machine,
    rules_order,
    rules_parallel,
    rules_random,
    rules_time,
)
from toolkit.reproduce.diagnosis.facts import Facts
from toolkit.reproduce.diagnosis.kinds import Kinds
from toolkit.reproduce.diagnosis.order import Order
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.sources import Finding, Known, Look, Table
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words

TABLES: tuple[Table, ...] = (
    rules_order.TABLE,
    *rules_time.TABLES,
    rules_random.TABLE,
    rules_machine.TABLE,
    rules_parallel.TABLE,
)
_MAKES_SETS = words("set frozenset keys Set FrozenSet AbstractSet <set> intersection")


class Search:
    """Finds what can make results differ in a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._kinds = Kinds(program)
        self._order = Order(program, self._kinds)
        self._facts = Facts(program)
        self._found: dict[Step, tuple[Finding, ...]] = {}
        self._sets = self._has_sets()
        self._aliases = self._renamed()

    def _has_sets(self) -> bool:
        sources = {step.source for step in self._program.steps()}
        return any("et[" in source.text for source in sources) or any(
            not step.words.isdisjoint(_MAKES_SETS) for step in self._program.steps()
        )

    def _renamed(self) -> frozenset[str]:
        """Names that imports gave to something that a table knows."""
        woken = (wakes for table in TABLES for wakes, _ in table.rules)
        known = frozenset().union(*(table.words for table in TABLES), *woken)
        return frozenset(
            alias
            for scope in self._program.scopes()
            for alias, dotted in scope.imports.items()
            if dotted.rpartition(".")[2] in known
        )

    def findings(self, steps: Iterable[Step]) -> Iterator[Finding]:
        """Yield what the rules say about statements, each rule once a line."""
        for step in steps:
            if step not in self._found:
                self._found[step] = tuple(self._look(step))
            yield from self._found[step]

    def _look(self, step: Step) -> Iterator[Finding]:
        if not step.parts:
            return
        look = Look(
            program=self._program,
            kinds=self._kinds,
            order=self._order,
            step=step,
            facts=self._facts,
        )
        stars = bool(step.scope.root.stars)
        renamed = bool(step.words & self._aliases)
        for table in TABLES:
            if stars or renamed or step.words & table.words:
                yield from _named(look, table)
            if table.methods and step.words & table.methods.keys():
                yield from _methods(look, table)
            for wakes, rule in table.rules:
                awake = renamed or not step.words.isdisjoint(wakes)
                if awake or ("<sets>" in wakes and self._sets):
                    yield from rule(look)


def _named(look: Look, table: Table) -> Iterator[Finding]:
    for node, dotted, call in look.named():
        known = table.names.get(dotted)
        if known is not None and _holds(known, look, call):
            yield look.found(call or node, known.groups, known.why, known.advice)


def _methods(look: Look, table: Table) -> Iterator[Finding]:
    for node in look.nodes:
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        known = table.methods.get(node.attr)
        if known is None or look.dotted(node) in table.names:
            continue
        above = look.parent(node)
        call = above if isinstance(above, ast.Call) and above.func is node else None
        if _holds(known, look, call):
            yield look.found(call or node, known.groups, known.why, known.advice)


def _holds(known: Known, look: Look, call: ast.Call | None) -> bool:
    return known.when is None or known.when(look, call)
