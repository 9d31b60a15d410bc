import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from probes import probed

from toolkit.reproduce.variation import NAMES

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux is what we vary")
on_x86 = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64",
    reason="the clock is varied on Linux on x86-64",
)
FILES = {"a": "", "b": "", "c/d": ""}
VARIED_HERE = set(NAMES) - {"folder", "home"}  # those are where the kernel is started


@on_x86
def test_the_clock_runs_ahead_for_native_code_and_children_too(tmp_path: Path) -> None:
    cell = """
        import datetime, subprocess, sys, time
        import numpy, pandas
        began, ended = time.monotonic(), time.perf_counter()
        print(datetime.datetime.now().isoformat())
        print(datetime.datetime.fromtimestamp(time.time()).isoformat())
        print(numpy.datetime64("now"), pandas.Timestamp.now().isoformat(), sep="\\n")
        print(time.strftime("%Y-%m-%dT%H:%M:%S"))
        print(numpy.datetime64(time.clock_gettime_ns(5), "ns"))
        sys.stdout.flush()
        subprocess.run([sys.executable, "-c",
            "import datetime; print(datetime.datetime.now().isoformat())"])
        assert time.monotonic() - began < 60 and time.perf_counter() - ended < 60
        assert abs(time.clock_gettime(time.CLOCK_MONOTONIC) - began) < 60
    """
    found = probed(tmp_path, cell, names=("clock",))
    assert found.code == 0, found.err
    times = [datetime.fromisoformat(line) for line in found.out.split()]
    assert len(times) == 7
    now = datetime.now(UTC).replace(tzinfo=None)
    for time in times:
        assert timedelta(days=38, hours=7) < time - now < timedelta(days=38, hours=8)


@on_x86
def test_time_limits_hold_under_another_clock(tmp_path: Path) -> None:
    cell = """
        import queue, select, threading, time
        began = time.monotonic()
        threading.Event().wait(0.01)
        try: queue.Queue().get(timeout=0.01)
        except queue.Empty: pass
        condition = threading.Condition()
        with condition: condition.wait(0.01)
        select.select([], [], [], 0.01); time.sleep(0.01)
        assert time.monotonic() - began < 60
    """
    found = probed(tmp_path, cell, names=("clock",))
    assert found.code == 0, found.err


def test_a_clock_that_cannot_be_varied_is_said(tmp_path: Path) -> None:
    cell = """
        import os, sys
        if os.fork() == 0:
            from toolkit_probe import surroundings
            import toolkit_probe.clock as clock
            clock._vdso = lambda: (0, 0)
            class Log:
                def write(self, *told): print(*told)
            class Settings:
                varied = {"clock": 9999, "umask": "no number"}
            surroundings.vary(Settings, Log()); sys.stdout.flush()
            os._exit(0)
        os.wait()
    """
    found = probed(tmp_path, cell)
    lines = found.out.splitlines()
    assert lines[0].startswith("enforced variation clock not varied: "), found.err
    assert lines[1].startswith("enforced variation umask not varied: ")


@linux
def test_a_clock_that_would_stop_time_limits_is_left_alone(tmp_path: Path) -> None:
    cell = """
        import sys, time
        import toolkit_probe.clock as clock
        clock._PATIENCE_S = 0.1
        for patch in (lambda _: time.sleep(9), lambda _: 1 / 0):
            clock._patch = patch
            try: clock._try_in_child(9999)
            except clock.UnvariedError as error: print(error)
    """
    found = probed(tmp_path, cell)
    assert found.out.splitlines() == [
        "this Python's time limits follow the date and would never end",
        "the system does not let its code be changed",
    ], found.err


@linux
def test_each_surrounding_is_another_one(tmp_path: Path) -> None:
    cell = """
        import os, time, socket, platform, getpass, pwd, multiprocessing, locale
        me = os.getuid()
        print(hash("a"))
        print(time.tzname[0], time.localtime(0).tm_gmtoff)
        print(getpass.getuser(), pwd.getpwuid(me).pw_name, os.getlogin())
        print(pwd.getpwnam(pwd.getpwuid(me).pw_name).pw_uid == me)
        print(socket.gethostname(), platform.node(), os.uname().nodename)
        print(socket.gethostbyname(socket.gethostname()))
        os.umask(mask := os.umask(0)); print(oct(mask))
        print(os.cpu_count(), multiprocessing.cpu_count(), len(os.sched_getaffinity(0)))
        print(*map(os.environ.get, ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")))
        print(*(os.environ.get(name) for name in ("SHLVL", "SEED", "DATA_DIR")))
        print(locale.getpreferredencoding())
        print(open("a").encoding.lower(), locale.setlocale(locale.LC_ALL, ""))
        print(locale.format_string("%.1f", 1.5), os.fsencode("ä"))
    """
    names = tuple(VARIED_HERE - {"clock", "listing", "parallel"})
    plain = probed(tmp_path / "plain", cell.replace("os.getlogin()", "0"), files=FILES)
    other = probed(
        tmp_path / "other",
        cell,
        files=FILES,
        names=names,
        stray=("SEED", "DATA_DIR", "HOME"),
    )
    assert plain.code == other.code == 0, other.err
    before, after = plain.out.splitlines(), other.out.splitlines()
    same = [line for line in after if line in before]
    assert set(same) <= {"True", "127.0.0.1"}
    assert after[1].endswith(" 45900")
    assert after[2] == "someone-else someone-else someone-else"
    assert after[4] == "elsewhere elsewhere elsewhere"
    assert after[5] == "127.0.0.1"
    assert after[6] == "0o77"
    assert set(after[7].split()) <= {"3", "5"}
    assert after[8] == "3 3"
    assert after[9] == "3 7 /elsewhere"
    assert not after[10].lower().startswith("utf-8")
    assert not after[11].startswith("utf-8")
    assert after[12].endswith(str("ä".encode()))  # files are found by their names
    assert not [event for event in other.events if "not varied" in event.detail]


@linux
def test_a_host_is_renamed_without_a_namespace_too(tmp_path: Path) -> None:
    cell = """
        import os, sys
        from toolkit_probe.surroundings import _rename_host
        _rename_host("no-such-host")
        import socket, platform
        print(socket.gethostname(), platform.node(), os.uname().nodename)
        print(os.uname().sysname, socket.gethostbyname("no-such-host"))
    """
    found = probed(tmp_path, cell)
    assert found.out.splitlines() == [
        "no-such-host no-such-host no-such-host",
        "Linux 127.0.0.1",
    ], found.err


def test_folders_are_listed_backwards(tmp_path: Path) -> None:
    cell = """
        import os, glob, pathlib, posix, sys
        def names(entries): return [os.path.basename(str(e)) for e in entries]
        for order in (
            os.listdir(), os.listdir("."), names(pathlib.Path(".").iterdir()),
            names(e.name for e in os.scandir(".")), names(glob.glob("*")),
        ): assert sorted(order) == ["a", "b", "c", "m.py"], order
        assert os.listdir() == posix.listdir()[::-1] == names(glob.glob("*"))
        assert os.listdir(b".")[0] == os.fsencode(os.listdir()[0])
        assert [top for top, _, _ in os.walk(".")] == [".", "./c"]
        with os.scandir() as entries: assert next(entries).name == os.listdir()[0]
        entries.close(); assert list(entries) == []
        number = os.open(".", os.O_RDONLY); assert os.listdir(number) == os.listdir()
        assert os.listdir in os.supports_fd
        sys.path.insert(0, "."); import m
        try: os.listdir("gone")
        except FileNotFoundError: print("fine")
    """
    found = probed(tmp_path, cell, files={**FILES, "m.py": ""}, names=("listing",))
    assert found.out == "fine\n", found.err
    assert ("list", ".", 4) in found.of("list")


def test_parallel_work_ends_in_another_order(tmp_path: Path) -> None:
    cell = """
        import concurrent.futures as cf, sys
        from multiprocessing.pool import ThreadPool
        def fail(): raise KeyError("own")
        with cf.ThreadPoolExecutor(4) as pool:
            done = []
            futures = [pool.submit(lambda i=i: done.append(i) or i) for i in range(4)]
            print([f.result() for f in cf.as_completed(futures)])
            print(done != sorted(done), list(pool.map(abs, [-1, -2])))
            try: pool.submit(fail).result()
            except KeyError as error: print(error)
            slow = pool.submit(__import__("time").sleep, 0.3)
            try: list(cf.as_completed([slow], timeout=0.01))
            except TimeoutError as error: print(error)
        def odd(i):
            if i == 9: raise KeyError("own")
            return i
        with ThreadPool(2) as pool:
            print(list(pool.imap_unordered(abs, range(10))))
            results = pool.imap_unordered(odd, range(9, 11))
            try: results.next(timeout=5)
            except KeyError as error: print(error)
            print(results.next(), next(results, "end"))
        print(sys.getswitchinterval() < 0.005)
    """
    found = probed(tmp_path, cell, names=("parallel",))
    assert found.code == 0, found.err
    assert found.out.splitlines() == [
        "[3, 2, 1, 0]",
        "True [1, 2]",
        "'own'",
        "1 (of 1) futures unfinished",
        "[7, 6, 5, 4, 3, 2, 1, 0, 9, 8]",
        "'own'",
        "10 end",
        "True",
    ]
