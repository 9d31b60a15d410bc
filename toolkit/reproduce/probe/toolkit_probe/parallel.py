"""Work that is done side by side comes back in another order."""

from __future__ import annotations

import sys
import time

from .wrapping import when_imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType
    from typing import Any

_DELAYED = 64  # tasks of an executor: a delay for each of thousands would take long
_STEP_S = 0.01
_CYCLE = 6
_GATHER_S = 0.05
_WINDOW = 8
_SWITCH_S = 0.0005


def disturb() -> None:
    """Delay early tasks, return later results first, and switch threads often."""
    sys.setswitchinterval(_SWITCH_S)
    when_imported("concurrent.futures.thread", _delay_threads)
    when_imported("concurrent.futures._base", _gather)
    when_imported("multiprocessing.pool", _reverse_pool)


def _delay_threads(module: ModuleType) -> None:
    executor: Any = module.ThreadPoolExecutor
    submit = executor.submit

    def delayed(
        self: Any,  # noqa: ANN401 -- passed on, as the rest
        fn: Callable[..., Any],
        /,
        *args: Any,  # noqa: ANN401
        **named: Any,  # noqa: ANN401
    ) -> object:
        number = self.__dict__.setdefault("_toolkit_submitted", 0)
        self.__dict__["_toolkit_submitted"] = number + 1
        if number >= _DELAYED:
            return submit(self, fn, *args, **named)

        def task(*args: Any, **named: Any) -> object:  # noqa: ANN401
            time.sleep(_STEP_S * (_CYCLE - 1 - number % _CYCLE))
            return fn(*args, **named)

        return submit(self, task, *args, **named)

    executor.submit = delayed


def _gather(module: ModuleType) -> None:
    """Let as_completed gather what ends at about the same time, and turn it round."""

    def as_completed(fs: Iterable[Any], timeout: float | None = None) -> Iterator[Any]:
        order = {future: index for index, future in enumerate(fs)}
        ends = None if timeout is None else time.monotonic() + timeout
        pending = set(order)
        while pending:
            left = None if ends is None else max(0.0, ends - time.monotonic())
            done, _ = module.wait(pending, left, module.FIRST_COMPLETED)
            if not done:
                message = f"{len(pending)} (of {len(order)}) futures unfinished"
                raise module.TimeoutError(message)
            gathered, _ = module.wait(pending, _GATHER_S)
            pending -= gathered
            yield from sorted(gathered, key=order.__getitem__, reverse=True)

    module.as_completed = as_completed  # type: ignore[attr-defined]
    package = sys.modules.get("concurrent.futures")
    if package is not None:
        package.as_completed = as_completed  # type: ignore[attr-defined]


class _LaterFirst:
    """Results of imap, each few of them from the last to the first."""

    def __init__(self, results: Any) -> None:  # noqa: ANN401 -- multiprocessing's own
        self._results = results
        self._ready: list[Any] = []

    def __iter__(self) -> _LaterFirst:
        return self

    def next(self, timeout: float | None = None) -> object:
        """Return the next result."""
        if not self._ready:
            self._gather(timeout)
        if not self._ready:
            raise StopIteration
        worked, result = self._ready.pop()
        if not worked:
            raise result
        return result

    def _gather(self, timeout: float | None) -> None:
        while len(self._ready) < _WINDOW:
            try:
                self._ready.append((True, self._results.next(timeout)))
            except StopIteration:
                return
            except Exception as error:
                if timeout is not None and not self._ready:
                    raise
                self._ready.append((False, error))
                return

    def __next__(self) -> object:
        return self.next()


def _reverse_pool(module: ModuleType) -> None:
    pool: Any = module.Pool

    def imap_unordered(
        self: Any,  # noqa: ANN401
        func: Callable[..., Any],
        iterable: Iterable[Any],
        chunksize: int = 1,
    ) -> _LaterFirst:
        return _LaterFirst(self.imap(func, iterable, chunksize))

    pool.imap_unordered = imap_unordered
