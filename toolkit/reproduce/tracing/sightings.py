"""What inotify's masks say: read, written, deleted, listed, and in which cell."""

from toolkit.reproduce.records.trace import Event

ACCESS = 0x00000001
MODIFY = 0x00000002
CLOSE_WRITE = 0x00000008
CLOSE_NOWRITE = 0x00000010
OPEN = 0x00000020
MOVED_FROM = 0x00000040
MOVED_TO = 0x00000080
CREATE = 0x00000100
DELETE = 0x00000200
OVERFLOW = 0x00004000
IGNORED = 0x00008000
ONLY_FOLDERS = 0x01000000
IS_FOLDER = 0x40000000
_WROTE = MODIFY | CLOSE_WRITE | CREATE | MOVED_TO
_REMOVED = DELETE | MOVED_FROM
WATCHED = ACCESS | CLOSE_NOWRITE | OPEN | _WROTE | _REMOVED | ONLY_FOLDERS


class Sightings:
    """Events from masks, each path and kind once a cell.

    A file is read when it is accessed, or opened and closed by one who could not
    write, for a memory map is read without a trace. One that is opened for both, as
    databases do it, is read when it is accessed. Whether an opened file was really
    changed, its content tells; the event tells only who may have done it.
    """

    def __init__(self) -> None:
        self._events: dict[tuple[str, str, int | None], Event] = {}
        self._opened: dict[str, int | None] = {}  # and not yet known what for

    def see(self, path: str, mask: int, cell: int | None) -> None:
        """Take one event: a path, inotify's mask, and the cell that is running."""
        if mask & IS_FOLDER:
            if mask & ACCESS:
                self._add("list", path, cell)
        elif mask & OPEN:
            self._opened[path] = cell
        elif mask & ACCESS:
            self._opened.pop(path, None)
            self._add("read", path, cell)
        elif mask & CLOSE_NOWRITE:
            if path in self._opened:
                self._add("read", path, self._opened.pop(path))
        elif mask & _WROTE:
            if mask & CLOSE_WRITE:
                self._opened.pop(path, None)
            self._add("write", path, cell)
        if mask & _REMOVED:
            self._add("delete", path, cell)

    def events(self) -> tuple[Event, ...]:
        """Return what was seen so far; what is still open counts as read."""
        wrote = {path for kind, path, _ in self._events if kind == "write"}
        for path, cell in self._opened.items():
            if path not in wrote:
                self._add("read", path, cell)
        return tuple(self._events.values())

    def _add(self, kind: str, path: str, cell: int | None) -> None:
        key = (kind, path, cell)
        if key not in self._events:
            self._events[key] = Event(kind=kind, what=path, cell=cell)
