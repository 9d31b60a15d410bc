import errno
import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.tracing import watch as watch_module
from toolkit.reproduce.tracing.sightings import (
    ACCESS,
    CLOSE_NOWRITE,
    CLOSE_WRITE,
    CREATE,
    DELETE,
    IS_FOLDER,
    MODIFY,
    MOVED_FROM,
    MOVED_TO,
    OPEN,
    Sightings,
)
from toolkit.reproduce.tracing.watch import SEEN, UNSEEN, Watch
from toolkit.reproduce.workspace import layout as workspace_copy
from toolkit.reproduce.workspace.making import Workspace, make

LINUX = importlib.util.find_spec("inotify_simple") is not None
on_linux = pytest.mark.skipif(not LINUX, reason="inotify is Linux's")
LARGE = "a,b\n" + "1,2\n" * 300_000


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    import pandas as pd  # noqa: PLC0415 -- slow

    data = tmp_path / "proj" / "data"
    (data / "parts").mkdir(parents=True)
    (data / "x.csv").write_text("a,b\n1,2\n")
    (data / "big.csv").write_text(LARGE)
    (data / "parts" / "y ü\udce9.csv").write_text("a\n1\n")
    pd.DataFrame({"a": [1.0]}).to_parquet(data / "x.parquet")
    with sqlite3.connect(data / "x.db") as base:
        base.execute("create table t (a)")
    base.close()
    return make(tmp_path / "proj", tmp_path / "target")


@pytest.fixture
def watch(workspace: Workspace) -> Iterator[Watch]:
    made = Watch(workspace)
    made.start()
    yield made
    made.stop()


def seen(
    watch: Watch, workspace: Workspace, kind: str = "read"
) -> dict[str, int | None]:
    """Cell of each path that was seen, relative to the project."""
    return {
        workspace.relative(event.what) or event.what: event.cell
        for event in watch.stop()
        if event.kind == kind
    }


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


def test_a_system_without_inotify_says_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "inotify_simple", None)
    watch = Watch(workspace)
    watch.start()
    watch.start_cell(1)
    assert watch.stop() == ()
    assert watch.enforced == f"{UNSEEN}: this system has no inotify"


@on_linux
def test_no_more_inotify_is_said(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("inotify_simple.INotify.__init__", refuse)
    watch = Watch(workspace)
    watch.start()
    assert watch.stop() == ()
    assert watch.enforced.startswith(f"{UNSEEN}: inotify cannot be had here (Too many")


@on_linux
def test_a_limit_of_watches_is_said(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inotify_simple import INotify  # noqa: PLC0415 -- Linux alone has it

    add = INotify.add_watch

    def limited(self: INotify, path: str, mask: int) -> int:
        if path != str(workspace.root):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        watch: int = add(self, path, mask)
        return watch

    monkeypatch.setattr(INotify, "add_watch", limited)
    watch = Watch(workspace)
    watch.start()
    (workspace.root / "data" / "x.csv").read_bytes()
    (workspace.root / "new").write_text("x")
    assert seen(watch, workspace, "write") == {"new": None}
    assert watch.enforced.startswith(SEEN)
    assert "max_user_watches" in watch.enforced


@on_linux
def test_a_disk_full_of_folders_is_not_watched_to_the_end(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_MOST", 3)
    for i in range(9):
        (tmp_path / "disk" / str(i)).mkdir(parents=True)
    watch = Watch(workspace, [tmp_path / "disk"])
    watch.start()
    watch.stop()
    assert f"{tmp_path / 'disk'} holds too many folders" in watch.enforced


@on_linux
def test_a_queue_that_ran_over_is_said(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 20_000:
        pytest.skip("the queue is too long here to fill it in a moment")
    monkeypatch.setattr(Watch, "_read", lambda _: None)  # nobody takes the events
    watch = Watch(workspace)
    watch.start()
    for _ in range(limit // 4):  # two by turns, for equal events fall together
        for name in ("x.csv", "x.db"):
            (workspace.root / "data" / name).read_bytes()
    watch.start_cell(1)
    (workspace.root / "data" / "x.csv").read_bytes()
    assert seen(watch, workspace)["data/x.csv"] == 1
    assert "more happened at once than the system's queue holds" in watch.enforced


# What masks say

READ = Event(kind="read", what="/x", cell=1)
WRITE = Event(kind="write", what="/x", cell=1)


@pytest.mark.parametrize(
    ("masks", "events"),
    [
        pytest.param([OPEN, ACCESS, CLOSE_NOWRITE], (READ,), id="read"),
        pytest.param([OPEN, CLOSE_NOWRITE], (READ,), id="memory-map"),
        pytest.param([OPEN], (READ,), id="still-open"),
        pytest.param([OPEN, ACCESS, CLOSE_WRITE], (READ, WRITE), id="read-for-both"),
        pytest.param([CREATE, OPEN, MODIFY, CLOSE_WRITE], (WRITE,), id="new"),
        pytest.param([OPEN, MODIFY], (WRITE,), id="written-and-still-open"),
        pytest.param([MOVED_TO], (WRITE,), id="moved-here"),
        pytest.param([DELETE], (Event(kind="delete", what="/x", cell=1),), id="gone"),
        pytest.param(
            [MOVED_FROM], (Event(kind="delete", what="/x", cell=1),), id="away"
        ),
        pytest.param([OPEN | IS_FOLDER, 0x10 | IS_FOLDER], (), id="only-opened"),
        pytest.param(
            [OPEN | IS_FOLDER, ACCESS | IS_FOLDER],
            (Event(kind="list", what="/x", cell=1),),
            id="listed",
        ),
    ],
)
def test_masks_say(masks: list[int], events: tuple[Event, ...]) -> None:
    sightings = Sightings()
    for mask in masks:
        sightings.see("/x", mask, 1)
    assert sightings.events() == events
    assert sightings.events() == events


def test_a_file_opened_in_one_cell_and_read_in_another_is_of_that_one() -> None:
    sightings = Sightings()
    sightings.see("/x", OPEN, 1)
    sightings.see("/x", ACCESS, 2)
    assert sightings.events() == (Event(kind="read", what="/x", cell=2),)


def test_a_file_mapped_in_two_cells_is_of_both() -> None:
    sightings = Sightings()
    for cell in (1, 2):
        sightings.see("/x", OPEN, cell)
        sightings.see("/x", CLOSE_NOWRITE, cell)
    assert [event.cell for event in sightings.events()] == [1, 2]
