"""Whatever ends a run, or stands in its way: nothing is lost, nothing half-written."""

import fcntl
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from robust import command, environ, made

from notebooks import write
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import Store

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("robustness")]
NUMBER = count(1)  # no two executions have the same parameters: none is a repetition
RANDOM = random.Random()  # noqa: S311 -- any moment
TAKES_TERMINAL = """\
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made(tmp_path)


@pytest.fixture(scope="module")
def longest(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds that a whole run takes here; its modules are compiled by then."""
    return one_run(made(tmp_path_factory.mktemp("longest")))


@contextmanager
def running(
    project: Path, *arguments: str, terminal: int | None = None
) -> "Iterator[subprocess.Popen[bytes]]":
    """Start a run in a session of its own; in that of a terminal, if there is one."""
    words = command(*arguments) if arguments else command("-p", f"n={next(NUMBER)}")
    if terminal is not None:
        words = [sys.executable, "-c", TAKES_TERMINAL, *words]
    with subprocess.Popen(  # noqa: S603 -- this interpreter
        words,
        cwd=project,
        env=environ(project),
        stdin=subprocess.DEVNULL if terminal is None else terminal,
        stdout=subprocess.PIPE if terminal is None else terminal,
        stderr=subprocess.PIPE if terminal is None else terminal,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def one_run(project: Path) -> float:
    """Let a run finish; return how long it took."""
    began = time.monotonic()
    with running(project) as process:
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return time.monotonic() - began


def whole(project: Path, *, staging: bool = False) -> tuple[Record, ...]:
    """Return the runs, if every one is whole and nothing else lies there."""
    runs = project / "runs"
    if not runs.exists():
        return ()
    listing = Store(runs).scan()
    assert listing.unreadable == ()
    names = {path.name for path in runs.iterdir()}
    if staging:
        names = {name for name in names if not name.startswith(".")}
    assert names == {record.run for record in listing.records}
    for record in listing.records:
        folder = runs / record.run
        assert json.loads((folder / "metrics.json").read_bytes()) == record.metrics
        assert json.loads((folder / "notebook.ipynb").read_bytes())["nbformat"] == 4
        for table in record.results.tables:
            name = f"tables/{table.name}.csv"
            Store(runs).read_file(record.run, name, table.digest)
    return listing.records


def kernels_of(project: Path) -> set[int]:
    """Return the processes that were started with the project's temporary folder."""
    mark = f"TMPDIR={project.parent / 'tmp'}".encode()
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (place / "environ").read_bytes():
                found.add(int(place.name))
    return found


def none_is_left(project: Path) -> None:
    if sys.platform != "linux":
        return
    for _ in range(600):
        if not kernels_of(project):
            return
        time.sleep(0.1)
    raise AssertionError(kernels_of(project))


def killed_at_random(project: Path, longest: float, times: int) -> None:
    done = 0
    for nth in range(times):
        with running(project) as process:
            # Half of them towards the end, where the record is written.
            least = 0.0 if nth % 2 else 0.6 * longest
            with suppress(subprocess.TimeoutExpired):
                process.wait(RANDOM.uniform(least, 1.05 * longest))
            finished = process.poll() == 0
            process.kill()
        records = whole(project, staging=True)
        assert done + finished <= len(records) <= done + 1
        assert {record.status for record in records} <= {"finished"}
        done = len(records)
    one_run(project)
    assert len(whole(project)) == done + 1
    none_is_left(project)


def test_a_kill_at_any_moment_leaves_a_whole_run_or_none(
    project: Path, longest: float
) -> None:
    killed_at_random(project, longest, 3)


@pytest.mark.slow
def test_many_kills_leave_whole_runs_or_none(project: Path, longest: float) -> None:
    killed_at_random(project, longest, 40)


def stopped_at_random(project: Path, number: signal.Signals, moment: float) -> None:
    """Send a signal to a run, and to all that belongs to its session."""
    before = len(whole(project))
    with running(project) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        _, err = process.communicate(timeout=120)
    records = whole(project)
    text = err.decode()
    # By the signal itself: before the first import, or after the last line. Python ends
    # by SIGINT, too, where the interrupt came while it imported a dataclass.
    stopped = (130, -number, -signal.SIGINT)
    assert process.returncode in (0, *stopped), text
    assert "Traceback" not in text
    assert len(records) <= before + 1
    if len(records) > before:
        status = records[-1].status
        assert status in ("finished", "interrupted")
        assert process.returncode in stopped or status == "finished"
    else:
        assert process.returncode in stopped


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_any_moment_keeps_the_run_or_nothing(
    project: Path, longest: float, number: signal.Signals
) -> None:
    stopped_at_random(project, number, longest * RANDOM.uniform(0.4, 0.95))
    none_is_left(project)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_many_signals_keep_runs_or_nothing(
    project: Path, longest: float, number: signal.Signals
) -> None:
    for _ in range(8):
        stopped_at_random(project, number, RANDOM.uniform(0.3 * longest, 1.1 * longest))
    none_is_left(project)


def read_until(master: int, wanted: bytes, seconds: float = 60) -> bytes:
    """Return what a terminal shows, up to some words or its end."""
    shown, ends = b"", time.monotonic() + seconds
    while wanted not in shown:
        ready, _, _ = select.select([master], [], [], max(0, ends - time.monotonic()))
        if not ready:
            raise AssertionError(shown)
        try:
            shown += os.read(master, 4096)
        except OSError:  # the last that had the terminal has ended
            break
    return shown


def test_the_keys_ctrl_and_c_in_a_terminal_keep_the_run(project: Path) -> None:
    write(project / "slow", "slow", "import time\ntime.sleep(600)", "never = 1")
    master, terminal = pty.openpty()
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, b"\x28\x00\xc8\x00" + b"\x00" * 4)
        with running(project, "slow/slow.ipynb", terminal=terminal) as process:
            os.close(terminal)
            shown = read_until(master, b"import time") + read_a_second(master)
            os.write(master, b"\x03")
            shown += read_until(master, b"interrupted; ending")
            shown += read_until(master, b"no such words")
            assert process.wait(60) == 130
    finally:
        os.close(master)
    assert b"Traceback" not in shown
    (record,) = whole(project)
    assert [each.status for each in record.cells] == ["interrupted", "not run"]
    none_is_left(project)


def read_a_second(master: int) -> bytes:
    with suppress(AssertionError):
        return read_until(master, b"no such words", 1)
    return b""


def together(project: Path, runs: Sequence[Sequence[str]]) -> None:
    """Start runs at the same time and let them finish."""
    processes = [
        subprocess.Popen(  # noqa: S603 -- this interpreter
            command(*arguments),
            cwd=project,
            env=environ(project),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for arguments in runs
    ]
    errs = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(runs), errs
    assert errs == [b""] * len(runs)


@pytest.mark.slow
def test_four_runs_at_once_are_all_kept(project: Path) -> None:
    numbers = [next(NUMBER) for _ in range(3)]
    numbers.append(numbers[0])  # twice the same: it may be executed once
    together(project, [("-p", f"n={number}") for number in numbers])
    records = whole(project)
    assert {record.metrics["n"] for record in records} == set(numbers)
    assert len(records) in (3, 4)
