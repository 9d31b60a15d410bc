import fcntl
import os
import tempfile
import threading
from pathlib import Path

import pytest

from toolkit.reproduce.execution.quarters import FOLDERS, quarters

KEY = "test-quarters"[:8]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_the_folder_has_the_same_name_each_time_and_is_gone_afterwards() -> None:
    with quarters("0123456789", {}) as first:
        assert {path.name for path in first.iterdir()} == set(FOLDERS)
        assert first.stat().st_mode & 0o077 == 0
    assert not first.exists()
    with quarters("0123456789", {}) as second:
        assert second == first
    assert second.name == "tk-01234567"


def test_two_at_once_get_two_folders() -> None:
    with quarters(KEY, {}) as first, quarters(KEY, {}) as second:
        assert first != second
        assert second.name == f"{first.name}-2"


def test_who_wants_the_very_folder_waits_for_it() -> None:
    got: list[Path] = []

    def wait() -> None:
        with quarters(KEY, {}, wait=True) as folder:
            got.append(folder)

    with quarters(KEY, {}) as first:
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.2)
        assert not got
    thread.join(10)
    assert got == [first]


def test_what_a_dead_process_left_is_swept(temporary: Path) -> None:
    left = temporary / f"tk-{KEY}"
    (left / "home" / "deep").mkdir(parents=True)
    (left / "link").symlink_to(temporary)
    with quarters(KEY, {}) as folder:
        assert folder == left
        assert not (folder / "home" / "deep").exists()
        assert not (folder / "link").is_symlink()
    assert temporary.exists()


@pytest.mark.parametrize("wait", [False, True])
def test_somebody_elses_name_is_left_alone(temporary: Path, *, wait: bool) -> None:
    (temporary / "elsewhere").mkdir()
    (temporary / f"tk-{KEY}").symlink_to(temporary / "elsewhere")
    with quarters(KEY, {}, wait=wait) as folder:
        assert folder.name == f"tk-{KEY}-2"
    assert (temporary / "elsewhere").is_dir()


def test_a_locked_folder_is_not_touched(temporary: Path) -> None:
    held = temporary / f"tk-{KEY}"
    (held / "mine").mkdir(parents=True)
    lock = os.open(held, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with quarters(KEY, {}) as folder:
        assert folder != held
    assert (held / "mine").exists()
    os.close(lock)


def test_elsewhere_is_odd_and_never_the_same() -> None:
    with (
        quarters(KEY, {}, elsewhere=True) as first,
        quarters(KEY, {}, elsewhere=True) as second,
    ):
        assert first != second
        assert " " in first.name
        assert not first.name.isascii()


def test_the_list_of_fonts_is_lent_and_a_new_one_is_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "matplotlib"
    cache.mkdir(parents=True)
    (cache / "fontlist-v1.json").write_text("[]")
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    with quarters(KEY, environ) as home:
        assert (home / "mpl" / "fontlist-v1.json").read_text() == "[]"
        (home / "mpl" / "fontlist-v2.json").write_text("[2]")
    assert not home.exists()
    assert (cache / "fontlist-v2.json").read_text() == "[2]"
    with quarters(KEY, {"MPLCONFIGDIR": str(tmp_path / "own")}) as home:
        (home / "mpl" / "fontlist-v3.json").write_text("[3]")
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["fontlist-v3.json"]
    with quarters(KEY, {"HOME": str(tmp_path)}) as home:
        assert not list((home / "mpl").iterdir())
