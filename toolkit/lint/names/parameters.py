"""What notebooks do with their parameters: how they declare, use and lose them."""

import ast
import re
from collections.abc import Iterator

from toolkit.lint.model import Hit, Subject
from toolkit.lint.names.missing import naming
from toolkit.lint.names.spelling import misspelt, schema_of
from toolkit.lint.places import hit_at, numbered
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words
from toolkit.reproduce.parameters.overwriting import (
    OverwrittenParameterError,
    check_overwritten,
)
from toolkit.reproduce.parameters.schema import (
    TAG,
    Parameter,
    ParametersCellError,
    Schema,
)

_PLAIN_CALLS = words(
    "Path PurePath PurePosixPath date datetime time timedelta Timestamp Timedelta "
    "Decimal Fraction set frozenset dict list tuple range slice str int float bool "
    "Interval array join"
)
_PLAIN_STATEMENTS = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.Pass)
_WORD = re.compile(r"[A-Za-z_]\w*")
_LEAST = 3  # settings that make a cell one of parameters


def _tagged(subject: Subject) -> list[int]:
    return [cell.index for cell in subject.notebook.cells if TAG in cell.tags]


def declared_twice(subject: Subject) -> Iterator[Hit]:
    """Find parameters cells after the first."""
    for index in _tagged(subject)[1:]:
        first = numbered(_tagged(subject)[0])
        yield Hit(
            cell=index,
            what=f"is tagged {TAG!r}, as {first} is: it undoes what a run gives",
        )


def unreadable(subject: Subject) -> Iterator[Hit]:
    """Find what keeps a parameters cell from being read."""
    error = schema_of(subject)
    if isinstance(error, ParametersCellError) and len(_tagged(subject)) == 1:
        yield Hit(
            cell=_tagged(subject)[0],
            line=max(error.line, 1),
            what=error.found,
            mend=error.expected,
        )


def computed(subject: Subject) -> Iterator[Hit]:
    """Find statements of the parameters cell that are no plain declaration."""
    schema = _schema(subject)
    if schema is None or schema.cell is None:
        return
    by_name = {parameter.name: parameter for parameter in schema.parameters}
    for step in subject.program.main.steps:
        if step.source.cell != schema.cell or step.within is not None:
            continue
        found = _computes(step, by_name)
        if found:
            yield hit_at(step.source, step.node, found)


def _computes(step: Step, by_name: dict[str, Parameter]) -> str:
    node = step.node
    text = step.source.snippet(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return ""
    if not isinstance(node, _PLAIN_STATEMENTS) or (step.changes - step.binds):
        return f"`{text}` is done in the parameters cell"
    for name in sorted(step.binds & by_name.keys()):
        parameter = by_name[name]
        if parameter.depends_on:
            others = ", ".join(map(repr, parameter.depends_on))
            return f"{name!r} is computed from {others}, before a given value is there"
        value = getattr(node, "value", None)
        if parameter.expression is not None and not _is_plain(value):
            return f"{name!r} is computed: `{parameter.source[:60]}`"
    return ""


def _is_plain(node: ast.AST | None) -> bool:
    """Whether it is a literal, or a value made of literals alone."""
    parts: list[ast.expr | None] | None = None
    match node:
        case ast.Call(func=func, args=args, keywords=given) if args or given:
            last = getattr(func, "attr", getattr(func, "id", ""))
            known = last in _PLAIN_CALLS
            parts = [*args, *(word.value for word in given)] if known else None
        case ast.Constant() | ast.Name() | ast.JoinedStr():
            parts = []
        case ast.Attribute():
            parts = [] if _is_constant(node) else None
        case (
            ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements)
        ):
            parts = [*elements]
        case ast.Dict(keys=keys, values=values):
            parts = [*filter(None, keys), *values]
        case ast.UnaryOp(operand=one):
            parts = [one]
        case ast.BinOp(left=one, right=other):
            parts = [one, other]
    return parts is not None and all(map(_is_plain, parts))


def _is_constant(node: ast.Attribute) -> bool:
    """Whether an attribute looks like a constant: ``np.nan``, ``Color.RED``."""
    return node.attr.isupper() or node.attr in ("nan", "inf", "pi", "e", "__name__")


def overwritten(subject: Subject) -> Iterator[Hit]:
    """Find parameters that are set anew before anything has read them."""
    schema = _schema(subject)
    pending = set(schema.names) if schema else set()
    while pending:
        try:
            check_overwritten(subject.notebook, pending)
        except OverwrittenParameterError as error:
            pending.discard(error.name)
            yield Hit(
                cell=error.cell,
                line=error.line,
                what=f"sets the parameter {error.name!r} before anything has read it",
            )
        else:
            return


def reused(subject: Subject) -> Iterator[Hit]:
    """Find parameters that are lost after they were read."""
    schema = _schema(subject)
    if schema is None or schema.cell is None:
        return
    before = {(hit.cell, hit.line) for hit in overwritten(subject)}
    main = subject.program.main
    for name in schema.names:
        for step in main.definitions.get(name, ()):
            if step.source.cell is None or step.source.cell <= schema.cell:
                continue
            if name not in step.binds or (step.source.cell, step.line) in before:
                continue
            if isinstance(step.node, (ast.For, ast.AsyncFor)):
                yield hit_at(
                    step.source,
                    step.node,
                    f"the loop sets the parameter {name!r} to something else",
                )
                break
            if _is_anew(step, name) and _read_after(subject, name, step):
                yield hit_at(
                    step.source,
                    step.node,
                    f"sets the parameter {name!r} anew: from here on the given value "
                    "does not count",
                )
                break


def _is_anew(step: Step, name: str) -> bool:
    """Whether a literal takes its place, on no condition."""
    value = getattr(step.node, "value", None)
    is_literal = isinstance(value, (ast.Constant, ast.List, ast.Tuple, ast.Dict))
    return step.certain and is_literal and name not in step.uses


def _read_after(subject: Subject, name: str, step: Step) -> bool:
    users = subject.program.steps_with(name)
    return any(name in s.uses and s.position > step.position for s in users)


def unused(subject: Subject) -> Iterator[Hit]:
    """Find parameters that nothing reads."""
    schema = _schema(subject)
    if schema is None or schema.cell is None or not _is_closed(subject):
        return
    written = _written(subject, schema.cell)
    meant = set(misspelt(subject).values())
    for parameter in schema.parameters:
        name = parameter.name
        used = any(name in p.depends_on for p in schema.parameters)
        if name in written or used or name.startswith("_") or name in meant:
            continue
        yield Hit(
            cell=schema.cell,
            line=parameter.line,
            what=f"nothing reads the parameter {name!r}: every value gives the same",
        )


def _is_closed(subject: Subject) -> bool:
    """Whether nothing hands all names on at once, as ``locals()`` does."""
    found = naming(subject).definers
    if any(each.kind in ("run", "exec", "px") for each in found.wild):
        return False
    program = subject.program
    asked = ("locals", "globals", "vars", "user_ns", "eval", "exec")
    return not any(program.steps_with(word) for word in asked)


def _written(subject: Subject, declared: int) -> set[str]:
    """Return words that stand in code after the parameters, texts and magics too."""
    found: set[str] = set()
    for step in subject.program.main.steps:
        if step.source.cell == declared:
            found |= step.uses
    for source in subject.program.cells:
        if source.cell == declared:
            continue
        if not source.tree.body or "__shell__" in source.text or "%" in source.text:
            found.update(_WORD.findall(source.text))
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Load, ast.Del)):
                found.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(_WORD.findall(node.value))
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
    return found


def misspelt_names(subject: Subject) -> Iterator[Hit]:
    """Find undefined names that are nearly those of parameters."""
    meant = misspelt(subject)
    for each in naming(subject).missing:
        if each.trouble == "undefined" and each.name in meant:
            yield hit_at(
                each.step.source,
                each.node,
                f"{each.name!r} is read, but no cell sets it: is the parameter "
                f"{meant[each.name]!r} meant?",
                f"Write {meant[each.name]}.",
            )


def untagged(subject: Subject) -> Iterator[Hit]:
    """Find a cell of settings that lacks its tag."""
    if _tagged(subject):
        return
    main = subject.program.main
    for source in subject.program.cells:
        names = _settings(source.tree.body)
        if len(names) < _LEAST:
            continue
        once = all(len(main.definitions[name]) == 1 for name in names)
        if once and all(_read_elsewhere(subject, n, source.cell) for n in names):
            yield Hit(
                cell=source.cell,
                what=f"sets {', '.join(names[:_LEAST])} and nothing else, but is not "
                f"tagged {TAG!r}",
            )
            return


def _settings(body: list[ast.stmt]) -> list[str]:
    """Return the names of a cell that holds nothing but plain values, else none."""
    names: list[str] = []
    for node in body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value))
                | ast.AnnAssign(
                    target=ast.Name(id=name), value=ast.Constant(value=value)
                )
            ) if isinstance(value, (int, float, str)):
                names.append(name)
            case ast.Expr(value=ast.Constant()):
                continue
            case _:
                return []
    return names


def _read_elsewhere(subject: Subject, name: str, cell: int | None) -> bool:
    users = subject.program.steps_with(name)
    return any(name in s.uses and s.source.cell != cell for s in users)


def _schema(subject: Subject) -> Schema | None:
    schema = schema_of(subject)
    return schema if isinstance(schema, Schema) else None
