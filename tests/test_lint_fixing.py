import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint_projects import FAKES, codes, linted, project, rule

from notebooks import content
from toolkit.lint.engine import Linter
from toolkit.lint.fixing import ChangedMeanwhileError, Mended, mend, write_mended
from toolkit.lint.layout import file_lines, replaced, source_spans
from toolkit.lint.model import Edit, Hit

LINES = st.text(st.sampled_from('ab"\\é\U0001f600\n\r\t[]{}, :\ud800'), max_size=12)
SOURCES = st.lists(LINES | st.lists(LINES, max_size=4), min_size=1, max_size=3)
BLANKS = st.sampled_from([None, 0, 1, 4])


def as_on_disk(
    sources: list[str | list[str]], indent: int | None, *, ascii_: bool
) -> str:
    cells = [
        {"outputs": [{"source": [s, "]"]}], "source": s, "cell_type": "code"}
        for s in sources
    ]
    plain = {"metadata": {"cells": [1]}, "cells": cells, "nbformat": 4}
    return json.dumps(plain, indent=indent, ensure_ascii=ascii_)


def source_of(text: str, cell: int) -> str:
    source = json.loads(text)["cells"][cell]["source"]
    return source if isinstance(source, str) else "".join(source)


def normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(sources=SOURCES, indent=BLANKS, ascii_=st.booleans())
def test_each_source_is_found_with_the_line_of_each_of_its_lines(
    sources: list[str | list[str]], indent: int | None, *, ascii_: bool
) -> None:
    text = as_on_disk(sources, indent, ascii_=ascii_)
    spans = source_spans(text)
    assert [json.loads(text[a:b]) for a, b in spans] == sources
    for source, span in zip(sources, spans, strict=True):
        lines = file_lines(text, span)
        if isinstance(source, str) or all("\r" not in line for line in source):
            joined = source if isinstance(source, str) else "".join(source)
            assert len(lines) == len(normal(joined).split("\n"))
        assert lines == sorted(lines)


@given(sources=SOURCES, after=LINES.map(normal), indent=BLANKS, ascii_=st.booleans())
def test_only_the_source_changes(
    sources: list[str | list[str]], after: str, indent: int | None, *, ascii_: bool
) -> None:
    text = as_on_disk(sources, indent, ascii_=ascii_)
    span = source_spans(text)[0]
    changed = replaced(text, span, after)
    if changed is None:
        assert not sources[0] or "\r" in "".join(sources[0])
        return
    assert normal(source_of(changed, 0)) == after
    assert changed.startswith(text[: span.start])
    assert changed.endswith(text[span.end :])


def test_what_stays_is_kept_as_it_was_written() -> None:
    text = '{"cells":[{"source":["\\u0061\\n",\n   "b\\n",\n   "\\u00e9"]}]}'
    changed = replaced(text, source_spans(text)[0], "a\nß\né")
    assert changed == text.replace("b", "\\u00df")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_mending_changes_those_bytes_alone(
    tmp_path: Path, ending: str, mark: bytes
) -> None:
    path = project(tmp_path)
    source = ["n = 1  # é\n", "x = bad()\n", "y = bad()  # unsafe\n", "z = bad()"]
    lines = [line.replace("\n", ending) for line in source]
    plain = json.loads(content(["f()", "f()"]))
    plain["cells"][1] |= {"source": lines, "execution_count": 7}
    before = mark + json.dumps(plain, indent=3, ensure_ascii=False).encode() + b"\n\n"
    path.write_bytes(before)
    path.chmod(0o640)
    mended = mend(Linter(environ={}, rules=FAKES), path, before)
    write_mended(path, mended)
    expected = before.replace(b"x = bad", b"x = good").replace(b"z = bad", b"z = good")
    assert path.read_bytes() == expected
    assert path.stat().st_mode & 0o777 == 0o640
    assert mended.count == 2
    assert [*mended.cells] == [1]
    assert codes(linted(path)) == ["BAD101"]


def mended(path: Path) -> Mended:
    return mend(Linter(environ={}, rules=FAKES), path, path.read_bytes())


def test_a_suppressed_finding_is_not_mended(tmp_path: Path) -> None:
    path = project(tmp_path, "bad()  # noqa: BAD101 it is what is shown")
    assert not mended(path).cells


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("n = 1  # noqa: BAD101 gone", "n = 1"),
        ("n = 1  # a  # noqa: BAD101, E501 gone", "n = 1  # a  # noqa: E501 gone"),
        ("bad()  # noqa: BAD101, BAD102 why", "bad()  # noqa: BAD101 why"),
        ("n = 1  # noqa: BAD101, BAD201 gone", "n = 1"),
    ],
)
def test_a_comment_that_suppresses_nothing_goes(
    tmp_path: Path, before: str, after: str
) -> None:
    path = project(tmp_path, before)
    assert mended(path).cells == {0: (before, after)}


def test_one_edit_after_the_other_is_made(tmp_path: Path) -> None:
    path = project(tmp_path, "if n:\n    '''bad()'''  # noqa: BAD102 gone\nbad()")
    ((_, after),) = mended(path).cells.values()
    assert after == "if n:\n    '''good()'''\ngood()"


def test_a_source_with_mixed_line_ends_is_left_alone(tmp_path: Path) -> None:
    assert not mended(project(tmp_path, "x = 1\r\ny = bad()\n")).cells


@pytest.mark.parametrize("after", ["= no Python", "x = bad()", None])
def test_an_edit_that_is_not_safe_is_left_out(
    tmp_path: Path, after: str | None
) -> None:
    """It would be no Python, changes nothing, or is of another source."""
    path = project(tmp_path, "x = bad()")
    before = "x = bad()" if after else "x = worse()"
    edit = Edit(cell=0, before=before, after=after or "x = good()")
    hit = Hit(cell=0, what="it is bad", edit=edit)
    careless = rule("BAD301", "careless-edit", lambda _: [hit])
    content = path.read_bytes()
    assert mend(Linter(environ={}, rules=(careless,)), path, content).after == content


def test_what_was_saved_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = project(tmp_path, "bad()")
    kept = mended(path)
    path.write_bytes(content(["something else"]))
    with pytest.raises(ChangedMeanwhileError, match="was saved by somebody else"):
        write_mended(path, kept)
    assert path.read_bytes() == content(["something else"])


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path = project(tmp_path, "bad()")
    link = tmp_path / "link.ipynb"
    link.symlink_to(path)
    write_mended(link, mended(link))
    assert link.is_symlink()
    assert b"good()" in path.read_bytes()
    assert not [*path.parent.glob(".*")]
