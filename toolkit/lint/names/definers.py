"""Where the names of a notebook come from, also those that nobody can see."""

import ast
import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeAlias

from toolkit.lint.model import Subject
from toolkit.lint.names.magics import INERT, Magic, called_magics, magics
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words
from toolkit.reproduce.parameters.schema import TAG

Place: TypeAlias = tuple[int, int]  # cell, position of the statement in it
_WORD = re.compile(r"[A-Za-z_]\w*")
_CALLED = words(
    "exec globals locals vars get_ipython user_ns shell builtins __main__ modules"
)
_READERS = words("print eval len sorted list dict set type id isinstance display")
_WRITERS = words("update setdefault __setitem__")
_INTO_SESSION = words("push ex run_cell safe_execfile safe_run_module run_code")
_FOREIGN = words("pyspark sparkmagic sage sagemath xonsh livy")  # in a kernel's name
_DEEP = 4  # stars of stars
NOWHERE: Place = (-1, -1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wild:
    """A place from which on any name may be there."""

    place: Place
    kind: str  # "star", "run", "exec", "pylab", "store", "kernel"
    line: int
    column: int
    text: str


@dataclass(slots=True)
class Definers:
    """What sets names, by name and by place."""

    names: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    removed: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    perhaps: dict[str, Place] = field(default_factory=dict)  # cells that nobody reads
    wild: list[Wild] = field(default_factory=list)
    magics: list[Magic] = field(default_factory=list)

    def known(self, name: str, limit: Place) -> bool:
        """Whether a name may be there at a place."""
        places = self.names.get(name)
        if places and places[0] <= limit:
            return True
        if name in self.perhaps and self.perhaps[name] <= limit:
            return True
        return any(each.place <= limit for each in self.wild)


def find_definers(subject: Subject) -> Definers:
    """Return all that sets names in the cells."""
    found = Definers()
    program = subject.program
    _read_statements(found, subject)
    for source in program.cells:
        here = list(magics(source))
        found.magics += here
        if not source.tree.body and not any(m.whole and m.name in INERT for m in here):
            for name in _WORD.findall(source.text):
                found.perhaps.setdefault(name, (source.cell or 0, -1))
    found.magics += called_magics(program)
    for magic in found.magics:
        _read_magic(found, magic)
    _read_stars(found, program)
    _read_hidden(found, program)
    kernel = subject.notebook.kernel.lower()
    if any(word in kernel for word in _FOREIGN):
        found.wild.append(
            Wild(place=NOWHERE, kind="kernel", line=1, column=0, text=kernel)
        )
    for places in (*found.names.values(), *found.removed.values()):
        places.sort()
    return found


def place_of(step: Step) -> Place:
    """Return where a statement of a cell stands."""
    return (-1 if step.source.cell is None else step.source.cell, step.position)


def _read_statements(found: Definers, subject: Subject) -> None:
    tagged = {c.index for c in subject.notebook.cells if TAG in c.tags}
    main = subject.program.main
    for name, steps in main.definitions.items():
        for step in steps:
            if name not in step.binds:
                continue
            if isinstance(step.node, ast.Delete):
                if step.certain and step.until == step.position:
                    found.removed[name].append(place_of(step))
            elif not _is_bare(step) or step.source.cell in tagged:
                found.names[name].append(place_of(step))


def _is_bare(step: Step) -> bool:
    """Whether it annotates a name without a value: ``n: int``."""
    return isinstance(step.node, ast.AnnAssign) and step.node.value is None


def _read_magic(found: Definers, magic: Magic) -> None:
    place = (magic.cell, -1)
    for name in magic.names:
        found.names[name].append(place)
    if magic.name in ("run", "pylab", "px", "autopx"):
        found.wild.append(_wild(magic, magic.name))
    elif magic.stored == ():
        found.wild.append(_wild(magic, "store"))
    else:
        for name in magic.mentions - set(magic.names):
            found.perhaps.setdefault(name, place)


def _wild(magic: Magic, kind: str) -> Wild:
    return Wild(
        place=(magic.cell, -1),
        kind=kind,
        line=magic.line,
        column=magic.column,
        text=magic.text,
    )


def _read_stars(found: Definers, program: Program) -> None:
    for step in program.main.steps:
        node = step.node
        if not isinstance(node, ast.ImportFrom) or node.names[0].name != "*":
            continue
        names = star_names(program, node.module or "") if not node.level else None
        if names is None:
            found.wild.append(_wild_step(step, node, "star"))
            continue
        for name in names:
            found.names[name].append(place_of(step))


def star_names(program: Program, dotted: str, deep: int = 0) -> set[str] | None:
    """Return what a star import of a project's module brings; None if unknown."""
    module = program.module(dotted)
    if module is None or deep > _DEEP:
        return None
    names = set(module.bound) | set(module.imports)
    for star in module.stars:
        more = star_names(program, star, deep + 1)
        if more is None:
            return None
        names |= more
    return names


def _wild_step(step: Step, node: ast.AST, kind: str) -> Wild:
    return Wild(
        place=place_of(step),
        kind=kind,
        line=getattr(node, "lineno", step.line),
        column=getattr(node, "col_offset", 0),
        text=step.source.snippet(node),
    )


def _read_hidden(found: Definers, program: Program) -> None:
    """Note statements that set names by text."""
    seen: set[Step] = set()
    for word in sorted(_CALLED):
        for step in program.steps_with(word):
            if step.source.cell is None or step in seen:
                continue
            seen.add(step)
            for node in program.nodes(step):
                if _sets_by_text(node, program, step):
                    found.wild.append(_wild_step(step, node, "exec"))


def _sets_by_text(node: ast.AST, program: Program, step: Step) -> bool:
    found = False
    match node:
        case ast.Call(func=ast.Name(id="exec"), args=given):
            found = len(given) == 1
        case ast.Call(func=ast.Attribute(attr=name, value=value)) if (
            name in _WRITERS or name in _INTO_SESSION
        ):
            found = _is_session(value) or _is_namespace(value)
        case ast.Subscript(value=value, ctx=ast.Store()):
            found = _is_namespace(value)
        case (
            ast.Call(func=ast.Name(id="setattr"), args=[owner, *_])
            | ast.Attribute(value=owner, ctx=ast.Store())
        ):
            found = _names_main(owner, program, step)
        case ast.Call(func=ast.Name(id=name), args=given):  # f(globals())
            found = any(_is_namespace(each) for each in given) and name not in _READERS
        case ast.Call(func=ast.Attribute(), args=given):
            found = any(_is_namespace(each, only_whole=True) for each in given)
    return found


def _is_session(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="get_ipython")):
            return True
        case ast.Attribute(attr="user_ns" | "shell"):
            return True
    return False


def _is_namespace(node: ast.AST, *, only_whole: bool = False) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="globals"), args=[]):
            return True
        case ast.Call(func=ast.Name(id="locals" | "vars"), args=[]):
            return not only_whole
        case ast.Attribute(attr="user_ns"):
            return True
    return False


def _names_main(node: ast.AST, program: Program, step: Step) -> bool:
    dotted = program.dotted(node, step.scope) or ""
    match node:
        case ast.Subscript(
            slice=ast.Constant(value="__main__") | ast.Name(id="__name__")
        ):
            return True
    return dotted in ("builtins", "__main__", "__builtins__")


def cells_between(places: list[Place], first: Place, last: Place) -> bool:
    """Whether one of some sorted places lies after the first and not after the last."""
    index = bisect_right(places, first)
    return index < len(places) and places[index] <= last
