"""The project around a notebook: its modules, its lock, its sources when asked for."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from toolkit.lint.model import Surroundings
from toolkit.publish.results import Sha256
from toolkit.reproduce.diagnosis.cells import module_names
from toolkit.reproduce.digest import bytes_digest, value_digest
from toolkit.reproduce.environments.lock import LOCK, parse_lock
from toolkit.reproduce.project import find_root
from toolkit.reproduce.sources import code_files

_MODULES = (".py", ".pyd", ".so")
GONE = Sha256("")  # the digest of a file that cannot be read


class ProjectFiles(Mapping[str, str]):
    """Sources of a project by path, read when they are asked for, and remembered.

    Parameters
    ----------
    paths : where each lies
    known : what was read before, shared by all notebooks of a call
    """

    def __init__(
        self, paths: Mapping[str, str], known: "dict[str, tuple[str, Sha256]]"
    ) -> None:
        self._paths = paths
        self._known = known
        self.read: dict[str, Sha256] = {}  # what a rule asked for

    def __getitem__(self, path: str) -> str:
        text, self.read[path] = source(self._paths[path], self._known)
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def source(path: str, known: "dict[str, tuple[str, Sha256]]") -> tuple[str, Sha256]:
    """Return a file's text and digest; "" and `GONE` where it cannot be read."""
    if path not in known:
        try:
            content = Path(path).read_bytes()
        except OSError:
            known[path] = ("", GONE)
        else:
            text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
            known[path] = (text, bytes_digest(content))
    return known[path]


@dataclass(kw_only=True)
class Neighbourhood:
    """What notebooks of one folder have in common."""

    root: Path
    folder: Path

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """The sources that a notebook can import, by path in the project."""
        files = code_files(self.root, self.folder)
        return {p: files[p] for p in sorted(files) if p.endswith(".py")}

    @cached_property
    def modules(self) -> frozenset[str]:
        """Top-level names that the project defines, folders of modules included."""
        shown = self.shown(self.folder / "x")
        found = {name.partition(".")[0] for name in module_names(self.paths, shown)}
        for folder in {self.root, self.root / "src", self.folder}:
            found.update(_folders_of_modules(folder))
        return frozenset(found)

    @cached_property
    def locked(self) -> frozenset[str] | None:
        """Normal names of the packages that the lock names; None without a lock."""
        try:
            content = (self.root / LOCK).read_bytes()
        except OSError:
            return None
        return frozenset(pin.name for pin in parse_lock(content).pins)

    @cached_property
    def digest(self) -> Sha256:
        """Digest of all this, without the sources themselves."""
        locked = None if self.locked is None else sorted(self.locked)
        return value_digest([list(self.paths), sorted(self.modules), locked])

    def shown(self, path: Path) -> str:
        """Return a path as it is told: relative to the project if it lies there."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()

    def surroundings(
        self, known: "dict[str, tuple[str, Sha256]]"
    ) -> tuple[Surroundings, ProjectFiles]:
        """Return what rules may know, and its files: they remember who was asked."""
        files = ProjectFiles(self.paths, known)
        around = Surroundings(modules=self.modules, locked=self.locked, files=files)
        return around, files


class Neighbourhoods:
    """The neighbourhood of each folder, looked at once."""

    def __init__(self) -> None:
        self._found: dict[Path, Neighbourhood] = {}

    def of(self, path: Path) -> Neighbourhood:
        """Return the neighbourhood of a notebook.

        Parameters
        ----------
        path : of the notebook, absolute
        """
        folder = path.parent
        if folder not in self._found:
            root = find_root(folder)
            self._found[folder] = Neighbourhood(root=root, folder=folder)
        return self._found[folder]


def _folders_of_modules(folder: Path) -> Iterator[str]:
    """Yield the folders that Python would import though they say nothing of it."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.isidentifier() and entry.is_dir():
                with suppress(OSError), os.scandir(entry.path) as inner:
                    if any(each.name.endswith(_MODULES) for each in inner):
                        yield entry.name
