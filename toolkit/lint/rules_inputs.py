"""Rules of inputs: what a notebook reads it must not change."""

import ast
import re
from collections.abc import Iterator

from toolkit.lint.files import Use, path_of, plain, uses
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.places import hit_at
from toolkit.reproduce.diagnosis.sources import Look
from toolkit.reproduce.diagnosis.steps import Step

_CHANGES = re.compile(
    r"\s*(INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w|DELETE\s+FROM|DROP\s+TABLE|"
    r"ALTER\s+TABLE|REPLACE\s+INTO|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX|VIEW))",
    re.IGNORECASE,
)


def _overwritten(subject: Subject) -> Iterator[Hit]:
    yield from _changed(subject, "write", "is written, but {} reads it before")


def _moved(subject: Subject) -> Iterator[Hit]:
    yield from _changed(subject, "move", "is moved or removed, but {} reads it before")


def _changed(subject: Subject, how: str, what: str) -> Iterator[Hit]:
    first: dict[str, Use] = {}
    made = _made_by_magic(subject)
    for use in uses(subject):
        if use.path in made:
            continue
        before = first.setdefault(use.path, use)
        if use.how != how or before.how != "read" or before is use:
            continue
        if before.step.scope is not use.step.scope:
            continue
        yield hit_at(
            use.step.source,
            use.node,
            f"the input {use.path.strip('<>')!r} "
            + what.format(_where(before.step, use.step)),
        )


def _made_by_magic(subject: Subject) -> frozenset[str]:
    """Return files that cells write by ``%%writefile`` and ``np.save``."""
    texts = (cell.text.lstrip() for cell in subject.program.cells)
    magic = {
        t.split()[-1]
        for t in (t.split("\n")[0] for t in texts)
        if t.startswith(("%%writefile", "%%file")) and t.split()[1:]
    }
    saved = {f"{u.path}.np{c}" for u in uses(subject) if u.how == "write" for c in "yz"}
    return frozenset(map(plain, magic | saved))


def _where(step: Step, other: Step) -> str:
    if step.source.cell == other.source.cell:
        return f"line {step.line}"
    return f"cell {(step.source.cell or 0) + 1}"


def _database(subject: Subject) -> Iterator[Hit]:
    """Find statements that change tables of a database file."""
    databases = dict(_connected(subject))
    if not databases:
        return
    created = _created(subject)
    for look in subject.looks():
        for call, _, last in look.calls():
            if last not in ("execute", "executemany", "executescript") or not call.args:
                continue
            text = look.constant(call.args[0])
            if not isinstance(text, str) or not _CHANGES.match(text):
                continue
            path = _database_of(look, call, databases)
            if path and path not in created:
                yield hit_at(
                    look.step.source,
                    call,
                    f"the database {path!r} is changed: {text.split()[0].upper()}",
                )


def _connected(subject: Subject) -> Iterator[tuple[str, str]]:
    for look in subject.looks():
        node = look.step.node
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        call = node.value
        if look.dotted(call.func) != "sqlite3.connect" or not call.args:
            continue
        path = path_of(look, call.args[0])
        if path and path != ":memory:" and "mode=ro" not in path:
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, path


def _created(subject: Subject) -> frozenset[str]:
    """Return databases that the notebook makes itself: removed, or filled, first."""
    made = {use.path for use in uses(subject) if use.how in ("move", "write")}
    texts = (cell.text for cell in subject.program.cells)
    if any(re.search(r"\bCREATE\s+TABLE|\.to_sql\(", t, re.IGNORECASE) for t in texts):
        return frozenset(made | {path for _, path in _connected(subject)})
    return frozenset(made)


def _database_of(look: Look, call: ast.Call, databases: dict[str, str]) -> str:
    """Return which database a cursor or connection belongs to."""
    func = call.func
    node = func.value if isinstance(func, ast.Attribute) else func
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value  # connection.cursor().execute(…)
    if not isinstance(node, ast.Name):
        return ""
    if node.id in databases:
        return databases[node.id]
    for step in look.step.scope.definitions.get(node.id, ()):
        match step.node:
            case ast.Assign(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="cursor")
                )
            ):
                return databases.get(name, "")
    return ""


_READ = 'import pandas as pd\nframe = pd.read_csv("data/pumps.csv")\n'
RULES: tuple[Rule, ...] = (
    Rule(
        code="INP101",
        name="overwrites-input",
        severity="error",
        why="The second execution reads what the first one wrote: it starts from "
        "other data, and the input is gone.",
        mend="Write to a file of its own, and leave the input as it is.",
        bad=(_READ, 'frame.dropna().to_csv("data/pumps.csv")'),
        good=(_READ, 'frame.dropna().to_csv("out/pumps.csv")'),
        check=_overwritten,
    ),
    Rule(
        code="INP102",
        name="moves-input",
        severity="error",
        why="After the first execution the input is not there any more.",
        mend="Leave the input where it is.",
        bad=(_READ, 'import os\nos.remove("data/pumps.csv")'),
        good=(
            'open("draft.txt", "w").close()\nprint(open("draft.txt").read())',
            'import os\nos.remove("draft.txt")',
        ),
        check=_moved,
    ),
    Rule(
        code="INP103",
        name="changes-database",
        severity="error",
        why="Each execution changes the database, and the next one reads it changed.",
        mend="Copy the database first, or work on one in memory.",
        bad=(
            (
                'import sqlite3\ndatabase = sqlite3.connect("data/pumps.db")\n'
                'database.execute("UPDATE pump SET flow = 0")'
            ),
        ),
        good=(
            (
                'import sqlite3\ndatabase = sqlite3.connect("data/pumps.db")\n'
                'database.execute("SELECT flow FROM pump")'
            ),
        ),
        check=_database,
    ),
)
