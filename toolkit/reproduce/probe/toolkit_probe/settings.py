"""What the process that started the kernel tells the probe."""

from __future__ import annotations

import posix

TYPE_CHECKING = False  # as typing has it, whose import is slow
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_WORDS: dict[str, object] = {
    "true": True,
    "false": False,
    "null": None,
    "__builtins__": {},
}


class Settings:
    """The settings file, read."""

    __slots__ = (
        "cell",
        "fingerprints",
        "home",
        "log",
        "network",
        "project",
        "quiet",
        "readable",
        "varied",
        "watch_calls",
        "workspace",
        "writable",
    )

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.workspace: tuple[str, ...] = tuple(values["workspace"])
        self.project: str = values["project"]
        self.home: str = values["home"]
        self.log: str = values["log"]
        self.cell: str = values["cell"]
        self.readable: tuple[str, ...] = tuple(values["readable"])
        self.writable: tuple[str, ...] = tuple(values["writable"])
        self.quiet: tuple[str, ...] = tuple(values["quiet"])
        self.network: bool = values["network"]
        self.varied: Mapping[str, Any] = values["varied"]
        self.fingerprints: bool = values["fingerprints"]
        self.watch_calls: bool = values["watch_calls"]


def read(path: str) -> Settings:
    """Return the settings in a file.

    JSON without escapes beyond those of Python is a Python expression, and the parser
    of JSON takes longer to import than everything else here.
    """
    number = posix.open(path, posix.O_RDONLY)
    try:
        text = b""
        while piece := posix.read(number, 1 << 20):
            text += piece
    finally:
        posix.close(number)
    source = text.decode("utf-8")
    return Settings(eval(source, dict(_WORDS)))  # noqa: S307 -- our own file
