"""Which names a statement reads from outside, and where."""

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Scope, Step, in_loop
from toolkit.reproduce.diagnosis.words import words

Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
INTERACTIVE = words(
    "display get_ipython In Out exit quit __shell__ __IPYTHON__ __builtin__ "
    "__builtins__ __name__ __doc__ __package__ __loader__ __spec__ __annotations__ "
    "_ __ ___ _i _ii _iii _ih _oh _dh _sh _exit_code __warningregistry__ "
)
KNOWN = frozenset(dir(builtins)) | INTERACTIVE
_COUNTED = re.compile(r"_i?\d+")  # what a cell with that count showed, or was
_AUTOMAGIC = words("ls ll pwd cd who whos hist history clear lsmagic magic quickref")
_PLATFORM = words("dbutils displayHTML spark sc sqlContext")
_FORGIVING = words("NameError Exception BaseException UnboundLocalError")


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A name that is read, and not bound by an expression around it."""

    name: str
    node: ast.Name
    step: Step
    later: bool  # in the body of a lambda: when that is called


def reads(program: Program, step: Step, name: str) -> Iterator[Read]:
    """Yield where a statement reads a name that lambdas around do not bind."""
    for node in program.nodes(step):
        if not isinstance(node, ast.Name) or node.id != name:
            continue
        if not isinstance(node.ctx, ast.Load) and not _is_augmented(step, node):
            continue
        later, bound = False, False
        inner: ast.AST = node
        while inner is not step.node and not bound:
            around = program.parent(inner, step)
            if isinstance(around, ast.Lambda) and inner is not around.args:
                bound = name in _given(around)
                later = True
            elif isinstance(around, _COMPREHENSIONS):
                bound = name in _own(around)
            inner = around
        if not bound:
            yield Read(name=name, node=node, step=step, later=later)


def is_known(name: str, step: Step) -> bool:
    """Whether a name is there without that a cell sets it, where a step reads it."""
    if name in KNOWN or _COUNTED.fullmatch(name):
        return True
    if name in _AUTOMAGIC:
        value = getattr(step.node, "value", None)
        return isinstance(step.node, ast.Expr) and isinstance(value, ast.Name)
    return name in _PLATFORM and not sure(step)  # asked for where it was looked for


def free_names(scope: Scope) -> Iterator[tuple[str, Step]]:
    """Yield what a function or class reads from outside, inner functions included."""
    for name, steps in scope.loads.items():
        known = name in scope.parameters or name in scope.bound
        if not known or name in scope.outer:
            yield from ((name, step) for step in steps)
    is_class = isinstance(scope.node, ast.ClassDef)
    for inner in scope.inner:
        for name, step in free_names(inner):
            own = name in scope.parameters or name in scope.bound
            if is_class or not own or name in scope.outer:
                yield name, step


def guarded(step: Step) -> bool:
    """Whether a ``NameError`` is expected there: ``try: unicode ...``."""
    outside = step.within
    while outside is not None:
        if isinstance(outside.node, (ast.Try, ast.TryStar)):
            kinds = [each.type for each in outside.node.handlers]
            if any(kind is None or _forgives(kind) for kind in kinds):
                return True
        outside = outside.within
    return False


def dead(step: Step) -> bool:
    """Whether it stands under ``if False`` or ``if TYPE_CHECKING``."""
    outside = step.within
    while outside is not None:
        match outside.node:
            case ast.If(test=ast.Constant(value=value)) if not value:
                return True
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                return True
        outside = outside.within
    return False


def sure(step: Step) -> bool:
    """Whether it is executed with its scope, if the loops around go round at all."""
    outside = step.within
    while outside is not None:
        if not isinstance(
            outside.node, (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith)
        ):
            return False
        outside = outside.within
    return True


def reach(step: Step) -> int:
    """Return the last position whose definitions a read there may see."""
    node = step.node
    own = isinstance(node, (ast.With, ast.AsyncWith, ast.Match))
    parts = (each for part in step.parts for each in ast.walk(part))
    if own or any(isinstance(each, ast.NamedExpr) for each in parts):
        return max(step.position, step.until)
    looping = step.until > step.position and (
        in_loop(step) or isinstance(node, ast.While)
    )
    return step.until if looping else step.position - 1


def _forgives(kind: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id in _FORGIVING for node in ast.walk(kind)
    )


def _is_augmented(step: Step, node: ast.Name) -> bool:
    return isinstance(step.node, ast.AugAssign) and step.node.target is node


def _given(node: ast.Lambda) -> Iterator[str]:
    args = node.args
    listed = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return (a.arg for a in [*listed, *filter(None, (args.vararg, args.kwarg))])


def _own(node: Comprehension) -> set[str]:
    targets: list[Any] = [each.target for each in node.generators]
    return {
        n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)
    }
