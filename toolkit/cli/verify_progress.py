"""How a verification goes on, on one line of a terminal."""

import threading
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.reproduce.execution.executing import Told
    from toolkit.reproduce.notebook import Cell
    from toolkit.reproduce.records.record import Record

_CLEAR = "\r\x1b[K"
_FEW = 3  # variations that are named
_WIDTH = 78


class Progress:
    """Says what is being executed; nothing where the stream is no terminal.

    Parameters
    ----------
    stream : usually stderr
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._lock = threading.Lock()
        self._title = ""
        self._number = 0

    def verifying(self, record: "Record") -> None:
        """Say which run."""
        self._title, self._number = record.notebook, 0
        self._write("looking at its record")

    def executing(self, told: "Sequence[Told]") -> None:
        """Say how it is executed."""
        self._number += len(told)
        self._write(", ".join(dict.fromkeys(_how(one) for one in told)))

    def cell(self, told: "Told", cell: "Cell") -> None:
        """Say which cell has been come to."""
        self._write(f"{_how(told)}, cell {cell.index + 1}")

    def ended(self) -> None:
        """Clear the line."""
        if self._shown:
            with self._lock:
                self._stream.write(_CLEAR)
                self._stream.flush()

    def _write(self, text: str) -> None:
        if self._shown:
            line = f"{self._title} (execution {self._number}): {text}"
            with self._lock:
                self._stream.write(f"{_CLEAR}{line[:_WIDTH]}")
                self._stream.flush()


def _how(told: "Told") -> str:
    names = sorted(told.variation.names)
    if not names:
        return "plain"
    return "+".join(names) if len(names) <= _FEW else f"{len(names)} varied"
