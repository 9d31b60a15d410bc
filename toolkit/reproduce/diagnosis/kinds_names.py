"""What a name holds: by the statements that may have bound it, and by annotations."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import islice

from toolkit.reproduce.diagnosis.names import root_name
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.slices import EVERYTHING, reaching
from toolkit.reproduce.diagnosis.steps import Scope, Step

SET = "set"  # its order depends on the hash seed
NUMBERS = "numbers"  # a set of numbers: these hash alike in every process
NUMERALS = "numerals"  # a list of numbers
KEYS = "keys"  # a view of a dictionary: ordered, but gives sets when combined
SETS = "sets"  # a mapping, or a list, whose values are sets
NUMBER = "number"
TEXT = "text"
NAIVE = "naive"  # a moment without a zone
AWARE = "aware"  # and one with it
GENERATOR = "generator"  # of random numbers
OTHER = ""
_STRONGEST = (SET, SETS, KEYS, NAIVE, GENERATOR)
_MOST = 20  # definitions of a name that are looked at, latest first
_SET_NAMES = ("set", "frozenset", "Set", "FrozenSet", "AbstractSet", "MutableSet")
_LIST_NAMES = ("list", "tuple", "Sequence", "Iterable", "List", "Iterator")
_NUMBER_NAMES = ("int", "float", "bool", "complex")
_COMBINE = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)


class NamedKinds(ABC):
    """Tells kinds of names; `Kinds` tells those of other expressions."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[tuple[Step, str], str] = {}
        self._parameters: dict[tuple[Scope, str], str] = {}
        self._results: dict[Scope, str] = {}

    @abstractmethod
    def of(self, node: ast.AST, step: Step) -> str:
        """Return the kind of an expression in a statement."""

    def name(self, node: ast.Name, step: Step) -> str:
        """Return the kind of what a name holds where it is read."""
        if node.id in step.local:
            for around, target in self._comprehended(node, step):
                return self._element(around, target, node.id, step)
        scope: Scope | None = step.scope
        position = step.until if step.until > step.position else step.position - 1
        while scope is not None:
            if node.id in scope.bound or node.id in scope.parameters:
                return self._in_scope(node.id, scope, position)
            if node.id in scope.imports:
                return self._imported(scope.imports[node.id])
            scope, position = scope.parent, EVERYTHING
        return OTHER

    def _in_scope(self, name: str, scope: Scope, position: int) -> str:
        reached = islice(reaching(scope, name, position), _MOST)
        kinds = [self.assigned(each, name) for each in reached]
        if name in scope.parameters:
            kinds.append(self._parameter(name, scope))
        return either(kinds)

    def _comprehended(
        self, node: ast.Name, step: Step
    ) -> Iterator[tuple[ast.expr, ast.expr]]:
        """Find the comprehension that binds a name, from the inside out."""
        above: ast.AST = node
        while above is not step.node:
            above = self._program.parent(above, step)
            for part in getattr(above, "generators", ()):
                inside = ast.walk(part.target)
                if any(isinstance(n, ast.Name) and n.id == node.id for n in inside):
                    yield part.iter, part.target

    def _element(
        self, around: ast.expr, target: ast.expr, name: str, step: Step
    ) -> str:
        """Return the kind of a loop's variable."""
        first = isinstance(target, ast.Tuple) and _is(target.elts[0], name)
        if isinstance(around, ast.Call) and first:
            dotted = self._program.dotted(around.func, step.scope)
            if dotted == "enumerate":
                return NUMBER
        kind = self.of(around, step)
        if kind == SETS:
            return OTHER if first else SET
        return NUMBER if kind in (NUMBERS, NUMERALS) else OTHER

    def _imported(self, dotted: str) -> str:
        found = self._program.variable(dotted)
        return self._in_scope(found[1], found[0], EVERYTHING) if found else OTHER

    def assigned(self, step: Step, name: str) -> str:
        """Return the kind that a statement gives to a name, or to an attribute."""
        key = (step, name)
        if key not in self._known:
            self._known[key] = OTHER  # for what depends on itself
            self._known[key] = self._assigned(step, name)
        return self._known[key]

    def _assigned(self, step: Step, name: str) -> str:
        if name not in step.binds and name not in step.own_set:
            return self._changed(step, name)
        match step.node:
            case ast.AnnAssign(annotation=annotation, value=value):
                found = annotated(annotation)
                if found == SET and not isinstance(value, ast.Set):
                    return self._filled(step, name)
                return found or (self.of(value, step) if value else OTHER)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=to)):
                pairs = zip(names, to, strict=False)
                return either(self.of(v, step) for n, v in pairs if _is(n, name))
            case ast.Assign(targets=targets, value=value):
                whole = any(_is(target, name) for target in targets)
                return self._whole(value, step, name) if whole else OTHER
        return self._bound_otherwise(step, name)

    def _whole(self, value: ast.expr, step: Step, name: str) -> str:
        found = self.of(value, step)
        empty = isinstance(value, ast.Call) and not value.args
        return self._filled(step, name) if found == SET and empty else found

    def _bound_otherwise(self, step: Step, name: str) -> str:
        match step.node:
            case ast.Import() | ast.ImportFrom():
                return self._imported(step.scope.imports.get(name, ""))
            case ast.AugAssign(op=op, value=value) if isinstance(op, _COMBINE):
                return SET if self.of(value, step) == SET else OTHER
            case ast.For(target=target, iter=around):
                return self._element(around, target, name, step)
            case ast.If() | ast.While() | ast.Expr():
                return either(
                    self.of(node.value, step)
                    for node in self._program.nodes(step)
                    if isinstance(node, ast.NamedExpr) and _is(node.target, name)
                )
        return OTHER

    def _changed(self, step: Step, name: str) -> str:
        """Return SETS where a set is put into what a name holds."""
        for node in (step.node, *self._program.nodes(step)):
            match node:
                case ast.Assign(targets=[ast.Subscript() as target], value=value):
                    pass
                case ast.Call(
                    func=ast.Attribute(attr="append") as target, args=[value]
                ):
                    pass
                case ast.Call(
                    func=ast.Attribute(attr="setdefault") as target, args=[_, value]
                ):
                    pass
                case _:
                    continue
            if root_name(target) == (name,) and self.of(value, step) == SET:
                return SETS
        return OTHER

    def _filled(self, step: Step, name: str) -> str:
        """Return the kind of a set that begins empty, by what is added to it."""
        value = getattr(step.node, "value", None)
        if not isinstance(value, ast.Call):
            return SET
        if value.args or getattr(value.func, "id", "") not in ("set", "frozenset"):
            return self.of(value, step) or SET
        others = step.scope.definitions.get(name, ())
        if any(other.words & {"update", "union"} for other in others):
            return SET
        added = {
            self.of(call.args[0], other)
            for call, other in self._program.sites("add")
            if name in other.changes and call.args and other.scope is step.scope
        }
        return NUMBERS if added == {NUMBER} else SET

    def _parameter(self, name: str, scope: Scope) -> str:
        key = (scope, name)
        if key not in self._parameters:
            self._parameters[key] = OTHER  # for what calls itself
            self._parameters[key] = self._parameter_anew(name, scope)
        return self._parameters[key]

    def _parameter_anew(self, name: str, scope: Scope) -> str:
        node = scope.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return OTHER
        for each in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
            if each.arg == name and each.annotation is not None:
                return annotated(each.annotation)
        given = islice(self._program.arguments(scope, name), _MOST)
        return either([self.of(value, step) for value, step in given])


def either(kinds: Iterable[str]) -> str:
    """Return the kind that matters most of several possible ones."""
    found = set(kinds)
    if len(found) == 1:
        return found.pop()
    return next((kind for kind in _STRONGEST if kind in found), OTHER)


def annotated(node: ast.AST) -> str:
    """Return the kind that an annotation promises."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        name, _, inside = node.value.partition("[")
        return _of_type(name, inside.rstrip("]"))
    if isinstance(node, ast.BinOp):
        return either([annotated(node.left), annotated(node.right)])
    inside = ""
    if isinstance(node, ast.Subscript):
        inside = getattr(node.slice, "id", "")
        node = node.value
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return _of_type(name, inside)


def _of_type(name: str, inside: str) -> str:
    numeric = inside in _NUMBER_NAMES
    if name in _SET_NAMES:
        return NUMBERS if numeric else SET
    if name in _NUMBER_NAMES:
        return NUMBER
    return NUMERALS if numeric and name in _LIST_NAMES else OTHER


def _is(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == name
    return isinstance(node, ast.Name) and node.id == name
