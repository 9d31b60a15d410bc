"""Rules of the session: its history, what magics leave in it, cells run twice."""

import ast
import re
from collections.abc import Iterator

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.names.definers import Wild
from toolkit.lint.names.magics import LOADERS, Magic
from toolkit.lint.names.missing import naming
from toolkit.lint.names.reads import reads
from toolkit.lint.names.repeating import unrepeatable
from toolkit.lint.places import hit_at
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words

_COUNTED = re.compile(r"_i?\d+")
_LAST = words("_ __ ___")
_HISTORY = words("Out In _oh _ih _i _ii _iii")
_MOST = 3  # names that are told


def _history(subject: Subject) -> Iterator[Hit]:
    main = subject.program.main
    asked = {n for n in main.loads if _COUNTED.fullmatch(n)} | _LAST | _HISTORY
    for name in sorted(asked):
        if name in main.bound or name in main.imports:
            continue
        for step in main.loads.get(name, ()):
            if name in _LAST and _is_last_output(subject, name, step):
                continue
            for read in reads(subject.program, step, name):
                yield hit_at(
                    step.source,
                    read.node,
                    f"`{name}` is what the session happened to show or be asked before",
                )


def _is_last_output(subject: Subject, name: str, step: Step) -> bool:
    """Whether ``_`` is surely what the cell before shows."""
    before = [
        s for s in subject.program.cells if (s.cell or 0) < (step.source.cell or 0)
    ]
    back = len(name)
    if len(before) < back:
        return False
    return all(
        source.text.lstrip().startswith("%%") or _shows(source.tree.body[-1:])
        for source in before[-back:]
    )


def _shows(last: list[ast.stmt]) -> bool:
    match last:
        case [ast.Expr(value=ast.Constant(value=None))]:
            return False
        case [ast.Expr(value=ast.Call(func=ast.Name(id="print" | "display")))]:
            return False
        case [ast.Expr()]:
            return True
    return False


def _stored(subject: Subject) -> Iterator[Hit]:
    known = naming(subject)
    for magic in known.definers.magics:
        if magic.stored is None:
            continue
        names = [
            name
            for name in magic.stored
            if not known.definers.known(name, (magic.cell, -1))
        ]
        if names or not magic.stored:
            what = ", ".join(map(repr, names)) or "whatever was stored"
            yield _at(magic, f"`{magic.text}` takes {what} from this machine's IPython")


def _loaded(subject: Subject) -> Iterator[Hit]:
    for magic in naming(subject).definers.magics:
        if magic.name in LOADERS - {"macro"}:
            yield _at(
                magic,
                f"`{magic.text}` only fills in a cell for whoever sits there",
            )


def _executed(subject: Subject) -> Iterator[Hit]:
    for each in naming(subject).definers.wild:
        if each.kind == "run":
            yield from _explained(subject, each, "comes only from")


def _pylab(subject: Subject) -> Iterator[Hit]:
    for each in naming(subject).definers.wild:
        if each.kind == "pylab":
            yield _wild(
                each,
                f"`{each.text}` brings all names of numpy and pyplot, and replaces "
                "`sum`, `all` and others",
            )


def _stars(subject: Subject) -> Iterator[Hit]:
    for each in naming(subject).definers.wild:
        if each.kind == "star":
            yield _wild(each, f"`{each.text}` hides which names there are from here on")


def _texts(subject: Subject) -> Iterator[Hit]:
    for each in naming(subject).definers.wild:
        if each.kind == "exec":
            yield from _explained(subject, each, "can come only from")


def _explained(subject: Subject, wild: Wild, says: str) -> Iterator[Hit]:
    """Yield a hit if names are read later that nothing else can have set."""
    names = naming(subject).unexplained(wild.place)
    if names:
        shown = ", ".join(map(repr, names[:_MOST]))
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        yield _wild(wild, f"{shown}{more} {says} `{wild.text}`")


def _wild(each: Wild, what: str) -> Hit:
    return Hit(cell=each.place[0], line=each.line, column=each.column, what=what)


def _at(magic: Magic, what: str) -> Hit:
    return Hit(cell=magic.cell, line=magic.line, column=magic.column, what=what)


RULES: tuple[Rule, ...] = (
    Rule(
        code="ORD201",
        name="session-history",
        severity="warning",
        why="What `_`, `Out[n]` and `In[n]` hold depends on what was executed before, "
        "and how often.",
        mend="Give the value a name where it is computed, and read that.",
        bad=("import statistics", "level = _ / 2", "print(Out[3] + level)"),
        good=("import statistics", "total = 4\nlevel = total / 2"),
        check=_history,
    ),
    Rule(
        code="ORD301",
        name="name-from-store",
        severity="error",
        why="`%store -r` reads what an earlier session left in the author's home; "
        "nobody else has it.",
        mend="Compute the value in the notebook, or read it from a committed file.",
        bad=("%store -r weights\nprint(sum(weights))",),
        good=("weights = [1, 2]\n%store weights\nprint(sum(weights))",),
        check=_stored,
    ),
    Rule(
        code="ORD302",
        name="cell-from-load",
        severity="warning",
        why="`%load`, `%recall` and `%paste` put text into a cell for somebody to "
        "execute; executed headless they set nothing.",
        mend="Import the code from a module of the project.",
        bad=("%load helpers.py",),
        good=("from statistics import mean\nprint(mean([1, 2]))",),
        check=_loaded,
    ),
    Rule(
        code="ORD303",
        name="names-from-run",
        severity="warning",
        why="`%run` executes another file in this session: no recipe names that file, "
        "and nobody sees which names it sets or changes.",
        mend="Make the file a module, and import the names that are needed.",
        bad=("%run prepare.py\nprint(units)",),
        good=("from statistics import mean\nprint(mean([3, 4]))",),
        check=_executed,
    ),
    Rule(
        code="ORD304",
        name="names-from-pylab",
        severity="note",
        why="`%pylab` brings hundreds of names, replaces built-ins such as `sum`, and "
        "hides names that are misspelt or missing.",
        mend="Import numpy and matplotlib.pyplot under their usual names.",
        bad=("%pylab inline\nprint(arange(3))",),
        good=("%matplotlib inline\nimport numpy as np\nprint(np.arange(3))",),
        check=_pylab,
    ),
    Rule(
        code="ORD305",
        name="names-from-star",
        severity="note",
        why="After a star import nobody can tell a missing name from an imported one, "
        "and the next version of the package may bring other names.",
        mend="Import the names that are needed.",
        bad=("from numpy import *\nprint(arange(3))",),
        good=("from numpy import arange\nprint(arange(3))",),
        check=_stars,
    ),
    Rule(
        code="ORD306",
        name="names-from-text",
        severity="note",
        why="A name that only `exec`, `globals()` or the session's own functions set "
        "cannot be followed, neither by readers nor by tools.",
        mend="Assign the name, or keep such values in a dictionary.",
        bad=('exec("total = 3")\nprint(total)',),
        good=("totals = {}\ntotals['north'] = 3\nprint(totals['north'])",),
        check=_texts,
    ),
    Rule(
        code="ORD401",
        name="cell-not-repeatable",
        severity="note",
        why="Executed twice, as happens in every session, the cell fails or changes "
        "its result; the numbers on screen may come from the second time.",
        mend="Give the result a new name, so that the cell can be executed again.",
        bad=("table = {'a': 1, 'b': 2}", "table.pop('a')\nprint(table)"),
        good=(
            "table = {'a': 1, 'b': 2}",
            "rest = {k: v for k, v in table.items() if k != 'a'}\nprint(rest)",
        ),
        check=unrepeatable,
    ),
)
