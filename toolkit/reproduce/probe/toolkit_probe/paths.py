"""Paths: absolute, real, allowed or not, and of interest or not."""

from __future__ import annotations

import os
import posix
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.reproduce.probe.toolkit_probe.settings import Settings

_MOST_LINKS = 40  # as the kernel has it
_SHARED = ("/", "/usr", "/usr/local")
_MANY = 20_000  # folders, whose real paths are kept


def _below(folders: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(folder.rstrip("/") + "/" for folder in folders)


def _interpreter() -> list[str]:
    """Return the folders of this interpreter and its packages."""
    places = [os.path.dirname(os.__file__)]  # noqa: PTH120 -- pathlib is slow to import
    for prefix in {sys.prefix, sys.base_prefix}:
        if prefix in _SHARED:  # with files that may be inputs
            places += [f"{prefix}/{name}" for name in ("bin", "lib", "lib64")]
        else:
            places.append(prefix)
    return places + [entry for entry in sys.path if entry.endswith("-packages")]


class Paths:
    """Judges paths as the settings say."""

    def __init__(self, settings: Settings) -> None:
        self._workspace = _below(settings.workspace)
        self._project = settings.project.rstrip("/") + "/"
        self._confined = bool(settings.readable)
        self._readable = _below((*settings.readable, *settings.writable))
        self._writable = _below(settings.writable)
        self._quiet = _below((*settings.quiet, *_interpreter()))
        self._folders: dict[str, str] = {"/": "/"}
        self.at_once = tuple(  # what needs no closer look when it is read
            quiet
            for quiet in self._quiet
            if (not self._confined or quiet.startswith(self._readable))
            and not any(place.startswith(quiet) for place in self._workspace)
        )

    def absolute(self, path: object, folder: object = None) -> str | None:
        """Return a path, absolute; None for what is no path.

        Parameters
        ----------
        path : as a function of the operating system was given it
        folder : number of an open folder that it is relative to
        """
        if isinstance(path, int):
            return _opened(path)
        try:
            text = os.fsdecode(path)  # type: ignore[arg-type]  # judged here
        except TypeError:
            return None
        if not text:
            return None
        if not text.startswith("/"):
            base = None
            if isinstance(folder, int) and folder >= 0:
                base = _opened(folder)
            try:
                text = f"{base or posix.getcwd()}/{text}"
            except OSError:  # the folder is gone
                return None
        if "/." in text or "//" in text or text.endswith("/"):
            return os.path.normpath(text)
        return text

    def real(self, path: str, depth: int = 0) -> str:
        """Return an absolute path without symbolic links, as far as it exists."""
        head, _, tail = path.rpartition("/")
        if not tail:
            return path
        folder = self._folders.get(head) if head else "/"
        if folder is None:
            folder = self.real(head, depth)
            if len(self._folders) < _MANY:
                self._folders[head] = folder
        found = f"{folder.rstrip('/')}/{tail}"
        if depth >= _MOST_LINKS:
            return found
        try:
            target = posix.readlink(found)
        except OSError:
            return found
        if not target.startswith("/"):
            target = f"{folder}/{target}"
        return self.real(os.path.normpath(target), depth + 1)

    def may_read(self, path: str) -> bool:
        """Say whether a path, absolute, may be read."""
        return self._allows(path, self._readable)

    def may_write(self, path: str) -> bool:
        """Say whether a path, absolute, may be written."""
        return self._allows(path, self._writable)

    def in_workspace(self, path: str) -> bool:
        """Say whether a path, absolute, is of the copied project."""
        return f"{path}/".startswith(self._workspace)

    def in_project(self, path: str) -> bool:
        """Say whether a path, absolute, is of the project that was copied."""
        return f"{path}/".startswith(self._project) and not self.in_workspace(path)

    def is_quiet(self, path: str) -> bool:
        """Say whether a path is nobody's input: the system's or the kernel's own."""
        return f"{path}/".startswith(self._quiet) and not self.in_workspace(path)

    def _allows(self, path: str, folders: tuple[str, ...]) -> bool:
        if not self._confined:
            return True
        return f"{self.real(path)}/".startswith(folders)


def mode(path: str) -> int | None:
    """Return the kind of file that a path leads to, None if there is none."""
    try:
        return stat.S_IFMT(posix.stat(path).st_mode)
    except (OSError, ValueError):
        return None


def _opened(number: int) -> str | None:
    """Return the path of an open file or folder, where the system tells."""
    try:
        path = posix.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return None
    return path if path.startswith("/") else None
