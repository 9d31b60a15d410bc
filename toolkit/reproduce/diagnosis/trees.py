"""Nodes of statements, and what some of them say."""

import ast
from collections.abc import Iterator

from toolkit.reproduce.diagnosis.steps import Step


def walked(step: Step) -> tuple[list[ast.AST], dict[ast.AST, ast.AST]]:
    """Return a statement's nodes, outer ones first, and the node around each."""
    if step.walked is None:
        nodes: list[ast.AST] = list(step.parts)
        parents: dict[ast.AST, ast.AST] = {}
        for node in nodes:  # grows as it goes
            for name in node._fields:
                value = getattr(node, name, None)
                children = value if type(value) is list else (value,)
                for child in children:
                    if isinstance(child, ast.AST) and child._fields:
                        parents[child] = node
                        nodes.append(child)
        step.walked = (nodes, parents)
    return step.walked


def last_name(node: ast.AST) -> str:
    """Return the last part of a dotted name, "" if it is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def imported_by_call(node: ast.AST) -> str | None:
    """Return the module of ``import_module("x")`` and ``__import__("x")``."""
    match node:
        case ast.Call(
            func=ast.Name(id="__import__" | "import_module")
            | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return name
    return None


def plain_imports(step: Step) -> Iterator[str]:
    """Yield what ``import`` statements name, whole."""
    if isinstance(step.node, ast.Import):
        yield from (alias.name for alias in step.node.names)
