"""Whether a value reaches a result: followed forward, from one use to the next."""

import ast
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from toolkit.lint.machine import is_clock
from toolkit.lint.model import Subject
from toolkit.lint.passing import (
    Strain,
    asked_for,
    called_with,
    compared,
    element_of,
    given_as,
    shown_as,
)
from toolkit.lint.results import Results, worded
from toolkit.lint.stepping import (
    Use,
    attribute_uses,
    branch_names,
    call_of,
    defaulted,
    handed_over,
    home_of,
    inside,
    is_claim,
    reads,
    uses_after,
    written_names,
)
from toolkit.reproduce.diagnosis.steps import Scope, Step
from toolkit.reproduce.diagnosis.trees import last_name

_DIVIDES = (ast.Div, ast.FloorDiv, ast.Mod)
_MOST = 400  # uses that are looked at before a value is given up
_Climber: TypeAlias = Callable[..., Strain | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """The result that a value reaches."""

    step: Step
    how: str  # "is printed"
    entry: Step | None  # the first statement of a cell on the way to it


class Reaching:
    """Follows values of one notebook and its project files."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._program = subject.program
        self._results = Results(subject.program, subject.facts)
        self._waiting: deque[Use] = deque()
        self._entry: Step | None = None
        self._seen: set[tuple[object, ...]] = set()
        self._found: Reached | None = None
        self._climbers: dict[type, _Climber] = {
            ast.Call: self._call,
            ast.Attribute: self._asked,
            ast.FormattedValue: lambda up, _, __, strain: shown_as(strain, up),
            ast.JoinedStr: lambda up, _, __, strain: worded(up, strain),
            ast.Compare: lambda up, _, __, strain: compared(strain, up),
            ast.BinOp: self._operation,
            ast.NamedExpr: self._named,
            ast.Subscript: lambda up, node, _, strain: element_of(up, node, strain),
            ast.Yield: self._yielded,
            ast.YieldFrom: self._yielded,
        }

    def result_of(self, node: ast.AST, step: Step, strain: Strain) -> Reached | None:
        """Return the first result that an expression's value is found to reach.

        Parameters
        ----------
        node : the expression
        step : the statement that it stands in
        strain : in what way its value differs, see `toolkit.lint.passing`
        """
        self._seen, self._found, self._entry = set(), None, None
        self._waiting.clear()
        self._push(node, step, strain)
        for _ in range(_MOST):
            if not self._waiting:
                break
            self._climb(self._waiting.popleft())
        return self._found

    def _climb(self, use: Use) -> None:
        step, node, strain = use.step, use.node, use.strain
        entry = use.entry or (step if step.source.cell is not None else None)
        self._entry = entry
        while True:
            above = self._program.parent(node, step)
            if above is step.node:
                break
            climber = self._climbers.get(type(above))
            passed: Strain | None = strain
            if climber is not None:
                passed = climber(above, node, step, strain)
            if passed is None or self._found:
                return
            node, strain = above, passed
        self._statement(node, step, strain)

    # expressions

    def _asked(
        self, above: ast.Attribute, _: ast.AST, step: Step, strain: Strain
    ) -> Strain | None:
        outer = self._program.parent(above, step)
        called = isinstance(outer, ast.Call) and outer.func is above
        return asked_for(strain, above.attr, called=called)

    def _call(
        self, above: ast.Call, node: ast.AST, step: Step, strain: Strain
    ) -> Strain | None:
        given, word = node, None
        if isinstance(node, ast.keyword):
            word = node.arg
            if given_as(strain, word) is None:
                return None
        last = last_name(above.func)
        is_object = node is above.func
        if how := self._results.of_call(above, node, step, strain):
            self._reach(step, how)
            return None
        if is_object and isinstance(node, ast.Attribute):
            return strain  # it told what its method gives back
        if is_object:
            return "random" if strain == "maker" else strain
        function = self._program.callee(above.func, step.scope)
        if function is not None:
            self._enter(function, above, given, strain)
            return None
        return called_with(strain, last)

    def _enter(
        self, function: Scope, call: ast.Call, node: ast.AST, strain: Strain
    ) -> None:
        """Go on in a function of the project, at the parameter that it is given as."""
        if isinstance(function.node, ast.ClassDef):
            made = function.functions.get("__init__")
            if made is None:
                return
            function = made
        names = [p for p in function.parameters if p not in ("self", "cls")]
        pairs: list[tuple[str | None, ast.AST]] = []
        pairs += zip(names, call.args, strict=False)
        pairs += [(word.arg, word) for word in call.keywords]
        for name, value in pairs:
            if value is node and name in function.parameters:
                self._follow(name or "", function, None, strain)

    def _operation(
        self, above: ast.BinOp, node: ast.AST, step: Step, strain: Strain
    ) -> Strain | None:
        if strain == "count" and isinstance(above.op, _DIVIDES):
            return "value" if node is above.right else "count"
        if strain == "moment" and isinstance(above.op, ast.Sub):
            other = above.right if node is above.left else above.left
            return "duration" if is_clock(self._program, other, step) else "value"
        if strain == "moment" and not isinstance(above.op, ast.Mod):
            return "value" if isinstance(above.op, (ast.Mult, ast.FloorDiv)) else strain
        text = isinstance(above.left, (ast.Constant, ast.JoinedStr))
        if text and isinstance(above.op, ast.Mod) and strain == "digits":
            return None
        return strain

    def _named(
        self, above: ast.NamedExpr, _: ast.AST, step: Step, strain: Strain
    ) -> Strain | None:
        self._follow(above.target.id, step.scope, step, strain, here=True)
        return strain

    def _yielded(
        self, _: ast.AST, __: ast.AST, step: Step, strain: Strain
    ) -> Strain | None:
        self._return(step, strain)
        return None

    # statements

    def _statement(self, node: ast.AST, step: Step, strain: Strain) -> None:
        match step.node:
            case ast.Expr():
                self._effect(node, step, strain)
            case ast.Return():
                self._return(step, strain)
            case ast.If() | ast.While():
                self._decides(step, strain)
            case ast.Assert(test=test):
                if is_claim(test) and strain == "random":
                    self._reach(step, "is asserted")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for name in defaulted(step, node):
                    self._follow(name, step.body or step.scope, None, strain)
            case _:
                for name in written_names(step, node):
                    self._follow(name, step.scope, step, strain)
                self._kept_on_self(step, strain)

    def _effect(self, node: ast.AST, step: Step, strain: Strain) -> None:
        if how := self._results.shown(step, strain):
            self._reach(step, how)
            return
        call = call_of(node)
        if call is None:
            return
        imported = step.scope.root.imports
        for name in sorted(step.changes):
            if name not in imported and name != "self":
                self._follow(name, step.scope, step, strain)
        self._kept_on_self(step, strain)

    def _kept_on_self(self, step: Step, strain: Strain) -> None:
        changed = step.own_set | (step.own if "self" in step.changes else set())
        for attribute in sorted(changed):
            for each, other in attribute_uses(self._program, attribute):
                if other is not step:
                    self._push(each, other, strain)

    def _return(self, step: Step, strain: Strain) -> None:
        scope = step.scope
        for call, at in self._program.sites(scope.owner_name):
            self._push(call, at, strain)
        for node, other in handed_over(self._program, scope):
            self._push(node, other, strain)

    def _decides(self, step: Step, strain: Strain) -> None:
        """Go on with what a branch or a loop binds that a value decides on."""
        if strain not in ("random", "moment", "duration", "value"):
            return
        deciding: Strain = "random" if strain == "random" else "value"
        for name, other in branch_names(step):
            self._follow(name, other.scope, other, deciding)
        for each in inside(step):
            if isinstance(each.node, ast.Return) and each.node.value is not None:
                self._return(each, deciding)

    # names

    def _follow(
        self,
        name: str,
        scope: Scope,
        after: Step | None,
        strain: Strain,
        *,
        here: bool = False,
    ) -> None:
        home = home_of(name, scope)
        if home is not scope:
            scope, after = home, None
        key = (name, id(scope), after.position if after else -1, strain)
        if key in self._seen:
            return
        self._seen.add(key)
        for node, step in uses_after(self._program, name, scope, after, strain):
            self._push(node, step, strain)
        if here and after is not None:
            for node in self._program.nodes(after):
                if reads(node, name):
                    self._push(node, after, strain)

    def _push(self, node: ast.AST, step: Step, strain: Strain) -> None:
        key = (id(node), strain)
        if key not in self._seen and self._found is None:
            self._seen.add(key)
            use = Use(node=node, step=step, strain=strain, entry=self._entry)
            self._waiting.append(use)

    def _reach(self, step: Step, how: str) -> None:
        if self._found is None:
            self._found = Reached(step=step, how=how, entry=self._entry)
        self._waiting.clear()
