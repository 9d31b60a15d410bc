"""Programs that Python starts, from its audit events."""

from __future__ import annotations

import os

from .places import caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .log import Log
    from .places import Places

_CALLER = 2


class Processes:
    """Handles audit events of programs being started; forks are none."""

    def __init__(self, log: Log, places: Places) -> None:
        self._log = log
        self._places = places

    def handlers(self) -> Mapping[str, Callable[[tuple[object, ...]], OSError | None]]:
        """Return the function for each event."""
        return {
            "subprocess.Popen": self.started,
            "os.exec": self.started,
            "os.posix_spawn": self.started,
            "os.system": self.shell,
        }

    def started(self, args: tuple[object, ...]) -> None:
        """Handle Popen(executable, args, …), exec(path, args, env), posix_spawn."""
        program, words = args[0], args[1]
        if isinstance(words, (str, bytes, os.PathLike)):
            words = [words]
        line = (
            [_text(word) for word in words] if isinstance(words, (list, tuple)) else []
        )
        self._note(_text(program) or (line[0] if line else ""), " ".join(line))

    def shell(self, args: tuple[object, ...]) -> None:
        """Handle system(command)."""
        self._note("/bin/sh", f"sh -c {_text(args[0])}")

    def _note(self, program: str, line: str) -> None:
        if self._log.is_new(("process", program, line)):
            place = self._places.innermost(caller(_CALLER + 1))
            if place is not None or self._log.cell() is not None:
                self._log.write("process", program, line, place)


def _text(word: object) -> str:
    try:
        return os.fsdecode(word)  # type: ignore[arg-type]  # judged here
    except TypeError:
        return ""
