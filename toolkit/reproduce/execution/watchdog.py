"""Time limits: interrupt a kernel that takes too long, then end it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

GRACE_S = 2.0  # from the interrupt to the end
Expired: TypeAlias = Literal["cell", "run"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long a cell, and a run, may take; None is without limit."""

    cell_s: float | None = None
    run_s: float | None = None


class Watchdog:
    """Interrupts when a limit has passed, and ends what does not stop then.

    It works from threads of its own, so that nothing which waits for the kernel can
    keep it from acting.

    Parameters
    ----------
    limits : of each cell and of the run
    interrupt : asks the kernel to stop its cell
    end : ends the kernel at once
    """

    def __init__(
        self, limits: Limits, interrupt: Callable[[], None], end: Callable[[], None]
    ) -> None:
        self.expired: Expired | None = None
        self._limits = limits
        self._interrupt = interrupt
        self._end = end
        self._timers: dict[str, threading.Timer] = {}
        self._lock = threading.RLock()
        self._stopped = False

    def start_run(self) -> None:
        """Begin to count the run's time."""
        self._start("run", self._limits.run_s)

    def start_cell(self) -> None:
        """Begin to count a cell's time."""
        self._start("cell", self._limits.cell_s)

    def stop_cell(self) -> None:
        """Forget the cell: it ended."""
        self._stop("cell")

    def stop(self) -> None:
        """Forget everything: the kernel is gone."""
        with self._lock:
            self._stopped = True
            for name in list(self._timers):
                self._stop(name)

    def _start(self, name: Expired, seconds: float | None) -> None:
        if seconds is not None:
            self._timer(name, seconds, lambda: self._expire(name))

    def _expire(self, name: Expired) -> None:
        with self._lock:
            if not self._stopped:
                self.expired = self.expired or name
                self._interrupt()
                self._timer("end", GRACE_S, self._end)

    def _timer(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        with self._lock:
            self._stop(name)
            timer = threading.Timer(seconds, act)
            timer.daemon = True
            self._timers[name] = timer
            timer.start()

    def _stop(self, name: str) -> None:
        with self._lock:
            timer = self._timers.pop(name, None)
            if timer is not None:
                timer.cancel()
