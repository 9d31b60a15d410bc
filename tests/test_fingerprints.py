import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fingerprinted import BIG, aged, change
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.reproduce import fingerprints
from toolkit.reproduce.digest import bytes_digest, folder_digest, names_digest
from toolkit.reproduce.fingerprints import CACHE, Fingerprints

SECOND_NS = 1_000_000_000
NAMES = ("a", "b", "sub/a", "sub/deep/ü", "sub/deep/new\nline")
HOW = ("write", "append", "touch", "replace", "rename", "delete", "back in time")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / CACHE


@pytest.fixture
def no_reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let every large file that is read from then on fail the test."""

    def read(*_: object) -> None:
        raise AssertionError

    return lambda: monkeypatch.setattr(hashlib, "file_digest", read)


def true_digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


steps = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(HOW),
        st.sampled_from([b"", b"1", b"2", BIG, BIG[:-1] + b"y"]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps=steps)
def test_whatever_happens_to_the_files_the_digests_are_true(
    steps: list[tuple[str, str, bytes, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder, cache = Path(made, "data"), Path(made, "cache")
        folder.mkdir()
        known = Fingerprints(cache)
        for name, how, content, afresh in steps:
            change(folder, name, how, content)
            if afresh:
                known.save()
                known = Fingerprints(cache)
            assert dict(known.files(folder)) == true_digests(folder)
            for path in folder.rglob("*"):
                if path.is_file():
                    true = bytes_digest(path.read_bytes())
                    assert known.digest_of(path) == true


class CoarseClock:
    """The module ``os`` on a file system whose clock ticks every two seconds."""

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def stat(self, path: str) -> os.stat_result:
        return self._coarse(os.stat(path))  # noqa: PTH116

    def fstat(self, number: int) -> os.stat_result:
        return self._coarse(os.fstat(number))

    def _coarse(self, found: os.stat_result) -> os.stat_result:
        if not found.st_size:  # what is made to ask for the time: on another disk
            return found
        tick = 2 * SECOND_NS
        times = {
            name: getattr(found, name) // tick * tick
            for name in ("st_mtime_ns", "st_ctime_ns", "st_atime_ns")
        }
        return os.stat_result(tuple(found), times)


def test_a_change_within_one_tick_of_the_clock_is_seen(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "os", CoarseClock())
    path = tmp_path / "x"
    for content in (b"1", b"2", b"3", b"4"):
        path.write_bytes(content)
        known = Fingerprints(cache)
        assert known.digest_of(path) == bytes_digest(content)
        known.save()


def test_an_unchanged_file_is_not_read(
    tmp_path: Path, cache: Path, no_reading: Callable[[], None]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x").write_bytes(BIG)
    aged(folder / "x")
    known = Fingerprints(cache)
    digest, whole = known.digest_of(folder / "x"), known.folder(folder)
    known.save()
    no_reading()
    again = Fingerprints(cache)
    assert (again.folder(folder), again.digest_of(folder / "x")) == (whole, digest)
    (folder / "x").chmod(0o600)
    with pytest.raises(AssertionError):
        again.digest_of(folder / "x")


def test_of_a_large_folder_only_what_changed_is_read(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}").write_bytes(BIG[: (1 << 16) + number])
    aged(folder / "39")
    known = Fingerprints(cache)
    known.folder(folder)
    known.save()
    (folder / "7").write_bytes(BIG)
    aged(folder / "7")
    read: list[str] = []
    real = hashlib.file_digest

    def noted(stream: Any, name: str) -> object:  # noqa: ANN401
        read.append(stream.name)
        return real(stream, name)

    monkeypatch.setattr(hashlib, "file_digest", noted)
    for _ in range(3):
        again = Fingerprints(cache)
        assert dict(again.files(folder)) == true_digests(folder)
        again.save()
    assert read == [f"{folder}/7"]


def test_many_large_files_are_digested_as_one_by_one(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}").write_bytes(bytes([number]) * (4 << 20))
    assert dict(Fingerprints().files(tmp_path)) == true_digests(tmp_path)


def test_a_folder_has_the_digest_that_a_shell_gives_it(tmp_path: Path) -> None:
    for name in ("b", "a", "ü", "sub/Z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x").touch()
    command = (
        "find . -type f -not -path '*/__pycache__/*' | cut -c3- | LC_ALL=C sort "
        "| xargs -r sha256sum | sha256sum"
    )
    shell = subprocess.run(  # noqa: S602 -- literal
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Fingerprints().folder(tmp_path) == shell.stdout.split()[0]


def test_names_that_are_no_text_are_digested(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    try:
        (folder / os.fsdecode(b"\xff\xfe")).write_bytes(BIG)
    except OSError:
        pytest.skip("this file system takes text only")
    aged(folder / os.fsdecode(b"\xff\xfe"))
    known = Fingerprints(cache)
    digest = known.folder(folder)
    known.save()
    assert Fingerprints(cache).folder(folder) == digest == Fingerprints().folder(folder)


def test_a_file_from_before_1970_is_remembered(
    tmp_path: Path, cache: Path, no_reading: Callable[[], None]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x").write_bytes(BIG)
    os.utime(folder / "x", ns=(0, -5 * SECOND_NS))
    aged(folder / "x")
    known = Fingerprints(cache)
    digest = known.folder(folder)
    known.save()
    no_reading()
    assert Fingerprints(cache).folder(folder) == digest
    assert Fingerprints(cache).digest_of(folder / "x") == bytes_digest(BIG)


def test_a_link_counts_as_what_it_leads_to(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    aged(tmp_path / "two")
    (folder / "x").symlink_to(tmp_path / "one")
    known = Fingerprints(cache)
    before = known.files(folder)["x"]
    (folder / "x").unlink()
    (folder / "x").symlink_to(tmp_path / "two")
    assert (before, known.files(folder)["x"]) == (
        bytes_digest(b"one"),
        bytes_digest(b"two"),
    )
    (folder / "x").unlink()
    (folder / "x").symlink_to(tmp_path)  # a folder: where it leads
    assert known.files(folder)["x"] == bytes_digest(os.fsencode(tmp_path))


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="neither a file nor a folder"):
        Fingerprints().folder(tmp_path)
    with pytest.raises(OSError, match="neither a file nor a folder"):
        Fingerprints().digest_of(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError):
        Fingerprints().digest_of(tmp_path / "none")


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(BIG)
    aged(path)
    real = hashlib.file_digest
    written: list[int] = []

    def slow(stream: Any, name: str) -> object:  # noqa: ANN401
        digest = real(stream, name)
        if len(written) < 2:
            written.append(1)
            with path.open("ab") as more:
                more.write(b"1")
        return digest

    monkeypatch.setattr(hashlib, "file_digest", slow)
    known = Fingerprints(cache)
    assert known.digest_of(path) == bytes_digest(BIG + b"11")
    known.save()
    assert not cache.exists()


@given(files=st.dictionaries(st.text(min_size=1), st.binary(max_size=3)))
def test_a_folders_digest_sorts_names_as_bytes(files: dict[str, bytes]) -> None:
    digests = {name: bytes_digest(content) for name, content in files.items()}
    encoded = {n.encode("utf-8", "surrogatepass"): d for n, d in digests.items()}
    lines = [b"%s  %s\n" % (encoded[n].encode(), n) for n in sorted(encoded)]
    try:
        assert folder_digest(digests) == bytes_digest(b"".join(lines))
    except UnicodeEncodeError:
        assert any("\ud800" <= c <= "\udfff" for name in files for c in name)


@given(
    names=st.lists(st.text()),
    passing=st.lists(
        st.sampled_from(["__pycache__", ".x.swp", "x~", ".#x", "#x#", ".DS_Store"])
    ),
)
def test_a_listing_counts_by_its_lasting_names(
    names: list[str], passing: list[str]
) -> None:
    lasting = sorted(set(names))
    assert names_digest([*reversed(lasting), *passing]) == names_digest(lasting)
    assert names_digest([*lasting, "one more"]) != names_digest(lasting)
