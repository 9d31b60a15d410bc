import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from probes import REPOSITORY, Seen, probed, probed_each

from toolkit.reproduce.probe.toolkit_probe import confining, landlock
from toolkit.reproduce.probe.toolkit_probe.log import Log
from toolkit.reproduce.probe.toolkit_probe.settings import read
from toolkit.reproduce.tracing.probing import Probe, Settings

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux refuses")
with_landlock = pytest.mark.skipif(
    landlock.version() == 0, reason="this kernel has no Landlock"
)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that is neither the system's nor the project's."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    return outside / "secret.txt"


REFUSED: dict[str, tuple[str, str]] = {
    "open": ("""open, OUTSIDE""", """read"""),
    "os.open": ("""os.open, OUTSIDE, os.O_RDONLY""", """read"""),
    "listdir": ("""os.listdir, FOLDER""", """read"""),
    "scandir": ("""os.scandir, FOLDER""", """read"""),
    "sqlite": ("""sqlite3.connect, OUTSIDE""", """read"""),
    "through a link": ("""open, 'link'""", """read"""),
    "through dots": ("""open, '/usr/lib/../..' + OUTSIDE""", """read"""),
    "append": ("""open, OUTSIDE, 'a'""", """write"""),
    "new file": ("""open, FOLDER + '/new', 'w'""", """write"""),
    "remove": ("""os.remove, OUTSIDE""", """write"""),
    "move out": ("""os.rename, 'own', FOLDER + '/x'""", """write"""),
    "move in": ("""os.rename, OUTSIDE, 'x'""", """write"""),
    "mkdir": ("""os.mkdir, FOLDER + '/d'""", """write"""),
    "truncate": ("""os.truncate, OUTSIDE, 0""", """write"""),
    "chmod": ("""os.chmod, OUTSIDE, 0o777""", """write"""),
    "utime": ("""os.utime, OUTSIDE""", """write"""),
    "link": ("""os.link, 'own', FOLDER + '/l'""", """write"""),
    "rmtree": ("""shutil.rmtree, FOLDER""", """read"""),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Seen]]:
    """Try each call, and look afterwards whether it did anything."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.txt").write_text("secret")
    opening = f"""
        import os, shutil, sqlite3
        OUTSIDE, FOLDER = {str(folder / "secret.txt")!r}, {str(folder)!r}
        os.symlink(OUTSIDE, "link")
        open("own", "w").close()
        try: (CALL,)[0](*(CALL,)[1:])
        except PermissionError as error: print(error)
    """
    cells = {name: opening.replace("CALL", call) for name, (call, _) in REFUSED.items()}
    yield probed_each(tmp_path_factory.mktemp("refused"), cells)
    assert [path.read_text() for path in folder.iterdir()] == ["secret"]


@pytest.mark.parametrize("name", REFUSED)
def test_python_is_refused_what_lies_outside(
    refusals: dict[str, Seen], name: str
) -> None:
    found = refusals[name]
    assert "[Errno 13] a run " in found.out, found.err
    (event,) = [event for event in found.events if event.kind == "refused"][:1]
    assert (event.detail, event.line) == (REFUSED[name][1], 5)


def test_the_message_tells_the_project_from_the_rest(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "data.csv").write_text("1")
    found = probed(tmp_path, f"open({str(tmp_path / 'real' / 'data.csv')!r})")
    assert "reads its own copy of the project: use a path relative" in found.err
    (tmp_path / "other.csv").write_text("1")
    found = probed(tmp_path / "two", f"open({str(tmp_path / 'other.csv')!r})")
    assert "put the file into the project or name it there" in found.err


def test_what_is_not_there_is_not_found_as_ever(tmp_path: Path) -> None:
    cell = f"""
        for path, how in (({str(tmp_path)!r} + "/x/y", "r"), ("/gone/new", "w")):
            try: open(path, how)
            except FileNotFoundError: print("not found")
    """
    found = probed(tmp_path, cell)
    assert found.out == "not found\nnot found\n", found.err
    assert not found.of("refused")


@with_landlock
def test_native_readers_and_children_are_refused_too(
    tmp_path: Path, secret: Path
) -> None:
    cell = f"""
        import ctypes, subprocess
        import pyarrow, pyarrow.csv
        try: pyarrow.OSFile({str(secret)!r})
        except PermissionError as error: print("pyarrow")
        library = ctypes.CDLL(None, use_errno=True)
        if library.open({str(secret)!r}.encode(), 0) < 0: print(ctypes.get_errno())
        if library.open({str(secret) + "2"!r}.encode(), 0o101, 0o600) < 0:
            print(ctypes.get_errno())
        import sqlite3
        try: sqlite3.connect("file:{secret}?mode=ro", uri=True).execute("vacuum")
        except sqlite3.OperationalError as error: print(error)
        for command in ("cat {secret}", "echo x > {secret}", "ls {secret.parent}"):
            done = subprocess.run(command, shell=True, capture_output=True)
            print(done.returncode > 0)
    """
    found = probed(tmp_path, cell)
    assert found.out.splitlines() == [
        "pyarrow",
        "13",
        "13",
        "unable to open database file",
        "True",
        "True",
        "True",
    ], found.err
    assert secret.read_text() == "secret"
    assert ("files", f"confined, by Landlock {landlock.version()}") in [
        (event.what, event.detail) for event in found.events
    ]


@linux
def test_a_user_namespace_serves_those_without_privileges(tmp_path: Path) -> None:
    cell = """
        import os
        from toolkit_probe import namespaces
        unshare, me = namespaces._unshare, (os.getuid(), os.getgid())
        def refuse(flags): raise PermissionError(1, "Operation not permitted")
        def only_with_user(flags):
            (unshare if flags & namespaces.NEW_USER else refuse)(flags)
        namespaces._unshare = refuse
        print(namespaces.separate("elsewhere", network=True))
        namespaces._unshare = only_with_user
        print(namespaces.separate("elsewhere", network=True))
        print(os.uname().nodename, (os.getuid(), os.getgid()) == me)
    """
    found = probed(tmp_path, cell, confined=False, network=True)
    first, second, last = found.out.splitlines()
    assert first == "no user namespace is allowed here"
    if second == first:
        pytest.skip("no user namespace is allowed here")
    assert (second, last) == ("None", "elsewhere True"), found.err


@pytest.mark.parametrize(
    ("abi", "done", "network", "files"),
    [
        (
            4,
            True,
            "TCP refused by Landlock, all else by Python alone (no)",
            "confined, by Landlock 4",
        ),
        (3, True, "refused by Python alone (no)", "confined, by Landlock 3"),
        (
            0,
            False,
            "refused by Python alone (no)",
            "confined by Python alone (no Landlock)",
        ),
    ],
)
def test_what_could_be_enforced_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    abi: int,
    done: bool,  # noqa: FBT001
    network: str,
    files: str,
) -> None:
    monkeypatch.setattr(confining, "separate", lambda *_, **__: "no")
    monkeypatch.setattr(landlock, "version", lambda: abi)
    monkeypatch.setattr(landlock, "restrict", lambda *_, **__: done)
    monkeypatch.setenv("TOOLKIT_PROBE_INSIDE", "")
    probe = Probe(
        tmp_path,
        Settings(
            workspace=tmp_path, project=tmp_path, readable=(tmp_path,), writable=()
        ),
    )
    settings = read(probe.variables["TOOLKIT_PROBE"])
    log = Log(settings.log, settings.cell)
    confining.confine(settings, log)
    confining.confine(settings, log)  # as a child does, which inherits all of it
    said = [(event.what, event.detail) for event in probe.events()]
    assert said[:2] == [("network", network), ("files", files)]
    assert len(said) == len(set(said))


def test_unconfined_files_are_watched_only(tmp_path: Path, secret: Path) -> None:
    found = probed(tmp_path, f"open({str(secret)!r})", confined=False)
    assert found.code == 0, found.err
    assert found.of("read") == [("read", str(secret), 1)]
    assert ("files", "not confined") in [(e.what, e.detail) for e in found.events]


@linux
def test_what_notebooks_use_works_inside(tmp_path: Path) -> None:
    cell = """
        import mmap, multiprocessing, os, sqlite3, tempfile
        from multiprocessing.shared_memory import SharedMemory
        import joblib, numpy
        print(joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(-i) for i in range(3)))
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(pool.map(abs, [-1]))
        with tempfile.TemporaryDirectory() as made: open(made + "/x", "w").close()
        with sqlite3.connect("t.db") as db: db.execute("create table t (a)")
        numpy.save("a.npy", numpy.arange(3)); print(numpy.load("a.npy", "r").sum())
        open(os.devnull, "w").write("x")
        shared = SharedMemory(create=True, size=8); shared.close(); shared.unlink()
    """
    found = probed(tmp_path, cell)
    assert found.code == 0, found.err
    assert found.out.splitlines() == ["[0, 1, 2]", "[1]", "3"]
    assert not found.of("refused", "network")


def test_a_failing_probe_is_said_and_the_interpreter_starts(tmp_path: Path) -> None:
    cell = "print('started')"
    (tmp_path / "run" / "project").mkdir(parents=True)
    settings = tmp_path / "probe" / "settings.json"
    settings.parent.mkdir()
    settings.write_text("{}")
    log = settings.parent / "events.jsonl"
    log.touch()
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", cell],
        env={
            **os.environ,
            "PYTHONPATH": str(REPOSITORY / "toolkit/reproduce/probe"),
            "TOOLKIT_PROBE": str(settings),
        },
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"started\n", b"")
    assert '"what": "probe", "detail": "failed: KeyError' in log.read_text()
