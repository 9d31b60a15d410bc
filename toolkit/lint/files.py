"""Which files the cells of a notebook read, write and move."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.lint.model import Subject
from toolkit.reproduce.diagnosis.cells import SHELL
from toolkit.reproduce.diagnosis.sources import Look, keyword
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words

_READS = words(
    "read_csv read_table read_parquet read_excel read_feather read_json read_pickle "
    "read_hdf read_fwf read_stata load loadtxt genfromtxt read_text read_bytes "
    "imread open connect safe_load scan_csv scan_parquet"
)
_WRITES = words(
    "to_csv to_parquet to_excel to_feather to_json to_pickle to_stata save "
    "savetxt savez write_text write_bytes dump imwrite imsave write_csv write_parquet"
)
_MOVES = words("remove unlink move rename replace rmtree copy copyfile copy2")
_MOVERS = (
    "os.remove", "os.unlink", "os.rename", "os.replace", "shutil.move",
    "shutil.rmtree",
)  # fmt: skip
_ONTO = ("shutil.copy", "shutil.copy2", "shutil.copyfile")
_COMMAND = re.compile(r"(?:^|[;&|]\s*)(?:sed\s+-i|rm|mv|truncate)\s+(.*)")
_SECOND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A file is read, written or moved somewhere."""

    how: str  # "read", "write" or "move"
    path: str  # as written: a constant, or an expression over names
    step: Step
    node: ast.AST


def uses(subject: Subject) -> tuple[Use, ...]:
    """Return how cells use files, in their order."""
    cache = subject.facts.cache
    if "inputs" not in cache:
        cache["inputs"] = tuple(u for look in subject.looks() for u in _used(look))
    found = cache["inputs"]
    return found if isinstance(found, tuple) else ()


def _used(look: Look) -> Iterator[Use]:
    if not look.step.words & (_READS | _WRITES | _MOVES | {SHELL}):
        return
    for call, dotted, last in look.calls():
        for how, node in _named(look, call, dotted, last):
            if path := path_of(look, node):
                yield Use(how=how, path=path, step=look.step, node=call)
        if last == SHELL and call.args:
            text = look.constant(call.args[0])
            found = _COMMAND.search(text) if isinstance(text, str) else None
            for name in found[1].split() if found else ():
                yield Use(how="move", path=plain(name), step=look.step, node=call)


def _named(
    look: Look, call: ast.Call, dotted: str, last: str
) -> Iterator[tuple[str, ast.expr]]:
    first = (
        call.args[0]
        if call.args
        else keyword(
            call, "path_or_buf", "path", "filepath_or_buffer", "fname", "file", "io"
        )
    )
    method = isinstance(call.func, ast.Attribute) and not dotted
    on = call.func.value if isinstance(call.func, ast.Attribute) else None
    if last == "open":
        yield from _opened(look, call, on if method else first)
    elif last in ("read_text", "read_bytes", "write_text", "write_bytes"):
        if on is not None:
            yield ("read" if last.startswith("read") else "write"), on
    elif dotted in _MOVERS and first is not None:
        yield "move", first
        if len(call.args) >= _SECOND:
            yield "write", call.args[1]
    elif dotted in _ONTO and len(call.args) >= _SECOND:
        yield "write", call.args[1]
    elif method and last in ("unlink", "rename") and on is not None:
        yield "move", on
    elif last in _WRITES and first is not None:
        dumped = last in ("dump", "imsave") and len(call.args) >= _SECOND
        yield "write", (call.args[1] if dumped else first)
    elif dotted and last in _READS - {"connect"} and first is not None:
        yield "read", first


def _opened(
    look: Look, call: ast.Call, file: ast.expr | None
) -> Iterator[tuple[str, ast.expr]]:
    if file is None:
        return
    place = (
        0 if isinstance(call.func, ast.Attribute) and not look.dotted(call.func) else 1
    )
    given = keyword(call, "mode") or (
        call.args[place] if len(call.args) > place else None
    )
    mode = look.constant(given) if given is not None else "r"
    if isinstance(mode, str):
        yield ("write" if set(mode) & set("wa+x") else "read"), file


def path_of(look: Look, node: ast.expr) -> str:
    """Return a path in one way of writing it; "" if it cannot be compared."""
    value = look.constant(node)
    if isinstance(value, str):
        return plain(value)
    match node:
        case ast.Call(func=func, args=[inner]) if look.dotted(func) == "pathlib.Path":
            return path_of(look, inner)
        case ast.Call(func=func, args=parts) if look.dotted(func) == "os.path.join":
            found = [path_of(look, part) for part in parts]
            return "/".join(found) if all(found) else ""
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            found = [path_of(look, left), path_of(look, right)]
            return "/".join(found) if all(found) else ""
        case ast.Name(id=name):
            return _name(look, name)
    return ""


def _name(look: Look, name: str) -> str:
    """Return the path that a name holds: what it was set to, if only once."""
    scope = look.step.scope
    if name in look.step.local or name in scope.parameters:
        return ""
    bound = [s for s in scope.definitions.get(name, ()) if name in s.binds]
    if len(bound) != 1 or not isinstance(bound[0].node, ast.Assign):
        return ""
    if bound[0].within is not None or bound[0] is look.step:
        return ""
    value = bound[0].node.value
    if isinstance(value, (ast.Call, ast.BinOp)):
        found = path_of(look, value) if bound[0].position < look.step.position else ""
        return found or f"<{name}>"
    return ""


def plain(path: str) -> str:
    """Return a path without what does not matter."""
    return path.strip("'\"").removeprefix("./")
