"""Rules of design: what belongs in the package and not in a cell."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.places import hit_at, numbered
from toolkit.reproduce.diagnosis.names import FUNCTIONS
from toolkit.reproduce.diagnosis.words import words

_LONG = 30  # lines of a function or class
_LONG_CELL = 60  # lines that are neither blank nor comments
_CHANGES = words("append insert extend remove")


def _logic(subject: Subject) -> Iterator[Hit]:
    for step in subject.program.main.steps:
        node = step.node
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > _LONG:
                kind = "class" if isinstance(node, ast.ClassDef) else "function"
                what = f"the {kind} {node.name!r} has {length} lines"
                yield hit_at(step.source, node, what)


def _twice(subject: Subject) -> Iterator[Hit]:
    defined: dict[str, list[tuple[int, ast.AST]]] = defaultdict(list)
    for step in subject.program.main.steps:
        node = step.node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)) or step.within is not None:
            continue
        cell = step.source.cell
        if cell is None or node.decorator_list:
            continue
        others = [i for i, _ in defined[node.name] if i != cell]
        if others:
            what = f"{node.name!r} is defined again; {numbered(others[0])} has one, too"
            yield hit_at(step.source, node, what)
        defined[node.name].append((cell, node))


def _cells(subject: Subject) -> Iterator[Hit]:
    for source in subject.program.cells:
        if not source.tree.body:
            continue
        lines = [line.strip() for line in source.lines]
        length = sum(1 for line in lines if line and not line.startswith("#"))
        if length > _LONG_CELL:
            yield Hit(cell=source.cell, what=f"the cell has {length} lines of code")


def _paths(subject: Subject) -> Iterator[Hit]:
    for look in subject.looks():
        if "path" not in look.step.words:
            continue
        for call, _, last in look.calls():
            func = call.func
            if (
                last in _CHANGES
                and isinstance(func, ast.Attribute)
                and (look.dotted(func.value) == "sys.path")
            ):
                yield hit_at(look.step.source, call, f"`{look.text(call)}`")
        node = look.step.node
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else ([node.target] if isinstance(node, ast.AugAssign) else [])
        )
        for target in targets:
            part = target.value if isinstance(target, ast.Subscript) else target
            if look.dotted(part) == "sys.path":
                yield hit_at(look.step.source, node, f"`{look.text(node)}`")


def _beside(subject: Subject) -> Iterator[Hit]:
    """Find imports of files that lie beside the notebook, and relative ones."""
    folder = subject.notebook.path.rpartition("/")[0]
    paths = subject.around.files
    for step in subject.program.steps():
        node = step.node
        if step.source.cell is None:
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            yield hit_at(
                step.source, node, "a relative import: a notebook is in no package"
            )
            continue
        for name in _tops(node) if folder else ():
            beside = f"{folder}/{name}.py"
            top = any(p in paths for p in (f"{name}.py", f"{name}/__init__.py"))
            if beside in paths and not top:
                what = f"{name!r} is found only if the kernel starts in {folder!r}"
                yield hit_at(step.source, node, what)


def _tops(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module.partition(".")[0]


_BODY = "".join(f"    x = x + {i}\n" for i in range(_LONG))
_SHORT = "def clean(x):\n    return x + 1\n"
RULES: tuple[Rule, ...] = (
    Rule(
        code="DES101",
        name="logic-in-notebook",
        severity="note",
        why="What is defined in a cell has no tests, and whoever needs it elsewhere "
        "copies it.",
        mend="Move it into the package and import it.",
        bad=(f"def clean(x):\n{_BODY}    return x\n",),
        good=("from pump import clean", _SHORT),
        check=_logic,
    ),
    Rule(
        code="DES102",
        name="defined-twice",
        severity="note",
        why="Which of the two a cell calls depends on which was executed last.",
        mend="Keep one of them, or give them two names.",
        bad=(_SHORT, "print(clean(1))", "def clean(x):\n    return x + 2\n"),
        good=(_SHORT, "print(clean(1))"),
        check=_twice,
    ),
    Rule(
        code="DES103",
        name="long-cell",
        severity="note",
        why="A cell is executed and looked at as a whole: a long one hides where a "
        "result comes from.",
        mend="Divide it, or move what it does into the package.",
        bad=("\n".join(f"x{i} = {i}" for i in range(_LONG_CELL + 1)),),
        good=("\n".join(f"x{i} = {i}" for i in range(9)),),
        check=_cells,
    ),
    Rule(
        code="DES104",
        name="changes-import-path",
        severity="warning",
        why="What is imported then depends on the folder in which the kernel starts, "
        "and on what else lies there.",
        mend="Install the project editable (`pip install -e .`) and import it.",
        bad=('import sys\nsys.path.append("..")',),
        good=("import sys\nprint(sys.path)",),
        check=_paths,
    ),
    Rule(
        code="DES105",
        name="imports-neighbour",
        severity="warning",
        why="Tools start the kernel in the caller's folder: a file beside the "
        "notebook is then not found.",
        mend="Move the module into the package.",
        bad=("from .cleaning import clean",),
        good=("from pump.cleaning import clean",),
        check=_beside,
    ),
)
