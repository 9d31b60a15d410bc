"""The audit hook: from an event to its handler, quickly."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Handler = Callable[[tuple[object, ...]], OSError | None]


def install(handlers: Mapping[str, Handler]) -> None:
    """Call a handler for each of its audit events, and raise what it returns.

    An error within a handler is ours and is dropped: the notebook goes on.
    """
    find = handlers.get

    def hook(event: str, args: tuple[object, ...]) -> None:
        handler = find(event)
        if handler is None:
            return
        try:
            error = handler(args)
        except Exception:  # noqa: BLE001 -- the notebook has not failed, the probe has
            return
        if error is not None:
            raise error

    # Tracers pass over audit hooks; those that measure our own tests must not.
    hook.__cantrace__ = "COVERAGE_PROCESS_CONFIG" in os.environ  # type: ignore[attr-defined]
    sys.addaudithook(hook)
