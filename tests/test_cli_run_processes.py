import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_runs import PUBLISHES, USES

from notebooks import cell, write
from toolkit.cli import main
from toolkit.reproduce.records.store import Store

Capture = pytest.CaptureFixture[str]
TELLS = (
    "import os, time\n"
    "open(os.environ['TOOLKIT_RUN_FOLDER'] + '/pid', 'w').write(str(os.getpid()))\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    parameters = cell("n: int = 3  # rows", "parameters")
    write(tmp_path / "notebooks", "01-data", parameters, PUBLISHES)
    write(tmp_path / "notebooks", "02-base", USES)
    return tmp_path


@contextmanager
def toolkit(project: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603 -- this interpreter
        [sys.executable, "-m", "toolkit", *arguments],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def kernel_of(project: Path) -> int:
    """Wait until the kernel of a run tells its number in the run's folder."""
    for _ in range(2400):
        for path in (project / "runs").glob(".staging-*/pid"):
            if text := path.read_text():
                return int(text)
        time.sleep(0.05)
    raise AssertionError


def is_alive(pid: int) -> bool:
    state = subprocess.run(  # noqa: S603 -- literal arguments
        ["/bin/ps", "-o", "stat=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return state.stdout.strip()[:1] not in ("", "Z")


@pytest.mark.kernel
def test_two_runs_at_once_do_not_disturb_each_other(project: Path) -> None:
    with (
        toolkit(project, "run", "-p", "n=1") as first,
        toolkit(project, "run", "-p", "n=2") as second,
    ):
        outs = [process.communicate(timeout=120) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outs
    assert [err for _, err in outs] == ["", ""]
    records = Store(project / "runs").records()
    assert len(records) == 4
    by_run = {record.run: record for record in records}
    for record in records:
        for run in record.recipe.upstream.values():
            rows = by_run[run].metrics["n"]
            assert record.metrics == {"double": 2 * rows}
    assert {r.metrics.get("n") for r in records} == {1.0, 2.0, None}
    assert len(list((project / "runs").iterdir())) == 4


@pytest.mark.kernel
def test_a_stopped_run_ends_and_is_kept(project: Path) -> None:
    """Ctrl-C is pressed in test_robustness, in a terminal."""
    write(project / "slow", "slow", TELLS + "time.sleep(600)", "never = 1")
    with toolkit(project, "run", "slow/slow.ipynb") as process:
        pid = kernel_of(project)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert not is_alive(pid)
    assert "interrupted; ending the kernel" in err
    assert "Traceback" not in err
    (record,) = Store(project / "runs").records()
    assert record.status == "interrupted"
    assert [c.status for c in record.cells] == ["interrupted", "not run"]
    assert len(list((project / "runs").iterdir())) == 1


@pytest.mark.kernel
def test_a_killed_harness_leaves_no_kernel_and_no_half_a_run(project: Path) -> None:
    write(project / "slow", "slow", TELLS + "time.sleep(600)")
    with toolkit(project, "run", "slow/slow.ipynb") as process:
        pid = kernel_of(project)
        process.kill()
    assert Store(project / "runs").records() == ()
    for _ in range(600):
        if not is_alive(pid):
            break
        time.sleep(0.1)
    assert not is_alive(pid)


NATIVE = "from pyarrow import csv\nprint(csv.read_csv('../data/b.csv').num_rows)"


@pytest.mark.kernel
def test_one_byte_of_an_input_executes_what_read_it_and_what_depends_on_it(
    project: Path, capsys: Capture
) -> None:
    (project / "data").mkdir()
    (project / "data" / "a.csv").write_text("x\n1\n")
    (project / "data" / "b.csv").write_text("x\n1\n")
    length = "len(open('../data/a.csv').read().split()[1])"
    publishes = f"from toolkit import publish\npublish.metric('n', {length})"
    write(project / "notebooks", "01-data", publishes)
    write(project / "notebooks", "03-native", NATIVE)

    def executed() -> list[str]:
        capsys.readouterr()
        assert main(["run", "--json"]) == 0
        runs = json.loads(capsys.readouterr().out)["runs"]
        return [Path(run["notebook"]).stem for run in runs if run["executed"]]

    assert executed() == ["01-data", "02-base", "03-native"]
    for path in project.rglob("*.*"):
        if path.is_file() and "runs" not in path.parts:
            path.touch()
    assert executed() == []
    (project / "data" / "b.csv").write_text("x\n2\n")
    assert executed() == ["03-native"]
    (project / "data" / "a.csv").write_text("x\n20\n")
    assert executed() == ["01-data", "02-base"]
    assert executed() == []
