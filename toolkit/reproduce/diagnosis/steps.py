"""What each statement uses, binds and changes, in the order of execution."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from toolkit.reproduce.diagnosis.cells import Source
from toolkit.reproduce.diagnosis.names import (
    FUNCTIONS,
    Function,
    Names,
    parts_of,
    read_names,
)

_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(slots=True, eq=False)
class Scope:
    """The names of a module (all cells are one), a function or a class body."""

    name: str
    parent: "Scope | None"  # where free names are looked up
    node: ast.AST | None = None
    owner: str = ""  # the class whose method it is
    parameters: tuple[str, ...] = ()
    definitions: dict[str, list["Step"]] = field(
        default_factory=lambda: defaultdict(list)
    )
    loads: dict[str, list["Step"]] = field(default_factory=lambda: defaultdict(list))
    imports: dict[str, str] = field(default_factory=dict)  # alias -> dotted name
    stars: list[str] = field(default_factory=list)
    steps: list["Step"] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)  # not only changed
    outer: set[str] = field(default_factory=set)  # declared global or nonlocal
    functions: dict[str, "Scope"] = field(default_factory=dict)
    classes: dict[str, "Scope"] = field(default_factory=dict)
    inner: list["Scope"] = field(default_factory=list)

    @property
    def owner_name(self) -> str:
        """The name by which it is called: a class's, for its ``__init__``."""
        return self.owner if self.name == "__init__" else self.name

    @property
    def root(self) -> "Scope":
        """The module's scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


@dataclass(slots=True, eq=False, kw_only=True)
class Step(Names):
    """One simple statement, or the head of a compound one."""

    position: int
    source: Source
    scope: Scope
    node: ast.stmt
    parts: tuple[ast.AST, ...]  # the expressions that belong to it
    within: "Step | None"  # the loop, branch or block that it stands in
    certain: bool  # is executed whenever its scope is
    until: int  # last position of the outermost loop around it
    body: Scope | None = None  # of a definition
    walked: tuple[list[ast.AST], dict[ast.AST, ast.AST]] | None = None  # when asked for

    @property
    def line(self) -> int:
        """Its first line, from 1."""
        return self.node.lineno

    @property
    def last_line(self) -> int:
        """The last line of what belongs to it."""
        ends = (getattr(part, "end_lineno", None) for part in self.parts)
        return max(self.line, *(int(end) for end in ends if end), 0)


class Reader:
    """Turns sources into steps; each module has a scope of its own."""

    def __init__(self) -> None:
        self._position = 0

    def read(self, source: Source, scope: Scope, package: str = "") -> None:
        """Append a source's steps to a module's scope."""
        _Pass(self, source, package).body(source.tree.body, scope, None, certain=True)

    def next_position(self) -> int:
        """Count statements in the order in which they are read."""
        self._position += 1
        return self._position


class _Pass:
    def __init__(self, reader: Reader, source: Source, package: str) -> None:
        self._next = reader.next_position
        self._source = source
        self._package = package
        self._last = 0

    def body(
        self,
        statements: Iterable[ast.stmt],
        scope: Scope,
        within: Step | None,
        *,
        certain: bool,
    ) -> None:
        for node in statements:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                _read_imports(node, scope, self._package)
            elif isinstance(node, (ast.Global, ast.Nonlocal)):
                scope.outer.update(node.names)
                continue
            step = self._step(node, scope, within, certain=certain)
            if isinstance(node, FUNCTIONS):
                self._function(node, step, scope)
            elif isinstance(node, ast.ClassDef):
                step.body = _inner(scope, node, owner=node.name)
                scope.classes[node.name] = step.body
                self.body(node.body, step.body, None, certain=True)
            else:
                self._blocks(node, step, scope, certain=certain)

    def _step(
        self, node: ast.stmt, scope: Scope, within: Step | None, *, certain: bool
    ) -> Step:
        self._last = self._next()
        parts = parts_of(node)
        step = Step(
            position=self._last,
            source=self._source,
            scope=scope,
            node=node,
            parts=parts,
            within=within,
            certain=certain,
            until=self._last,
        )
        read_names(step, node, parts)
        home = scope
        scope.steps.append(step)
        for name in step.binds | step.changes:
            target = home.root if name in home.outer else home
            target.definitions[name].append(step)
            if name in step.binds:
                target.bound.add(name)
        for name in step.uses:
            scope.loads[name].append(step)
        return step

    def _function(self, node: Function, step: Step, scope: Scope) -> None:
        inner = _inner(scope, node, owner=scope.owner if _is_class(scope) else "")
        step.body = inner
        scope.functions[node.name] = inner
        self.body(node.body, inner, None, certain=True)

    def _blocks(
        self, node: ast.stmt, step: Step, scope: Scope, *, certain: bool
    ) -> None:
        straight = isinstance(node, (ast.With, ast.AsyncWith, ast.Try))
        for name in ("body", "handlers", "cases", "orelse", "finalbody"):
            for part in getattr(node, name, ()):
                inner = part.body if hasattr(part, "pattern") else [part]
                if isinstance(part, ast.ExceptHandler):
                    inner = part.body
                sure = certain and straight and name in ("body", "finalbody")
                self.body(inner, scope, step, certain=sure)
        if isinstance(node, _LOOPS) and not in_loop(step):
            for each in reversed(scope.steps):
                if each.position < step.position:
                    break
                each.until = max(each.until, self._last)


def in_loop(step: Step) -> bool:
    """Whether a loop of the same scope stands around it."""
    outside = step.within
    while outside is not None:
        if isinstance(outside.node, _LOOPS):
            return True
        outside = outside.within
    return False


def _is_class(scope: Scope) -> bool:
    return isinstance(scope.node, ast.ClassDef)


def _inner(scope: Scope, node: Function | ast.ClassDef, *, owner: str) -> Scope:
    outside = scope
    while _is_class(outside) and outside.parent is not None:
        outside = outside.parent  # a method does not see its class's names
    inner = Scope(node.name, outside, node, owner)
    if not isinstance(node, ast.ClassDef):
        given = node.args
        listed = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        listed += [a for a in (given.vararg, given.kwarg) if a]
        inner.parameters = tuple(a.arg for a in listed)
    scope.inner.append(inner)
    return inner


def _read_imports(
    node: ast.Import | ast.ImportFrom, scope: Scope, package: str
) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.split(".")[0]
            scope.imports[alias.asname or whole] = whole
        return
    module = node.module or ""
    if node.level:
        parts = package.split(".")
        kept = parts[: len(parts) - node.level + 1]
        module = ".".join([*kept, *filter(None, [module])])
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(module)
        else:
            scope.imports[alias.asname or alias.name] = f"{module}.{alias.name}"
