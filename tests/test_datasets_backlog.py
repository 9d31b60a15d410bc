"""The team's backlog is read as it was written, or refused with its place."""

from dataclasses import replace
from pathlib import Path

import pytest

from toolkit import datasets, scope
from toolkit.analysis.error_analysis import Backlog


@pytest.fixture
def asked(tmp_path: Path) -> scope.Scope:
    (tmp_path / "docs").mkdir()
    return replace(scope.load(), root=str(tmp_path))


def write(asked: scope.Scope, content: bytes) -> None:
    (Path(asked.root) / "docs/backlog.csv").write_bytes(content)


def test_no_file_is_an_empty_backlog(asked: scope.Scope) -> None:
    assert datasets.load_backlog(asked) == []


def test_rows_are_read_as_text_and_short_ones_filled(asked: scope.Scope) -> None:
    write(asked, b"\xef\xbb\xbfkey,title,note\r\n007,scale,\xc3\xbc\r\nb,trees\r\n")
    assert datasets.load_backlog(asked) == [
        {"key": "007", "title": "scale", "note": "ü"},
        {"key": "b", "title": "trees", "note": ""},
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"key\n\xff\n", "no UTF-8 at position 4", id="latin"),
        pytest.param(b"key\na\nb,c\n", "more cells than .* line 3", id="long-row"),
    ],
)
def test_what_is_no_table_is_refused(
    asked: scope.Scope, content: bytes, message: str
) -> None:
    write(asked, content)
    with pytest.raises(datasets.UnreadableBacklogError, match=message):
        datasets.load_backlog(asked)


def test_the_bundled_backlog_can_be_read() -> None:
    assert Backlog.from_rows(datasets.load_backlog(scope.load())).alterations
