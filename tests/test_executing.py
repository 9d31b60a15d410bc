"""Real kernels in a fresh copy of their project."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from notebooks import cell, content
from toolkit.reproduce.execution.executing import Executed, Place, Told, execute_in
from toolkit.reproduce.notebook import parse_notebook
from toolkit.reproduce.parameters.schema import read_schema
from toolkit.reproduce.parameters.values import resolve
from toolkit.reproduce.variation import NAMES, Variation

pytestmark = pytest.mark.kernel
BUNDLED = Path(__file__).parents[1]


@dataclass(frozen=True)
class World:
    """A project in a folder, and what a run of it would use."""

    root: Path
    results: Path
    upstream: dict[str, Path] = field(default_factory=dict)

    def execute(
        self, *cells: str | dict[str, object], told: Told | None = None
    ) -> Executed:
        path = self.root / "nb.ipynb"
        path.write_bytes(content(cells))
        notebook = parse_notebook(path.read_bytes(), path="nb.ipynb")
        place = Place(
            root=self.root,
            notebook="nb.ipynb",
            upstream=self.upstream,
            hidden=(self.root / "runs",),
        )
        values = resolve(read_schema(notebook), [])
        self.results.mkdir()
        return execute_in(
            notebook, values, place, told or Told(), self.results, lambda _: None
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    root = tmp_path / "proj"
    (root / "data").mkdir(parents=True)
    (root / "data" / "x.csv").write_text("a,b\n1,2\n3,4\n")
    (root / "helper.py").write_text("def three():\n    return 3\n")
    (root / "pyproject.toml").touch()
    (root / "runs" / "old").mkdir(parents=True)
    (root / "runs" / "old" / "metrics.json").write_text("{}")
    return World(root, tmp_path / "results")


def printed(executed: Executed) -> str:
    return "\n".join(output.text for output in executed.outputs)


def test_what_is_read_written_and_imported_is_in_the_trace(world: World) -> None:
    executed = world.execute(
        "import os, subprocess\nimport pyarrow.csv, helper\n"
        "print(pyarrow.csv.read_csv('data/x.csv').num_rows, helper.three())",
        "open('out.txt', 'w').write('new'); print(open('out.txt').read())",
        "os.makedirs('deep/er'); open('deep/er/y', 'w').close()",
        "print(os.environ.get('N_TREES', 100), os.listdir('data'))",
        "print(subprocess.run(['cat', 'pyproject.toml']).returncode)",
    )
    assert (executed.status, executed.error) == ("finished", None)
    trace = executed.trace
    assert set(trace.inputs) == {"data/x.csv", "pyproject.toml"}
    assert trace.modules == ("helper.py",)
    assert set(trace.written) == {"out.txt", "deep/er/y"}
    assert set(trace.listed) == {"data"}
    assert trace.environment == {"N_TREES": None}
    assert trace.processes == ("cat",)
    assert trace.undeclared == ("data/x.csv",)
    assert (world.results / "files" / "out.txt").read_text() == "new"
    assert not (world.root / "out.txt").exists()
    assert printed(executed) == "2 3\nnew\n\n100 ['x.csv']\n0"
    assert executed.cells[0].shown == "2 3"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("open('data/x.csv', 'a').write('5,6')", "changed data/x.csv"),
        pytest.param("import os; os.remove('data/x.csv')", "deleted data/x.csv"),
        pytest.param(
            "import os\ntry:\n    os.listdir('{root}/runs')\nexcept OSError: pass",
            "tried to read {root}/runs, of an earlier run",
        ),
        pytest.param(
            "try:\n    open('{root}/data/x.csv', 'a')\nexcept OSError: pass",
            "tried to write {root}/data/x.csv, of the project itself",
        ),
        pytest.param(
            "try:\n    open('../x', 'w')\nexcept OSError: pass",
            "tried to write ",
        ),
        pytest.param(
            "import urllib.request\ntry:\n    urllib.request.urlopen('http://192.0.2.1')"
            "\nexcept OSError: pass",
            "tried to reach 192.0.2.1:80",
        ),
    ],
)
def test_what_no_run_may_do_fails_it_whatever_the_cell_makes_of_it(
    world: World, source: str, found: str
) -> None:
    root = str(world.root)
    executed = world.execute("n = 1", source.replace("{root}", root), "n = 2")
    assert executed.status == "failed"
    assert executed.error is not None
    assert executed.error.evalue.startswith(found.replace("{root}", root))
    assert executed.error.cell == 1
    assert executed.error.source.startswith(source[:6])
    assert (world.root / "data" / "x.csv").read_text() == "a,b\n1,2\n3,4\n"
    shown = json.loads((world.results / "notebook.ipynb").read_bytes())
    assert shown["metadata"]["toolkit"]["status"] == "failed"


def test_a_scope_can_ask_for_declared_inputs_only(world: World) -> None:
    text = (BUNDLED / "scope.yaml").read_text("utf-8")
    (world.root / "scope.yaml").write_text(f"{text}\ninputs: declared\n", "utf-8")
    executed = world.execute("n = 1", "rows = open('data/x.csv').read()")
    assert executed.status == "failed"
    assert executed.error is not None
    assert executed.error.cell == 1
    assert "read data/x.csv, which is not declared" in executed.error.evalue


def test_only_named_variables_reach_the_kernel(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    monkeypatch.setenv("REGION", "north")
    (world.root / "pyproject.toml").write_text(
        '[tool.toolkit]\nenvironment = ["REGION"]\n'
    )
    executed = world.execute(
        "import os\nprint(os.environ.get('SECRET'), os.environ['REGION'])"
    )
    assert printed(executed) == "None north"
    assert executed.trace.environment["SECRET"] is None
    assert executed.trace.environment["REGION"] is not None
    assert "north" not in str(executed.trace)


def test_a_named_file_outside_is_an_input(world: World, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    reads_natively = f"from pyarrow import csv\nprint(csv.read_csv({str(outside)!r}))"
    executed = world.execute(reads_natively)
    assert executed.status == "finished"
    assert list(executed.trace.inputs) == [str(outside)]
    assert executed.trace.undeclared == (str(outside),)
    elsewhere = World(world.root, tmp_path / "elsewhere").execute(
        f"open({str(outside)!r})", told=Told(elsewhere=True)
    )
    assert elsewhere.error is not None
    assert elsewhere.error.ename == "PermissionError"
    (world.root / "pyproject.toml").write_text(
        f"[tool.toolkit]\ninputs = [{str(outside)!r}]\n"
    )
    declared = World(world.root, tmp_path / "declared").execute(
        f"open({str(outside)!r})", told=Told(elsewhere=True)
    )
    assert declared.error is None


def test_every_execution_is_in_the_same_place_and_a_varied_one_is_not(
    world: World, tmp_path: Path
) -> None:
    source = "import os\nprint(os.getcwd(), os.path.expanduser('~'))"
    before = set(os.environ)
    plain = world.execute(source)
    again = World(world.root, tmp_path / "again").execute(source)
    varied = World(world.root, tmp_path / "varied").execute(
        source, told=Told(variation=Variation(names=frozenset(NAMES)))
    )
    shown = [
        e.content["cells"][0]["outputs"][0]["text"] for e in (plain, again, varied)
    ]
    assert shown[0] == shown[1]
    assert shown[0].split()[0].endswith("/project")
    assert not set(shown[0].split()) & set(shown[2].split())
    assert (
        printed(plain)
        == printed(varied)
        == "<project> <home>/home"[:0] + printed(again)
    )
    assert set(os.environ) == before


def test_an_execution_can_stop_early_and_tell_what_variables_held(world: World) -> None:
    told = Told(until=1, fingerprints=True)
    executed = world.execute(
        cell("seed: int = 0", "parameters"), "rows = [1, 2]", "1 / 0", told=told
    )
    assert executed.status == "finished"
    assert [c.index for c in executed.cells] == [0, 1]
    held = {(e.cell, e.what) for e in executed.events if e.kind == "variable"}
    assert {(0, "seed"), (1, "rows")} <= held


def test_what_is_not_in_the_files_can_be_supplied(world: World, tmp_path: Path) -> None:
    elsewhere = tmp_path / "kept" / "big.csv"
    elsewhere.parent.mkdir()
    elsewhere.write_text("a\n1\n2\n")
    path = world.root / "nb.ipynb"
    path.write_bytes(content(["print(len(open('big/big.csv').readlines()))"]))
    notebook = parse_notebook(path.read_bytes(), path="nb.ipynb")
    place = Place(
        root=world.root, notebook="nb.ipynb", supplied={"big/big.csv": elsewhere}
    )
    world.results.mkdir()
    values = resolve(read_schema(notebook), [])
    executed = execute_in(
        notebook, values, place, Told(), world.results, lambda _: None
    )
    assert printed(executed) == "3"
    assert list(executed.trace.inputs) == ["big/big.csv"]


def test_a_file_that_git_ignores_is_named_where_it_is_missed(world: World) -> None:
    (world.root / ".gitignore").write_text("data/\n")
    subprocess.run(["git", "init", "-q", str(world.root)], check=True)  # noqa: S603, S607
    executed = world.execute("open('data/x.csv')")
    assert executed.error is not None
    assert executed.error.ename == "FileNotFoundError"
    assert "data/x.csv is in the project, but git ignores it" in executed.error.evalue
