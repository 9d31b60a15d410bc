"""The event loop that a thread gets by talking to a kernel, closed afterwards."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_core.utils import ensure_event_loop


@contextmanager
def loop_of_thread() -> Iterator[None]:
    """Close the event loop that a thread gets here; the main thread keeps its own."""
    if threading.current_thread() is threading.main_thread():
        yield
        return
    loop = ensure_event_loop()
    try:
        yield
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()
