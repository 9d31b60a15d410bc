"""Execute a notebook by papermill, in a fresh kernel, and tell truly what became of it.

The only module that imports papermill. Its exceptions become an :class:`Execution`, in
which every cell keeps the status that it had when the kernel was gone: papermill's own
metadata calls cells *completed* that never ran.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.reproduce.execution.aftermath import cell_records, mark
from toolkit.reproduce.execution.failures import Place, failure_of
from toolkit.reproduce.execution.interrupts import ended_by_signals
from toolkit.reproduce.execution.kernels import kernel_environment, kernel_manager
from toolkit.reproduce.execution.loops import loop_of_thread
from toolkit.reproduce.execution.prepared import Execution, Prepared, Surround
from toolkit.reproduce.execution.watchdog import Watchdog
from toolkit.reproduce.notebook import Cell, Notebook
from toolkit.reproduce.records.record import CellStatus, Status

if TYPE_CHECKING:
    from subprocess import Popen

    from jupyter_client.manager import AsyncKernelManager


@contextmanager
def _unimported(*names: str) -> Iterator[None]:
    """Make optional imports fail that only cost: a grammar of URIs takes a second."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # as the import system does
    yield
    for name in absent:
        sys.modules.pop(name, None)


with _unimported("rfc3987_syntax"):
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from nbformat import NotebookNode, from_dict
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NotebookExecutionManager

SKIP = "skip-execution"
STARTUP_S = 180  # a kernel that dies before is noticed at once
OUTPUT_S = 60  # from a cell's reply to its last output
SHUTDOWN_S = 5  # for the exit hooks of a kernel that finished
KERNEL_LOG = "kernel.log"
_LOG = logging.getLogger(__name__)
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False


def _is_news(record: logging.LogRecord) -> bool:
    """Return False for what asyncio says of a task that saw a kernel end.

    Where an interrupt overtakes that task, nobody asks for what it found; the kernel's
    end is in the run's status.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], DeadKernelError))


logging.getLogger("asyncio").addFilter(_is_news)


class _TimeUpError(Exception):
    """A cell went on after it had been interrupted."""


class _Manager(NotebookExecutionManager):  # type: ignore[misc]  # papermill has no types
    """Papermill's bookkeeping, truthful and without a file per cell."""

    def __init__(
        self, node: NotebookNode, watchdog: Watchdog, on_cell: Callable[[int], None]
    ) -> None:
        super().__init__(node, progress_bar=False, autosave_cell_every=0)
        self.statuses: dict[int, CellStatus] = {}
        self.seconds: dict[int, float] = {}
        self._watchdog = watchdog
        self._on_cell = on_cell

    def save(self, **_: object) -> None:
        """Write nothing: the run is written once, when it is whole."""

    def run_cell(self, index: int, execute: Callable[[Any, int], object]) -> None:
        """Execute one cell; its status is known whatever happens."""
        cell = self.nb.cells[index]
        self._on_cell(index)
        self.cell_start(cell, index)
        self.statuses[index] = "interrupted"
        began = time.monotonic()
        self._watchdog.start_cell()
        try:
            execute(cell, index)
            if self._watchdog.expired:
                raise _TimeUpError
            self.statuses[index] = "finished"
        except (CellExecutionError, DeadKernelError):
            if not self._watchdog.expired:
                self.statuses[index] = "failed"
            raise
        finally:
            self._watchdog.stop_cell()
            self.seconds[index] = time.monotonic() - began
            if self.statuses[index] != "finished":
                self.cell_exception(cell, index)
            self.cell_complete(cell, index)

    def interrupted(self) -> Status:
        """Note that the last cell was not let end."""
        self.statuses[max(self.statuses)] = "interrupted"
        return "interrupted"

    def notebook_complete(self, **_: object) -> None:
        """Note the time; cells that did not run stay *pending*."""
        self.end_time = self.now()
        metadata = self.nb.metadata.papermill
        metadata["end_time"] = self.end_time.isoformat()
        metadata["duration"] = (self.end_time - self.start_time).total_seconds()


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Ends the kernel at once, unless its cells ended by themselves."""

    def papermill_execute_cells(self) -> None:
        """Execute the code cells in their order, up to the first that fails."""
        self.shutdown_kernel = "immediate"
        for index, cell in enumerate(self.nb.cells):
            if _is_executed(cell):
                self.nb_man.run_cell(index, self.execute_cell)
        self.shutdown_kernel = "graceful"


class _Session:
    """One kernel, from its start to the end of its last child."""

    def __init__(self, surround: Surround) -> None:
        limits = surround.limits
        self.manager: AsyncKernelManager = kernel_manager(
            surround.home, surround.python
        )
        self.manager.shutdown_wait_time = SHUTDOWN_S
        self.watchdog = Watchdog(
            limits,
            interrupt=lambda: self._signal(signal.SIGINT),
            end=lambda: self._signal(signal.SIGKILL),
        )
        self._process: Popen[bytes] | None = None
        self._to_stop = False

    def stop(self) -> None:
        """End the kernel at once, from any thread, also before it has started."""
        self._to_stop = True
        self._signal(signal.SIGKILL)

    def run(self, book: _Manager, surround: Surround, env: Mapping[str, str]) -> Status:
        """Execute the cells and return how that ended."""
        client = _Client(
            book,
            km=self.manager,
            timeout=None,  # the watchdog's, which also ends what cannot be interrupted
            startup_timeout=STARTUP_S,
            iopub_timeout=OUTPUT_S,
            on_notebook_start=self._started,
            log=_LOG,
        )
        self.watchdog.start_run()
        try:
            with (
                (surround.folder / KERNEL_LOG).open("wb") as log,
                ended_by_signals(lambda: self._signal(signal.SIGKILL)) as asked,
            ):
                client.execute(
                    cleanup_kc=True, cwd=surround.cwd, env=env, stdout=log, stderr=log
                )
        except KeyboardInterrupt:
            return "interrupted"
        except (CellExecutionError, RuntimeError, _TimeUpError) as error:
            if (
                asked.to_stop or self._to_stop
            ):  # and something swallowed the KeyboardInterrupt
                return book.interrupted()
            if self.watchdog.expired:
                return "timed out"
            if isinstance(error, CellExecutionError):
                return "failed"
            if book.statuses and not isinstance(error, DeadKernelError):
                raise
            return "kernel died"
        finally:
            self.watchdog.stop()
            self._signal(signal.SIGKILL)  # what the kernel started and left behind
        return "finished"

    @property
    def exit_code(self) -> int | None:
        """Exit code of the kernel, negative for a signal; None if nobody knows."""
        return None if self._process is None else self._process.poll()

    def _started(self, **_: object) -> None:
        provisioner = self.manager.provisioner
        self._process = getattr(provisioner, "process", None)
        if self._to_stop:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        group = getattr(self.manager.provisioner, "pgid", None)
        if group:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)


_RUNNING: set[_Session] = set()


def stop_all() -> None:
    """End every kernel that runs, in whatever thread: they read as interrupted."""
    for session in list(_RUNNING):
        session.stop()


def execute(
    notebook: Notebook,
    prepared: Prepared,
    surround: Surround,
    on_cell: Callable[[int, Cell], None],
) -> Execution:
    """Return what became of a notebook's cells; the kernel and its children are gone.

    A Ctrl-C while it executes is an execution that was interrupted, too.

    Parameters
    ----------
    notebook : its source
    prepared : the copy of it to execute
    surround : folders, variables and time limits
    on_cell : called before each cell, with its index in ``prepared`` and the cell
    """
    session = _Session(surround)
    book = _Manager(
        from_dict(prepared.content),  # type: ignore[no-untyped-call]  # no types
        session.watchdog,
        lambda index: on_cell(index, notebook.cells[prepared.source_index(index)]),
    )
    book.notebook_start()
    env = kernel_environment(os.environ, surround)
    _RUNNING.add(session)
    try:
        with loop_of_thread():
            status = session.run(book, surround, env)
    finally:
        _RUNNING.discard(session)
    book.notebook_complete()
    log = surround.folder / KERNEL_LOG
    place = _place(book, prepared, log)
    if not log.stat().st_size:
        log.unlink()
    watchdog, limits = session.watchdog, surround.limits
    error = failure_of(status, place, watchdog.expired, limits, session.exit_code)
    mark(book.nb, status, book.statuses, error)
    return Execution(
        status=status,
        cells=tuple(cell_records(prepared, book.nb, book.statuses, book.seconds)),
        error=error,
        content=book.nb,
    )


def _place(book: _Manager, prepared: Prepared, log: Path) -> Place:
    """Return the cell that did not finish; no cell if none had begun."""
    text = log.read_text(errors="replace")
    last = max(book.statuses, default=None)
    if last is None or book.statuses[last] == "finished":
        return Place(cell=None, source="", outputs=(), log=text)
    cell = book.nb.cells[last]
    return Place(
        cell=prepared.source_index(last),
        source=cell.source,
        outputs=cell.outputs,
        log=text,
    )


def _is_executed(cell: Any) -> bool:  # noqa: ANN401 -- nbformat's node
    code = cell.cell_type == "code" and bool(cell.source.strip())
    return code and SKIP not in cell.metadata.get("tags", ())
