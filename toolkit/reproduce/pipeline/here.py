"""A project as it is now, looked at once, and only at what is asked for."""

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest, names_digest
from toolkit.reproduce.environments.surroundings import load_surroundings
from toolkit.reproduce.execution.kernels import kernel_environment
from toolkit.reproduce.execution.prepared import Surround
from toolkit.reproduce.fingerprints import Fingerprints
from toolkit.reproduce.policy import Policy, load_policy
from toolkit.reproduce.records.recipe import Environment
from toolkit.reproduce.sources import Data, code_digest, load_data
from toolkit.reproduce.workspace.patterns import parents, relative_to
from toolkit.reproduce.workspace.selection import select

_UNSET = "<unset>"
_NO_HOME = Path("/home of no run")


class Here:
    """What an execution would find if it began now.

    Parameters
    ----------
    root : of the project
    runs_dir : which no execution sees
    fingerprints : of its files
    environ : environment variables of this process
    """

    def __init__(
        self,
        root: Path,
        runs_dir: Path,
        fingerprints: Fingerprints,
        environ: Mapping[str, str],
    ) -> None:
        self.root = root.resolve()
        self._runs_dir = runs_dir.resolve()
        self._fingerprints = fingerprints
        self._environ = environ
        self._code: dict[Path, Sha256 | None] = {}

    @cached_property
    def environment(self) -> Environment:
        """What would execute a notebook."""
        return load_surroundings(self.root).environment

    @cached_property
    def data(self) -> Data:
        """The scope and what it declares; raises ScopeError and SourceError."""
        return load_data(self.root, self._fingerprints)

    @cached_property
    def policy(self) -> Policy:
        """What executions may touch; raises ScopeError and PolicyError."""
        return load_policy(self.root)

    def code(self, notebooks: Path) -> Sha256 | None:
        """Return the digest of what a notebook of a folder could import."""
        if notebooks not in self._code:
            self._code[notebooks] = code_digest(
                self.root, notebooks, self._fingerprints
            )
        return self._code[notebooks]

    def file(self, path: str) -> Sha256 | None:
        """Return the digest of a file; None if there is no file that can be read.

        Parameters
        ----------
        path : relative to the project, or absolute
        """
        try:
            return self._fingerprints.digest_of(self.root / path)
        except OSError:
            return None

    def listing(self, folder: str) -> Sha256 | None:
        """Return the digest of a folder's names; None if there is no such folder.

        Of a folder of the project those count that an execution would see.

        Parameters
        ----------
        folder : relative to the project, ``"."`` for its root, or absolute
        """
        if folder == ".":
            folder = ""
        if not folder.startswith("/"):
            names = self._layout.names(folder)
            return None if names is None else names_digest(names)
        try:
            return names_digest(os.listdir(folder))  # noqa: PTH208 -- names are wanted
        except OSError:
            return None

    def exists(self, path: str) -> bool:
        """Return whether an execution would find a file or folder of the project."""
        if path.startswith("/"):
            return os.path.lexists(path)
        found = os.path.lexists(self.root / path)  # quick, and mostly the answer
        return found and self._layout.holds(path)

    def variables(self, names: Iterable[str]) -> Mapping[str, Sha256 | None]:
        """Return the digest of each variable's value in a kernel; None if unset.

        Those that every kernel gets of its own, such as HOME, are left out.
        """
        passed = self.policy.environment
        surround = Surround(
            home=_NO_HOME,
            cwd=self.root,
            folder=_NO_HOME,
            variables={name: self._environ.get(name, _UNSET) for name in passed},
        )
        wanted = dict.fromkeys(names, _UNSET)
        given = kernel_environment({**wanted, **self._environ}, surround)
        return {
            name: None if value == _UNSET else bytes_digest(os.fsencode(value))
            for name in wanted
            if (value := given.get(name)) is not None and str(_NO_HOME) not in value
        }

    @cached_property
    def _layout(self) -> "_Layout":
        chosen = select(
            self.root,
            declared=self.policy.declared,
            hidden=(self._runs_dir,),
            supplied={},
        )
        kinds = {entry.path: (entry.kind, entry.real) for entry in chosen.entries}
        return _Layout(kinds, chosen.folders)


class _Layout:
    """The files that a workspace would hold, without making one."""

    def __init__(
        self, kinds: Mapping[str, tuple[str, str]], folders: Iterable[str]
    ) -> None:
        self._linked = {
            path: real for path, (kind, real) in kinds.items() if kind == "folder"
        }
        above = {parent for path in (*kinds, *folders) for parent in parents(path)}
        self._folders = {"", *folders, *above}
        self._all = {*kinds, *self._folders}

    def holds(self, path: str) -> bool:
        """Return whether it would be there."""
        return path in self._all or self._beyond(path) is not None

    def names(self, folder: str) -> list[str] | None:
        """Return what a folder would hold; None if it would not be there."""
        if folder in self._folders:
            start = f"{folder}/" if folder else ""
            inside = (p[len(start) :] for p in self._all if p.startswith(start))
            return list({path.partition("/")[0] for path in inside if path})
        real = self._beyond(folder)
        return None if real is None or not os.path.isdir(real) else os.listdir(real)  # noqa: PTH112, PTH208

    def _beyond(self, path: str) -> str | None:
        """Return the real path of what lies in a folder that is linked as a whole."""
        for name, real in self._linked.items():
            inside = relative_to(path, name)
            if inside is not None:
                place = os.path.join(real, inside)  # noqa: PTH118
                return place if os.path.lexists(place) else None
        return None
