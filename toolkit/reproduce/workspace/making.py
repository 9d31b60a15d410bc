# ruff: noqa: PTH110, PTH113, PTH114, PTH115, PTH116, PTH208 -- str: a Path costs more than the call
"""A fresh folder that holds a project's files, for one execution."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from toolkit.publish.results import Sha256
from toolkit.reproduce.project import RUNS
from toolkit.reproduce.workspace.layout import SMALL, Layout, Stamp, digest_of, lay_out
from toolkit.reproduce.workspace.listing import WorkspaceError
from toolkit.reproduce.workspace.patterns import below, parents, relative_to
from toolkit.reproduce.workspace.selection import select

__all__ = ["SMALL", "Workspace", "WorkspaceError", "make"]

How: TypeAlias = Literal["changed", "deleted"]
_UNSEEN = frozenset(("__pycache__", ".ipynb_checkpoints"))
_FEW = 500  # linked files; more, and their folders are named instead


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """The copy of a project in which one execution takes place.

    Paths in the mappings are relative to the project, with ``/``.
    """

    root: Path  # of the copy
    project: Path  # the real root
    files: Mapping[str, Sha256 | None]  # None: large and linked, digest it when needed
    linked: Mapping[str, Path]  # to the real file or folder, where nothing is copied
    originals: Mapping[str, str] = field(default_factory=dict)  # the other way round
    resolved: str = ""  # root without links: what the system calls it
    links: Mapping[str, str] = field(default_factory=dict)  # inside, as they say
    folders: frozenset[str] = frozenset()  # that were there at the start
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    declared: tuple[str, ...] = ()  # paths, folders and globs
    hidden: tuple[Path, ...] = ()
    made_ns: int = 0  # when it was complete, in ns since 1970

    @property
    def real_places(self) -> tuple[Path, ...]:
        """Real files and folders that an execution must be able to read."""
        places = sorted(set(self.linked.values()))
        folders = sorted({place.parent for place in places})
        private = [str(path) for path in (*self.hidden, self.project)]
        if len(places) <= _FEW:
            return tuple(places)
        safe = {
            folder
            for folder in folders
            if not any(below(each, [str(folder)]) for each in private)
        }
        left = {place for place in places if place.parent not in safe}
        return tuple(sorted(safe | left))

    def relative(self, path: str, *, follow: bool = True) -> str | None:
        """Return a path from the project on, "" for its root; None if outside.

        Parameters
        ----------
        path : absolute, in the copy, or of a real file that is linked
        follow : links within the project, to the file that they lead to
        """
        plain = os.path.normpath(path)
        for root in (str(self.root), self.resolved):
            inside = relative_to(plain, root)
            if inside is not None:
                return self._named(inside) if follow else inside
        for place in (plain, *reversed(list(parents(plain)))):
            if place in self.originals:
                return self.originals[place] + plain[len(place) :]
        return None

    def real(self, path: str) -> Path:
        """Return where the content of a project file lies: the copy, or the original.

        Parameters
        ----------
        path : relative to the project
        """
        for name in (path, *reversed(list(parents(path)))):
            if name in self.linked:
                inside = path[len(name) :].lstrip("/")
                return self.linked[name] / inside if inside else self.linked[name]
        return self.root / path

    def names(self, folder: str) -> tuple[str, ...] | None:
        """Return what a folder held at the start, sorted; None if it was not there.

        Compiled files are left out.

        Parameters
        ----------
        folder : relative to the project, "" for its root
        """
        if folder not in self.folders:
            real = self.real(folder)
            if real == self.root / folder or not real.is_dir():
                return None
            found = os.listdir(real)
            return tuple(sorted(each for each in found if each not in _UNSEEN))
        start = f"{folder}/" if folder else ""
        below_it = {
            path[len(start) :].partition("/")[0]
            for paths in (self.files, self.linked, self.links, self.folders)
            for path in paths
            if path.startswith(start) and len(path) > len(start)
        }
        return tuple(sorted(below_it))

    def changes(self) -> Mapping[str, How]:
        """Return which files of the project are not what they were at the start.

        A copy counts by its content, a linked file by size, time and inode.
        """
        found: dict[str, How] = {}
        for path, stamp in self.stamps.items():
            place = f"{self.root}/{path}"
            linked = self.linked.get(path)
            try:
                if linked is not None and not os.path.islink(place):
                    found[path] = "changed" if os.path.exists(place) else "deleted"
                    continue
                now = Stamp.of(os.stat(linked or place, follow_symlinks=False))
                if now == stamp:
                    continue
                same = now[:3] == stamp[:3] if linked else self._same(path, place)
            except FileNotFoundError:
                found[path] = "deleted"
            except OSError:
                found[path] = "changed"
            else:
                if not same:
                    found[path] = "changed"
        for path, says in self.links.items():
            place = f"{self.root}/{path}"
            if not os.path.islink(place) or os.readlink(place) != says:
                found[path] = "changed" if os.path.lexists(place) else "deleted"
        return dict(sorted(found.items()))

    def changed(self) -> tuple[str, ...]:
        """Return the paths of :meth:`changes`."""
        return tuple(self.changes())

    def new_files(self) -> tuple[str, ...]:
        """Return the files in the copy that were not there at the start, sorted.

        Compiled files, checkpoints, empty folders, sockets and pipes are left out.
        """
        return tuple(sorted(self._new(str(self.root), "")))

    def existed(self, path: str) -> bool:
        """Return whether a path was a file, a link or a folder at the start.

        Below a linked folder, what is there now counts as if it had been.
        """
        if path in self.files or path in self.links or path in self.folders:
            return True
        real = self.real(path)
        return real != self.root / path and real.exists()

    def _same(self, path: str, place: str) -> bool:
        if os.path.islink(place) or not os.path.isfile(place):
            return False
        return digest_of(place) == self.files.get(path)

    def _named(self, inside: str) -> str:
        """Return the path without links inside of the project, where it has any."""
        if inside in self.files or not self.links:
            return inside
        real = os.path.realpath(f"{self.root}/{inside}")
        plain = relative_to(real, self.resolved)
        return inside if plain is None else plain

    def _new(self, place: str, start: str) -> Iterator[str]:
        try:
            with os.scandir(place) as entries:
                found = list(entries)
        except OSError:
            return
        for each in found:
            path = f"{start}{each.name}"
            if path in self.files or path in self.links or path in self.linked:
                continue
            if each.name in _UNSEEN:
                continue
            if each.is_dir(follow_symlinks=False):
                yield from self._new(each.path, f"{path}/")
            elif each.is_file(follow_symlinks=False) or each.is_symlink():
                yield path


def make(
    project: Path,
    target: Path,
    *,
    declared: Sequence[str] = (),
    hidden: Sequence[Path] = (),
    reverse: bool = False,
    compiled: bool = True,
    supplied: Mapping[str, Path] | None = None,
    name: str | None = None,
) -> Workspace:
    """Lay out a project's files in ``target / name``.

    In a git work tree those are what git tracks and what it does not ignore; elsewhere
    all but caches and environments. Files up to 1 MiB are copied, larger ones are links
    to the real file. A folder without any mark of a project that holds more than 20,000
    files is laid out as links to what lies in it.

    Parameters
    ----------
    project : its root
    target : folder for the copy; it is made if it is not there
    declared : paths, folders and globs to lay out even if git ignores them
    hidden : folders that the run may not see, besides the project's ``runs``
    reverse : create everything in reverse order, for folders that list in that order
    compiled : also copy compiled modules that are valid for this interpreter
    supplied : real file or folder for paths that the project itself does not hold
    name : of the copy's folder, by default the project's own

    Raises
    ------
    WorkspaceError : if a file cannot be read or written; nothing is left in ``target``
    """
    project = project.resolve()
    secret = tuple(dict.fromkeys((*hidden, project / RUNS)))
    chosen = select(project, declared=declared, hidden=secret, supplied=supplied or {})
    root = target / (name or project.name or "project")
    _make_root(root)
    try:
        layout = lay_out(
            chosen.entries,
            chosen.folders,
            str(root),
            reverse=reverse,
            compiled=compiled,
        )
    except BaseException:
        shutil.rmtree(root, ignore_errors=True)
        raise
    return _workspace(root, project, layout, chosen.folders, (tuple(declared), secret))


def _make_root(root: Path) -> None:
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        root.mkdir()
    except OSError as error:
        raise WorkspaceError(
            path=str(root),
            reason=f"cannot be made ({error.strerror})",
            action="a run needs a fresh folder there",
        ) from error


def _workspace(
    root: Path,
    project: Path,
    layout: Layout,
    folders: Sequence[str],
    rest: tuple[tuple[str, ...], tuple[Path, ...]],
) -> Workspace:
    paths = (*layout.files, *layout.links, *layout.linked)
    return Workspace(
        root=root,
        project=project,
        files=dict(sorted(layout.files.items())),
        linked={name: Path(real) for name, real in sorted(layout.linked.items())},
        originals={real: name for name, real in sorted(layout.linked.items())},
        resolved=os.path.realpath(root),
        links=dict(sorted(layout.links.items())),
        folders=frozenset(
            {"", *folders, *(f for path in paths for f in parents(path))}
        ),
        stamps=layout.stamps,
        declared=rest[0],
        hidden=rest[1],
        made_ns=time.time_ns(),
    )
