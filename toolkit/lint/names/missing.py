"""Names that cells read before anything, or without that anything, sets them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from toolkit.lint.model import Subject
from toolkit.lint.names.definers import (
    Definers,
    Place,
    cells_between,
    find_definers,
    place_of,
)
from toolkit.lint.names.reads import (
    KNOWN,
    Read,
    dead,
    free_names,
    guarded,
    is_known,
    reach,
    reads,
    sure,
)
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Scope, Step

Trouble: TypeAlias = Literal["undefined", "early", "deleted"]
_KEY = "lint.naming"
_DEEP = 6  # calls of functions that call functions
_END: Place = (10**9, 10**9)


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A name that is not there when it is read."""

    name: str
    trouble: Trouble
    node: ast.AST  # where to look
    step: Step
    where: Place | None = None  # where it is set later, or was deleted
    through: str = ""  # the function that reads it when it is called there


class Naming:
    """Which names are there where, in the order of the cells."""

    def __init__(self, subject: Subject) -> None:
        self._program: Program = subject.program
        self.definers: Definers = find_definers(subject)

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """Every name that is not there, where it is first missed."""
        found: dict[str, Missing] = {}
        for each in sorted(self._all(), key=lambda each: place_of(each.step)):
            found.setdefault(each.name, each)
        return tuple(found.values())

    def unexplained(self, place: Place) -> tuple[str, ...]:
        """Return names read after a place that nothing but that place can have set."""
        names = {
            name
            for step in self._program.main.steps
            if place_of(step) > place
            for name in step.uses
            if not is_known(name, step)
            and not self._set(name, (place_of(step)[0], reach(step)))
            and any(not read.later for read in reads(self._program, step, name))
        }
        return tuple(sorted(names))

    def _set(self, name: str, limit: Place) -> bool:
        places = self.definers.names.get(name)
        return bool(places and places[0] <= limit)

    def _all(self) -> Iterator[Missing]:
        main = self._program.main
        for step in main.steps:
            if dead(step) or guarded(step):
                continue
            yield from self._plainly(step, step.uses)
            if isinstance(step.node, ast.ClassDef) and step.body is not None:
                yield from self._class(step.body, step)
            yield from self._called(step)
        yield from self._in_functions()

    def _plainly(self, step: Step, names: set[str]) -> Iterator[Missing]:
        limit = (place_of(step)[0], reach(step))
        for name in sorted(names):
            if is_known(name, step):
                continue
            if self.definers.known(name, limit):
                yield from self._deleted(step, name, limit)
                continue
            for read in reads(self._program, step, name):
                later = self._later(name, limit, but=step.position)
                yield from self._judged(read, later)

    def _judged(self, read: Read, later: Place | None) -> Iterator[Missing]:
        if read.later and later is not None:
            return
        yield Missing(
            name=read.name,
            trouble="early" if later else "undefined",
            node=read.node,
            step=read.step,
            where=later,
        )

    def _later(self, name: str, limit: Place, *, but: int = -1) -> Place | None:
        """Return where a name is first set behind a place; not ``n += 1`` itself."""
        places = self.definers.names.get(name, ())
        return next((p for p in places if p > limit and p[1] != but), None)

    def _deleted(self, step: Step, name: str, limit: Place) -> Iterator[Missing]:
        gone = [p for p in self.definers.removed.get(name, ()) if p <= limit]
        here = place_of(step)
        if not gone or gone[-1] >= here:
            return
        again = cells_between(self.definers.names.get(name, []), gone[-1], limit)
        perhaps = name in self.definers.perhaps
        wild = any(gone[-1] < each.place <= limit for each in self.definers.wild)
        if again or perhaps or wild:
            return
        for read in reads(self._program, step, name):
            if not read.later:
                yield Missing(
                    name=name,
                    trouble="deleted",
                    node=read.node,
                    step=step,
                    where=gone[-1],
                )

    def _class(self, body: Scope, at: Step) -> Iterator[Missing]:
        """Judge a class's own statements: they are executed where it stands."""
        for step in body.steps:
            names = {n for n in step.uses if n not in body.bound}
            if names and not guarded(step):
                limit = (place_of(at)[0], step.position - 1)
                for name in sorted(names - KNOWN):
                    if not self.definers.known(name, limit):
                        for read in reads(self._program, step, name):
                            yield from self._judged(read, self._later(name, limit))

    # functions: their free names are looked up when they are called

    def _called(self, step: Step) -> Iterator[Missing]:
        for node in self._program.nodes(step):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            limit = (place_of(step)[0], max(step.position, reach(step)))
            for name in sorted(self._needs(node.func.id, limit, 0)):
                later = self._later(name, limit)
                if later and not self.definers.known(name, limit):
                    yield Missing(
                        name=name,
                        trouble="early",
                        node=node,
                        step=step,
                        where=later,
                        through=node.func.id,
                    )

    def _needs(self, function: str, limit: Place, deep: int) -> set[str]:
        """Return what a call surely reads from outside, through further calls too."""
        scope = self._function(function, limit)
        if scope is None or deep > _DEEP:
            return set()
        needed: set[str] = set()
        for step in scope.steps:
            if not sure(step) or step.body is not None or _after_exit(step):
                continue
            for name in step.uses:
                own = name in scope.parameters or name in scope.bound
                if name in KNOWN or (own and name not in scope.outer):
                    continue
                now = [r for r in reads(self._program, step, name) if not r.later]
                if not now:
                    continue
                needed.add(name)
                if any(_is_called(self._program, read) for read in now):
                    needed |= self._needs(name, limit, deep + 1)
        return needed - set(scope.outer & scope.bound)

    def _function(self, name: str, limit: Place) -> Scope | None:
        steps = self._program.main.definitions.get(name, ())
        before = [s for s in steps if name in s.binds and place_of(s) <= limit]
        if not before or isinstance(before[-1].node, ast.ClassDef):
            return None
        body = before[-1].body
        is_generator = body is not None and any(
            isinstance(n, (ast.Yield, ast.YieldFrom))
            for s in body.steps
            for n in self._program.nodes(s)
        )
        decorated = bool(getattr(before[-1].node, "decorator_list", ()))
        return None if is_generator or decorated else body

    def _in_functions(self) -> Iterator[Missing]:
        """Judge what functions read that no cell ever sets."""
        main = self._program.main
        for step in main.steps:
            name = getattr(step.node, "name", None)
            if step.body is None or not isinstance(name, str):
                continue
            if not self._is_used(name, step.body):
                continue
            for free, at in free_names(step.body):
                if is_known(free, at) or free == "__class__" or self._anywhere(free):
                    continue
                if dead(at) or guarded(at):
                    continue
                for read in reads(self._program, at, free):
                    yield from self._judged(read, None)

    def _anywhere(self, name: str) -> bool:
        return self.definers.known(name, _END)

    def _is_used(self, name: str, body: Scope) -> bool:
        """Whether anything but the function itself names it."""
        users = self._program.steps_with(name)
        return any(name in s.uses and not _is_within(s.scope, body) for s in users)


def naming(subject: Subject) -> Naming:
    """Return what is known of a notebook's names, worked out once."""
    kept = subject.facts.cache.get(_KEY)
    if not isinstance(kept, Naming):
        kept = subject.facts.cache[_KEY] = Naming(subject)
    return kept


def _is_called(program: Program, read: Read) -> bool:
    above = program.parent(read.node, read.step)
    return isinstance(above, ast.Call) and above.func is read.node


def _is_within(scope: Scope | None, body: Scope) -> bool:
    while scope is not None:
        if scope is body:
            return True
        scope = scope.parent
    return False


def _after_exit(step: Step) -> bool:
    """Whether its function may have ended before it."""
    return any(
        isinstance(each.node, (ast.Return, ast.Raise)) and each.within is not None
        for each in step.scope.steps
        if each.position < step.position
    )
