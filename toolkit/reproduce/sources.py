"""Digests of what lies on disk: notebooks, the project's code, and its data."""

import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit import scope
from toolkit.errors import ToolkitError
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest, folder_digest
from toolkit.reproduce.fingerprints import Fingerprints
from toolkit.reproduce.notebook import Notebook, NotebookError, parse_notebook

NO_CODE = frozenset(
    ("benchmarks", "build", "dist", "docs", "notebooks", "runs", "tests")
)
SCOPE = "scope.yaml"
_MODULES = (".py", ".pyc", ".pyd", ".so")  # compiled ones only where there is no source


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


def code_digest(
    root: Path, notebooks: Path, fingerprints: Fingerprints | None = None
) -> Sha256 | None:
    """Return the digest of what a notebook can import from its project.

    That is every module of the packages at the project's root or in ``src``, and the
    modules there and beside the notebook, whether git tracks them or not. What is not
    imported but read, a table in a package, is an input. None where there is none.

    Parameters
    ----------
    root : of the project
    notebooks : the notebook's folder
    fingerprints : spare unchanged files; each is read if left out

    Raises
    ------
    SourceError : if a module cannot be read
    """
    known = fingerprints or Fingerprints()
    files = code_files(root, notebooks)
    digests = {inside: _module_digest(path, known) for inside, path in files.items()}
    return folder_digest(digests) if digests else None


def code_files(root: Path, notebooks: Path) -> Mapping[str, str]:
    """Return the files that :func:`code_digest` covers: paths by those in the project.

    Parameters
    ----------
    root, notebooks : as there
    """
    found = {}
    for folder in {root, root / "src", notebooks}:
        if folder.is_dir():
            start = Path(os.path.relpath(folder, root)).as_posix()
            for path in _importable(str(folder)):
                inside = f"{start}/{path[len(str(folder)) + 1 :]}"
                found[posixpath.normpath(inside)] = path
    return found


def load_data(root: Path, fingerprints: Fingerprints | None = None) -> Data:
    """Return the digests of ``scope.yaml`` and of each source that it names.

    Parameters
    ----------
    root : of the project
    fingerprints : spare unchanged files; each is read if left out

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
    known = fingerprints or Fingerprints()
    there = [source for source in named if (root / source).exists()]
    return Data(
        scope=bytes_digest(content),
        sources={name: data_digest(root / name, known) for name in there},
        missing=tuple(source for source in named if source not in there),
    )


def data_digest(path: Path, fingerprints: Fingerprints | None = None) -> Sha256:
    """Return the digest of a file, or of a folder's files with their names.

    Parameters
    ----------
    path : of the file or folder
    fingerprints : spare unchanged files; each is read if left out

    Raises
    ------
    SourceError : if it cannot be read
    """
    known = fingerprints or Fingerprints()
    try:
        return known.folder(path) if path.is_dir() else known.digest_of(path)
    except OSError as error:
        raise _unreadable(error, path) from error


def _importable(folder: str) -> Iterator[str]:
    """Yield modules and packages of a folder: files, and links to folders."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                if _is_module(entry.name) and entry.is_file():
                    yield entry.path
            elif _is_package(entry):
                yield from _modules(entry.path)


def _is_package(entry: "os.DirEntry[str]") -> bool:
    if entry.name in NO_CODE or not entry.name.isidentifier():
        return False
    return os.path.isfile(f"{entry.path}/__init__.py")  # noqa: PTH113 -- quick


def _modules(package: str) -> Iterator[str]:
    for place, folders, names in os.walk(package):
        folders[:] = [name for name in folders if name.isidentifier()]
        folders[:] = [name for name in folders if name != "__pycache__"]
        links = [name for name in folders if os.path.islink(f"{place}/{name}")]  # noqa: PTH114
        modules = [name for name in names if _is_module(name)]
        yield from (f"{place}/{name}" for name in (*modules, *links))


def _is_module(name: str) -> bool:
    return name.endswith(_MODULES) and name.partition(".")[0].isidentifier()


def _module_digest(path: str, fingerprints: Fingerprints) -> Sha256:
    try:
        if os.path.isdir(path):  # noqa: PTH112 -- a link: where it leads
            return bytes_digest(os.fsencode(os.readlink(path)))  # noqa: PTH115
        return fingerprints.digest_of(path)
    except OSError as error:
        raise _unreadable(error, path) from error


def _unreadable(error: OSError, path: str | Path) -> SourceError:
    return SourceError(path=str(error.filename or path), reason=error.strerror or "")
