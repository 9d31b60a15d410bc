"""The statements that can have influenced a value, and how far away they are."""

import ast
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Scope, Step
from toolkit.reproduce.diagnosis.words import words

EVERYTHING = 10**9  # a position after all statements
_ELSEWHERE = 4  # what lies in another cell was the same before this one ran
_SEEDED = 6  # distance of a seed from what is drawn
_CONSTRUCTORS = ("__init__", "__post_init__", "__new__", "__call__", "__iter__")
_COMMONLY = 5  # further away is a method that may well be one of something else
_COMMON = words("get items keys values append add pop copy join split")


@dataclass(slots=True)
class Slice:
    """Distances of statements from a value; smaller is nearer."""

    distances: dict[Step, int] = field(default_factory=dict)

    def __contains__(self, step: object) -> bool:
        return step in self.distances


def backward(program: Program, *, cell: int | None, names: Iterable[str] = ()) -> Slice:
    """Return what can influence names as they are after a cell.

    Parameters
    ----------
    program : the notebook and its files
    cell : index of the cell that parted; None: the whole notebook
    names : variables, or names of published results; none of them known: everything
        that the cell computes or shows
    """
    slicer = _Slicer(program, cell)
    slicer.start(names)
    return slicer.run()


def reaching(scope: Scope, name: str, position: int) -> Iterator[Step]:
    """Yield the statements whose value of a name may still be there, latest first."""
    steps = scope.definitions.get(name, [])
    end = bisect_right(steps, position, key=lambda step: step.position)
    for step in reversed(steps[:end]):
        yield step
        if step.certain and name in step.binds:
            return


class _Slicer:
    def __init__(self, program: Program, cell: int | None) -> None:
        self._program = program
        self._cell = cell
        here = [s for s in program.main.steps if cell is None or s.source.cell == cell]
        self._here = here
        self._end = here[-1].position if here else EVERYTHING
        self._found = Slice()
        self._waiting: list[tuple[int, int, Step]] = []
        self._entered: dict[Scope, int] = {}  # at what distance

    def start(self, names: Iterable[str]) -> None:
        for name in names:
            for step in reaching(self._program.main, name, self._end):
                self._push(step, 0)
            for step in self._here:  # a published result
                if name in _texts(step):
                    self._push(step, 0)
        if self._waiting:
            return
        last = {s.source: s for s in self._here}
        for step in self._here:
            shows = isinstance(step.node, ast.Expr) or step is last[step.source]
            self._push(step, 0 if shows else 3)

    def run(self) -> Slice:
        while self._waiting:
            distance, _, step = heappop(self._waiting)
            if distance > self._found.distances.get(step, EVERYTHING):
                continue
            self._visit(step, distance + 1)
        for step in self._program.steps_with("seed"):  # of a generator that is hidden
            self._found.distances.setdefault(step, _SEEDED)
        return self._found

    def _push(self, step: Step, distance: int) -> None:
        if self._cell is not None and step.scope is self._program.main:
            distance += _ELSEWHERE * (step.source.cell != self._cell)
        if distance < self._found.distances.get(step, EVERYTHING):
            self._found.distances[step] = distance
            heappush(self._waiting, (distance, -step.position, step))

    def _visit(self, step: Step, distance: int) -> None:
        if step.within is not None:
            self._push(step.within, distance)
        if isinstance(step.node, (ast.Import, ast.ImportFrom)):
            return
        last = step.position - 1
        position = step.until if step.until > step.position else last
        for name in step.uses:
            self._name(name, step.scope, position, distance)
        for name in step.own:
            self._attribute(name, step, distance)
        if step.body is not None:
            self._enter(step.body, distance)
        self._calls(step, distance)

    def _name(self, name: str, scope: Scope, position: int, distance: int) -> None:
        here: Scope | None = scope
        while here is not None:
            if name in here.imports:
                self._imported(here.imports[name], distance)
                return
            if name in here.definitions:
                for step in reaching(here, name, position):
                    self._push(step, distance)
            if name in here.parameters or name in here.bound:
                return
            here = here.parent
            inside = here is self._program.main
            position = self._end if inside else EVERYTHING

    def _imported(self, dotted: str, distance: int) -> None:
        if found := self._program.lookup(dotted):
            self._enter(found, distance)
        elif variable := self._program.variable(dotted):
            module, name = variable
            for step in reaching(module, name, EVERYTHING):
                self._push(step, distance)

    def _attribute(self, name: str, step: Step, distance: int) -> None:
        """Go to where other methods of the class set what is kept on ``self``."""
        for other in self._program.setters(name):
            if step.scope.owner in (other.scope.owner, ""):
                self._push(other, distance + 1)

    def _enter(self, scope: Scope, distance: int) -> None:
        """Go to what a function that is called gives back and does."""
        if distance >= self._entered.get(scope, EVERYTHING):
            return
        self._entered[scope] = distance
        if isinstance(scope.node, ast.ClassDef):
            for name in _CONSTRUCTORS:
                if method := scope.functions.get(name):
                    self._enter(method, distance)
            for step in scope.steps:
                if step.body is None:
                    self._push(step, distance)
            return
        for step in scope.steps:
            if _is_outcome(step):
                self._push(step, distance)

    def _calls(self, step: Step, distance: int) -> None:
        """Functions by a dotted name, and methods by name alone."""
        program = self._program
        methods = step.words & program.method_names
        if not methods and not program.names_project(step):
            return
        for node in program.nodes(step):
            if not isinstance(node, ast.Attribute):
                continue
            dotted = program.dotted(node, step.scope)
            if dotted and "." in dotted:
                self._imported(dotted, distance)
            elif node.attr in methods:
                further = _COMMONLY if node.attr in _COMMON else 1
                for method in program.methods(node.attr):
                    self._enter(method, distance + further)


def _is_outcome(step: Step) -> bool:
    """Whether the caller can see what a statement of a function does."""
    if isinstance(step.node, ast.Return) or step.own_set:
        return True
    scope = step.scope
    if scope.outer & (step.binds | step.changes) or _yields(step):
        return True
    return any(
        name in scope.parameters or name not in scope.bound
        for name in step.changes - step.binds
    )


def _yields(step: Step) -> bool:
    kinds = (ast.Yield, ast.YieldFrom)
    return any(isinstance(n, kinds) for part in step.parts for n in ast.walk(part))


def _texts(step: Step) -> Iterator[object]:
    for part in step.parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Constant):
                yield node.value
