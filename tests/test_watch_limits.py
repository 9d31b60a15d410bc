import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from watched import a_watched_folder, on_linux, seen

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
from toolkit.reproduce.workspace.making import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_watched_folder(tmp_path)


@pytest.fixture
def watch(workspace: Workspace) -> Iterator[Watch]:
    made = Watch(workspace)
    made.start()
    yield made
    made.stop()


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
