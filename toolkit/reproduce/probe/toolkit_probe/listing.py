"""Folders are listed from their end: no order of names is promised."""

from __future__ import annotations

import os

from .wrapping import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Self


class _Backwards:
    """What scandir returns: an iterator that is closed, and a context."""

    def __init__(self, entries: Any) -> None:  # noqa: ANN401 -- its type has no name
        with entries:
            self._rest: Iterator[object] = reversed(list(entries))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> object:
        return next(self._rest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Yield nothing more."""
        self._rest = iter(())


def reverse() -> None:
    """Reverse os.listdir and os.scandir, hence os.walk, glob and pathlib."""

    def listing(original: Callable[..., Any]) -> Callable[..., Any]:
        def listdir(path: Any = None) -> object:  # noqa: ANN401
            return original(path)[::-1]

        return listdir

    def scanning(original: Callable[..., Any]) -> Callable[..., Any]:
        def scandir(path: Any = None) -> object:  # noqa: ANN401
            return _Backwards(original(path))

        return scandir

    wrap(os, "listdir", listing)
    wrap(os, "scandir", scanning)
