import json
import re
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from executions import executed, printed, surrounding

from notebooks import cell, content
from toolkit.reproduce.execution.failures import Place, advice_for, failure_of
from toolkit.reproduce.execution.kernels import (
    PINNED,
    kernel_environment,
    kernel_manager,
)
from toolkit.reproduce.execution.prepared import prepare
from toolkit.reproduce.execution.watchdog import Limits, Watchdog
from toolkit.reproduce.notebook import parse_notebook
from toolkit.reproduce.parameters.schema import read_schema
from toolkit.reproduce.parameters.values import resolve
from toolkit.reproduce.records.record import Failure

PYTHON = Path(sys.executable)


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


class HandTimer:
    """Fires when a test says so."""

    made: ClassVar[list["HandTimer"]] = []

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        del seconds
        self.fire = act
        self.daemon = False
        self.cancelled = False
        self.made.append(self)

    def start(self) -> None:
        """Wait for the hand."""

    def cancel(self) -> None:
        self.cancelled = True


def test_a_watchdog_that_was_stopped_does_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acts: list[str] = []
    monkeypatch.setattr(threading, "Timer", HandTimer)
    monkeypatch.setattr(HandTimer, "made", [])
    dog = Watchdog(
        Limits(cell_s=1, run_s=60),
        interrupt=lambda: acts.append("interrupt"),
        end=lambda: acts.append("end"),
    )
    dog.start_run()
    dog.start_cell()
    dog.stop()
    assert [timer.cancelled for timer in HandTimer.made] == [True, True]
    HandTimer.made[1].fire()  # just before the stop, and did not yet act
    assert (acts, dog.expired) == ([], None)


def test_papermill_is_imported_in_one_module_only() -> None:
    package = Path(__file__).parents[1] / "toolkit"
    importing = [
        path.name
        for path in package.rglob("*.py")
        if re.search(r"^\s*(import|from) papermill", path.read_text(), re.MULTILINE)
    ]
    assert importing == ["headless.py"]
