"""From what a rule finds to what it says: where, how it reaches a result, an edit."""

import ast
from collections.abc import Callable, Iterator, Mapping

from toolkit.lint.model import Edit, Hit, Subject
from toolkit.lint.passing import Strain
from toolkit.lint.reaching import Reached, Reaching
from toolkit.reproduce.diagnosis.sources import Look
from toolkit.reproduce.diagnosis.steps import Step


def looks(subject: Subject, *names: str) -> Iterator[Look]:
    """Yield a look at each statement in which one of some words stands.

    Statements of the project's files are among them: what they give back may reach a
    result in a cell.
    """
    renamed = _renamed(subject)
    every = {*names, *(alias for name in names for alias in renamed.get(name, ()))}
    found = {step for name in every for step in subject.program.steps_with(name)}
    for step in sorted(found, key=lambda step: step.position):
        yield subject.look(step)


def _renamed(subject: Subject) -> Mapping[str, tuple[str, ...]]:
    """Return the names that imports gave to what has another: ``import x as y``."""
    known = subject.facts.cache.get("lint.renamed")
    if isinstance(known, dict):
        return known
    found: dict[str, tuple[str, ...]] = {}
    for scope in subject.program.scopes():
        for alias, dotted in scope.imports.items():
            last = dotted.rpartition(".")[2]
            if last != alias:
                found[last] = (*found.get(last, ()), alias)
    subject.facts.cache["lint.renamed"] = found
    return found


def every_look(subject: Subject) -> Iterator[Look]:
    """Yield a look at each statement of cells and project files."""
    for step in subject.program.steps():
        yield subject.look(step)


def reached(
    subject: Subject, node: ast.AST, step: Step, strain: Strain
) -> Reached | None:
    """Return the result that a value reaches, None if it reaches none."""
    known = subject.facts.cache.get("lint.reaching")
    if not isinstance(known, Reaching):
        known = Reaching(subject)
        subject.facts.cache["lint.reaching"] = known
    return known.result_of(node, step, strain)


def calls_of(
    names: frozenset[str], strain: Strain, what: str
) -> Callable[[Subject], Iterator[Hit]]:
    """Return the check that tells calls of functions whose value reaches a result."""
    last = sorted({name.rpartition(".")[2] for name in names})

    def check(subject: Subject) -> Iterator[Hit]:
        for look in looks(subject, *last):
            for call, dotted, _ in look.calls():
                if dotted in names:
                    yield from follow(subject, look, call, strain, what)

    return check


def follow(
    subject: Subject,
    look: Look,
    node: ast.AST,
    strain: Strain,
    what: str,
    *,
    mend: str = "",
) -> Iterator[Hit]:
    """Yield the hit at a node whose value reaches a result; nothing if it does not."""
    if result := reached(subject, node, look.step, strain):
        yield from told(look, node, what, mend=mend, result=result)


def told(
    look: Look,
    node: ast.AST,
    what: str,
    *,
    mend: str = "",
    result: Reached | None = None,
    edit: Edit | None = None,
) -> Iterator[Hit]:
    """Yield one hit at a node, ``{}`` standing for what was written there.

    What stands in a file of the project is told at the cell that it gets into.
    """
    source = look.step.source
    number = getattr(node, "lineno", look.step.line)
    magic = source.line(number).startswith(("%", "!"))  # columns are not its own
    text = ast.unparse(node) if magic else look.text(node)
    said = what.replace("{}", text)
    if result is not None:
        said += f", and {result.how}{_where(look.step, result.step)}"
    cell, line = source.cell, getattr(node, "lineno", look.step.line)
    column = 0 if magic else _column(source.text, node)
    if cell is None:
        entry = result.entry if result is not None else None
        if entry is None:
            return
        said = f"{source.file}, line {line}: {said}"
        cell, line, column, edit = entry.source.cell, entry.line, 0, None
    yield Hit(
        cell=cell,
        line=line,
        column=column,
        what=said,
        mend=mend.replace("{}", text),
        edit=edit,
    )


def _where(step: Step, result: Step) -> str:
    if result is step:
        return ""
    if result.source is step.source:
        return f" in line {result.line}"
    if result.source.cell is not None:
        return f" in cell {result.source.cell}, line {result.line}"
    return f" in {result.source.file}, line {result.line}"


def _column(text: str, node: ast.AST) -> int:
    """Return a node's column in characters; ``ast`` counts bytes."""
    lines = text.split("\n")
    number = getattr(node, "lineno", 0)
    if not 0 < number <= len(lines):
        return 0
    start = lines[number - 1].encode()[: getattr(node, "col_offset", 0)]
    return len(start.decode(errors="replace"))


def replaced(look: Look, node: ast.expr, before: str, after: str) -> Edit | None:
    """Return the edit that puts two texts around an expression of a cell."""
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return inserted(look, {end: after, (node.lineno, node.col_offset): before})


def inserted(look: Look, texts: Mapping[tuple[int, int], str]) -> Edit | None:
    """Return the edit that inserts texts in a cell; None in a file.

    Parameters
    ----------
    texts : by line, from 1, and column in bytes, as ``ast`` has them
    """
    source = look.step.source
    lines = [line.encode() for line in source.text.split("\n")]
    if source.cell is None or any(line > len(lines) for line, _ in texts):
        return None
    for (line, column), text in sorted(texts.items(), reverse=True):
        old = lines[line - 1]
        lines[line - 1] = old[:column] + text.encode() + old[column:]
    after = b"\n".join(lines).decode()
    return Edit(cell=source.cell, before=source.text, after=after)
