"""Digests of what lies on disk: notebooks, the project's code, and its data."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit import scope
from toolkit.errors import ToolkitError
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest, folder_digest
from toolkit.reproduce.notebook import Notebook, NotebookError, parse_notebook

NO_CODE = frozenset(
    ("benchmarks", "build", "dist", "docs", "notebooks", "runs", "tests")
)
SCOPE = "scope.yaml"


@dataclass(eq=False)
class SourceError(ToolkitError, OSError):
    """A file that decides the results cannot be read."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: cannot be read ({self.reason}); a run must digest it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """The scope of a project and what its tables are read from."""

    scope: Sha256 | None  # None where there is no scope.yaml
    sources: Mapping[str, Sha256]
    missing: tuple[str, ...]  # sources that the scope names and that are not there


def load_notebook(path: Path, *, root: Path) -> Notebook:
    """Return the notebook of a file.

    Parameters
    ----------
    path : of an ``.ipynb`` file
    root : of the project; the notebook's own path is told from there

    Raises
    ------
    NotebookError : if it cannot be read, or is no Python notebook
    """
    try:
        shown = path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        shown = path.as_posix()
    try:
        content = path.read_bytes()
    except OSError as error:
        nearby = ", ".join(sorted(p.name for p in path.parent.glob("*.ipynb")))
        raise NotebookError(
            path=str(path),
            found=error.strerror or "cannot be read",
            expected=f"there are: {nearby}" if nearby else "give the path of an .ipynb",
        ) from error
    return parse_notebook(content, path=shown)


def code_digest(root: Path, notebooks: Path) -> Sha256 | None:
    """Return the digest of what a notebook can import from its project.

    That is every file of the packages at the project's root or in ``src``, and the
    modules there and beside the notebook, whether git tracks them or not. Compiled
    files are left out. None where there is none.

    Parameters
    ----------
    root : of the project
    notebooks : the notebook's folder
    """
    digests = {}
    for folder in {root, root / "src", notebooks}:
        if folder.is_dir():
            for path in _importable(folder):
                digests[_relative(path, root)] = _path_digest(path)
    return folder_digest(digests) if digests else None


def load_data(root: Path) -> Data:
    """Return the digests of ``scope.yaml`` and of each source that it names.

    Raises
    ------
    ScopeError : if the scope says something wrong
    SourceError : if a source is there and cannot be read
    """
    path = root / SCOPE
    if not path.is_file():
        return Data(scope=None, sources={}, missing=())
    content = path.read_bytes()
    named = sorted({table.source for table in scope.load(path).tables.values()})
    there = [source for source in named if (root / source).exists()]
    return Data(
        scope=bytes_digest(content),
        sources={source: data_digest(root / source) for source in there},
        missing=tuple(source for source in named if source not in there),
    )


def data_digest(path: Path) -> Sha256:
    """Return the digest of a file, or of a folder's files with their names.

    Raises
    ------
    SourceError : if it cannot be read
    """
    if not path.is_dir():
        return _path_digest(path)
    return folder_digest({_relative(p, path): _path_digest(p) for p in _files(path)})


def _importable(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.suffix == ".py" and entry.is_file():
            yield entry
        elif entry.name not in NO_CODE and (entry / "__init__.py").is_file():
            yield from _files(entry)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in [*names, *links])


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _path_digest(path: Path) -> Sha256:
    try:
        if path.is_dir():  # a link to a folder: where it leads, not what is there
            return bytes_digest(os.fsencode(path.readlink()))
        with path.open("rb") as stream:
            return Sha256(hashlib.file_digest(stream, "sha256").hexdigest())
    except OSError as error:
        raise SourceError(path=str(path), reason=error.strerror or "") from error
