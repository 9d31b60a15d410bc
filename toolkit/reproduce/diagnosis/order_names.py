"""What statements do with a value of arbitrary order: names, loops, results."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TypeAlias

from toolkit.reproduce.diagnosis.kinds import Kinds
from toolkit.reproduce.diagnosis.kinds_names import NUMBER, SET, TEXT
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Scope, Step
from toolkit.reproduce.diagnosis.words import words

_Follower: TypeAlias = Callable[..., float]
SHOWS, LIKELY, PERHAPS, HIDDEN = 1.0, 0.7, 0.35, 0.0
_DEEP = 7
_MOST = 8  # calls of a function that are looked at
COLLECTS = words("append extend insert appendleft put put_nowait")
HARMLESS = (
    words(
        "sort sort_values sort_index sort_by add discard remove issubset issuperset "
        "isdisjoint count nunique any all isin drop max min clear n_unique describe "
        "difference_update intersection_update symmetric_difference_update get size "
        "value_counts shape empty columns ndim dtype is_dir is_file exists "
        "drop_duplicates update"
    )
    | COLLECTS
)
_TELLS = words("write writerow writerows writelines partial_fit")


class Followed(ABC):
    """Follows a value through statements; `Order` follows it through expressions."""

    def __init__(self, program: Program, kinds: Kinds) -> None:
        self._program = program
        self._kinds = kinds
        self._known: dict[tuple[Step | Scope, str, str], float] = {}
        self._effects: dict[type, _Follower] = {
            ast.Expr: self._effect,
            ast.AugAssign: self._added,
            ast.Assign: self._assigned,
            ast.Return: self._left,
            ast.Break: self._left,
        }

    @abstractmethod
    def shows(self, node: ast.AST, step: Step, state: str, deep: int = 0) -> float:
        """Return how surely the order of an expression's value shows."""

    def statement(self, node: ast.AST, step: Step, state: str, deep: int) -> float:
        """Return how surely it shows, where an expression is all of a statement."""
        found = HIDDEN
        match step.node:
            case ast.For(iter=around) | ast.AsyncFor(iter=around) if around is node:
                found = self._loop(step, deep)
            case ast.Return() if state != "set":
                found = self.returned(step, state, deep)
            case ast.AugAssign(target=target, op=op):
                adds = isinstance(op, ast.Add) and self._kinds.of(target, step) != SET
                if state != "set" or adds:
                    found = self._target(target, step, "list", deep)
            case ast.Assign(targets=targets):
                found = max(self._target(each, step, state, deep) for each in targets)
            case ast.AnnAssign(target=target):
                found = self._target(target, step, state, deep)
            case ast.Expr():  # a set is sorted when it is displayed
                found = {"set": HIDDEN, "dict": LIKELY}.get(state, SHOWS)
        return found

    def _target(self, target: ast.expr, step: Step, state: str, deep: int) -> float:
        if isinstance(target, (ast.Tuple, ast.List)):
            return SHOWS if len(target.elts) > 1 else HIDDEN
        if state == "set":
            return HIDDEN
        if isinstance(target, ast.Name):
            return self.uses(target.id, step, state, deep + 1)
        whole = isinstance(target, ast.Subscript) and isinstance(
            target.slice, ast.Slice
        )
        return HIDDEN if whole else PERHAPS

    def returned(self, step: Step, state: str, deep: int) -> float:
        """Return how surely it shows where the function around is called."""
        sites = self._program.sites(step.scope.owner_name)
        if not sites or deep >= _DEEP:
            return LIKELY
        key = (step.scope, "", state)
        if key not in self._known:
            self._known[key] = HIDDEN  # for what calls itself
            self._known[key] = max(
                self.shows(call, at, state, deep + 1) for call, at in sites[:_MOST]
            )
        return self._known[key]

    # names

    def uses(self, name: str, step: Step, state: str, deep: int) -> float:
        """Return how surely it shows in the uses of a name, from a statement on."""
        return self.uses_in(name, step.scope, step, state, deep)

    def uses_in(
        self, name: str, scope: Scope, after: Step | None, state: str, deep: int
    ) -> float:
        """Look at each use of a name until it is bound anew, or sorted."""
        key = (after or scope, name, state)
        if key not in self._known:
            self._known[key] = HIDDEN  # for what depends on itself
            self._known[key] = self._worst_use(name, scope, after, state, deep)
        return self._known[key]

    def _worst_use(
        self, name: str, scope: Scope, after: Step | None, state: str, deep: int
    ) -> float:
        following = list(self._following(name, scope, after))
        worst = HIDDEN
        elsewhere = [s for s in following if not (after and is_within(s, after))]
        if after is not None and scope.parent is None and not elsewhere:
            worst = LIKELY  # nothing uses it: it is a result itself
        for other in following:
            if other.scope is scope and _sorts(name, other):
                break
            for node in self._program.nodes(other):
                if _reads(node, name):
                    worst = max(worst, self.shows(node, other, state, deep))
            if other.scope is scope and other.certain and name in other.binds:
                break
        return worst

    def _following(self, name: str, scope: Scope, after: Step | None) -> Iterator[Step]:
        start = after.position if after else -1
        mine = [*scope.loads.get(name, ()), *scope.definitions.get(name, ())]
        later = {s for s in mine if s.position > start}
        for inner in _all_inner(scope):
            if name in inner.loads and name not in inner.parameters:
                later.update(inner.loads[name])
        yield from sorted(later, key=lambda s: s.position)

    # loops

    def _loop(self, loop: Step, deep: int) -> float:
        """Return how surely the order of a loop's turns shows in what it does."""
        inside = [s for s in loop.scope.steps if is_within(s, loop)]
        worst = HIDDEN
        for each in inside:
            effect = self._effects.get(type(each.node))
            if effect is not None:
                worst = max(worst, effect(each, loop, inside, deep))
        return worst

    def _left(self, each: Step, *_: object) -> float:
        constant = isinstance(getattr(each.node, "value", None), ast.Constant)
        return PERHAPS if constant else LIKELY

    def _effect(self, each: Step, loop: Step, _: list[Step], deep: int) -> float:
        """Look at what a call that stands alone is made for."""
        value = getattr(each.node, "value", None)
        if isinstance(value, (ast.Yield, ast.YieldFrom)):
            return self.returned(each, "list", deep)
        call = value.value if isinstance(value, ast.Await) else value
        if not isinstance(call, ast.Call):
            return HIDDEN
        dotted = self._program.dotted(call.func, each.scope) or ""
        if dotted in ("print", "display") or dotted.startswith("toolkit.publish."):
            return SHOWS
        if not isinstance(call.func, ast.Attribute):
            return PERHAPS
        return self._method(call.func, each, loop, deep)

    def _method(self, func: ast.Attribute, each: Step, loop: Step, deep: int) -> float:
        name = getattr(func.value, "id", "")
        if func.attr in COLLECTS:
            # a list among several, by key: groups[key].append(x)
            return self.uses(name, loop, "list", deep + 1) if name else LIKELY
        if func.attr in _TELLS or _is_digest(func, each):
            return SHOWS
        return HIDDEN if func.attr in HARMLESS else PERHAPS

    def _added(self, each: Step, *_: object) -> float:
        """``total += x``: whole numbers add up the same in any order."""
        node, bits = each.node, (ast.BitOr, ast.BitAnd, ast.BitXor)
        if not isinstance(node, ast.AugAssign) or isinstance(node.op, bits):
            return HIDDEN
        kind = self._kinds.of(node.value, each)
        if kind == TEXT or isinstance(node.value, (ast.List, ast.ListComp)):
            return SHOWS
        if kind == NUMBER and not divides(node.value):
            return HIDDEN
        if isinstance(node.target, ast.Name):
            begun = each.scope.definitions.get(node.target.id, ())
            values = [getattr(s.node, "value", None) for s in begun]
            plain = [v.value for v in values if isinstance(v, ast.Constant)]
            if any(isinstance(v, (float, str)) for v in plain):
                return SHOWS
        return SHOWS if divides(node.value) else LIKELY

    def _assigned(self, each: Step, loop: Step, inside: list[Step], deep: int) -> float:
        if not isinstance(each.node, ast.Assign):
            return HIDDEN
        target = each.node.targets[0]
        if isinstance(target, ast.Subscript):
            name = getattr(target.value, "id", "")
            if not name:
                return PERHAPS
            if self._depends_on_turn(each, inside):
                return LIKELY  # numbered[name] = len(numbered)
            return self.uses(name, loop, "dict", deep + 1)
        if not isinstance(target, ast.Name):
            return PERHAPS
        return self._kept(target.id, each, loop, inside)

    def _depends_on_turn(self, each: Step, inside: list[Step]) -> bool:
        """Whether a value depends on how many turns there were before."""
        carried = {
            name
            for other in inside
            for name in other.changes | other.binds
            if other is each or isinstance(other.node, (ast.AugAssign, ast.Expr))
        }
        value = getattr(each.node, "value", each.node)
        return any(isinstance(n, ast.Name) and n.id in carried for n in ast.walk(value))

    def _kept(self, name: str, each: Step, loop: Step, inside: list[Step]) -> float:
        """Look at what the last turn leaves behind."""
        end = max((s for s in inside), key=lambda s: s.position, default=loop)
        after = [s for s in self._following(name, loop.scope, end) if name in s.uses]
        if not after:
            return HIDDEN
        if name in each.uses:  # level = 0.9 * level + value
            return LIKELY
        earlier = any(name in s.uses and s.position < each.position for s in inside)
        return PERHAPS if each.within is not loop and earlier else LIKELY


def _is_digest(func: ast.Attribute, step: Step) -> bool:
    imported = {v.split(".")[0] for v in step.scope.root.imports.values()}
    return func.attr == "update" and "hashlib" in imported


def is_within(step: Step, loop: Step) -> bool:
    """Whether a statement stands in a loop's body."""
    outside = step.within
    while outside is not None:
        if outside is loop:
            return True
        outside = outside.within
    return False


def divides(node: ast.AST) -> bool:
    """Whether an expression computes with fractions."""
    return any(
        isinstance(n, (ast.Div, ast.Pow))
        or (isinstance(n, ast.Constant) and isinstance(n.value, float))
        for n in ast.walk(node)
    )


def _reads(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
    )


def _sorts(name: str, step: Step) -> bool:
    """Whether a statement is ``name.sort()`` or ``name = sorted(name)``."""
    match step.node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="sort"))
        ):
            return found == name
        case ast.Assign(
            targets=[ast.Name(id=found) | ast.Subscript(value=ast.Name(id=found))],
            value=ast.Call(func=ast.Name(id="sorted")),
        ):
            return found == name
    return False


def _all_inner(scope: Scope) -> Iterator[Scope]:
    for inner in scope.inner:
        yield inner
        yield from _all_inner(inner)
