"""Environment variables that a cell or a project's file reads."""

from __future__ import annotations

import os
from collections.abc import Mapping

from .places import caller, outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

    from .log import Log
    from .places import Places
    from .settings import Settings

_PASSED = frozenset(  # os.getenv and Mapping.get call __getitem__
    {
        __file__,
        os.getenv.__code__.co_filename,
        Mapping.get.__code__.co_filename,
    }
)
_WORDS = frozenset({"environ", "getenv"})
ALL = "*"
_OURS = "TOOLKIT_"


class Variables:
    """Notes reads whose caller is a cell or a project's file."""

    def __init__(self, log: Log, places: Places, settings: Settings) -> None:
        self._log = log
        self._places = places
        self._hidden = [(place, "<workspace>") for place in settings.workspace]
        self._hidden.append((settings.home, "<home>"))
        self.own: set[object] = set()  # set by this process: no input

    def read(self, name: object) -> None:
        """Note a variable, or all of them, once in a cell."""
        if not isinstance(name, str) or self._log.has(("environment", name)):
            return
        frame = outside(caller(1), _PASSED)
        place = self._places.at(frame)
        if frame is None or place is None or not _asks(frame, name):
            return
        every = ("environment", ALL, place)
        if name in self.own or name.startswith(_OURS) or self._log.has(every):
            return  # dict(os.environ) then reads each of them
        if self._log.is_new(every if name == ALL else ("environment", name)):
            detail = "" if name == ALL else self._digest(name)
            self._log.write("environment", name, detail, place)

    def _digest(self, name: str) -> str:
        """Return the digest of a value without our temporary folders, "" if unset."""
        values: Mapping[bytes, bytes] = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001
        value = values.get(os.fsencode(name))
        if value is None:
            return ""
        from hashlib import sha256  # noqa: PLC0415 -- slow to import

        text = os.fsdecode(value)
        for folder, word in self._hidden:
            text = text.replace(folder, word)
        return sha256(os.fsencode(text)).hexdigest()


def _asks(frame: FrameType, name: object) -> bool:
    """Say whether a frame's own code asks: compiled extensions have no frame."""
    code = frame.f_code
    if name in code.co_consts or not _WORDS.isdisjoint(code.co_names):
        return True
    known = (frame.f_globals.get(word) for word in code.co_names)
    return any(value is os.environ or value is os.getenv for value in known)


def watch(variables: Variables) -> None:
    """Let ``os.environ`` tell of reads: it stays the same object and behaves as before.

    Its own class stays a base, so that it is still an instance of it.
    """
    base: Any = type(os.environ)
    note = variables.read

    class _Environ(base):  # type: ignore[misc]
        def __getitem__(self, key: object) -> object:
            note(key)
            return base.__getitem__(self, key)

        def __iter__(self) -> Iterator[str]:
            note(ALL)
            names: Iterator[str] = base.__iter__(self)
            return names

        def copy(self) -> object:
            note(ALL)
            return base.copy(self)

        def __setitem__(self, key: object, value: object) -> None:
            base.__setitem__(self, key, value)
            variables.own.add(key)

        def __delitem__(self, key: object) -> None:
            base.__delitem__(self, key)
            variables.own.add(key)

    _Environ.__module__ = base.__module__
    _Environ.__qualname__ = base.__qualname__
    os.environ.__class__ = _Environ
