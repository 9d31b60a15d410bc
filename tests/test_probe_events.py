from pathlib import Path

import pytest
from probes import CELL, Seen, probed, probed_each

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
