"""Which paths of a project the declared inputs cover: files, folders and globs."""

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

_MAGIC = frozenset("*?[")


class Patterns:
    """The declared inputs of a project.

    A pattern is a path or a glob from the project's root, with ``/``; ``*`` stays
    within one name and ``**`` stands for any number of folders. What it names, it
    covers with everything below. An absolute path counts as it lies: in the project
    by its place there, elsewhere as it is.

    Parameters
    ----------
    patterns : as a scope or ``pyproject.toml`` writes them
    project : root of the project

    Examples
    --------
    >>> declared = Patterns(["data", "extra/**/*.csv"], project=Path("/plant"))
    >>> [declared.covers(path) for path in ("data/a/b", "extra/x.csv", "extra/x")]
    [True, True, False]
    """

    def __init__(self, patterns: Iterable[str], *, project: Path) -> None:
        self._root = posixpath.normpath(project.as_posix())
        normal = {self._normal(pattern) for pattern in patterns if pattern.strip()}
        self.names = tuple(sorted(normal))

    def covers(self, path: str) -> bool:
        """Return whether a path, relative to the project or absolute, is declared."""
        wanted = self._normal(path)
        return any(_covers(pattern, wanted) for pattern in self.names)

    def _normal(self, path: str) -> str:
        plain = posixpath.normpath(posixpath.join(self._root, path))
        if plain == self._root:
            return "**"
        inside = plain.startswith(self._root.rstrip("/") + "/")
        return posixpath.relpath(plain, self._root) if inside else plain


def has_magic(pattern: str) -> bool:
    """Return whether a pattern is a glob.

    Examples
    --------
    >>> has_magic("data/*.csv"), has_magic("data/x.csv")
    (True, False)
    """
    return not _MAGIC.isdisjoint(pattern)


def fixed_folder(pattern: str) -> str:
    """Return the folder that everything a glob matches lies in; "" for the root.

    Examples
    --------
    >>> fixed_folder("data/2026/**/*.csv")
    'data/2026'
    """
    parts = pattern.split("/")
    first = next((i for i, part in enumerate(parts) if has_magic(part)), len(parts))
    return "/".join(parts[:first])


def below(path: str, folders: Sequence[str]) -> bool:
    """Return whether a path is one of the folders, or lies in one; "" holds all.

    Examples
    --------
    >>> below("runs/a/record.json", ["runs"]), below("runs2", ["runs"])
    (True, False)
    """
    return any(
        not folder or path == folder or path.startswith(folder.rstrip("/") + "/")
        for folder in folders
    )


def parents(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, outermost first, without the root.

    Examples
    --------
    >>> list(parents("data/2026/x.csv"))
    ['data', 'data/2026']
    """
    at = path.find("/", 1)
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)


def in_one(path: str, folders: AbstractSet[str]) -> bool:
    """Return whether a path lies in one of many folders, none of them the root."""
    return bool(folders) and any(parent in folders for parent in parents(path))


def relative_to(path: str, folder: str) -> str | None:
    """Return a path from a folder on, "" for the folder itself; None if outside.

    Examples
    --------
    >>> relative_to("/plant/data/x", "/plant"), relative_to("/planted", "/plant")
    ('data/x', None)
    """
    if path == folder:
        return ""
    start = folder.rstrip(os.sep) + os.sep
    return path[len(start) :] if path.startswith(start) else None


def _covers(pattern: str, path: str) -> bool:
    if pattern.startswith("/") != path.startswith("/"):
        return False
    if below(path, [pattern]):  # also a file whose very name holds a bracket
        return True
    return has_magic(pattern) and _match(
        tuple(path.split("/")), tuple(pattern.split("/"))
    )


@lru_cache(maxsize=4096)
def _match(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Match segment by segment; a path below a match is covered with it."""
    if not pattern:
        return True
    first, rest = pattern[0], pattern[1:]
    if first == "**":
        return any(_match(parts[i:], rest) for i in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], first) and _match(parts[1:], rest)
