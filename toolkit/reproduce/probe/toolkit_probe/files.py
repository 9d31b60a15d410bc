"""Files that Python opens, lists, changes and deletes, from its audit events."""

from __future__ import annotations

import errno
import os
import stat

from .paths import mode
from .places import caller, stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from .log import Log
    from .paths import Paths
    from .places import Places

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_IMPORTING = frozenset(
    f"<frozen {name}>"
    for name in ("importlib._bootstrap", "importlib._bootstrap_external", "zipimport")
)
# What looks through sys.path for packages and their versions lists no inputs.
_LOOKING = _IMPORTING | stdlib("importlib/metadata/__init__", "pkgutil")
_ARCHIVES = frozenset({"<frozen zipimport>"})  # looks whether a script is one
_QUOTING = stdlib("linecache", "tokenize")  # show source lines of a traceback
_BY_NUMBER = stdlib("shutil", "os")  # open a name in a folder that is open
_CALLER = 2  # the handler, the hook, and who called into C


class Files:
    """Handles audit events that concern files; each may return an error to raise."""

    def __init__(self, log: Log, places: Places, paths: Paths) -> None:
        self._log = log
        self._places = places
        self._paths = paths
        self._allowed: set[tuple[str, bool, bool]] = set()

    def handlers(self) -> Mapping[str, Callable[[tuple[object, ...]], OSError | None]]:
        """Return the function for each event."""
        return {
            "open": self.opened,
            "os.listdir": self.listed,
            "os.scandir": self.listed,
            "os.remove": self.removed,
            "os.rmdir": self.removed,
            "os.mkdir": self.made,
            "os.rename": self.renamed,
            "os.link": self.linked,
            "os.symlink": self.linked,
            "os.truncate": self.truncated,
            "os.chmod": self.touched,
            "os.chown": self.touched,
            "os.utime": self.touched,
            "sqlite3.connect": self.database,
        }

    def opened(self, args: tuple[object, ...]) -> OSError | None:
        """Handle open(path, mode, flags): the flags say all, the mode may be None."""
        path, how, flags = args
        if type(path) is int or not isinstance(flags, int):
            return None
        writing = bool(flags & _WRITING)
        if type(path) is str and not writing and self._is_at_once(path):
            return None
        absolute = self._paths.absolute(path)
        if absolute is None or absolute == self._log.path:
            return None
        frame = caller(_CALLER)
        if _is_in(frame, _IMPORTING):
            if not writing and not _is_in(frame, _ARCHIVES):
                self._imported(absolute)
            return None
        if how is None and _is_relative(path) and _is_in(frame, _BY_NUMBER):
            return None
        reading = flags & os.O_ACCMODE != os.O_WRONLY and not flags & os.O_TRUNC
        return self._judged(absolute, frame, reading=reading, writing=writing)

    def _is_at_once(self, path: str) -> bool:
        return path.startswith(self._paths.at_once) and "/../" not in path

    def _judged(
        self, path: str, frame: FrameType | None, *, reading: bool, writing: bool
    ) -> OSError | None:
        key = (path, reading, writing)
        is_new = self._log.is_new(key)
        if key in self._allowed and not is_new:
            return None
        error = self._refusal(path, reading=reading, writing=writing)
        if error is None:
            self._allowed.add(key)
            quoting = _is_in(frame, _QUOTING) and path.endswith(".py")
            if is_new and not quoting:
                self._note(path, frame, reading=reading, writing=writing)
        return error

    def _note(
        self, path: str, frame: FrameType | None, *, reading: bool, writing: bool
    ) -> None:
        if self._paths.is_quiet(path):
            return
        kind = mode(path)
        place = self._places.innermost(frame)
        if kind is None and reading and not writing:
            self.absent(path, place)
        elif kind in {None, stat.S_IFREG}:
            if reading and kind is not None:
                self._log.write("read", path, place=place)
            if writing:
                self._log.write("write", path, place=place)

    def absent(self, path: str, place: tuple[str | None, int] | None) -> None:
        """Note a file of the project that a cell looked for and that is not there."""
        if place is not None and self._paths.in_workspace(path):
            self._log.write("absent", path, place=place)

    def _imported(self, path: str) -> None:
        folder, _, base = path.rpartition("/")
        if folder.endswith("/__pycache__"):  # a.cpython-311.pyc is of a.py
            path = f"{folder.rpartition('/')[0]}/{base.partition('.')[0]}.py"
        ours = self._paths.in_workspace(path) and "/site-packages/" not in path
        if ours and self._log.is_new(("module", path)):
            self._log.write("module", path)

    def listed(self, args: tuple[object, ...]) -> OSError | None:
        """Handle listdir(path) and scandir(path): None is the current folder."""
        frame = caller(_CALLER)
        if _is_in(frame, _LOOKING):
            return None
        path = self._paths.absolute("." if args[0] is None else args[0])
        if path is None:
            return None
        error = self._refusal(path, reading=True, writing=False)
        if error is not None or self._paths.is_quiet(path):
            return error
        if self._log.is_new(("list", path)):
            kind, place = mode(path), self._places.innermost(frame)
            if kind is None:
                self.absent(path, place)
            elif kind == stat.S_IFDIR:
                self._log.write("list", path, place=place)
        return None

    def removed(self, args: tuple[object, ...]) -> OSError | None:
        """Handle remove(path, dir_fd) and rmdir(path, dir_fd)."""
        return self._changed("delete", args[0], args[1])

    def made(self, args: tuple[object, ...]) -> OSError | None:
        """Handle mkdir(path, mode, dir_fd)."""
        return self._changed("write", args[0], args[2], "folder")

    def renamed(self, args: tuple[object, ...]) -> OSError | None:
        """Handle rename(src, dst, src_dir_fd, dst_dir_fd)."""
        error = self._changed("delete", args[0], args[2], "renamed")
        return error or self._changed("write", args[1], args[3], "renamed")

    def linked(self, args: tuple[object, ...]) -> OSError | None:
        """Handle link(src, dst, …, dst_dir_fd) and symlink(src, dst, dir_fd)."""
        return self._changed("write", args[1], args[-1], "link")

    def truncated(self, args: tuple[object, ...]) -> OSError | None:
        """Handle truncate(path or number, length)."""
        return None if type(args[0]) is int else self._changed("write", args[0], None)

    def touched(self, args: tuple[object, ...]) -> OSError | None:
        """Handle what leaves the content as it is: refused outside, but no event."""
        path = None if type(args[0]) is int else self._paths.absolute(args[0])
        if path is None:
            return None
        return self._refusal(path, reading=False, writing=True)

    def database(self, args: tuple[object, ...]) -> OSError | None:
        """Handle sqlite3.connect(database): what it opens then has no event."""
        name = args[0]
        if not isinstance(name, str) or name == ":memory:" or name.startswith("file:"):
            return None
        path = self._paths.absolute(name)
        if path is None or not self._log.is_new(("sqlite", path)):
            return None
        there = mode(path) is not None
        error = self._refusal(path, reading=there, writing=not there)
        if error is None:
            self._note(path, caller(_CALLER), reading=there, writing=not there)
        return error

    def _changed(
        self, kind: str, what: object, folder: object, detail: str = ""
    ) -> OSError | None:
        path = self._paths.absolute(what, folder)
        if path is None:
            return None
        frame = caller(_CALLER + 1)
        if _is_in(frame, _IMPORTING):  # compiled code is kept beside its source
            return None
        error = self._refusal(path, reading=False, writing=True)
        if error is not None or self._paths.is_quiet(path):
            return error
        if self._log.is_new((kind, path)):
            self._log.write(kind, path, detail, self._places.innermost(frame))
        return None

    def _refusal(self, path: str, *, reading: bool, writing: bool) -> OSError | None:
        """Return the error for a path that is off limits, after saying so."""
        paths = self._paths
        if writing and not paths.may_write(path):
            if mode(os.path.dirname(path)) is None:  # noqa: PTH120 -- fast
                return None  # the system itself says that there is no such folder
            text = (
                "a run writes only into its own copy of the project and its temporary "
                "folder: use a path relative to the notebook"
            )
        elif reading and not paths.may_read(path) and mode(path) is not None:
            text = (
                "a run reads its own copy of the project: use a path relative to the "
                "notebook"
                if paths.in_project(path)
                else "a run reads only the project's files and the data that "
                "scope.yaml names: put the file into the project or name it there"
            )
        else:
            return None
        if self._log.is_new(("refused", path, writing)):
            place = self._places.innermost(caller(_CALLER))
            self._log.write("refused", path, "write" if writing else "read", place)
        return PermissionError(errno.EACCES, text, path)


def _is_relative(path: object) -> bool:
    try:
        return not os.path.isabs(path)  # type: ignore[arg-type]  # noqa: PTH117
    except TypeError:
        return False


def _is_in(frame: FrameType | None, files: frozenset[str]) -> bool:
    return frame is not None and frame.f_code.co_filename in files
