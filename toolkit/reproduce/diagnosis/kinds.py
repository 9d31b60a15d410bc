"""What an expression is, as far as its order or its randomness can depend on it."""

import ast
from collections.abc import Callable
from typing import TypeAlias

from toolkit.reproduce.diagnosis.kinds_names import (
    AWARE,
    GENERATOR,
    KEYS,
    NAIVE,
    NUMBER,
    NUMBERS,
    NUMERALS,
    OTHER,
    SET,
    SETS,
    TEXT,
    NamedKinds,
    annotated,
    either,
)
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Scope, Step

_Teller: TypeAlias = Callable[..., str]
_DEEP = 24
_COMBINE = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)
_ARITHMETIC = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_SET_METHODS = ("union", "intersection", "difference", "symmetric_difference")
_METHODS: dict[str, dict[str, str]] = {
    SET: dict.fromkeys((*_SET_METHODS, "copy"), SET),
    NUMBERS: {
        **dict.fromkeys(("union", "symmetric_difference"), SET),
        **dict.fromkeys(("intersection", "difference", "copy"), NUMBERS),
    },
    SETS: {
        **dict.fromkeys(("get", "setdefault", "pop"), SET),
        **dict.fromkeys(("values", "items", "copy"), SETS),
    },
}
_COPIES = ("copy.copy", "copy.deepcopy")
_MOMENT_PARTS = 8  # of ``datetime(…)``, the zone being the last
_BY_NAME: dict[str, str] = {
    **dict.fromkeys(("int", "len", "ord", "bool", "abs", "round", "float"), NUMBER),
    **dict.fromkeys(("sum", "hash", "id"), NUMBER),
    **dict.fromkeys(("str", "repr"), TEXT),
    **dict.fromkeys(("range", "numpy.arange"), NUMERALS),
    "datetime.datetime.utcnow": NAIVE,
    "datetime.datetime.strptime": NAIVE,
    "datetime.datetime.fromisoformat": NAIVE,
    "datetime.datetime.combine": NAIVE,
    "random.Random": GENERATOR,
    "random.SystemRandom": GENERATOR,
    "numpy.random.default_rng": GENERATOR,
    "numpy.random.RandomState": GENERATOR,
    "numpy.random.Generator": GENERATOR,
    "sklearn.utils.check_random_state": GENERATOR,
}


class Kinds(NamedKinds):
    """Tells kinds of expressions; a conservative guess, never an error."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._depth = 0
        self._by_type: dict[type, _Teller] = {
            ast.Constant: _constant,
            ast.JoinedStr: lambda *_: TEXT,
            ast.Set: self._set,
            ast.SetComp: self._set_comprehension,
            ast.DictComp: self._mapping,
            ast.Dict: self._dictionary,
            ast.List: self._sequence,
            ast.Tuple: self._sequence,
            ast.ListComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.IfExp: self._branches,
            ast.BoolOp: self._choices,
            ast.NamedExpr: self._inner_value,
            ast.Starred: self._inner_value,
            ast.UnaryOp: self._operand,
            ast.BinOp: self._operation,
            ast.Subscript: self._element_of,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Name: self.name,
        }

    def of(self, node: ast.AST, step: Step) -> str:
        """Return the kind of an expression in a statement."""
        method = self._by_type.get(type(node))
        if method is None or self._depth > _DEEP:
            return OTHER
        self._depth += 1
        try:
            return method(node, step)
        finally:
            self._depth -= 1

    def _set(self, node: ast.Set, step: Step) -> str:
        kinds = {self.of(each, step) for each in node.elts}
        return NUMBERS if kinds == {NUMBER} else SET

    def _set_comprehension(self, node: ast.SetComp, step: Step) -> str:
        return NUMBERS if self.of(node.elt, step) == NUMBER else SET

    def _mapping(self, node: ast.DictComp, step: Step) -> str:
        return SETS if self.of(node.value, step) == SET else OTHER

    def _dictionary(self, node: ast.Dict, step: Step) -> str:
        return SETS if SET in {self.of(v, step) for v in node.values} else OTHER

    def _sequence(self, node: ast.List | ast.Tuple, step: Step) -> str:
        kinds = {self.of(value, step) for value in node.elts}
        return SETS if SET in kinds else NUMERALS if kinds == {NUMBER} else OTHER

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, step: Step) -> str:
        return {SET: SETS, NUMBER: NUMERALS}.get(self.of(node.elt, step), OTHER)

    def _branches(self, node: ast.IfExp, step: Step) -> str:
        return either(self.of(each, step) for each in (node.body, node.orelse))

    def _choices(self, node: ast.BoolOp, step: Step) -> str:
        return either(self.of(each, step) for each in node.values)

    def _inner_value(self, node: ast.NamedExpr | ast.Starred, step: Step) -> str:
        return self.of(node.value, step)

    def _operand(self, node: ast.UnaryOp, step: Step) -> str:
        return NUMBER if isinstance(node.op, ast.Not) else self.of(node.operand, step)

    def _operation(self, node: ast.BinOp, step: Step) -> str:
        left, right = self.of(node.left, step), self.of(node.right, step)
        both = {left, right}
        if isinstance(node.op, _COMBINE) and both & {SET, NUMBERS, KEYS}:
            # what is left of a difference was on the left
            kept = {left} if isinstance(node.op, ast.Sub) else both
            return NUMBERS if kept == {NUMBERS} else SET
        if TEXT in both:
            return TEXT
        lone = NUMBER in both and isinstance(node.op, _ARITHMETIC)
        return NUMBER if both == {NUMBER} or (lone and NAIVE not in both) else OTHER

    def _element_of(self, node: ast.Subscript, step: Step) -> str:
        return {SETS: SET, NUMERALS: NUMBER}.get(self.of(node.value, step), OTHER)

    def _attribute(self, node: ast.Attribute, _: Step) -> str:
        setters = self._program.setters(node.attr)
        return either(self.assigned(other, node.attr) for other in setters)

    def _call(self, node: ast.Call, step: Step) -> str:
        dotted = self._program.dotted(node.func, step.scope) or ""
        if dotted in ("set", "frozenset"):
            return self._made(node, step)
        if dotted == "datetime.datetime":
            zone = len(node.args) >= _MOMENT_PARTS or "tzinfo" in _keywords(node)
            return AWARE if zone else NAIVE
        found = _BY_NAME.get(dotted, OTHER)
        if not found and node.args:
            found = self._of_argument(dotted, node.args[0], step)
        return found or self._of_function(node, step)

    def _of_function(self, node: ast.Call, step: Step) -> str:
        function = self._program.callee(node.func, step.scope)
        if function is not None:
            return self.result(function)
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, node, step)
        return OTHER

    def _of_argument(self, dotted: str, first: ast.expr, step: Step) -> str:
        """Return the kind of a call that its first argument decides."""
        if dotted in _COPIES:
            return self.of(first, step)
        if dotted in ("sorted", "list", "tuple"):
            kind = self.of(first, step)
            return {NUMBERS: NUMERALS, NUMERALS: NUMERALS, SETS: SETS}.get(kind, OTHER)
        if dotted == "collections.defaultdict":
            return SETS if annotated(first) == SET else OTHER
        if dotted == "functools.reduce":
            joins = getattr(first, "attr", "") in (*_SET_METHODS, "or_", "and_", "xor")
            return SET if joins else OTHER
        if dotted == "map" and isinstance(first, ast.Name):
            return NUMERALS if _BY_NAME.get(first.id) == NUMBER else OTHER
        return OTHER

    def _made(self, node: ast.Call, step: Step) -> str:
        """``set(…)`` of numbers is harmless."""
        if not node.args:
            return SET
        numeric = self.of(node.args[0], step) in (NUMBERS, NUMERALS)
        return NUMBERS if numeric else SET

    def _method(self, func: ast.Attribute, node: ast.Call, step: Step) -> str:
        name = func.attr
        if name == "keys" and not node.args:
            return KEYS
        if getattr(func.value, "id", "") in ("set", "frozenset"):
            return SET  # set.union(*many)
        kind = self.of(func.value, step)
        if kind in _METHODS and name in _METHODS[kind]:
            return _METHODS[kind][name]
        if kind in (NAIVE, AWARE) and name in ("replace", "astimezone"):
            zone = name == "astimezone" or "tzinfo" in _keywords(node)
            return AWARE if zone else kind
        results = map(self.result, self._program.methods(name)[:3])
        return next((found for found in results if found != OTHER), OTHER)

    def result(self, function: Scope) -> str:
        """Return the kind of what a function of the project gives back."""
        if function not in self._results:
            self._results[function] = OTHER  # for what calls itself
            self._results[function] = self._returned(function)
        return self._results[function]

    def _returned(self, function: Scope) -> str:
        node = function.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return OTHER
        if node.returns is not None and (promised := annotated(node.returns)):
            return promised
        return either(
            self.of(step.node.value, step)
            for step in function.steps
            if isinstance(step.node, ast.Return) and step.node.value is not None
        )


def _constant(node: ast.Constant, _: Step) -> str:
    if isinstance(node.value, (int, float, complex)):
        return NUMBER
    return TEXT if isinstance(node.value, str) else OTHER


def _keywords(node: ast.Call) -> set[str | None]:
    return {word.arg for word in node.keywords}
