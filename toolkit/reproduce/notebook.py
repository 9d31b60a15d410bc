"""A notebook as it lies on disk, before anything is executed."""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from toolkit.errors import ToolkitError
from toolkit.publish.fields import shown
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import value_digest
from toolkit.reproduce.records.record import notebook_stem

CellKind: TypeAlias = Literal["code", "markdown", "raw"]
KINDS: tuple[CellKind, ...] = ("code", "markdown", "raw")
PYTHON_KERNEL = "python3"
INJECTED = "injected-parameters"
FORMAT = 4
_READERS = ("load", "require")  # of toolkit.upstream
_NOT_PYTHON = ("%", "!", "?")  # how lines begin that IPython alone understands


@dataclass(eq=False)
class NotebookError(ToolkitError, ValueError):
    """A file is no notebook that can be executed here."""

    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.path}: {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell's source, without outputs."""

    index: int
    kind: CellKind
    source: str  # with LF
    tags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notebook:
    """A Python notebook's cells, and its whole content for whoever executes it."""

    path: str
    kernel: str
    cells: tuple[Cell, ...]
    content: Mapping[str, Any] = field(repr=False)

    @property
    def stem(self) -> str:
        """What other notebooks call it: its file name without ending."""
        return notebook_stem(self.path)

    @property
    def code(self) -> tuple[Cell, ...]:
        """The cells that are executed: code that is not blank."""
        return tuple(c for c in self.cells if c.kind == "code" and c.source.strip())

    @property
    def digest(self) -> Sha256:
        """Digest of what is executed or read: kind, source and tags of each cell.

        Outputs, counts, ids, other metadata and the JSON's layout are left out.
        """
        cells = [[c.kind, c.source.rstrip("\n"), sorted(c.tags)] for c in self.cells]
        return value_digest({"language": "python", "cells": cells})

    @property
    def needs(self) -> tuple[str, ...]:
        """Notebooks that its source reads with ``upstream.load`` or ``require``."""
        trees = [tree for cell in self.code if (tree := code_tree(cell.source))]
        aliases = {alias for tree in trees for alias in _aliases(tree)}
        named = (name for tree in trees for name in _literal_calls(tree, aliases))
        return tuple(dict.fromkeys(named))


def parse_notebook(content: bytes, *, path: str) -> Notebook:
    """Return the notebook that a file's bytes hold.

    Parameters
    ----------
    content : of an ``.ipynb`` file
    path : str, for messages, and for the notebook's name

    Raises
    ------
    NotebookError : if it is empty, truncated, no notebook, of an old format, already
        executed with parameters, or in another language than Python
    """
    plain = _json(content, path)
    if not isinstance(plain, dict) or "nbformat" not in plain:
        raise NotebookError(
            path=path,
            found="is JSON but no notebook: it has no 'nbformat'",
            expected="save it from JupyterLab as .ipynb",
        )
    if plain["nbformat"] != FORMAT:
        raise NotebookError(
            path=path,
            found=f"is of notebook format {shown(plain['nbformat'])}, not {FORMAT}",
            expected="convert it: jupyter nbconvert --to notebook --inplace",
        )
    if not isinstance(plain.get("cells"), list):
        raise NotebookError(
            path=path, found="has no cells", expected="open and save it in JupyterLab"
        )
    metadata = _mapping(plain.get("metadata"))
    _check_language(metadata, path)
    cells = tuple(_cell(c, i, path) for i, c in enumerate(plain["cells"]))
    if any(INJECTED in cell.tags for cell in cells):
        raise NotebookError(
            path=path,
            found="was already executed with parameters (a cell is tagged "
            f"{INJECTED!r})",
            expected="run the notebook that it was made from",
        )
    kernel = _mapping(metadata.get("kernelspec")).get("name") or PYTHON_KERNEL
    return Notebook(path=path, kernel=str(kernel), cells=cells, content=plain)


def code_tree(source: str) -> ast.Module | None:
    r"""Return a cell's syntax tree; None where it is no Python.

    Lines that only IPython understands are left out; ``await`` may stand alone.

    Examples
    --------
    >>> ast.unparse(code_tree("%matplotlib inline\nn = 1"))
    'n = 1'
    """
    if source.lstrip().startswith("%%"):
        return None
    lines = (
        line[: len(line) - len(line.lstrip())] + "pass"
        if line.lstrip().startswith(_NOT_PYTHON)
        else line
        for line in source.split("\n")
    )
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        tree: ast.Module = compile("\n".join(lines), "<cell>", "exec", flags=flags)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    tree.body = [node for node in tree.body if not isinstance(node, ast.Pass)]
    return tree


def _json(content: bytes, path: str) -> object:
    if not content.strip():
        raise NotebookError(
            path=path,
            found=f"is empty ({len(content)} bytes)",
            expected="get it back from git, or save it again from JupyterLab",
        )
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text)
    except json.JSONDecodeError as error:
        end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        where = f"line {error.lineno} column {error.colno}: {error.msg}"
        raise NotebookError(
            path=path,
            found=f"{'breaks off' if end else 'is no JSON'} at {where}",
            expected="get it back from git, or save it again from JupyterLab",
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise NotebookError(
            path=path,
            found=f"is no notebook ({error})",
            expected="choose an .ipynb file",
        ) from error


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _check_language(metadata: Mapping[str, Any], path: str) -> None:
    language = (
        _mapping(metadata.get("language_info")).get("name")
        or _mapping(metadata.get("kernelspec")).get("language")
        or "python"
    )
    if not str(language).lower().startswith(("python", "ipython")):
        raise NotebookError(
            path=path,
            found=f"is written in {shown(language)}",
            expected="only Python notebooks can be run",
        )


def _cell(plain: object, index: int, path: str) -> Cell:
    cell = _mapping(plain)
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if cell.get("cell_type") not in KINDS or not isinstance(source, str):
        raise NotebookError(
            path=path,
            found=f"cell {index + 1} has no source, or is of the unknown type "
            f"{shown(cell.get('cell_type'))}",
            expected="open it in JupyterLab and save it again",
        )
    tags = _mapping(cell.get("metadata")).get("tags")
    return Cell(
        index=index,
        kind=cell["cell_type"],
        source=source.replace("\r\n", "\n").replace("\r", "\n"),
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
    )


def _aliases(tree: ast.Module) -> Iterator[str]:
    """Yield what a cell can write for ``upstream.load`` and ``upstream.require``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in ("toolkit", "toolkit.upstream"):
                    whole = alias.asname if alias.name != "toolkit" else None
                    prefix = f"{alias.asname or 'toolkit'}.upstream"
                    yield from (f"{whole or prefix}.{reader}" for reader in _READERS)
        elif isinstance(node, ast.ImportFrom) and node.module == "toolkit":
            for alias in node.names:
                if alias.name == "upstream":
                    name = alias.asname or alias.name
                    yield from (f"{name}.{reader}" for reader in _READERS)
        elif isinstance(node, ast.ImportFrom) and node.module == "toolkit.upstream":
            yield from (a.asname or a.name for a in node.names if a.name in _READERS)


def _literal_calls(tree: ast.Module, aliases: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in aliases:
            given = [*node.args, *(word.value for word in node.keywords)]
            match given:
                case [ast.Constant(value=str(name))]:
                    yield name
