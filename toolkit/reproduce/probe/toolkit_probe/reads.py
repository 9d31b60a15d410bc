"""What has no audit event: entropy drawn, and files looked for in vain."""

from __future__ import annotations

import os

from .paths import mode
from .places import caller, stdlib
from .wrapping import Wrapped, when_imported, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any

    from .files import Files
    from .log import Log
    from .paths import Paths
    from .places import Places

_DRAWING = stdlib("random", "secrets", "uuid", "os") | {
    __file__,
    Wrapped.__call__.__code__.co_filename,
}
_NAMED = ("random", "secrets", "uuid")
_LOOKING = ("stat", "lstat", "access")


class Entropy:
    """Notes entropy that a cell or a project's file draws."""

    def __init__(self, log: Log, places: Places) -> None:
        self._log = log
        self._places = places

    def watch(self) -> None:
        """Watch the system's source, which secrets, uuid and numpy's generators use."""
        for name in ("urandom", "getrandom"):
            wrap(os, name, self._drawing)
        when_imported("random", self._watch_random)

    def _drawing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def draw(*args: object, **named: object) -> object:
            self._note(f"os.{original.__name__}")
            return original(*args, **named)

        return draw

    def _watch_random(self, random: ModuleType) -> None:
        """Watch generators that are seeded from nothing; C reads the entropy there."""
        random._urandom = os.urandom  # type: ignore[attr-defined]  # noqa: SLF001
        seed = random.Random.seed

        def seeded(self_: Any, a: object = None, version: int = 2) -> None:  # noqa: ANN401
            if a is None:
                self._note("random.seed")
            seed(self_, a, version)

        random.Random.seed = seeded
        random.seed = random._inst.seed  # type: ignore[attr-defined]  # noqa: SLF001

    def _note(self, what: str) -> None:
        """Note a draw under the name that the cell called."""
        frame = caller(1)
        name = what
        while frame is not None and frame.f_code.co_filename in _DRAWING:
            module = frame.f_globals.get("__name__", "")
            if module in _NAMED:
                name = f"{module}.{frame.f_code.co_name}"
            frame = frame.f_back
        if frame is None or not self._log.is_new((frame.f_code, frame.f_lasti)):
            return
        place = self._places.at(frame)
        if place is None or is_seeded_state(frame):
            return
        if self._log.is_new(("entropy", name, place)):
            self._log.write("entropy", name, place=place)


def is_seeded_state(frame: FrameType | None) -> bool:
    """Say whether numpy.random.RandomState is called with a seed.

    It draws entropy all the same, and then seeds itself anew. The second byte of the
    instruction that calls is the number of arguments.
    """
    if frame is None or "RandomState" not in frame.f_code.co_names:
        return False
    return frame.f_code.co_code[frame.f_lasti + 1] > 0


def watch_looking(files: Files, paths: Paths, log: Log, places: Places) -> None:
    """Note files of the project that a cell looks for and that are not there."""

    def looking(original: Callable[..., Any]) -> Callable[..., Any]:
        def look(*args: Any, **named: Any) -> object:  # noqa: ANN401
            try:
                found: object = original(*args, **named)
            except FileNotFoundError:
                missing(args, named)
                raise
            if found is False:  # access says so, and why is not told
                missing(args, named)
            return found

        return look

    def missing(args: tuple[Any, ...], named: dict[str, Any]) -> None:
        what = args[0] if args else named.get("path")
        path = paths.absolute(what, named.get("dir_fd"))
        if path is None or not paths.in_workspace(path):
            return
        if log.is_new(("absent", path)) and mode(path) is None:
            files.absent(path, places.innermost(caller(1)))

    for name in _LOOKING:
        wrap(os, name, looking)
