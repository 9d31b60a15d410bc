"""What a cell that failed should have set, and later cells use all the same."""

import ast
from collections.abc import Iterator, Mapping

from toolkit.reproduce.diagnosis.names import IN_PLACE, root_name
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words
from toolkit.reproduce.notebook import Notebook

_INTO_ARGUMENT = words(
    "random.shuffle numpy.random.shuffle heapq.heappush heapq.heappop heapq.heapify "
    "bisect.insort bisect.insort_left setattr numpy.copyto numpy.put "
    "numpy.fill_diagonal"
)


def stale_names(
    notebook: Notebook, failed: Mapping[int, object]
) -> tuple[tuple[int, str, int], ...]:
    """Return what failed cells left undone that later cells rely on.

    Parameters
    ----------
    notebook : that was executed
    failed : by index of the cell, what is known of its failure; a number is the line
        that raised: what stands before it was done

    Returns
    -------
    tuples of the failed cell, a name that it would have bound or changed, and the
    first later cell that uses it before it is bound again

    Examples
    --------
    >>> from toolkit.reproduce.notebook import Cell, Notebook
    >>> sources = ("n = 1", "n = int('x')", "print(n)")
    >>> cells = tuple(
    ...     Cell(index=i, kind="code", source=text, tags=())
    ...     for i, text in enumerate(sources)
    ... )
    >>> notebook = Notebook(path="a.ipynb", kernel="python3", cells=cells, content={})
    >>> stale_names(notebook, {1: "ValueError"})
    ((1, 'n', 2),)
    """
    program = Program(notebook, {})
    found: list[tuple[int, str, int]] = []
    for cell, known in sorted(failed.items()):
        line = known if isinstance(known, int) else 0
        undone = dict.fromkeys(
            name
            for step in program.main.steps
            if step.source.cell == cell and step.last_line >= line
            for name in sorted(_sets(program, step))
        )
        users = ((name, _first_use(program, name, cell)) for name in undone)
        found += [(cell, name, user) for name, user in users if user is not None]
    return tuple(found)


def _sets(program: Program, step: Step) -> Iterator[str]:
    """Yield names that a statement binds or surely changes in place."""
    yield from step.binds
    for node in program.nodes(step):
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            if not isinstance(node.ctx, ast.Load):
                yield from root_name(node)
        elif isinstance(node, ast.Call):
            yield from _changed_by(program, node, step)


def _changed_by(program: Program, call: ast.Call, step: Step) -> Iterator[str]:
    func = call.func
    dotted = program.dotted(func, step.scope)
    if dotted in _INTO_ARGUMENT and call.args:
        yield from root_name(call.args[0])
    elif isinstance(func, ast.Attribute) and not dotted:
        in_place = any(word.arg == "inplace" for word in call.keywords)
        if func.attr in IN_PLACE or in_place:
            yield from root_name(func.value)
    for word in call.keywords:
        if word.arg == "out":
            yield from root_name(word.value)
    function = program.callee(func, step.scope)
    if function is None or isinstance(function.node, ast.ClassDef):
        return
    changed = {
        name
        for inner in function.steps
        for node in program.nodes(inner)
        if not isinstance(node, ast.Name)
        for name in _touched(program, node, inner)
    }
    for name, value in zip(function.parameters, call.args, strict=False):
        if name in changed:
            yield from root_name(value)
    yield from changed & function.outer


def _touched(program: Program, node: ast.AST, step: Step) -> Iterator[str]:
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        if not isinstance(node.ctx, ast.Load):
            yield from root_name(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        func = node.func
        if func.attr in IN_PLACE and not program.dotted(func, step.scope):
            yield from root_name(func.value)


def _first_use(program: Program, name: str, cell: int) -> int | None:
    for step in program.main.steps:
        where = step.source.cell
        if where is None or where <= cell:
            continue
        if name in step.uses | step.changes or _used_inside(step, name):
            return where
        if name in step.binds and step.certain:
            return None
    return None


def _used_inside(step: Step, name: str) -> bool:
    """Whether a function or class that is defined there uses the name."""
    waiting = [step.body] if step.body is not None else []
    while waiting:
        scope = waiting.pop()
        if name in scope.loads and name not in {*scope.parameters, *scope.bound}:
            return True
        waiting += scope.inner
    return False
