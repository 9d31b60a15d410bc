from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.reproduce.workspace.patterns import Patterns


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        pytest.param(
            "data", ["data", "data/a", "data/b/c"], ["data2", "x/data"], id="folder"
        ),
        pytest.param("./data/", ["data/a"], ["date"], id="untidy"),
        pytest.param(
            "data/*.csv", ["data/a.csv"], ["data/b/a.csv", "a.csv"], id="star"
        ),
        pytest.param("**/*.csv", ["a.csv", "x/y/a.csv"], ["a.txt"], id="two-stars"),
        pytest.param("data/**", ["data/a", "data/b/c"], ["other"], id="all-below"),
        pytest.param("a/**/b", ["a/b", "a/x/y/b", "a/x/b/c"], ["a/x"], id="between"),
        pytest.param("d?/[ab].csv", ["d1/a.csv"], ["d1/c.csv", "d/a.csv"], id="signs"),
        pytest.param("x[1].csv", ["x[1].csv", "x1.csv"], ["x2.csv"], id="bracket"),
        pytest.param("data/*", ["data/a/b"], ["data2/a"], id="below-a-match"),
        pytest.param("/p/data", ["data/a"], ["p/data/a"], id="absolute-inside"),
        pytest.param("/mnt/data", ["/mnt/data/x"], ["mnt/data/x"], id="absolute"),
        pytest.param("../shared", ["/shared/x"], ["shared/x"], id="above"),
        pytest.param(".", ["a", "b/c"], ["/mnt/a"], id="everything"),
        pytest.param(" ", [], ["a", ""], id="nothing"),
        pytest.param("[z-a]", ["[z-a]"], ["z"], id="no-range"),
    ],
)
def test_a_pattern_covers(
    pattern: str, covered: list[str], not_covered: list[str]
) -> None:
    declared = Patterns([pattern], project=Path("/p"))
    assert [path for path in covered if not declared.covers(path)] == []
    assert [path for path in not_covered if declared.covers(path)] == []


PARTS = st.text("ab*?[.ü ", min_size=1, max_size=4).filter(
    lambda part: part.strip(". ")
)
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)


@given(path=PATHS, more=st.lists(PARTS, max_size=3))
def test_a_path_covers_itself_and_what_lies_below(path: str, more: list[str]) -> None:
    declared = Patterns([path], project=Path("/p"))
    assert declared.covers("/".join([path, *more]))
    assert declared.covers("/p/" + "/".join([path, *more]))


@given(path=PATHS, data=st.data())
def test_stars_cover_what_they_stand_for(path: str, data: st.DataObject) -> None:
    parts = path.split("/")
    at = data.draw(st.integers(0, len(parts) - 1))
    until = data.draw(st.integers(at, len(parts)))
    literal = ["".join(f"[{c}]" if c in "*?[" else c for c in part) for part in parts]
    one = [*literal[:at], "*", *literal[at + 1 :]]
    many = [*literal[:at], "**", *literal[until:]]
    for pattern in ("/".join(one), "/".join(many)):
        assert Patterns([pattern], project=Path("/p")).covers(path)


@given(pattern=PATHS, paths=st.lists(PATHS))
def test_more_patterns_cover_no_less(pattern: str, paths: list[str]) -> None:
    one = Patterns([pattern], project=Path("/p"))
    more = Patterns([pattern, "a/b", "[x"], project=Path("/p"))
    assert all(more.covers(path) for path in paths if one.covers(path))


@given(pattern=st.text(max_size=30), path=st.text(max_size=30))
def test_no_pattern_and_no_path_crashes(pattern: str, path: str) -> None:
    Patterns([pattern], project=Path("/p")).covers(path)
