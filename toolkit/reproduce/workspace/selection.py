# ruff: noqa: PTH112, PTH113, PTH114, PTH115, PTH116, PTH118, PTH120, PTH208 -- str: a Path costs more than the call
"""Which files of a project a run may see, before anything is copied."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from toolkit.reproduce.project import MARKS, RUNS
from toolkit.reproduce.workspace.listing import (
    LEFT_OUT,
    git_names,
    walk,
)
from toolkit.reproduce.workspace.patterns import (
    Patterns,
    below,
    fixed_folder,
    has_magic,
    in_one,
    parents,
    relative_to,
)

MANY = 20_000  # files; a folder without any mark that holds more is no project
_OUTSIDE = 5_000  # files behind one link; more, and the link leads there as a whole
_Kind: TypeAlias = Literal["file", "link", "folder"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One thing to lay out: a file, a link inside the project, or a whole folder."""

    path: str  # relative to the project
    kind: _Kind
    real: str  # where the content lies; of a link: what it says
    size: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What a run may see of a project."""

    entries: tuple[Entry, ...]  # sorted by path
    folders: tuple[str, ...]  # also the empty ones, where there is no git


def select(
    project: Path,
    *,
    declared: Sequence[str],
    hidden: Sequence[Path],
    supplied: Mapping[str, Path],
) -> Selection:
    """Return what a run may see of a project.

    Parameters
    ----------
    project : its root, resolved
    declared : paths, folders and globs that it may see even if git ignores them
    hidden : folders that it may not see, besides the project's ``runs``
    supplied : real file or folder for paths that the project itself does not hold

    Raises
    ------
    WorkspaceError : if the project's folder cannot be read
    """
    root = str(project)
    out = [str(path.resolve()) for path in (*hidden, project / RUNS)]
    secret = [rel for path in out if (rel := relative_to(path, root))]
    names, folders, many = _names(root, secret)
    if many:
        entries = list(_top_level(root, "", secret))
    else:
        patterns = Patterns(declared, project=project)
        names = dict.fromkeys([*names, *_expand(root, patterns.names, secret)])
        entries = list(_entries(root, sorted(names), out))
    for path, real in supplied.items():
        entries = [each for each in entries if not below(each.path, [path])]
        entries += _outside(root, path, os.path.realpath(real), ())
    return Selection(entries=_whole(entries), folders=tuple(folders))


def _names(root: str, secret: Sequence[str]) -> tuple[dict[str, None], list[str], bool]:
    """Return the files' paths, the folders, and whether this is too much to copy."""
    listed = git_names(root)
    if listed:
        kept = (name for name in listed if not below(name, secret))
        return dict.fromkeys(kept), [], False
    marked = any(os.path.lexists(os.path.join(root, mark)) for mark in MARKS)
    names: dict[str, None] = {}
    folders: list[str] = []
    for name, is_folder in walk(root, "", secret):
        if is_folder:
            folders.append(name)
        else:
            names[name] = None
        if len(names) > MANY and not marked:
            return {}, [], True
    return names, folders, False


def _top_level(root: str, folder: str, secret: Sequence[str]) -> Iterator[Entry]:
    """Yield what lies in a folder as it is; one that holds a secret is gone into."""
    place = os.path.join(root, folder)
    for name in sorted(os.listdir(place)):
        path = f"{folder}/{name}" if folder else name
        real = os.path.join(root, path)
        if name in LEFT_OUT or below(path, secret):
            continue
        if any(below(each, [path]) for each in secret):
            yield from _top_level(root, path, secret)
        elif os.path.isdir(real):
            yield Entry(path=path, kind="folder", real=os.path.realpath(real))
        elif os.path.isfile(real):
            size = os.stat(real).st_size
            yield Entry(path=path, kind="file", real=os.path.realpath(real), size=size)


def _expand(root: str, patterns: Sequence[str], secret: Sequence[str]) -> Iterator[str]:
    """Yield the files that the declared paths, folders and globs name."""
    for pattern in patterns:
        place = os.path.join(root, pattern)
        if pattern.startswith("/") or below(pattern, secret):
            continue
        if os.path.islink(place) or os.path.isfile(place):
            yield pattern
            continue
        start = pattern
        if not os.path.isdir(place):
            if not has_magic(pattern):
                continue
            start = fixed_folder(pattern)
        named = Patterns([pattern], project=Path(root))
        for name, is_folder in walk(root, start, secret):
            if not is_folder and named.covers(name):
                yield name


def _entries(root: str, names: Sequence[str], out: Sequence[str]) -> Iterator[Entry]:
    kept = set(names)
    folders = {"", *(folder for name in names for folder in parents(name))}
    for name in names:
        place = os.path.join(root, name)
        try:
            facts = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            continue  # deleted, and git still lists it
        if stat.S_ISREG(facts.st_mode):
            yield Entry(path=name, kind="file", real=place, size=facts.st_size)
        elif stat.S_ISLNK(facts.st_mode):
            real = os.path.realpath(place)
            inside = relative_to(real, root)
            if inside is not None and (inside in kept or inside in folders):
                text = os.path.relpath(inside or ".", os.path.dirname(name) or ".")
                yield Entry(path=name, kind="link", real=text)
            else:
                yield from _outside(root, name, real, out, says=os.readlink(place))


def _outside(
    root: str, path: str, real: str, out: Sequence[str], *, says: str = ""
) -> Iterator[Entry]:
    """Yield what lies at a real place elsewhere, as if it lay in the project."""
    if below(real, out):
        return
    if os.path.isfile(real):
        yield Entry(path=path, kind="file", real=real, size=os.stat(real).st_size)
    elif os.path.isdir(real):
        if not any(below(each, [real]) for each in (*out, root)):
            yield from _outside_folder(path, real)
    elif says and not os.path.lexists(real):
        yield Entry(
            path=path, kind="link", real=says
        )  # it leads nowhere, here as there


def _outside_folder(path: str, real: str) -> Iterator[Entry]:
    """Yield a folder's files; the folder as a whole if they are many, or links."""
    found = []
    for name, is_folder in walk(real, "", ()):
        if not is_folder:
            found.append(name)
        if len(found) > _OUTSIDE or os.path.islink(os.path.join(real, name)):
            yield Entry(path=path, kind="folder", real=real)
            return
    for name in found:
        place = os.path.join(real, name)
        with suppress(FileNotFoundError):
            facts = os.lstat(place)
            if stat.S_ISREG(facts.st_mode):
                inside = f"{path}/{name}"
                yield Entry(path=inside, kind="file", real=place, size=facts.st_size)


def _whole(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Sort; what git still lists below a folder that became a link is left out."""
    by_path = {entry.path: entry for entry in entries}
    links = {path for path, entry in by_path.items() if entry.kind != "file"}
    return tuple(by_path[path] for path in sorted(by_path) if not in_one(path, links))
