"""The sources of a notebook and of its project as syntax trees, line for line."""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from toolkit.reproduce.notebook import Notebook, code_tree

SHELL = "__shell__"  # what ``!command`` becomes: a call that a rule can look into
_PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun", "%%memit", "%%snakeviz")
_SHELL_MAGICS = ("%%bash", "%%sh", "%%!", "%%script bash", "%%script sh", "%%system")
_TIMED = re.compile(r"(\s*)%(?:time|timeit|memit|prun)\b\s*(?:-\S+\s+)*(.*)")
_CAPTURED = re.compile(r"(\s*)([\w.,\s\[\]\"']+?)\s*=\s*([!%])(.*)")
_COMMAND = re.compile(r"(\s*)(?:!{1,2}|%(?:system|sx)\b)(.*)")
_IPYTHON = re.compile(r"(\s*)(?:[%?,;/].*|[\w.]+\?{1,2}\s*)")


@dataclass(frozen=True, kw_only=True, slots=False, eq=False)
class Source:
    """One cell, or one file of the project."""

    cell: int | None  # index in the notebook; None in a file
    file: str | None  # path relative to the project; None in a cell
    text: str
    tree: ast.Module

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, without their ends."""
        return self.text.split("\n")

    def line(self, number: int) -> str:
        """Return a line, counted from 1, without its indentation; "" outside."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""

    def snippet(self, node: ast.AST, most: int = 60) -> str:
        """Return what was written for a node, on one line and not longer than that."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        if not 0 < first <= last <= len(self.lines):
            return ""
        # columns count bytes
        rows = [row.encode() for row in self.lines[first - 1 : last]]
        rows[-1] = rows[-1][: getattr(node, "end_col_offset", None)]
        rows[0] = rows[0][getattr(node, "col_offset", 0) :]
        text = " ".join(row.decode(errors="replace").strip() for row in rows)
        return text if len(text) <= most else text[: most - 1] + "…"


def cell_sources(notebook: Notebook) -> Iterator[Source]:
    """Yield each code cell; one that is no Python has an empty tree."""
    for cell in notebook.code:
        tree = cell_tree(cell.source)
        yield Source(cell=cell.index, file=None, text=cell.source, tree=tree)


def file_source(path: str, text: str) -> Source:
    """Return a file of the project; one that is no Python has an empty tree."""
    return Source(cell=None, file=path, text=text, tree=_parsed(text) or _nothing())


def module_names(files: Mapping[str, str], notebook: str) -> Mapping[str, str]:
    """Return the path of each module by every name that may import it.

    Examples
    --------
    >>> module_names({"src/pump/io.py": ""}, "notebooks/01.ipynb")
    {'src.pump.io': 'src/pump/io.py', 'pump.io': 'src/pump/io.py'}
    """
    beside = notebook.rpartition("/")[0]
    found: dict[str, str] = {}
    shorter: dict[str, str] = {}
    for path in files:
        if not path.endswith(".py"):
            continue
        parts = path.removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        folders = [p for p in ("src", beside) if p and path.startswith(f"{p}/")]
        for folder in ["", *folders]:
            start = folder.count("/") + 1 if folder else 0
            found.setdefault(".".join(parts[start:]), path)
        if len(parts) > 1 and not folders:  # a folder that the notebook adds itself
            shorter.setdefault(".".join(parts[1:]), path)
    return {k: v for k, v in (shorter | found).items() if k}


def cell_tree(source: str) -> ast.Module:
    r"""Return a cell's tree; lines of IPython are replaced in place.

    A command becomes a call of `SHELL`, so that its text can be looked at.

    Examples
    --------
    >>> ast.unparse(cell_tree("%matplotlib inline\nn = !date"))
    "pass\nn = __shell__('date')"
    """
    first = source.lstrip()
    if first.startswith("%%"):
        if first.startswith(_SHELL_MAGICS):
            rows = source.split("\n")
            marked = [_command("", row) if "%%" not in row else "pass" for row in rows]
            return _parsed("\n".join(marked)) or _nothing()
        if not first.startswith(_PYTHON_MAGICS):
            return _nothing()
        source = re.sub(r"%%.*", "pass", source, count=1)
    tree = _parsed(source)
    if tree is None:
        lines = "\n".join(_python_line(line) for line in source.split("\n"))
        tree = _parsed(lines) or code_tree(lines)
    return tree or _nothing()


def _python_line(line: str) -> str:
    if found := _TIMED.fullmatch(line):
        return found[1] + (found[2] or "pass")
    if found := _CAPTURED.fullmatch(line):
        return f"{found[1]}{found[2]} = {_command('', found[4])}"
    if found := _COMMAND.fullmatch(line):
        return _command(found[1], found[2])
    if found := _IPYTHON.fullmatch(line):
        return f"{found[1]}pass"
    return line


def _command(indentation: str, text: str) -> str:
    return f"{indentation}{SHELL}({text.strip()!r})"


def _parsed(text: str) -> ast.Module | None:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():  # of foreign code: not ours to mention
            warnings.simplefilter("ignore")
            tree: ast.Module = compile(text, "<source>", "exec", flags, True)  # noqa: FBT003 -- dont_inherit is positional
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree


def _nothing() -> ast.Module:
    return ast.Module(body=[], type_ignores=[])
