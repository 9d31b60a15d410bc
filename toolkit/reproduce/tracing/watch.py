"""See by inotify which files an execution opens, native readers included."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path
from select import POLLIN
from typing import TYPE_CHECKING

from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.tracing.sightings import (
    CREATE,
    IGNORED,
    IS_FOLDER,
    MOVED_TO,
    OVERFLOW,
    WATCHED,
    Sightings,
)
from toolkit.reproduce.workspace.making import Workspace

if TYPE_CHECKING:
    from inotify_simple import INotify

SEEN = "reads by native code: seen in the project's files, by inotify"
UNSEEN = "reads by native code: not seen"
_UNWATCHED = frozenset(("__pycache__", ".ipynb_checkpoints", ".git"))
_PAUSE_S = 0.005  # equal events fall together meanwhile: the kernel merges them
_MOST = 8_192  # folders below linked or extra places: they may be somebody's disk


class Watch:
    """Watches a workspace, the real files that it links, and further places.

    On a system without inotify it sees nothing, and says so.

    Parameters
    ----------
    workspace : as it was made; nothing has been executed in it yet
    extra : further files and folders outside of it, with all below

    Examples
    --------
    >>> watch = Watch(workspace)  # doctest: +SKIP
    >>> watch.start()  # doctest: +SKIP
    >>> watch.start_cell(0)  # doctest: +SKIP
    >>> watch.stop()  # doctest: +SKIP
    (Event(kind='read', what='/tmp/tk1/project/data/x.parquet', cell=0),)
    """

    def __init__(self, workspace: Workspace, extra: Sequence[Path] = ()) -> None:
        self._workspace = workspace
        self._extra = tuple(extra)
        self._inotify: INotify | None = None
        self._folders: dict[int, str] = {}
        self._only: dict[str, set[str]] = {}  # names that count in a folder elsewhere
        self._seen = Sightings()
        self._cell: int | None = None
        self._gaps: dict[str, None] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake: tuple[int, int] | None = None

    @property
    def enforced(self) -> str:
        """A sentence for the trace: what is seen here, and what is not."""
        if not self._gaps:
            return SEEN
        gaps = "; ".join(self._gaps)
        return f"{SEEN}, but not all: {gaps}" if self._folders else f"{UNSEEN}: {gaps}"

    def start(self) -> None:
        """Begin to watch; what is seen until the first cell starts has no cell."""
        try:
            from inotify_simple import INotify  # noqa: PLC0415 -- Linux alone has it

            self._inotify = INotify(nonblocking=True)
        except (ImportError, AttributeError):
            self._gaps["this system has no inotify"] = None
            return
        except OSError as error:
            self._gaps[f"inotify cannot be had here ({error.strerror})"] = None
            return
        root = str(self._workspace.root)
        for folder in sorted(self._workspace.folders):
            self._add(f"{root}/{folder}" if folder else root)
        elsewhere = (*self._workspace.linked.values(), *self._extra)
        for place in dict.fromkeys(elsewhere):
            self._add_elsewhere(str(place))
        self._wake = os.pipe()
        self._thread = threading.Thread(target=self._read, name="watch", daemon=True)
        self._thread.start()

    def start_cell(self, index: int | None) -> None:
        """Give what is seen from now on to a cell; what waits belongs to the last."""
        with self._lock:
            self._take()
            self._cell = index

    def stop(self) -> tuple[Event, ...]:
        """End, and return what was seen, in its order; a second call adds nothing."""
        if self._thread is not None and self._wake is not None:
            os.write(self._wake[1], b"x")
            self._thread.join()
            for end in self._wake:
                os.close(end)
            self._thread = self._wake = None
        with self._lock:
            self._take()
            if self._inotify is not None:
                self._inotify.close()
                self._inotify = None
        return self._seen.events()

    def _read(self) -> None:
        from select import poll  # noqa: PLC0415 -- macOS has it, Windows does not

        waiting = poll()
        assert self._inotify is not None  # noqa: S101 -- the thread starts after it
        assert self._wake is not None  # noqa: S101
        waiting.register(self._inotify.fileno(), POLLIN)
        waiting.register(self._wake[0], POLLIN)
        while all(ready != self._wake[0] for ready, _ in waiting.poll()):
            time.sleep(_PAUSE_S)
            with self._lock:
                self._take()

    def _take(self) -> None:
        """Take what waits in the queue, for the cell that is running."""
        while self._inotify is not None:
            events = self._inotify.read(timeout=0)
            if not events:
                return
            for event in events:
                self._see(event.wd, event.mask, event.name)

    def _see(self, watch: int, mask: int, name: str) -> None:
        if mask & OVERFLOW:
            self._gaps["more happened at once than the system's queue holds"] = None
            return
        if mask & IGNORED:
            self._folders.pop(watch, None)
            return
        folder = self._folders.get(watch)
        if folder is None or name in _UNWATCHED:
            return
        if folder in self._only and name not in self._only[folder]:
            return
        path = f"{folder}/{name}" if name else folder
        self._seen.see(path, mask, self._cell)
        if mask & IS_FOLDER and mask & (CREATE | MOVED_TO):
            self._add_new(path)

    def _add(self, folder: str) -> None:
        if self._inotify is None:
            return
        try:
            self._folders[self._inotify.add_watch(folder, WATCHED)] = folder
        except OSError as error:
            if error.errno == ENOSPC:
                limit = "the limit fs.inotify.max_user_watches is reached"
                self._gaps[f"{limit}, raise it"] = None
            elif os.path.isdir(folder):  # noqa: PTH112 -- str all along
                self._gaps[f"{folder} cannot be watched ({error.strerror})"] = None

    def _add_new(self, folder: str) -> None:
        """Watch a folder that was just made, and see what came into it before that."""
        self._add(folder)
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _UNWATCHED:
                        self._add_new(entry.path)
                else:
                    self._seen.see(entry.path, CREATE, self._cell)

    def _add_elsewhere(self, place: str) -> None:
        """Watch a folder with all below, or of a file's folder that file alone."""
        if not os.path.isdir(place):  # noqa: PTH112
            folder, _, name = place.rpartition("/")
            if folder in self._only or folder not in self._folders.values():
                self._only.setdefault(folder, set()).add(name)
                self._add(folder)
            return
        for count, folder in enumerate(list(_tree(place)), start=1):
            if count > _MOST:
                self._gaps[f"{place} holds too many folders"] = None
                return
            self._only.pop(folder, None)
            self._add(folder)


def _tree(place: str) -> Iterator[str]:
    """Yield a folder and at most a few more than can be watched of those below."""
    for count, (folder, folders, _) in enumerate(os.walk(place)):
        folders[:] = [name for name in folders if name not in _UNWATCHED]
        yield folder
        if count >= _MOST:
            return
