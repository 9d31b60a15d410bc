"""Files outside the project that a notebook names: they may be read, and are traced."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from toolkit.reproduce.notebook import Notebook, code_tree

_TOO_WIDE = 2  # "/" and "/data" name everything


def mentioned_paths(
    notebook: Notebook, values: Mapping[str, object], hidden: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Return the existing absolute paths that a notebook or its parameters name.

    Parameters
    ----------
    notebook : whose string literals are looked at
    values : of its parameters
    hidden : nothing at, above or below these folders is returned
    """
    trees = (code_tree(cell.source) for cell in notebook.code)
    texts = {
        node.value
        for tree in filter(None, trees)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    texts.update(_texts(list(values.values())))
    found = {path for text in texts for path in _existing(text)}
    return tuple(sorted(path for path in found if not _touches(path, hidden)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _existing(text: str) -> Iterator[Path]:
    if not text.startswith("/") or "\0" in text or "\n" in text:
        return
    path = Path(text)
    try:
        resolved = path.resolve()
        if len(resolved.parts) > _TOO_WIDE and resolved.exists():
            yield resolved
    except (OSError, RuntimeError, ValueError):  # too long, a loop, …
        return


def _touches(path: Path, hidden: tuple[Path, ...]) -> bool:
    folders = [folder.resolve() for folder in hidden]
    return any(
        path.is_relative_to(folder) or folder.is_relative_to(path) for folder in folders
    )
