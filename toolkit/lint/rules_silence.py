"""Rules of silence: failures that nobody sees, warnings that nobody gets."""

import ast
from collections.abc import Iterator

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.names.missing import naming
from toolkit.lint.places import hit_at, numbered
from toolkit.reproduce.diagnosis.hidden import stale_names
from toolkit.reproduce.diagnosis.names import IN_PLACE, root_name
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.sources import Look, keyword
from toolkit.reproduce.diagnosis.steps import Scope, Step
from toolkit.reproduce.diagnosis.words import words

_FAILS = "raises-exception"
_WIDE = words("Exception BaseException")
_DRAWS = ("matplotlib.", "seaborn.", "plotly.", "bokeh.")
_MUTE = words("filterwarnings simplefilter seterr chained_assignment")
_SCOPED = words("catch_warnings errstate")


def _swallowed(subject: Subject) -> Iterator[Hit]:
    for step in subject.program.steps():
        node = step.node
        if step.source.cell is None or not hasattr(node, "body"):
            continue
        for place, said in _nets(subject, step):
            body: list[ast.stmt] = node.body
            if lost := _lost(subject.program, step, body):
                yield hit_at(step.source, place, f"`{said}` hides {lost}")
                break


def _nets(subject: Subject, step: Step) -> Iterator[tuple[ast.AST, str]]:
    """Yield what catches whatever is raised, and says nothing."""
    match step.node:
        case ast.Try(handlers=handlers) | ast.TryStar(handlers=handlers):
            for handler in handlers:
                if _is_wide(handler.type) and all(map(_is_silent, handler.body)):
                    yield handler, f"except{' Exception' if handler.type else ''}"
        case ast.With(items=items) | ast.AsyncWith(items=items):
            if _suppresses(subject.look(step), items):
                yield step.node, "suppress(Exception)"


def _is_wide(kind: ast.expr | None) -> bool:
    match kind:
        case None:
            return True
        case ast.Name(id=name):
            return name in _WIDE
        case ast.Tuple(elts=kinds):
            return any(map(_is_wide, kinds))
    return False


def _is_silent(node: ast.stmt) -> bool:
    """Whether nobody hears of it: ``pass``, ``continue``, ``...``."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, (ast.Pass, ast.Continue))


def _suppresses(look: Look, items: list[ast.withitem]) -> bool:
    return any(
        isinstance(item.context_expr, ast.Call)
        and look.dotted(item.context_expr.func) == "contextlib.suppress"
        and any(map(_is_wide, item.context_expr.args))
        for item in items
    )


def _lost(program: Program, head: Step, body: list[ast.stmt]) -> str:
    """Return what a failure of the body would leave undone that others read."""
    last = max((node.end_lineno or node.lineno) for node in body)
    for step in head.scope.steps:
        if step.position <= head.position or step.source is not head.source:
            continue
        if step.line > last:
            break
        if isinstance(step.node, (ast.Import, ast.ImportFrom, ast.Delete)):
            continue
        for name in sorted(step.binds | _filled(program, step)):
            if _is_read(head, name, last):
                return f"that {name!r} was not computed"
    return ""


def _filled(program: Program, step: Step) -> set[str]:
    """Return the names whose parts a statement sets or adds to."""
    found: set[str] = set()
    for node in program.nodes(step):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.update(root_name(node))
            continue
        match node:
            case ast.Call(func=ast.Attribute(attr=last, value=owner)):
                if last in IN_PLACE and isinstance(step.node, ast.Expr):
                    found.update(root_name(owner))
    return {name for name in found if name in program.main.bound | step.scope.bound}


def _is_read(head: Step, name: str, last: int) -> bool:
    """Whether a name is read behind a ``try``."""
    return any(
        step.position > head.position
        and (step.source is not head.source or step.line > last)
        for step in _readers(head.scope, name)
    )


def _readers(scope: Scope, name: str) -> Iterator[Step]:
    yield from scope.loads.get(name, ())
    for inner in scope.inner:
        if name not in inner.bound and name not in inner.parameters:
            yield from _readers(inner, name)


def _tagged(subject: Subject) -> Iterator[Hit]:
    tagged = {c.index: "tagged" for c in subject.notebook.code if _FAILS in c.tags}
    if not tagged:
        return
    told: set[int] = set()
    for cell, name, user in stale_names(subject.notebook, tagged):
        if cell not in told:
            told.add(cell)
            yield Hit(
                cell=cell,
                what=f"may fail unseen, and {numbered(user)} reads {name!r} all the "
                "same",
            )


def _warnings(subject: Subject) -> Iterator[Hit]:
    imports = subject.program.main.imports.items()
    aliases = {alias for alias, dotted in imports if dotted.rpartition(".")[2] in _MUTE}
    for word in sorted(_MUTE | aliases):
        for step in subject.program.steps_with(word):
            if step.source.cell is None or _is_scoped(step):
                continue
            look = subject.look(step)
            for call, dotted, last in look.calls():
                if _silences(look, call, dotted, last):
                    yield hit_at(
                        step.source, call, f"`{look.text(call)}` silences all of them"
                    )
            yield from _option(look)


def _silences(look: Look, call: ast.Call, dotted: str, last: str) -> bool:
    first = (
        look.constant(call.args[0])
        if call.args
        else look.constant(keyword(call, "action"))
    )
    if last in ("filterwarnings", "simplefilter") and dotted.startswith("warnings."):
        narrow = keyword(call, "category", "message", "module", "lineno")
        return first == "ignore" and len(call.args) <= 1 and narrow is None
    if dotted == "numpy.seterr":
        given = [look.constant(w.value) for w in call.keywords if w.arg == "all"]
        return "ignore" in given
    return False


def _option(look: Look) -> Iterator[Hit]:
    node = look.step.node
    match node:
        case ast.Assign(
            targets=[ast.Attribute(attr="chained_assignment")],
            value=ast.Constant(value=None),
        ):
            yield hit_at(
                look.step.source,
                node,
                f"`{look.text(node)}` silences what pandas says of changed copies",
            )


def _is_scoped(step: Step) -> bool:
    """Whether it holds only for the block around it."""
    outside = step.within
    while outside is not None:
        blocks = isinstance(outside.node, (ast.With, ast.AsyncWith))
        if blocks and outside.words & _SCOPED:
            return True
        outside = outside.within
    return False


def _captured(subject: Subject) -> Iterator[Hit]:
    program = subject.program
    for magic in naming(subject).definers.magics:
        if magic.name != "capture" or not magic.whole or magic.rest:
            continue
        for step in program.main.steps:
            if step.source.cell != magic.cell or step.within is not None:
                continue
            name = _computed_name(program, step)
            if name:
                yield Hit(
                    cell=magic.cell,
                    line=magic.line,
                    column=magic.column,
                    what=f"`%%capture` hides what is said while {name!r} is computed",
                )
                break


def _computed_name(program: Program, step: Step) -> str:
    if not isinstance(step.node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return ""
    calls = [node for node in program.nodes(step) if isinstance(node, ast.Call)]
    named = [program.dotted(call.func, step.scope) or "" for call in calls]
    if all(name.startswith(_DRAWS) for name in named):
        return ""
    readers = program.main.loads
    later = (
        name
        for name in sorted(step.binds)
        if any(s.source.cell != step.source.cell for s in readers.get(name, ()))
    )
    return next(later, "")


_LOOP = "for text in ['1', 'x']:\n    try:\n        rows.append(int(text))\n"

RULES: tuple[Rule, ...] = (
    Rule(
        code="SIL101",
        name="swallowed-exception",
        severity="warning",
        why="Whatever goes wrong there, the notebook goes on without the value or with "
        "an old one, and looks as if it had succeeded.",
        mend="Catch the one exception that is expected, and say what was left out.",
        bad=(
            "rows = []\n" + _LOOP + "    except Exception:\n        pass",
            "print(sum(rows))",
        ),
        good=(
            "rows = []\n"
            + _LOOP
            + "    except ValueError:\n        print('left out:', text)",
            "print(sum(rows))",
        ),
        check=_swallowed,
    ),
    Rule(
        code="SIL102",
        name="relied-on-failure",
        severity="warning",
        why="A cell tagged `raises-exception` may fail without anybody hearing of it; "
        "what it should have set is missing or old.",
        mend="Take the tag away, or leave in that cell only what nobody relies on.",
        bad=(
            "limit = 10",
            "# [tags: raises-exception]\nlimit = int(open('limit.txt').read())",
            "print(limit)",
        ),
        good=("limit = 10", "# [tags: raises-exception]\nlimit / 0", "print(limit)"),
        check=_tagged,
    ),
    Rule(
        code="SIL103",
        name="silenced-warnings",
        severity="note",
        why="Warnings are how libraries say that a result may be wrong: no "
        "convergence, changed meaning, values replaced.",
        mend="Silence one category or message, around the one call that it is about.",
        bad=("import warnings\nwarnings.filterwarnings('ignore')",),
        good=(
            "import warnings",
            "warnings.filterwarnings('ignore', category=DeprecationWarning)",
        ),
        check=_warnings,
    ),
    Rule(
        code="SIL104",
        name="captured-computation",
        severity="note",
        why="`%%capture` without a name drops what the cell shows, its warnings and "
        "published results included.",
        mend="Give it a name to look into, or silence only what is known.",
        bad=("%%capture\ntotal = sum([3, 4])", "print(total)"),
        good=("%%capture said\ntotal = sum([3, 4])", "print(total)\nsaid.show()"),
        check=_captured,
    ),
)
