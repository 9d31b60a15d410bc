"""What a constant is, also where a name or a parameter stands for it."""

import ast

from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Scope, Step

_DEEP = 4


class Facts:
    """Constants of a program; ``...`` stands for whatever is not known.

    ``cache`` keeps what rules find out about the whole program.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.cache: dict[str, object] = {}

    def constant(self, node: ast.AST | None, step: Step, deep: int = 0) -> object:
        """Return what a node is known to be: a constant, or ... for anything."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self.constant(operand, step, deep)
                return -number if isinstance(number, (int, float)) else ...
            case ast.Name(id=name) if deep <= _DEEP:
                return self._named(name, step, deep)
        return ...

    def _named(self, name: str, step: Step, deep: int) -> object:
        scope: Scope | None = step.scope
        while scope is not None:
            before = step.position if scope is step.scope else None
            if bound := _bound_before(name, scope, before):
                return self._bound(bound[-1], deep)
            if name in scope.parameters:
                return self._parameter(name, step, scope, deep)
            if name in scope.imports:
                return self._imported(scope.imports[name], deep)
            scope = scope.parent
        return ...

    def _bound(self, step: Step, deep: int) -> object:
        node = step.node
        if not step.certain or not isinstance(node, (ast.Assign, ast.AnnAssign)):
            return ...
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if not all(isinstance(target, ast.Name) for target in targets):
            return ...
        return self.constant(node.value, step, deep + 1)

    def _imported(self, dotted: str, deep: int) -> object:
        found = self.program.variable(dotted)
        if found is None:
            return ...
        bound = _bound_before(found[1], found[0], None)
        return self._bound(bound[-1], deep) if bound else ...

    def _parameter(self, name: str, step: Step, scope: Scope, deep: int) -> object:
        """Return None where some call leaves a parameter to its default, None."""
        default = _default(scope.node, name)
        if default is None or self.constant(default, step, _DEEP + 1) is not None:
            return ...
        sites = self.program.sites(scope.owner_name)
        if any(word.arg is None for call, _ in sites for word in call.keywords):
            return ...
        given = list(self.program.arguments(scope, name))
        values = [self.constant(value, at, deep + 1) for value, at in given]
        return None if len(given) < len(sites) or None in values else ...


def _bound_before(name: str, scope: Scope, position: int | None) -> list[Step]:
    return [
        step
        for step in scope.definitions.get(name, ())
        if name in step.binds and (position is None or step.position < position)
    ]


def _default(node: ast.AST | None, name: str) -> ast.expr | None:
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    plain = [*node.args.posonlyargs, *node.args.args]
    pairs = list(zip(reversed(plain), reversed(node.args.defaults), strict=False))
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    pairs += [(arg, default) for arg, default in named if default is not None]
    return next((default for arg, default in pairs if arg.arg == name), None)
