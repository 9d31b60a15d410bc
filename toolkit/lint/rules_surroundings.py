"""Locale, host, user, environment, processors and file stamps in results."""

import ast
from collections.abc import Iterator

from toolkit.lint.machine import (
    HOSTS,
    LOCALES,
    PROCESSORS,
    STAMP_PARTS,
    STAMPS,
    command_shows,
    is_place,
    is_secret,
    is_text_of_locale,
)
from toolkit.lint.model import Edit, Hit, Rule, Subject
from toolkit.lint.telling import calls_of, follow, inserted, looks, told
from toolkit.reproduce.diagnosis.cells import SHELL
from toolkit.reproduce.diagnosis.sources import Look
from toolkit.reproduce.diagnosis.words import words

_VARIABLES = words("os.environ os.environ.get os.getenv os.environ.pop")


def _last(names: frozenset[str]) -> list[str]:
    return sorted({name.rpartition(".")[2] for name in names})


def _locales(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *_last(LOCALES), "setlocale"):
        for call, dotted, _ in look.calls():
            if dotted == "locale.setlocale" and len(call.args) > 1:
                if look.constant(call.args[1]) == "":
                    what = "`{}` takes the locale of whoever runs it"
                    yield from told(look, call, what)
            elif dotted in LOCALES:
                what = "`{}` follows the locale of the machine"
                yield from follow(subject, look, call, "value", what)


def _encodings(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, "open", "read_text", "write_text"):
        if look.step.source.cell is None:
            continue
        for call, dotted, last in look.calls():
            if is_text_of_locale(look, call, dotted, last):
                yield from told(
                    look,
                    call,
                    "`{}` takes the encoding of the locale",
                    edit=_with_encoding(look, call),
                )


def _with_encoding(look: Look, call: ast.Call) -> Edit | None:
    given = [*call.args, *(word.value for word in call.keywords)]
    text = 'encoding="utf-8"'
    if not given:
        end = (call.end_lineno or call.lineno, (call.end_col_offset or 1) - 1)
        return inserted(look, {end: text})
    last = max(given, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
    if isinstance(last, (ast.GeneratorExp, ast.Starred)):
        return None
    end = (last.end_lineno or last.lineno, last.end_col_offset or 0)
    source = look.step.source.text.split("\n")[end[0] - 1].encode()
    if source[end[1] : end[1] + 1] not in (b")", b","):
        return None  # in parentheses of its own, or on another line
    return inserted(look, {end: f", {text}"})


def _variables(subject: Subject) -> Iterator[Hit]:
    given = _set_here(subject)
    for look in looks(subject, "environ", "getenv"):
        for node, dotted, call in look.named():
            if dotted not in _VARIABLES:
                continue
            whole, name, needed = _variable(look, node, dotted, call)
            if whole is None or name in given:
                continue
            if needed and isinstance(name, str) and not _is_asked(look, name):
                what = "`{}` fails wherever the variable is not set"
                yield from told(look, whole, what)
                continue
            if isinstance(name, str) and (is_secret(name) or is_place(name)):
                continue
            what = "`{}` reads a variable of the environment"
            yield from follow(subject, look, whole, "value", what)


def _variable(
    look: Look, node: ast.expr, dotted: str, call: ast.Call | None
) -> tuple[ast.expr | None, object, bool]:
    """Return the expression that reads a variable, its name, whether it must be set."""
    if call is not None and call.args:
        return call, look.constant(call.args[0]), False
    above = look.parent(node)
    match above:
        case ast.Subscript(ctx=ast.Load()) if dotted == "os.environ":
            return above, look.constant(above.slice), True
    return None, ..., False


def _set_here(subject: Subject) -> frozenset[object]:
    """Return the variables that the notebook sets itself."""
    names: set[object] = set()
    for look in looks(subject, "environ"):
        for node in look.nodes:
            match node:
                case ast.Subscript(value=value, slice=key, ctx=ast.Store()):
                    if look.dotted(value) == "os.environ":
                        names.add(look.constant(key))
                case ast.Call(func=ast.Attribute(attr="setdefault"), args=[key, *_]):
                    names.add(look.constant(key))
    return frozenset(names - {...})


def _is_asked(look: Look, name: str) -> bool:
    """Whether something around it sees to that the variable may be missing."""
    outside = look.step.within
    while outside is not None:
        if isinstance(outside.node, ast.Try) or name in ast.dump(outside.node)[:9999]:
            return True
        outside = outside.within
    return any(
        isinstance(n, ast.IfExp) and name in ast.dump(n.test) for n in look.nodes
    )


def _stamps(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *_last(STAMPS), *STAMP_PARTS):
        for node in _stamped(look):
            what = "`{}` is not part of a file's content, but of its copy here"
            yield from follow(subject, look, node, "value", what)


def _stamped(look: Look) -> Iterator[ast.expr]:
    for name, dotted, call in look.named():
        if dotted in STAMPS:
            yield call or _keyed(look, name) or name
    for node in look.nodes:
        if isinstance(node, ast.Attribute) and node.attr in STAMP_PARTS:
            yield node


def _keyed(look: Look, node: ast.AST) -> ast.Call | None:
    """``max(files, key=os.path.getmtime)``."""
    above = look.parent(node)
    call = look.parent(above)
    return call if isinstance(call, ast.Call) else None


def _commands(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, SHELL):
        for call, dotted, _ in look.calls():
            if dotted != SHELL or not call.args:
                continue
            text = look.constant(call.args[0])
            if isinstance(text, str) and (what := command_shows(text)):
                yield from told(look, call, f"the command `{text}` shows {what}")


RULES: tuple[Rule, ...] = (
    Rule(
        code="SUR104",
        name="locale-in-result",
        severity="warning",
        why="Names, separators and encodings of the locale are those of whoever runs "
        "the notebook.",
        mend="Name the locale or the encoding in the code.",
        bad=(
            "import locale\nname = b'Z\\xc3'.decode(locale.getpreferredencoding())",
            "print(len(name))",
        ),
        good=("name = b'Z'.decode('utf-8')", "print(len(name))"),
        check=_locales,
    ),
    Rule(
        code="SUR105",
        name="no-encoding",
        severity="note",
        why="Without an encoding a text is read in that of the locale: other letters "
        "on another machine, or an error.",
        mend='Pass `encoding="utf-8"`.',
        bad=("text = open('cities.txt').read()",),
        good=("text = open('cities.txt', encoding='utf-8').read()",),
        check=_encodings,
    ),
    Rule(
        code="SUR106",
        name="host-or-user",
        severity="warning",
        why="The names of the machine and of its user are others everywhere else.",
        mend="Keep what tells one machine from another out of results.",
        bad=("import socket\nhost = socket.gethostname()", "print('on', host)"),
        good=("import socket\nhost = socket.gethostname()", "print('done')"),
        check=calls_of(HOSTS, "value", "`{}` says where, or for whom, it runs"),
    ),
    Rule(
        code="SUR107",
        name="environment-variable",
        severity="warning",
        why="Variables of the environment are in no recipe: elsewhere they are missing "
        "or others.",
        mend="Make it a parameter, or name it under `environment:` in scope.yaml.",
        bad=("import os\nrounds = int(os.getenv('ROUNDS', '3'))", "print(0.9**rounds)"),
        good=("import os\nloud = bool(os.getenv('LOUD'))", "print(3)"),
        check=_variables,
    ),
    Rule(
        code="SUR108",
        name="processors-in-result",
        severity="warning",
        why="What is divided by the number of processors is divided otherwise on "
        "another machine.",
        mend="Make the number of parts a parameter.",
        bad=("import os\nsize = 12 // os.cpu_count()", "print(size)"),
        good=(
            (
                "import os\nfrom concurrent.futures import ThreadPoolExecutor\n"
                "with ThreadPoolExecutor(os.cpu_count()) as pool:\n"
                "    print(list(pool.map(abs, [1, 2])))"
            ),
        ),
        check=calls_of(
            PROCESSORS, "count", "`{}` is this machine's number of processors"
        ),
    ),
    Rule(
        code="SUR109",
        name="file-stamp",
        severity="warning",
        why="When a file was touched and what permissions it has is not part of its "
        "content: a fresh clone has others.",
        mend="Take the date from the file's content or name.",
        bad=("import os\nday = os.path.getmtime('a.csv')", "print(int(day))"),
        good=("import os\nday = os.path.getmtime('a.csv')", "print(3)"),
        check=_stamps,
    ),
    Rule(
        code="SUR110",
        name="command-shows-machine",
        severity="warning",
        why="A command that shows the clock, the machine or its user shows something "
        "else each time.",
        mend="Leave the command out, or do it in Python from what the recipe holds.",
        bad=("!hostname",),
        good=("!echo done",),
        check=_commands,
    ),
)
