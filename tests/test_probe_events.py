import os
import subprocess
import sys
from pathlib import Path

import pytest
from probes import CELL, Seen, probed, probed_each

from toolkit.reproduce.tracing.probing import Probe

DATA = {"data.csv": "a,b\n1,2\n", "sub/deep.txt": "x", "mod.py": "A = 1\n"}


FILES: dict[str, tuple[str, list[tuple[str, str, int | None]] | None]] = {
    "open": ("""open('data.csv')""", [("read", "data.csv", 1)]),
    "bytes": (
        """pass
open(b'data.csv')""",
        [("read", "data.csv", 2)],
    ),
    "dots": ("""open('sub/../data.csv')""", [("read", "data.csv", 1)]),
    "write": ("""open('new.txt', 'w').write('x')""", [("write", "new.txt", 1)]),
    "read and write": (
        """open('data.csv', 'r+')""",
        [("read", "data.csv", 1), ("write", "data.csv", 1)],
    ),
    "append": ("""open('data.csv', 'a')""", [("write", "data.csv", 1)]),
    "os.open": (
        """import os; os.open('data.csv', os.O_RDONLY)""",
        [("read", "data.csv", 1)],
    ),
    "truncate": (
        """import os; os.truncate('data.csv', 0)""",
        [("write", "data.csv", 1)],
    ),
    "remove": (
        """import os
os.remove('data.csv')""",
        [("delete", "data.csv", 2)],
    ),
    "replace": (
        """import os
os.replace('data.csv', 'b.csv')""",
        [("delete", "data.csv", 2), ("write", "b.csv", 2)],
    ),
    "folder": (
        """import os
os.mkdir('d')
os.rmdir('d')""",
        [("write", "d", 2), ("delete", "d", 3)],
    ),
    "link": (
        """import os; os.symlink('data.csv', 'l'); open('l')""",
        [("write", "l", 1), ("read", "l", 1)],
    ),
    "listdir of here": ("""import os; os.listdir()""", [("list", ".", 1)]),
    "scandir": (
        """import os
for _ in os.scandir('sub'): pass""",
        [("list", "sub", 2)],
    ),
    "glob": ("""import glob; glob.glob('*.csv')""", [("list", ".", 1)]),
    "pathlib": (
        """from pathlib import Path; list(Path('sub').iterdir())""",
        [("list", "sub", 1)],
    ),
    "exists": (
        """import os; os.path.exists('gone.csv')""",
        [("absent", "gone.csv", 1)],
    ),
    "isfile": (
        """import os; os.path.isfile('gone.csv'); os.path.lexists('gone2.csv')""",
        [("absent", "gone.csv", 1), ("absent", "gone2.csv", 1)],
    ),
    "access": (
        """import os; os.access('gone.csv', os.R_OK)""",
        [("absent", "gone.csv", 1)],
    ),
    "open in vain": (
        """try: open('gone.csv')
except FileNotFoundError: pass""",
        [("absent", "gone.csv", 1)],
    ),
    "glob in vain": (
        """import glob; glob.glob('gone/*.csv')""",
        [("absent", "gone", 1)],
    ),
    "import": ("""import mod""", [("module", "mod.py", None)]),
    "run as a script": (
        """import runpy; runpy.run_path('mod.py')""",
        [("read", "mod.py", 1)],
    ),
    "database": (
        """import sqlite3
sqlite3.connect('t.db').close()""",
        [("write", "t.db", 2)],
    ),
    "the system's own": (
        """open('/proc/self/stat'); open('/dev/null', 'w'); open('/etc/passwd')""",
        [],
    ),
    "the standard library": ("""import json, email; open(json.__file__)""", []),
    "the temporary folder": (
        """import tempfile
with tempfile.NamedTemporaryFile() as f: f.write(b'x')""",
        [],
    ),
    "whole trees do not fail": (
        """import shutil; shutil.copytree('sub', 'c'); shutil.rmtree('c/..', True)""",
        None,
    ),
}


@pytest.fixture(scope="module")
def files_seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    cells = {name: cell for name, (cell, _) in FILES.items()}
    return probed_each(tmp_path_factory.mktemp("files"), cells, files=DATA)


@pytest.mark.parametrize("name", FILES)
def test_what_happens_to_files_is_seen(files_seen: dict[str, Seen], name: str) -> None:
    found, expected = files_seen[name], FILES[name][1]
    assert not found.err
    if expected is not None:
        kinds = ("read", "write", "delete", "list", "absent", "module", "refused")
        assert found.of(*kinds) == expected


def test_events_are_told_once_and_by_the_line_of_the_project_that_caused_them(
    tmp_path: Path,
) -> None:
    files = {**DATA, "lib/reader.py": "def read():\n    return open('data.csv')\n"}
    cell = "from lib.reader import read\nfor _ in range(9):\n    read()"
    found = probed(tmp_path, cell, files=files)
    (event,) = (event for event in found.events if event.kind == "read")
    assert (event.file, event.line) == ("lib/reader.py", 2)


def test_a_removed_tree_is_told_by_its_paths(tmp_path: Path) -> None:
    cell = "import shutil\nshutil.rmtree('sub')"
    found = probed(tmp_path, cell, files={"sub/inner/deep.txt": "x"})
    told = [what for _, what, _ in found.of("delete")]
    assert told == ["sub/inner/deep.txt", "sub/inner", "sub"]
    assert not found.of("read", "absent", "refused")


@pytest.mark.parametrize(
    ("cell", "program", "line"),
    [
        pytest.param(
            "import subprocess\nsubprocess.run(['true', 'x'])",
            "true",
            "true x",
            id="subprocess",
        ),
        pytest.param(
            "import subprocess\nsubprocess.run('true', shell=True)",
            "/bin/sh",
            "/bin/sh -c true",
            id="shell",
        ),
        pytest.param(
            "pass\nimport os; os.system('true')", "/bin/sh", "sh -c true", id="sys"
        ),
        pytest.param(
            "import os\nos.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
            "/bin/true",
            "true",
            id="spawn",
        ),
        pytest.param(
            "import os\nos.execv('/bin/true', ['true'])",
            "/bin/true",
            "true",
            id="exec",
        ),
    ],
)
def test_programs_are_seen(tmp_path: Path, cell: str, program: str, line: str) -> None:
    found = probed(tmp_path, cell)
    assert found.code == 0, found.err
    (event,) = (event for event in found.events if event.kind == "process")
    assert (event.what, event.detail, event.line) == (program, line, 2)


def test_a_fork_is_no_program_and_its_events_are_told(tmp_path: Path) -> None:
    cell = """
        import os
        if os.fork() == 0:
            open('data.csv')
            os._exit(0)
        os.wait()
    """
    found = probed(tmp_path, cell, files=DATA)
    assert not found.of("process")
    assert found.of("read") == [("read", "data.csv", 3)]


def test_python_children_are_probed_and_know_the_cell(tmp_path: Path) -> None:
    script = "import os\nopen('data.csv')\nos.environ.get('SEED')\n"
    cell = "import subprocess, sys; subprocess.run([sys.executable, 'prep.py'])"
    found = probed(tmp_path, cell, files={**DATA, "prep.py": script})
    (read,) = (event for event in found.events if event.what.endswith("data.csv"))
    assert (read.cell, read.file, read.line) == (CELL, "prep.py", 2)
    assert found.of("environment") == [("environment", "SEED", 3)]


VARIABLES: dict[str, tuple[str, list[str]]] = {
    "item": (
        """import os
os.environ['GIVEN']""",
        ["GIVEN"],
    ),
    "get": (
        """import os
os.environ.get('UNSET')""",
        ["UNSET"],
    ),
    "getenv": (
        """import os
os.getenv('UNSET', '1')""",
        ["UNSET"],
    ),
    "in": (
        """import os
'UNSET' in os.environ""",
        ["UNSET"],
    ),
    "all": (
        """import os
dict(os.environ)""",
        ["*"],
    ),
    "copy": (
        """import os
os.environ.copy()""",
        ["*"],
    ),
    "names": (
        """import os
sorted(os.environ)""",
        ["*"],
    ),
    "its own": (
        """import os
os.environ['OWN'] = '1'; os.environ['OWN']""",
        [],
    ),
    "a library's": (
        """import tempfile
tempfile.gettempdir()""",
        [],
    ),
    "the home": (
        """import os
os.path.expanduser('~')""",
        [],
    ),
    "ours": (
        """import os
os.environ.get('TOOLKIT_X')""",
        [],
    ),
}


@pytest.fixture(scope="module")
def variables_seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    cells = {name: cell for name, (cell, _) in VARIABLES.items()}
    folder = tmp_path_factory.mktemp("variables")
    return probed_each(folder, cells, more={"GIVEN": "yes"})


@pytest.mark.parametrize("name", VARIABLES)
def test_variables_read_by_the_cell_are_seen(
    variables_seen: dict[str, Seen], name: str
) -> None:
    found = variables_seen[name]
    assert not found.err
    assert [what for _, what, _ in found.of("environment")] == VARIABLES[name][1]


def test_a_variable_that_an_extension_reads_is_not_the_cells(tmp_path: Path) -> None:
    cell = """
        import sys
        compiled = vars(sys.modules["os"])["environ"].__getitem__
        print(compiled("".join(("US", "ER"))))
    """
    found = probed(tmp_path, cell)
    assert found.out == "plain\n", found.err
    assert not found.of("environment")


def test_a_variable_is_digested_without_our_folders(tmp_path: Path) -> None:
    cell = "import os; os.environ['HOME']; os.getenv('GIVEN'); os.getenv('UNSET')"
    one, two = (
        probed(tmp_path / name, cell, more={"GIVEN": "yes"}) for name in ("a", "b")
    )
    details = {event.what: event.detail for event in one.events if event.line}
    assert details == {event.what: event.detail for event in two.events if event.line}
    assert details["GIVEN"].startswith("8a798890fe93817163b10b5f7bd2ca4d25d84c52739a")
    assert details["UNSET"] == ""


def test_the_environment_behaves_as_before(tmp_path: Path) -> None:
    cell = """
        import os
        environ = os.environ
        environ["A"] = "1"
        assert isinstance(environ, os._Environ) and type(environ).__name__ == "_Environ"
        assert environ | {"B": "2"} == {**environ, "B": "2"}
        assert environ.setdefault("A", "3") == "1" and environ.pop("A") == "1"
        assert environ.get("A") is None and "A" not in environ
        try: environ["A"]
        except KeyError as error: assert error.args == ("A",)
        try: environ["A"] = 1
        except TypeError: pass
        assert len(list(environ)) == len(environ) == len(environ.items())
        assert repr(environ).startswith("environ({")
        assert os.environb[b"USER"] == b"plain"
        os.putenv("A", "x"); os.unsetenv("A")
    """
    found = probed(tmp_path, cell)
    assert found.code == 0, found.err


ENTROPY: dict[str, tuple[str, str | None]] = {
    "urandom": (
        """import os
os.urandom(4)""",
        """os.urandom""",
    ),
    "s": (
        """import secrets
secrets.token_hex()""",
        """secrets.token_hex""",
    ),
    "uuid": (
        """import uuid
uuid.uuid4()""",
        """uuid.uuid4""",
    ),
    "no seed": (
        """import random
random.seed()""",
        """random.seed""",
    ),
    "Random": (
        """import random
random.Random()""",
        """random.__init__""",
    ),
    "seed": (
        """import random
random.seed(1); random.random()""",
        None,
    ),
    "a library's": (
        """import tempfile
tempfile.mkdtemp()""",
        None,
    ),
    "numpy": (
        """import numpy
numpy.random.default_rng()""",
        """random.getrandbits""",
    ),
    "seeded": (
        """import numpy
numpy.random.default_rng(1)""",
        None,
    ),
    "state": (
        """import numpy
numpy.random.RandomState(1)""",
        None,
    ),
    "unseeded": (
        """import numpy
numpy.random.RandomState()""",
        """random.getrandbits""",
    ),
}


@pytest.fixture(scope="module")
def entropy_seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    cells = {name: cell for name, (cell, _) in ENTROPY.items()}
    return probed_each(tmp_path_factory.mktemp("entropy"), cells)


@pytest.mark.parametrize("name", ENTROPY)
def test_entropy_that_the_cell_draws_is_seen(
    entropy_seen: dict[str, Seen], name: str
) -> None:
    found, what = entropy_seen[name], ENTROPY[name][1]
    assert not found.err
    assert found.of("entropy") == ([("entropy", what, 2)] if what else [])


def test_a_generator_is_seeded_as_before(tmp_path: Path) -> None:
    cell = """
        import random
        random.seed(7)
        first = random.random()
        assert random.Random(7).random() == first
        random.seed(a="text", version=2)
        class Own(random.Random): pass
        print(first, random.random(), Own(3).random())
    """
    expected = "0.32383276483316237 0.8711565613554825 0.23796462709189137\n"
    found = probed(tmp_path, cell)
    assert found.out == expected, found.err


def test_times_of_magic_commands_are_told_by_their_lines(tmp_path: Path) -> None:
    cell = """
        def run_cell_magic():
            exec(compile("\\nopen('data.csv')", "<timed exec>", "exec"))
        def run_line_magic():
            exec(compile("open('sub/deep.txt')", "<timed exec>", "exec"))
        for magic in (run_cell_magic, run_line_magic):
            magic.__code__ = magic.__code__.replace(co_filename="<ipython>")
        run_cell_magic()
        run_line_magic()
    """
    found = probed(tmp_path, cell, files=DATA)
    assert found.of("read") == [("read", "data.csv", 9), ("read", "sub/deep.txt", 8)]


def test_replaced_functions_stay_what_they_were(tmp_path: Path) -> None:
    cell = """
        import os, pickle, pathlib, shutil, tempfile, copy
        assert os.stat in os.supports_fd and os.stat in os.supports_dir_fd
        assert shutil.rmtree.avoids_symlink_attacks
        class Holder:
            stat = os.stat
        assert Holder().stat(".").st_ino == os.stat(".").st_ino
        assert pickle.loads(pickle.dumps(os.stat)) is os.stat
        assert os.stat.__name__ == "stat" and "built-in" in repr(os.stat)
        try: os.stat("gone")
        except FileNotFoundError as error: assert error.filename == "gone"
        number = os.open(".", os.O_RDONLY)
        assert os.stat("data.csv", dir_fd=number).st_size == 8
        assert os.access("data.csv", os.R_OK) and not os.access("gone", os.R_OK)
        with os.fdopen(os.open("data.csv", os.O_RDONLY)) as file: file.read()
        print(sorted(p.name for p in pathlib.Path(".").rglob("*.csv")))
    """
    found = probed(tmp_path, cell, files=DATA)
    assert found.code == 0, found.err
    assert found.out == "['data.csv']\n"


@pytest.mark.parametrize("names", [(), ("listing", "processors", "user", "host")])
def test_the_probe_itself_changes_no_result(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    cell = """
        import math, random, json, datetime, subprocess, sys
        random.seed(1)
        values = [random.gauss(0, 1) for _ in range(99)]
        with open("out.json", "w") as file: json.dump(values, file)
        print(sorted({"a", "b"}), list({"a", "b", "c"}), math.fsum(values), hash("x"))
        print(json.load(open("out.json")) == values)
        subprocess.run([sys.executable, "-c", "print({'x', 'y', 'z'})"])
    """
    plain = probed(
        tmp_path / "plain", cell, more={"PYTHONPATH": ""}, confined=False, network=True
    )
    probing = probed(tmp_path / "probed", cell, names=names)
    assert plain.code == probing.code == 0, probing.err
    assert plain.out.splitlines()[-2:] == probing.out.splitlines()[-2:]
    assert sorted(plain.out) == sorted(probing.out)
    assert probing.err == ""


@pytest.mark.parametrize("value", ["", "gone", None])
def test_nothing_happens_without_readable_settings(
    tmp_path: Path, value: str | None
) -> None:
    env = {**os.environ, "PYTHONPATH": str(Probe.path_entry)}
    env |= {} if value is None else {"TOOLKIT_PROBE": value and str(tmp_path / value)}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print('toolkit_probe' in sys.modules)"],
        env=env,
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"False\n", b"")


def test_the_next_sitecustomize_is_started_and_its_path_is_left_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "run" / "next").mkdir(parents=True)
    (tmp_path / "run/next/sitecustomize.py").write_text("STARTED = 'the next one'\n")
    cell = """
        import sys, sitecustomize, os
        print(sitecustomize.STARTED)
        print([entry for entry in sys.path if "probe" in entry])
        print("probe" in os.environ["PYTHONPATH"])
    """
    found = probed(tmp_path, cell)
    assert found.out.splitlines() == ["the next one", "[]", "True"], found.err


def test_a_failing_next_sitecustomize_is_reported_as_python_does(
    tmp_path: Path,
) -> None:
    (tmp_path / "run" / "next").mkdir(parents=True)
    (tmp_path / "run/next/sitecustomize.py").write_text("import no_such_module\n")
    found = probed(tmp_path, "open('data.csv')", files=DATA)
    assert found.code == 0
    assert "no_such_module" in found.err
    assert found.of("read") == [("read", "data.csv", 1)]
