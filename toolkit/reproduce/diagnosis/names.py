"""The names that a statement uses, binds and changes."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from toolkit.reproduce.diagnosis.words import words

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
IN_PLACE = words(
    "append appendleft extend extendleft insert add update setdefault pop popitem "
    "popleft remove discard clear sort reverse rotate fit fit_transform fit_predict "
    "partial_fit fit_resample compile train load_state_dict step backward write "
    "writelines writerow writerows put put_nowait push seed shuffle fill itemset "
    "intersection_update difference_update symmetric_difference_update subtract "
    "set_params add_edge add_edges_from add_node add_nodes_from"
)
_SPARES_ARGUMENTS = IN_PLACE - {"shuffle", "step"}  # changes what it is called on
_HARMLESS = words("print display len show metric table figure finding")
# what has no word of its own, for rules that ask for it
_MARKS: Mapping[type, str] = {
    ast.Set: "<set>",
    ast.SetComp: "<set>",
    ast.MatMult: "<matmul>",
    ast.FormattedValue: "<format>",
}


@dataclass(slots=True, eq=False)
class Names:
    """The identifiers of one statement by what it does with them."""

    uses: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)  # every identifier in it
    own: set[str] = field(default_factory=set)  # attributes of ``self``, read
    own_set: set[str] = field(default_factory=set)  # and written
    local: set[str] = field(default_factory=set)  # of comprehensions and lambdas


def parts_of(node: ast.stmt) -> tuple[ast.AST, ...]:
    """Return the expressions of a statement that are not those of its blocks."""
    parts: tuple[ast.AST, ...] = (node,)
    match node:
        case (
            ast.FunctionDef(decorator_list=above, args=args)
            | ast.AsyncFunctionDef(decorator_list=above, args=args)
        ):
            parts = (*above, *args.defaults, *filter(None, args.kw_defaults))
        case ast.ClassDef(decorator_list=above, bases=bases, keywords=keywords):
            parts = (*above, *bases, *keywords)
        case (
            ast.For(target=target, iter=around)
            | ast.AsyncFor(target=target, iter=around)
        ):
            parts = (target, around)
        case ast.While(test=test) | ast.If(test=test):
            parts = (test,)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            parts = tuple(items)
        case ast.Match(subject=subject, cases=cases):
            guards = (case.guard for case in cases if case.guard)
            parts = (subject, *(case.pattern for case in cases), *guards)
        case ast.Try(handlers=handlers) | ast.TryStar(handlers=handlers):
            parts = tuple(each.type for each in handlers if each.type)
        case ast.Import() | ast.ImportFrom():
            parts = ()
    return parts


def read_names(seen: Names, node: ast.stmt, parts: tuple[ast.AST, ...]) -> None:
    """Fill in the names of a statement."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            seen.binds.add(name)
        case ast.ClassDef(name=name):
            seen.binds.add(name)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            seen.binds.update(a.asname or a.name.partition(".")[0] for a in names)
            seen.binds.discard("*")
            return
        case ast.Try(handlers=handlers) | ast.TryStar(handlers=handlers):
            seen.binds.update(each.name for each in handlers if each.name)
        case ast.AugAssign(target=ast.Name(id=name)):
            seen.uses.add(name)
    _read_nodes(seen, parts)
    seen.uses -= seen.local
    if isinstance(node, ast.Expr):
        _read_effect(seen, node.value)


def root_name(node: ast.AST) -> tuple[str, ...]:
    """Return the name that an attribute or element belongs to: ``a`` of ``a.b[0]``."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return (node.id,) if isinstance(node, ast.Name) else ()


def _read_nodes(seen: Names, parts: tuple[ast.AST, ...]) -> None:
    stack: list[Any] = list(parts)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Name:  # most nodes are names: the fast way
            seen.words.add(node.id)
            (seen.uses if type(node.ctx) is ast.Load else seen.binds).add(node.id)
            continue
        if kind is ast.comprehension:  # its names are its own
            seen.local.update(_stored(node.target))
            stack += [node.iter, *node.ifs]
            continue
        if kind in _READERS:
            _READERS[kind](seen, node)
        elif kind in _MARKS:
            seen.words.add(_MARKS[kind])
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                stack += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST):
                stack.append(value)


def _read_constant(seen: Names, node: ast.Constant) -> None:
    value = node.value
    if type(value) is str and value:
        if value[0] in "/~" or value[1:3] == ":\\":
            seen.words.add("<path>")
        elif len(value) > len("select") and "select" in value.lower():
            seen.words.add("<sql>")


def _read_part(seen: Names, node: ast.Attribute | ast.Subscript) -> None:
    stored = not isinstance(node.ctx, ast.Load)
    if stored:
        seen.changes.update(root_name(node))
    if isinstance(node, ast.Attribute):
        seen.words.add(node.attr)
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            (seen.own_set if stored else seen.own).add(node.attr)


def _read_call(seen: Names, node: ast.Call) -> None:
    func = node.func
    called_on = root_name(func.value) if isinstance(func, ast.Attribute) else ()
    if isinstance(func, ast.Attribute) and func.attr in IN_PLACE:
        seen.changes.update(called_on)
    for word in node.keywords:
        if word.arg:
            seen.words.add(word.arg)
        if word.arg == "inplace":
            seen.changes.update(called_on)
        elif word.arg == "out":
            seen.changes.update(root_name(word.value))


def _read_lambda(seen: Names, node: ast.Lambda) -> None:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    seen.local.update(each.arg for each in given)


def _read_pattern(seen: Names, node: ast.MatchAs | ast.MatchStar) -> None:
    if node.name:
        seen.binds.add(node.name)


_READERS: Mapping[type, Callable[[Names, Any], None]] = {
    ast.Constant: _read_constant,
    ast.Attribute: _read_part,
    ast.Subscript: _read_part,
    ast.Call: _read_call,
    ast.Lambda: _read_lambda,
    ast.MatchAs: _read_pattern,
    ast.MatchStar: _read_pattern,
}


def _read_effect(seen: Names, value: ast.expr) -> None:
    """Note what a call changes that stands alone: it is made for nothing else."""
    if isinstance(value, ast.Await):
        value = value.value
    if not isinstance(value, ast.Call):
        return
    func = value.func
    last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    if last in _HARMLESS:
        return
    if isinstance(func, ast.Attribute):
        seen.changes.update(root_name(func.value))
    if last not in _SPARES_ARGUMENTS:
        given = [*value.args, *(word.value for word in value.keywords)]
        seen.changes.update(a.id for a in given if isinstance(a, ast.Name))


def _stored(target: ast.AST) -> Iterator[str]:
    return (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
