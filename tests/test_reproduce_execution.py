import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from executions import executed, is_alive, printed

from notebooks import cell
from toolkit.reproduce.execution.headless import KERNEL_LOG
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.parameters.values import Given

if TYPE_CHECKING:
    from toolkit.reproduce.notebook import Cell

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
