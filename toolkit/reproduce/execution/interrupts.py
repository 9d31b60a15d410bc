"""Ctrl-C while a kernel works: the kernel is ended, whoever swallows the exception."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Asked:
    """Whether somebody asked to stop."""

    to_stop: bool = False


@contextmanager
def ended_by_signals(end: Callable[[], None]) -> Iterator[Asked]:
    """Call ``end`` when a signal that has a handler arrives, then that handler.

    The handler raises KeyboardInterrupt wherever the program happens to be. Where that
    is inside a callback which swallows it, the kernel would go on to its end, and the
    run would read as finished. Other threads get no signals, so nothing is done there.

    Parameters
    ----------
    end : ends the kernel at once; may be called more than once
    """
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    handlers = {each: signal.getsignal(each) for each in SIGNALS}
    before = {each: handler for each, handler in handlers.items() if callable(handler)}

    def stop(number: int, frame: FrameType | None) -> None:
        asked.to_stop = True
        end()
        before[signal.Signals(number)](number, frame)

    for each in before:
        signal.signal(each, stop)
    try:
        yield asked
    finally:
        for each, handler in before.items():
            if signal.getsignal(each) is stop:  # the handler may have set another
                signal.signal(each, handler)
