"""What a path is to a run: the project's, the system's, its own, or hidden."""

import json
import os
import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.sources import NO_CODE
from toolkit.reproduce.workspace.making import Workspace
from toolkit.reproduce.workspace.patterns import below, relative_to

_SYSTEM = (
    "/bin",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix",
    "/proc",
    "/run",
    "/sbin",
    "/snap",
    "/sys",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/share/fonts",
    "/usr/sbin",
    "/usr/share/ca-certificates",
    "/usr/share/fontconfig",
    "/usr/share/fonts",
    "/usr/share/i18n",
    "/usr/share/icu",
    "/usr/share/locale",
    "/usr/share/mime",
    "/usr/share/misc",
    "/usr/share/terminfo",
    "/usr/share/zoneinfo",
    "/var/cache",
    "/var/lib",
    "/Library",
    "/System",
    "/private/etc",
    "/private/var/db",
)
_DEVICES = ("/dev", "/proc", "/sys")
_COMPILED = re.compile(r"(^|/)(__pycache__|\.ipynb_checkpoints)(/|$)|\.py[co]$")
_HOMES = re.compile(r"/(home|Users)/[^/]+|/root|/var/root")


class Places:
    """Tells for a path what it is to a run.

    Parameters
    ----------
    workspace : in which the run took place
    own : further places of the run's own: home, temporary and run folder, upstream
        runs, the interpreter
    notebook : path of the notebook, relative to the project
    """

    def __init__(
        self, workspace: Workspace, own: Iterable[Path], notebook: str = ""
    ) -> None:
        self.workspace = workspace
        self.notebook = notebook
        packages = sysconfig.get_paths().values()
        prefixes = (sys.prefix, sys.base_prefix, *packages)
        mine = [str(path) for path in own]
        self._own = tuple({*mine, *map(os.path.realpath, mine), *prefixes})
        hidden = {os.path.realpath(path) for path in workspace.hidden}
        around = {each for each in hidden if any(_above(each, h) for h in hidden)}
        # A verification hides the project whose commit it executes, runs and all.
        self._projects = (str(workspace.project), *sorted(around))
        self._runs = tuple(sorted(hidden - around))
        self._inside = tuple(
            inside
            for path in self._runs
            if (inside := relative_to(path, str(workspace.project)))
        )

    def is_compiled(self, path: str) -> bool:
        """Return whether a path is made anew by Python or Jupyter themselves."""
        return _COMPILED.search(path) is not None

    def is_system(self, path: str) -> bool:
        """Return whether a path belongs to the system, the interpreter or the run."""
        return below(path, _SYSTEM) or below(path, self._own)

    def is_device(self, path: str) -> bool:
        """Return whether a path is no file of a disk."""
        return below(path, _DEVICES)

    def is_hidden(self, path: str) -> bool:
        """Return whether a path is one that the run may not see: an earlier run."""
        if path.startswith("/"):
            return below(path, self._runs) and not below(path, self._own)
        return below(path, self._inside)

    def in_project(self, path: str) -> bool:
        """Return whether an absolute path is of the project that was copied."""
        return below(path, self._projects)

    def is_setting(self, path: str) -> bool:
        """Return whether a path is of somebody's settings; a cache is none."""
        home = _HOMES.match(path)
        inside = path[home.end() :] if home else ""
        return inside.startswith("/.") and not inside.startswith("/.cache")

    def is_code(self, path: str) -> bool:
        """Return whether the recipe's digest of the code covers a project file."""
        folder = self.notebook.rpartition("/")[0]
        for base in {"", "src", folder}:
            inside = relative_to(path, base) if base else path
            if not inside:
                continue
            first, _, rest = inside.partition("/")
            if not rest and path.endswith(".py"):
                return True
            package = f"{base}/{first}" if base else first
            if rest and first not in NO_CODE:
                return f"{package}/__init__.py" in self.workspace.files
        return False

    def is_import_path(self, folder: str) -> bool:
        """Return whether Python may list a project folder to find a module in it."""
        if folder in ("", "src", self.notebook.rpartition("/")[0]):
            return True
        names = self.workspace.names(folder) or ()
        return any(name.endswith((".py", ".so", ".pyd")) for name in names)

    def is_import(self, event: Event) -> bool:
        """Return whether the line behind an event does nothing but import."""
        path = self.workspace.root / (event.file or self.notebook)
        try:
            text = path.read_text("utf-8")
            if event.file is None:
                source = json.loads(text)["cells"][event.cell]["source"]
                text = source if isinstance(source, str) else "".join(source)
            line = text.splitlines()[(event.line or 1) - 1]
        except (OSError, ValueError, LookupError, TypeError):
            return False
        return line.lstrip().startswith(("import ", "from ")) and ";" not in line

    def module(self, what: str) -> str | None:
        """Return the project file of a module, told by its path or by its name."""
        if "/" in what:
            inside = self.workspace.relative(what) if what.startswith("/") else what
            return inside if inside in self.workspace.files else None
        stem = what.replace(".", "/")
        folder = self.notebook.rpartition("/")[0]
        for base in ("", "src/", f"{folder}/" if folder else ""):
            for path in (f"{base}{stem}.py", f"{base}{stem}/__init__.py"):
                if path in self.workspace.files:
                    return path
        return None


def _above(path: str, other: str) -> bool:
    return path != other and below(other, [path])
