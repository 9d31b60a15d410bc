import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watched import a_watched_folder, on_linux, seen

from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.tracing.watch import SEEN, Watch
from toolkit.reproduce.workspace import layout as workspace_copy
from toolkit.reproduce.workspace.making import Workspace, make


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_watched_folder(tmp_path)


@pytest.fixture
def watch(workspace: Workspace) -> Iterator[Watch]:
    made = Watch(workspace)
    made.start()
    yield made
    made.stop()


def shell(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- our own


def read_by_pandas(root: Path) -> None:
    import pandas as pd  # noqa: PLC0415 -- slow

    pd.read_parquet(root / "data" / "x.parquet")


def read_by_arrow(root: Path) -> None:
    from pyarrow import csv, parquet  # noqa: PLC0415 -- slow

    csv.read_csv(root / "data" / "x.csv")
    parquet.read_table(root / "data" / "x.parquet", memory_map=True)


def read_a_data_set(root: Path) -> None:
    from pyarrow import dataset  # noqa: PLC0415 -- slow

    dataset.dataset(root / "data" / "parts", format="csv").to_table()


def read_by_sqlite(root: Path) -> None:
    base = sqlite3.connect(root / "data" / "x.db")
    base.execute("select * from t").fetchall()
    base.close()


@on_linux
@pytest.mark.parametrize(
    ("read", "paths"),
    [
        pytest.param(read_by_pandas, {"data/x.parquet"}, id="pandas-parquet"),
        pytest.param(read_by_arrow, {"data/x.csv", "data/x.parquet"}, id="arrow-mmap"),
        pytest.param(read_a_data_set, {"data/parts/y ü\udce9.csv"}, id="arrow-folder"),
        pytest.param(read_by_sqlite, {"data/x.db"}, id="sqlite"),
        pytest.param(
            lambda root: shell("cat", f"{root}/data/x.csv"), {"data/x.csv"}, id="child"
        ),
        pytest.param(
            lambda root: shell("cat", f"{root}/data/big.csv"),
            {"data/big.csv"},
            id="large",
        ),
        pytest.param(
            lambda root: (root / "data" / "x.csv").open().close(),
            {"data/x.csv"},
            id="opened-only",
        ),
    ],
)
def test_whoever_reads_is_seen(
    watch: Watch, workspace: Workspace, read: Callable[[Path], object], paths: set[str]
) -> None:
    watch.start_cell(3)
    read(workspace.root)
    watch.start_cell(4)
    assert seen(watch, workspace) == dict.fromkeys(paths, 3)
    assert watch.enforced == SEEN


@on_linux
def test_an_event_belongs_to_the_cell_in_which_it_happened(
    watch: Watch, workspace: Workspace
) -> None:
    for cell in range(50):
        watch.start_cell(cell)
        (workspace.root / f"{cell}").write_text("x")
    watch.start_cell(None)
    (workspace.root / "last").write_text("x")
    written = seen(watch, workspace, "write")
    assert written == {**{str(cell): cell for cell in range(50)}, "last": None}


@on_linux
def test_each_path_is_told_once_a_cell(watch: Watch, workspace: Workspace) -> None:
    for cell in (1, 2):
        watch.start_cell(cell)
        for _ in range(100):
            (workspace.root / "data" / "x.csv").read_bytes()
    reads = [event for event in watch.stop() if event.kind == "read"]
    path = str(workspace.root / "data" / "x.csv")
    assert reads == [Event(kind="read", what=path, cell=cell) for cell in (1, 2)]


@on_linux
def test_writing_deleting_and_moving_are_seen(
    watch: Watch, workspace: Workspace
) -> None:
    data = workspace.root / "data"
    (data / "x.csv").write_text("changed")
    (data / "x.db").unlink()
    (data / "x.parquet").rename(data / "z.parquet")
    events = {(e.kind, workspace.relative(e.what)) for e in watch.stop()}
    assert events == {
        ("write", "data/x.csv"),
        ("delete", "data/x.db"),
        ("delete", "data/x.parquet"),
        ("write", "data/z.parquet"),
    }


@on_linux
def test_listings_are_seen(watch: Watch, workspace: Workspace) -> None:
    watch.start_cell(1)
    shell("ls", f"{workspace.root}/data/parts")
    assert seen(watch, workspace, "list") == {"data/parts": 1}


@on_linux
def test_new_folders_are_watched_too(watch: Watch, workspace: Workspace) -> None:
    watch.start_cell(1)
    deep = workspace.root / "out" / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "x").write_text("1")
    watch.start_cell(2)
    (deep / "y").write_text("1")
    (workspace.root / "data" / "parts").rename(workspace.root / "moved")
    watch.start_cell(3)
    next((workspace.root / "moved").glob("*.csv")).read_bytes()
    shutil.rmtree(workspace.root / "out")
    events = {(e.kind, workspace.relative(e.what), e.cell) for e in watch.stop()}
    assert {
        ("write", "out/a/b/c/x", 1),
        ("write", "out/a/b/c/y", 2),
        ("read", "moved/y ü\udce9.csv", 3),
        ("delete", "out/a/b/c/x", 3),
    } <= events


@on_linux
def test_compiled_modules_are_passed_over(
    watch: Watch, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    (workspace.root / "mod.py").write_text("a = 1")
    code = f"import sys; sys.path[0] = {str(workspace.root)!r}; import mod"
    for _ in range(2):
        shell(sys.executable, "-c", code)
    assert (workspace.root / "__pycache__").is_dir()
    assert not [event for event in watch.stop() if "__pycache__" in event.what]


@on_linux
def test_of_a_real_folder_only_the_linked_file_counts(
    watch: Watch, workspace: Workspace
) -> None:
    (workspace.project / "data" / "x.csv").read_bytes()  # its copy is what a run reads
    (workspace.project / "data" / "big.csv").read_bytes()
    (workspace.project / "data" / "new").write_text("by somebody else")
    assert seen(watch, workspace) == {"data/big.csv": None}


@on_linux
def test_linked_folders_and_further_places_are_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_copy, "SMALL", 0)
    monkeypatch.setattr("toolkit.reproduce.workspace.selection._OUTSIDE", 0)
    for path in ("proj/nb", "disk/a/b", "upstream/record.json", "other/file"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "proj" / "data").symlink_to(tmp_path / "disk")
    workspace = make(tmp_path / "proj", tmp_path / "target")
    watch = Watch(workspace, [tmp_path / "upstream", tmp_path / "other" / "file"])
    watch.start()
    for path in ("disk/a/b", "upstream/record.json", "other/file"):
        (tmp_path / path).read_bytes()
    assert {*seen(watch, workspace)} == {
        "data/a/b",
        str(tmp_path / "upstream" / "record.json"),
        str(tmp_path / "other" / "file"),
    }


@on_linux
def test_what_happens_before_and_after_is_not_seen(workspace: Workspace) -> None:
    watch = Watch(workspace)
    (workspace.root / "data" / "x.csv").read_bytes()
    watch.start()
    (workspace.root / "data" / "x.db").read_bytes()
    first = watch.stop()
    (workspace.root / "data" / "x.csv").read_bytes()
    assert watch.stop() == first
    assert [Path(event.what).name for event in first] == ["x.db"]


@on_linux
def test_many_processes_at_once_lose_nothing(
    watch: Watch, workspace: Workspace
) -> None:
    def work(number: int) -> None:
        for i in range(100):
            (workspace.root / f"{number}-{i}").write_text("x")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen(watch, workspace, "write")) == 400
