import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from executions import is_alive, printed, surrounding

from notebooks import parsed
from toolkit.reproduce.execution.headless import execute, stop_all
from toolkit.reproduce.execution.interrupts import ended_by_signals
from toolkit.reproduce.execution.prepared import Execution, prepare
from toolkit.reproduce.notebook import Cell
from toolkit.reproduce.parameters.schema import read_schema
from toolkit.reproduce.parameters.values import resolve


def interrupt_this_process() -> None:
    """Send what Ctrl-C sends to the main thread, which alone wakes up by it."""
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


@pytest.mark.kernel
def test_an_interrupt_from_outside_ends_the_kernel_and_keeps_its_cells(
    tmp_path: Path,
) -> None:
    def soon(index: int, _: Cell) -> None:
        if index == 1:
            threading.Timer(0.3, interrupt_this_process).start()

    notebook = parsed("import os; print(os.getpid())", "import time; time.sleep(60)")
    prepared = prepare(notebook, resolve(read_schema(notebook), []))
    with surrounding(tmp_path) as surround:
        execution = execute(notebook, prepared, surround, soon)
    assert execution.status == "interrupted"
    assert [c.status for c in execution.cells] == ["finished", "interrupted"]
    assert not is_alive(int(printed(execution, 0)))


@pytest.mark.kernel
def test_an_interrupt_that_something_swallows_still_ends_the_kernel(
    tmp_path: Path,
) -> None:
    """It is raised wherever the program is, a callback that passes over it included."""

    def soon(index: int, _: Cell) -> None:
        if index == 1:
            threading.Timer(0.3, interrupt_this_process).start()

    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        notebook = parsed("import time", "time.sleep(600)", "never = 1")
        prepared = prepare(notebook, resolve(read_schema(notebook), []))
        with surrounding(tmp_path) as surround:
            execution = execute(notebook, prepared, surround, soon)
    finally:
        signal.signal(signal.SIGINT, before)
    assert execution.status == "interrupted"
    assert [c.status for c in execution.cells] == ["finished", "interrupted", "not run"]


@pytest.mark.kernel
def test_executions_in_other_threads_can_be_stopped_together(tmp_path: Path) -> None:
    begun = threading.Semaphore(0)
    notebook = parsed("import time; time.sleep(600)")
    prepared = prepare(notebook, resolve(read_schema(notebook), []))

    def run(name: str) -> Execution:
        folder = tmp_path / name
        folder.mkdir()
        with surrounding(folder) as surround:
            return execute(notebook, prepared, surround, lambda *_: begun.release())

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(run, name) for name in ("a", "b")]
        for _ in running:
            assert begun.acquire(timeout=60)
        stop_all()
        assert [each.result().status for each in running] == ["interrupted"] * 2


def test_another_thread_leaves_the_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def look() -> None:
        with ended_by_signals(lambda: None) as asked:
            seen.extend([signal.getsignal(signal.SIGINT), asked.to_stop])

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before, False]
