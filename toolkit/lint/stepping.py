"""From a statement to those that use what it sets."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.lint.passing import Strain
from toolkit.reproduce.diagnosis.names import root_name
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Scope, Step

_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """One place where a value is used."""

    node: ast.AST
    step: Step
    strain: Strain
    entry: Step | None  # the first statement of a cell on the way there


def uses_after(
    program: Program, name: str, scope: Scope, after: Step | None, strain: Strain
) -> Iterator[tuple[ast.AST, Step]]:
    """Yield each use of a name from a statement on, until it is bound anew."""
    start = after.position if after is not None else -1
    again = after is not None and after.until > after.position
    begins = after.position if after is not None else -1
    if again and after is not None:
        begins = _loop_start(after)
    own = {*scope.loads.get(name, ()), *scope.definitions.get(name, ())}
    later = {s for s in own if s.position > start or (again and s.position > begins)}
    if after is not None:
        bound = _bound_anew(name, later, start)
        later = {s for s in later if s.position <= bound}
    for inner in _all_inner(scope):
        if name not in inner.bound and name not in inner.parameters:
            later.update(inner.loads.get(name, ()))
    for step in sorted(later, key=lambda s: (s.position <= start, s.position)):
        if strain == "order" and _sorts(name, step) and step.scope is scope:
            return
        for node in program.nodes(step):
            if reads(node, name):
                yield node, step


def _bound_anew(name: str, later: set[Step], start: int) -> int:
    """Return the position of the statement that surely gives a name another value."""
    certain = (
        s.position
        for s in later
        if s.certain
        and name in s.binds
        and s.position > start
        and not isinstance(s.node, ast.AugAssign)
    )
    return min(certain, default=10**9)


def _loop_start(step: Step) -> int:
    outside, found = step.within, step.position
    while outside is not None:
        if isinstance(outside.node, _LOOPS):
            found = outside.position - 1
        outside = outside.within
    return found


def _all_inner(scope: Scope) -> Iterator[Scope]:
    for inner in scope.inner:
        yield inner
        yield from _all_inner(inner)


def _sorts(name: str, step: Step) -> bool:
    match step.node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="sort"))
        ):
            return found == name
    return False


def reads(node: ast.AST, name: str) -> bool:
    """Whether a node reads a name."""
    return (
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
    )


def written_names(step: Step, node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement gives a value that stands in it."""
    imported = step.scope.root.imports
    targets = getattr(step.node, "targets", None) or [
        getattr(step.node, "target", None)
    ]
    if isinstance(step.node, (ast.With, ast.AsyncWith)):
        targets = [i.optional_vars for i in step.node.items if i is node]
    for target in targets:
        for name in _names(target) if target is not None else ():
            if name not in imported and name not in ("self", "cls", "_"):
                yield name


def _names(target: ast.AST) -> Iterator[str]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for each in target.elts:
            yield from _names(each)
        return
    yield from root_name(target)


def inside(step: Step) -> Iterator[Step]:
    """Yield the statements of a block, by its head."""
    for other in step.scope.steps:
        outside = other.within
        while outside is not None:
            if outside is step:
                yield other
                break
            outside = outside.within


def branch_names(step: Step) -> Iterator[tuple[str, Step]]:
    """Yield what is set in a block, and by which statement of it.

    A ``break`` decides on all that the loop around it sets.
    """
    within = list(inside(step))
    if any(isinstance(each.node, (ast.Break, ast.Continue)) for each in within):
        outside = step.within
        while outside is not None and not isinstance(outside.node, _LOOPS):
            outside = outside.within
        if outside is not None:
            within = list(inside(outside))
    imported = step.scope.root.imports
    for each in within:
        for name in sorted(each.binds | each.changes):
            if name not in imported:
                yield name, each


def call_of(node: ast.AST) -> ast.Call | None:
    """Return the call that an expression is, awaited or not."""
    if isinstance(node, ast.Await):
        node = node.value
    return node if isinstance(node, ast.Call) else None


def home_of(name: str, scope: Scope) -> Scope:
    """Return the scope that a name belongs to, seen from another."""
    here = scope
    while name not in here.bound and name not in here.parameters:
        if here.parent is None:
            return scope
        here = here.parent
    return here


def defaulted(step: Step, node: ast.AST) -> Iterator[str]:
    """Yield the parameters of a definition of which an expression is the default."""
    args = getattr(step.node, "args", None)
    if not isinstance(args, ast.arguments):
        return
    plain = [*args.posonlyargs, *args.args]
    pairs: list[tuple[ast.arg, ast.AST | None]] = []
    pairs += zip(reversed(plain), reversed(args.defaults), strict=False)
    pairs += zip(args.kwonlyargs, args.kw_defaults, strict=True)
    yield from (argument.arg for argument, default in pairs if default is node)


def attribute_uses(program: Program, name: str) -> Iterator[tuple[ast.AST, Step]]:
    """Yield where an attribute of that name is read, of whatever object."""
    for step in program.steps_with(name):
        for node in program.nodes(step):
            match node:
                case ast.Attribute(attr=found, ctx=ast.Load()) if found == name:
                    yield node, step


def handed_over(program: Program, function: Scope) -> Iterator[tuple[ast.AST, Step]]:
    """Yield where a function is given to another: ``map(function, values)``."""
    for step in program.steps_with(function.name):
        for node in program.nodes(step):
            above = program.parent(node, step)
            called = isinstance(above, ast.Call) and above.func is node
            given = isinstance(above, (ast.Call, ast.keyword)) and not called
            if given and reads(node, function.name) and step.scope is not function:
                yield node, step


def is_claim(test: ast.AST) -> bool:
    """Whether an assertion says which value something has: ``mean == 3.5``."""
    match test:
        case ast.Compare(ops=[ast.Eq()], comparators=[ast.Constant()]):
            return True
    return False
