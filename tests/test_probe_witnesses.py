import datetime as dt
import os
import random
import sys
import time
from pathlib import Path

import pytest
from probes import CELL, probed

from toolkit.reproduce.probe.toolkit_probe.places import Places
from toolkit.reproduce.probe.toolkit_probe.witnesses import Witnesses

BUILTIN = """
    import time, datetime, os, random, uuid, glob, socket, platform, getpass, secrets
    from pathlib import Path
    datetime.datetime.now()
    time.time()
    random.random()
    random.shuffle([1, 2])
    uuid.uuid4()
    glob.glob("*.csv")
    list(Path(".").iterdir())
    os.cpu_count()
    hash("a"), id(1)
    os.environ.get("X")
    getpass.getuser()
    os.path.expanduser("~")
    Path.cwd()
    socket.gethostname()
    os.getpid()
    datetime.datetime(2020, 1, 1).strftime("%B")
    time.localtime()
    secrets.token_hex()
"""
SEEN = [
    ("clock", "datetime.datetime.now", 3),
    ("clock", "time.time", 4),
    ("entropy", "random.random", 5),
    ("entropy", "random.shuffle", 6),
    ("entropy", "uuid.uuid4", 7),
    ("listing", "glob.glob", 8),
    ("listing", "pathlib", 9),
    ("processors", "os.cpu_count", 10),
    ("hash-seed", "hash", 11),
    ("identity", "id", 11),
    ("environment", "os.environ", 12),
    ("user", "getpass.getuser", 13),
    ("home", "os.path.expanduser", 14),
    ("folder", "pathlib", 15),
    ("host", "_socket.gethostname", 16),
    ("identity", "os.getpid", 17),
    ("locale", "datetime.datetime.strftime", 18),
    ("time-zone", "time.localtime", 19),
    ("entropy", "secrets.token_hex", 20),
]


@pytest.mark.parametrize("names", [(), ("listing", "processors", "host")])
def test_questions_are_witnessed_with_their_lines(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    found = probed(tmp_path, BUILTIN, names=names, watch_calls=True)
    assert found.code == 0, found.err
    told = [event for event in found.events if event.kind == "witness"]
    assert {event.cell for event in told} == {CELL}
    for group, name, line in SEEN:
        assert any(
            event.what == group
            and event.line == line
            and name.split(".")[-1] in event.detail
            for event in told
        ), (group, name, line, [event for event in told if event.line == line])


class OwnTime(dt.datetime):
    pass


class FakeLog:
    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []

    def is_new(self, _: object) -> bool:
        return True

    def write(self, kind: str, what: str, detail: str, place: object) -> None:
        assert place == (None, 2)
        self.told.append((kind, what, detail))


@pytest.mark.parametrize(
    ("event", "function", "told"),
    [
        pytest.param("c_call", time.time, [("clock", "time.time")], id="C"),
        pytest.param(
            "c_call",
            OwnTime.now,
            [("clock", "datetime.datetime.now")],
            id="of a subclass",
        ),
        pytest.param("c_call", random.random, [("entropy", "random.random")], id="r"),
        pytest.param("c_call", os.getcwd, [("folder", "os.getcwd")], id="posix"),
        pytest.param("c_call", len, [], id="harmless"),
        pytest.param("c_call", [].append, [], id="method"),
        pytest.param("c_return", time.time, [], id="return"),
    ],
)
def test_a_call_is_looked_up(
    event: str, function: object, told: list[tuple[str, str]]
) -> None:
    log = FakeLog()
    witnesses = Witnesses(log, Places(("/w",)))  # type: ignore[arg-type]  # a fake
    code = compile("\nlook(getframe(), event, function)", "/ipykernel_1/1.py", "exec")
    names = {"getframe": sys._getframe, "event": event, "function": function}  # noqa: SLF001
    exec(code, {"look": witnesses.profile, **names})  # noqa: S102 -- a cell
    assert log.told == [("witness", *entry) for entry in told]


@pytest.mark.parametrize(
    ("file", "name", "told"),
    [
        ("/lib/python3/posixpath.py", "expanduser", [("home", "os.path.expanduser")]),
        ("<frozen posixpath>", "expanduser", [("home", "os.path.expanduser")]),
        ("/w/own.py", "expanduser", []),
        ("/x/joblib/parallel.py", "__call__", [("parallel", "joblib.Parallel")]),
        (
            "/x/sklearn/utils/validation.py",
            "check_random_state",
            [("entropy", "random_state of scikit-learn")],
        ),
    ],
)
def test_a_python_function_is_looked_up_by_its_file(
    file: str, name: str, told: list[tuple[str, str]]
) -> None:
    log = FakeLog()
    witnesses = Witnesses(log, Places(("/w",)))  # type: ignore[arg-type]  # a fake
    source = f"def {name}(seed=None): look(getframe(), 'call', None)"
    names = {"getframe": sys._getframe, "look": witnesses.profile}  # noqa: SLF001
    exec(compile(source, file, "exec"), names)  # noqa: S102 -- a library
    exec(compile(f"\n{name}()", "/ipykernel_1/1.py", "exec"), names)  # noqa: S102
    assert log.told == [("witness", *entry) for entry in told]


def test_a_seeded_generator_is_no_witness(tmp_path: Path) -> None:
    cell = """
        import random
        import numpy as np
        np.random.rand()
        random.seed(1); np.random.seed(1)
        random.random(); np.random.rand(); np.random.default_rng(1).random()
        np.random.RandomState(3).rand(); random.Random(1).random()
    """
    found = probed(tmp_path, cell, watch_calls=True)
    assert found.code == 0, found.err
    told = [event for event in found.events if event.kind == "witness"]
    assert [(e.what, e.detail, e.line) for e in told] == [
        ("entropy", "numpy.random.rand", 3)
    ]


def test_unseeded_draws_inside_libraries_are_witnessed_at_the_cell(
    tmp_path: Path,
) -> None:
    cell = """
        import pandas as pd
        from sklearn.utils import shuffle
        pd.DataFrame({"a": [1, 2]}).sample(1)
        shuffle([1, 2])
        shuffle([1, 2], random_state=1)
    """
    found = probed(tmp_path, cell, watch_calls=True)
    lines = {e.line for e in found.events if (e.kind, e.what) == ("witness", "entropy")}
    assert lines == {3, 4}, found.err


def test_work_side_by_side_and_threads_are_witnessed(tmp_path: Path) -> None:
    cell = """
        from concurrent.futures import ThreadPoolExecutor, as_completed
        import helper
        with ThreadPoolExecutor(2) as pool:
            list(as_completed([pool.submit(helper.stamp)]))
    """
    files = {"helper.py": "import time\ndef stamp():\n    return time.time()\n"}
    found = probed(tmp_path, cell, files=files, watch_calls=True)
    told = [event for event in found.events if event.kind == "witness"]
    assert ("parallel", None, 4) in {(e.what, e.file, e.line) for e in told}
    assert ("clock", "helper.py", 3) in {(e.what, e.file, e.line) for e in told}
