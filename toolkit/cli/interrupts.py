"""Ctrl-C and SIGTERM while a run is going on: end the kernel, keep the record."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def orderly() -> Iterator[None]:
    """Turn the first signal into an interrupt of the notebook that is being executed.

    The second is told to wait, as the record is being written; the third ends the
    process.
    """
    before = {number: signal.signal(number, _first) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _first(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, _second)
    print("\ntoolkit: interrupted; ending the kernel", file=sys.stderr, flush=True)
    raise KeyboardInterrupt


def _second(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    print("toolkit: keeping the record; once more ends it", file=sys.stderr, flush=True)
