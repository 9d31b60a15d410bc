"""Rules of secrets: in the source, in what was shown, and as plain text."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.names.secrets import find_secrets, is_made_up, is_random
from toolkit.lint.places import hit_at

_PASSWORD = re.compile(r"(^|_)(password|passwd|pwd|passphrase)$", re.IGNORECASE)
_TOKEN = re.compile(
    r"(^|_)(api_?key|secret(_?key)?|client_secret|auth_?token|access_?token|"
    r"access_?key|account_?key|api_?token|private_?key|token)$",
    re.IGNORECASE,
)
_SHORTEST = 5  # characters of a password
_TEXTS = ("text/", "application/json", "application/vnd.")
_HINT = "revoke it, for it is in the history; read it from the environment"


def _in_source(subject: Subject) -> Iterator[Hit]:
    for cell in subject.notebook.cells:
        for found in find_secrets(cell.source):
            before = cell.source[: found.start]
            yield Hit(
                cell=cell.index,
                line=before.count("\n") + 1,
                column=len(before) - before.rfind("\n") - 1,
                what=f"looks like {found.what} (`{found.shown}`)",
            )


def _in_outputs(subject: Subject) -> Iterator[Hit]:
    for index, plain in enumerate(subject.content["cells"]):
        outputs = plain.get("outputs") if isinstance(plain, dict) else None
        told: set[str] = set()
        for output in outputs if isinstance(outputs, list) else ():
            for text in shown_texts(output):
                for found in find_secrets(text):
                    if found.what not in told:
                        told.add(found.what)
                        yield Hit(
                            cell=index,
                            what=f"its output holds what looks like {found.what} "
                            f"(`{found.shown}`)",
                        )


def shown_texts(output: object) -> Iterator[str]:
    """Yield the texts of a stored output; pictures are none."""
    if not isinstance(output, dict):
        return
    yield _joined(output.get("text"))
    yield _joined(output.get("traceback"))
    data = output.get("data")
    for kind, value in data.items() if isinstance(data, Mapping) else ():
        if str(kind).startswith(_TEXTS):
            yield _joined(value)


def _joined(value: Any) -> str:  # noqa: ANN401 -- what JSON holds
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""


def _literal(subject: Subject) -> Iterator[Hit]:
    for source in subject.program.cells:
        if not _TEXT_OF_NAMES.search(source.text):
            continue
        for node in ast.walk(source.tree):
            for name, value in _named_texts(node):
                if _is_secret(name, value.value):
                    yield hit_at(
                        source, value, f"{name!r} is written out in the source"
                    )


_TEXT_OF_NAMES = re.compile(r"passw|pwd|passphrase|secret|token|key", re.IGNORECASE)


def _named_texts(node: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """Yield each text with the variable, keyword or key that it is given to."""
    match node:
        case ast.Assign(targets=targets, value=ast.Constant(value=str()) as value):
            for target in targets:
                yield _last(target), value
        case ast.AnnAssign(target=target, value=ast.Constant(value=str()) as value):
            yield _last(target), value
        case ast.keyword(arg=str(name), value=ast.Constant(value=str()) as value):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            for key, given in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(given, ast.Constant):
                    yield str(key.value), given


def _last(target: ast.AST) -> str:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def _is_secret(name: str, value: object) -> bool:
    if not isinstance(value, str) or is_made_up(value) or " " in value.strip():
        return False
    if value.casefold() == name.casefold():
        return False
    if _PASSWORD.search(name):
        return len(value) >= _SHORTEST
    return bool(_TOKEN.search(name)) and is_random(value)


RULES: tuple[Rule, ...] = (
    Rule(
        code="OUT201",
        name="secret-in-source",
        severity="error",
        why="Whoever can read the repository can use it, and its history keeps it.",
        mend=f"Take it out, {_HINT}.",
        bad=("address = 'postgres://anna:t0psEkr3t@db.acme.com/sales'",),
        good=(
            "import os",
            "address = os.environ['SALES']",
            "shown = 'postgres://user:password@localhost/sales'",
        ),
        check=_in_source,
    ),
    Rule(
        code="OUT202",
        name="secret-in-output",
        severity="error",
        why="Outputs are committed with the notebook, and shown wherever it is.",
        mend=f"Clear the output, {_HINT}.",
        bad=(
            "address = 'asked for elsewhere'",
            "# [output: postgres://anna:t0psEkr3t@db.acme.com/sales]\nprint(address)",
        ),
        good=("# [count: 1]\n# [output: connected]\nprint('connected')",),
        check=_in_outputs,
    ),
    Rule(
        code="OUT203",
        name="literal-password",
        severity="error",
        why="A password that stands in the source is known to whoever can read it, "
        "and its history keeps it.",
        mend=f"Take it out, {_HINT}.",
        bad=("password = 't0psEkr3t'",),
        good=(
            "import os",
            "password = os.environ['PASSWORD']",
            "shown = '<your password>'\ntoken = '[CLS]'",
        ),
        check=_literal,
    ),
)
