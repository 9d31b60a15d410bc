"""Which scope is loaded, and what is said where none can be."""

import os
from pathlib import Path

import pytest
from scope_pages import run

from toolkit import scope

FILE = Path(__file__).parent.parent / "scope.yaml"
REAL = FILE.read_text("utf-8")


def test_problems_are_left_to_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "scope.yaml"
    path.write_text("capacity: 0", "utf-8")
    with pytest.raises(scope.ScopeError, match=r"scope.yaml:1:11: capacity: found '0'"):
        run(str(path))


def test_the_nearest_scope_upwards_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "a b" / "ü"
    deep.mkdir(parents=True)
    (tmp_path / "scope.yaml").write_text(REAL, "utf-8-sig")
    monkeypatch.chdir(deep)
    found = scope.load()
    assert found == scope.parse(REAL)
    assert found.name == os.path.join("..", "..", "scope.yaml")  # noqa: PTH118
    assert found.root == os.path.realpath(tmp_path)
    assert found.at("question").startswith(f"{found.name}:7:1: ")


@pytest.mark.parametrize("value", [b"0", b"\xfc"])
def test_a_byte_order_mark_moves_nothing(tmp_path: Path, value: bytes) -> None:
    path = tmp_path / "scope.yaml"
    path.write_bytes(b"\xef\xbb\xbfcapacity: " + value)
    with pytest.raises(scope.ScopeError, match=r"scope.yaml:1:11: .*(0xfc|'0')"):
        scope.load(path)


def test_a_scope_that_is_nowhere_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("toolkit.scope.loading.FILE_NAME", "no-such-scope.yaml")
    with pytest.raises(
        scope.ScopeFileError, match=r"neither here nor in a folder above is a no-such-"
    ):
        scope.load()


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(scope.ScopeFileError, match=r"nothing.yaml: No such file"):
        scope.load(tmp_path / "nothing.yaml")
    with pytest.raises(scope.ScopeFileError, match=r": Is a directory"):
        scope.load(tmp_path)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_that_is_no_utf_8_is_told(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "scope.yaml"
    path.write_text("why: x\nuser: für", encoding)
    place = "2:8" if encoding == "latin-1" else "1:1"
    with pytest.raises(
        scope.ScopeError,
        match=rf"scope.yaml:{place}: found the byte 0x.* save the file",
    ):
        scope.load(path)
