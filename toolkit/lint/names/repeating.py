"""Cells that fail, or give something else, when they are executed again."""

import ast
from collections.abc import Iterator

from toolkit.lint.model import Hit, Subject
from toolkit.lint.names.reads import guarded
from toolkit.lint.places import hit_at, numbered
from toolkit.reproduce.diagnosis.steps import Step


def unrepeatable(subject: Subject) -> Iterator[Hit]:
    """Find statements that fail, or take away more, when their cell is run again."""
    told: set[int | None] = set()
    for step in subject.program.main.steps:
        if not step.certain or step.until > step.position or guarded(step):
            continue
        if step.source.cell in told:
            continue
        found = _taken(step.node)
        if found and not _is_fresh(subject, found[0], step):
            told.add(step.source.cell)
            yield hit_at(
                step.source,
                step.node,
                f"run a second time, {numbered(step.source.cell or 0)} {found[1]} "
                f"{found[0]!r} once more",
            )


def _taken(node: ast.stmt) -> tuple[str, str] | None:
    """Return whose parts a statement takes away, and in what words."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=own))) as call,
        ) if name == own:
            return _dropped(name, call)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name))) as call
        ) if any(word.arg == "inplace" for word in call.keywords):
            return _dropped(name, call)
        case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
            match call:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="pop"),
                    args=[ast.Constant()],
                ):
                    return name, "pops the same from"
        case ast.Delete(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)]):
            if isinstance(key, ast.Constant):
                return name, "deletes the same from"
        case ast.AugAssign(
            target=ast.Name(id=name), value=ast.Constant(value=int() | float())
        ):
            return name, "changes the number"
    return None


def _dropped(name: str, call: ast.Call) -> tuple[str, str] | None:
    """Tell what a call takes from a table that is not there a second time."""
    how = getattr(call.func, "attr", "")
    given = [*call.args, *(word.value for word in call.keywords)]
    if any(word.arg in ("errors", "level", None) for word in call.keywords):
        return None  # ``level`` does not miss what is gone
    if any(name in _names(each) for each in given):
        return None  # what is not there any more is not asked for
    if how == "drop":
        return name, "drops the same from"
    columns = call.args[0] if call.args else None
    literal = columns is not None and not _names(columns)
    return (name, "takes the index from") if how == "set_index" and literal else None


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _is_fresh(subject: Subject, name: str, step: Step) -> bool:
    """Whether the cell itself makes or fills the object before it takes from it."""
    return any(
        other.source.cell == step.source.cell and other.position < step.position
        for other in subject.program.main.definitions.get(name, ())
    )
