"""Rules of ends: cells that end the process, and cells that wait for somebody."""

import ast
from collections.abc import Iterable, Iterator

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.places import hit_at
from toolkit.reproduce.diagnosis.sources import Look
from toolkit.reproduce.diagnosis.steps import Scope, Step
from toolkit.reproduce.diagnosis.words import words

_EXITS = words("sys.exit os._exit os.abort exit quit builtins.exit builtins.quit")
_ASKS = words("input builtins.input getpass.getpass breakpoint pdb.set_trace raw_input")
_GIVEN = words("environ getenv")
_DEEP = 4


def _exits(subject: Subject) -> Iterator[Hit]:
    for look in _looks(subject, _EXITS | {"os.kill", "SystemExit"}):
        node = look.step.node
        if isinstance(node, ast.Raise) and _names_exit(node.exc):
            yield _exit(look, node)
        for call, dotted, _ in look.calls():
            if dotted in _EXITS or _kills_itself(look, call, dotted):
                yield _exit(look, call)
    if len(subject.program.modules) > 1:
        yield from _through_helpers(subject)


def _through_helpers(subject: Subject) -> Iterator[Hit]:
    """Find calls of the project's own functions that end the process."""
    for step in subject.program.main.steps:
        look = subject.look(step)
        for call, _, _ in look.calls():
            function = subject.program.callee(call.func, step.scope)
            if function is not None and _ends(subject, function, 0):
                yield hit_at(
                    step.source,
                    call,
                    f"`{look.text(call)}` may end the process, as if all were done",
                )


def _looks(subject: Subject, names: Iterable[str]) -> Iterator[Look]:
    """Yield a look at each statement of the cells that may name one of these."""
    last = {name.rpartition(".")[2] for name in names}
    aliases = {
        alias
        for scope in subject.program.scopes()
        for alias, dotted in scope.imports.items()
        if dotted in names
    }
    seen: set[Step] = set()
    for word in sorted(last | aliases):
        for step in subject.program.steps_with(word):
            if step.source.cell is not None and step not in seen:
                seen.add(step)
                yield subject.look(step)


def _exit(look: Look, node: ast.AST) -> Hit:
    return hit_at(
        look.step.source,
        node,
        f"`{look.text(node)}` ends the notebook here, as if it were done",
    )


def _names_exit(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    return isinstance(node, ast.Name) and node.id == "SystemExit"


def _kills_itself(look: Look, call: ast.Call, dotted: str) -> bool:
    if dotted not in ("os.kill", "posix.kill") or not call.args:
        return False
    first = call.args[0]
    return isinstance(first, ast.Call) and look.dotted(first.func) == "os.getpid"


def _ends(subject: Subject, function: Scope, deep: int) -> bool:
    """Whether a function of the project's files ends the process itself."""
    if deep > _DEEP or function.root is subject.program.main:
        return False
    for step in function.steps:
        look = subject.look(step)
        for call, dotted, _ in look.calls():
            if dotted in _EXITS:
                return True
            further = subject.program.callee(call.func, step.scope)
            if further not in (None, function) and _ends(subject, further, deep + 1):
                return True
    return False


def _asks(subject: Subject) -> Iterator[Hit]:
    for look in _looks(subject, _ASKS):
        for call, dotted, _ in look.calls():
            if dotted in _ASKS and not _is_fallback(look.step):
                yield hit_at(
                    look.step.source,
                    call,
                    f"`{look.text(call)}` waits for somebody to answer",
                )


def _is_fallback(step: Step) -> bool:
    """Whether it is asked for only where the environment does not say it."""
    outside = step.within
    while outside is not None:
        if isinstance(outside.node, ast.If) and outside.words & _GIVEN:
            return True
        outside = outside.within
    return False


RULES: tuple[Rule, ...] = (
    Rule(
        code="SIL201",
        name="ended-early",
        severity="error",
        why="Executed headless the notebook ends there: the cells below are never "
        "executed, and the end may pass for success.",
        mend="Raise an error that says what is wrong, or put the rest under a "
        "condition.",
        bad=("import sys\nif not [3]:\n    sys.exit(0)",),
        good=("if not [3]:\n    raise ValueError('no rows')",),
        check=_exits,
    ),
    Rule(
        code="SIL202",
        name="waits-for-somebody",
        severity="error",
        why="Nobody sits there when a machine executes the notebook: it fails, or "
        "waits for ever, and the answer is in no recipe.",
        mend="Make the answer a parameter.",
        bad=("limit = int(input('How many? '))",),
        good=("# [tags: parameters]\nlimit: int = 3", "print(limit)"),
        check=_asks,
    ),
)
