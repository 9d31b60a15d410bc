import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from notebooks import cell, content, parsed
from toolkit.reproduce.execution.failures import Place, advice_for, failure_of
from toolkit.reproduce.execution.headless import KERNEL_LOG, execute, stop_all
from toolkit.reproduce.execution.interrupts import ended_by_signals
from toolkit.reproduce.execution.kernels import (
    PINNED,
    kernel_environment,
    kernel_manager,
)
from toolkit.reproduce.execution.prepared import Execution, Surround, prepare
from toolkit.reproduce.execution.quarters import quarters
from toolkit.reproduce.execution.watchdog import Limits, Watchdog
from toolkit.reproduce.notebook import Cell, parse_notebook
from toolkit.reproduce.parameters.schema import read_schema
from toolkit.reproduce.parameters.values import Given, resolve
from toolkit.reproduce.records.record import Failure

PYTHON = Path(sys.executable)


def executed(
    folder: Path,
    *cells: str | dict[str, object],
    limits: Limits | None = None,
    given: tuple[Given, ...] = (),
    begun: list[Cell] | None = None,
) -> Execution:
    notebook = parsed(*cells)
    prepared = prepare(notebook, resolve(read_schema(notebook), given))
    begun = [] if begun is None else begun
    with surrounding(folder, limits) as surround:
        return execute(notebook, prepared, surround, lambda _, c: begun.append(c))


@contextmanager
def surrounding(folder: Path, limits: Limits | None = None) -> Iterator[Surround]:
    with quarters("0" * 8, os.environ) as home:
        yield Surround(
            home=home,
            cwd=folder,
            folder=folder,
            variables={"MARK": "7"},
            limits=limits or Limits(),
        )


def printed(execution: Execution, index: int) -> str:
    outputs = execution.content["cells"][index]["outputs"]
    return "".join(o["text"] for o in outputs if o["output_type"] == "stream")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    state = subprocess.run(  # noqa: S603 -- literal arguments
        ["/bin/ps", "-o", "stat=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return state.stdout.strip()[:1] not in ("", "Z")


FOREVER = """import time
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass"""


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("source", "limits", "status", "stopped", "ename", "evalue"),
    [
        pytest.param(
            "print('x')\n1 / 0",
            {},
            "failed",
            "failed",
            "ZeroDivisionError",
            "div",
            id="1/0",
        ),
        pytest.param(
            "raise SystemExit(0)",
            {},
            "failed",
            "failed",
            "SystemExit",
            "0",
            id="exit-0",
        ),
        pytest.param(
            "input()",
            {},
            "failed",
            "failed",
            "StdinNotImplementedError",
            "",
            id="input",
        ),
        pytest.param(
            "import os; os._exit(0)",
            {},
            "kernel died",
            "failed",
            "KernelDied",
            "exit code 0",
            id="os-exit-0",
        ),
        pytest.param(
            "import os; os.kill(os.getpid(), 9)",
            {},
            "kernel died",
            "failed",
            "KernelDied",
            "SIGKILL, often by the system, for want of memory",
            id="killed",
        ),
        pytest.param(
            "import time; time.sleep(60)",
            {"cell_s": 0.5},
            "timed out",
            "interrupted",
            "CellTimeout",
            "not done after 0.5 s",
            id="slow",
        ),
        pytest.param(
            "import signal, time\n"
            "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
            "time.sleep(1.5)",
            {"cell_s": 0.5},
            "timed out",
            "interrupted",
            "CellTimeout",
            "not done",
            id="ignores-the-interrupt-and-ends-by-itself",
        ),
        pytest.param(
            FOREVER,
            {"run_s": 2},
            "timed out",
            "interrupted",
            "RunTimeout",
            "not done after 2 s",
            id="cannot-be-interrupted",
        ),
    ],
)
def test_each_way_to_stop_is_told_with_the_true_status_of_each_cell(
    tmp_path: Path,
    source: str,
    limits: dict[str, float],
    status: str,
    stopped: str,
    ename: str,
    evalue: str,
) -> None:
    execution = executed(tmp_path, "n = 1", source, "n = 2", limits=Limits(**limits))
    assert execution.status == status
    assert [c.status for c in execution.cells] == ["finished", stopped, "not run"]
    assert execution.error is not None
    assert (execution.error.cell, execution.error.ename) == (1, ename)
    assert evalue in execution.error.evalue
    assert "\x1b" not in execution.error.traceback
    assert execution.error.source == source
    kept = execution.content["cells"]
    told = [plain["metadata"]["toolkit"]["status"] for plain in kept]
    assert told == ["finished", stopped, "not run"]
    assert "error" in [output["output_type"] for output in kept[1]["outputs"]]
    assert kept[2]["metadata"]["papermill"]["status"] == "pending"
    assert execution.content["metadata"]["toolkit"]["status"] == status
    assert not list(tmp_path.iterdir())


@pytest.mark.kernel
def test_a_notebook_that_finishes_ran_in_a_pinned_surrounding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels = tmp_path / "jupyter" / "kernels" / "python3"
    kernels.mkdir(parents=True)
    (kernels / "kernel.json").write_text(
        '{"argv": ["/nowhere"], "display_name": "x", "language": "python"}'
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    (tmp_path / "cwd").mkdir()
    begun: list[Cell] = []
    execution = executed(
        tmp_path / "cwd",
        cell("n = 1\nname = ''", "parameters"),
        cell("text", kind="markdown"),
        "import os, subprocess, sys, tempfile, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "print(n, name, child.pid, sys.executable, os.getcwd(), time.tzname[0], "
        "hash('a') == hash('a'), os.listdir(os.path.expanduser('~')), "
        "os.path.dirname(tempfile.mkdtemp()), os.environ['MARK'], sep='|')",
        cell("1 / 0", "raises-exception"),
        cell("1 / 0", "skip-execution"),
        " ",
        "await __import__('asyncio').sleep(0)",
        given=(
            Given(name="n", value=5, where="-p"),
            Given(name="name", value="é", where="-p"),
        ),
        begun=begun,
    )
    assert execution.error is None
    assert execution.status == "finished"
    assert [
        (c.index, c.status, c.execution_count, c.raised) for c in execution.cells
    ] == [
        (0, "finished", 1, None),
        (2, "finished", 3, None),
        (3, "finished", 4, "ZeroDivisionError"),
        (4, "not run", None, None),
        (6, "finished", 5, None),
    ]
    assert [c.index for c in begun] == [0, 0, 2, 3, 6]
    n, name, pid, python, cwd, zone, _, home, temporary, mark = (
        printed(execution, 3).strip().split("|")
    )
    assert (n, name, python, zone, mark) == ("5", "é", sys.executable, "UTC", "7")
    assert Path(cwd) == tmp_path / "cwd"
    assert home == "[]"
    assert not Path(temporary).exists()
    assert not is_alive(int(pid))
    assert execution.content["cells"][1]["metadata"]["tags"] == ["injected-parameters"]
    papermill = execution.content["metadata"]["papermill"]
    assert papermill["parameters"] == {"n": 5, "name": "é"}
    assert papermill["default_parameters"] == {}
    assert papermill["duration"] > 0


@pytest.mark.kernel
def test_a_kernel_that_dies_leaves_no_children(tmp_path: Path) -> None:
    source = (
        "import os, subprocess\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "open('pid', 'w').write(str(child.pid))\n"
        "os._exit(1)"
    )
    execution = executed(tmp_path, source)
    assert execution.status == "kernel died"
    assert not is_alive(int((tmp_path / "pid").read_text()))


@pytest.mark.kernel
def test_a_kernel_that_cannot_start_is_told_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no such library >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    (tmp_path / "run").mkdir()
    execution = executed(tmp_path / "run", "n = 1")
    assert execution.status == "kernel died"
    assert [c.status for c in execution.cells] == ["not run"]
    assert execution.error is not None
    assert execution.error.cell is None
    assert execution.error.traceback == "no such library"
    assert (tmp_path / "run" / KERNEL_LOG).read_text() == "no such library\n"


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
        began = time.monotonic()
        with surrounding(tmp_path) as surround:
            execution = execute(notebook, prepared, surround, soon)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 60
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


def test_stray_variables_do_not_reach_the_kernel(tmp_path: Path) -> None:
    stray = {
        "PATH": "/bin",
        "LC_TIME": "de_DE",
        "LANGUAGE": "de",
        "PYTHONWARNINGS": "error",
        "PYTHONHASHSEED": "9",
        "MPLBACKEND": "agg",
        "IPYTHONDIR": "/x",
        "XDG_CONFIG_HOME": "/x",
        "MY_KEY": "secret",
        "LD_LIBRARY_PATH": "/lib",
    }
    with surrounding(tmp_path) as surround:
        env = kernel_environment(stray, surround)
    kept = {name for name in stray if name in env}
    assert kept == {"PATH", "PYTHONHASHSEED", "IPYTHONDIR", "LD_LIBRARY_PATH"}
    assert env | dict(PINNED) == env
    assert env["PATH"] == f"{Path(sys.executable).parent}:/bin"
    assert (env["MARK"], env["HOME"]) == ("7", str(surround.home / "home"))


@pytest.mark.kernel
def test_sockets_have_a_short_path_however_deep_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    execution = executed(tmp_path, "print(1)")
    assert printed(execution, 0) == "1\n"
    assert not list(deep.iterdir())


def test_whatever_its_kernel_is_called_it_is_this_interpreter(tmp_path: Path) -> None:
    manager = kernel_manager(tmp_path, PYTHON)
    spec = manager.kernel_spec_manager.get_kernel_spec("conda-env-work-py")
    assert spec.argv[0] == str(PYTHON)


def test_a_notebook_without_ids_or_metadata_is_prepared() -> None:
    plain = json.loads(content([cell("n = 1", "parameters")]))
    plain |= {"metadata": None, "nbformat_minor": 2}
    del plain["cells"][0]["id"]
    notebook = parse_notebook(json.dumps(plain).encode(), path="old.ipynb")
    values = resolve(read_schema(notebook), [])
    prepared = prepare(notebook, values)
    assert "id" not in prepared.content["cells"][0]
    assert prepared.injected is None
    assert prepared.source_index(3) == 3


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param(None, "before its first cell", id="unknown"),
        pytest.param(0, "exit code 0", id="exit"),
        pytest.param(-11, "SIGSEGV, a fault in compiled code", id="crash"),
        pytest.param(-15, "SIGTERM, from outside", id="terminated"),
    ],
)
def test_how_a_kernel_died_is_told(code: int | None, text: str) -> None:
    place = Place(cell=0, source="", outputs=(), log="last words")
    failure = failure_of("kernel died", place, None, Limits(), code)
    assert failure is not None
    assert text in failure.evalue
    assert failure.traceback == "last words"


def test_every_failure_comes_with_one_thing_to_do() -> None:
    def advice(ename: str) -> str:
        return advice_for(
            Failure(cell=0, source="", ename=ename, evalue="", traceback="")
        )

    assert "make it a parameter" in advice("StdinNotImplementedError")
    assert "mend the cell" in advice("ValueError")


def test_a_watchdog_that_was_stopped_does_nothing() -> None:
    acts: list[str] = []
    dog = Watchdog(
        Limits(cell_s=0.01, run_s=60),
        interrupt=lambda: acts.append("interrupt"),
        end=lambda: acts.append("end"),
    )
    dog.start_run()
    dog.start_cell()
    dog.stop()
    threading.Event().wait(0.05)
    dog._expire("cell")  # noqa: SLF001 -- its timer fired just before the stop
    assert (acts, dog.expired) == ([], None)


def test_papermill_is_imported_in_one_module_only() -> None:
    package = Path(__file__).parents[1] / "toolkit"
    importing = [
        path.name
        for path in package.rglob("*.py")
        if re.search(r"^\s*(import|from) papermill", path.read_text(), re.MULTILINE)
    ]
    assert importing == ["headless.py"]
