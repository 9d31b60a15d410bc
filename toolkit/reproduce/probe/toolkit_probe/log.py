"""The log of events: JSON lines, one write each, shared by all processes."""

from __future__ import annotations

import mmap
import posix
from _json import encode_basestring_ascii as quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

_WIDTH = 8  # bytes of the shared cell index; the next one says that an event was lost
_LONGEST = 600  # characters of a detail


class Log:
    """Writes events; knows the running cell and what was said in it already.

    The file is opened for each event: a number kept open could be closed by the
    notebook and given to one of its own files.
    """

    def __init__(self, path: str, cell: str) -> None:
        self.path = path
        number = posix.open(cell, posix.O_RDWR | posix.O_CLOEXEC)
        self._shared = mmap.mmap(number, _WIDTH + 1)
        posix.close(number)
        self._bytes = b""
        self._seen: set[Hashable] = set()

    def cell(self) -> int | None:
        """Return the index of the running cell."""
        index = int.from_bytes(self._shared[:_WIDTH], "little", signed=True)
        return None if index < 0 else index

    def is_new(self, key: Hashable) -> bool:
        """Say whether this is seen for the first time in the running cell."""
        now = self._shared[:_WIDTH]
        if now != self._bytes:
            self._bytes = now
            self._seen = set()
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def has(self, key: Hashable) -> bool:
        """Say whether this was seen in the running cell."""
        return key in self._seen and self._bytes == self._shared[:_WIDTH]

    def write(
        self,
        kind: str,
        what: str,
        detail: str = "",
        place: tuple[str | None, int] | None = None,
    ) -> None:
        """Append an event.

        Parameters
        ----------
        kind, what, detail : as in an event
        place : file of the project (None: the cell) and line
        """
        fields = [f'"kind":{quoted(kind)},"what":{quoted(what)}']
        cell = self.cell()
        if cell is not None:
            fields.append(f'"cell":{cell}')
        if place is not None:
            if place[0] is not None:
                fields.append(f'"file":{quoted(place[0])}')
            fields.append(f'"line":{place[1]}')
        if detail:
            fields.append(f'"detail":{quoted(detail[:_LONGEST])}')
        line = "{" + ",".join(fields) + "}\n"
        try:
            flags = posix.O_WRONLY | posix.O_APPEND | posix.O_CLOEXEC
            number = posix.open(self.path, flags)
            try:
                posix.write(number, line.encode("ascii"))
            finally:
                posix.close(number)
        except OSError:  # a full disk; or the folder is gone, and the run is over
            self._shared[_WIDTH] = 1
