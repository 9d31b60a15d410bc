"""Any name and any value becomes one that MLflow takes, and none becomes another's."""

import posixpath
import re

from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.export.mlflow_names import KEY, key_of, shortened, storable

TAKEN = re.compile(r"[/\w.\- ]*")  # as MLflow says it, for any platform
texts = st.text(max_size=40) | st.text("./_ue2f+-é", max_size=12)


def decoded(key: str) -> str:
    numbers = re.compile(r"_u([0-9a-f]*)_")
    return numbers.sub(lambda m: chr(int(m[1], 16)) if m[1] else "", key)


@given(texts)
def test_a_key_is_one_that_mlflow_takes(name: str) -> None:
    key = key_of(name)
    assert TAKEN.fullmatch(key)
    assert 0 < len(key) <= KEY
    assert posixpath.normpath(key) == key
    assert not key.startswith(("/", ".."))
    assert key != "."


@example("_u2b_")
@example("_u2+")
@example("_u2/..")
@given(texts)
def test_a_key_keeps_all_of_the_name(name: str) -> None:
    assert decoded(key_of(name)) == name


@given(
    st.from_regex(r"[^\W\d]\w{0,99}", fullmatch=True).filter(lambda n: "_u" not in n)
)
def test_a_name_in_python_stays_as_it_is(name: str) -> None:
    assert key_of(name) == name


@given(st.text("ab", min_size=251, max_size=260), st.text("ab", min_size=251))
def test_long_names_stay_different(one: str, other: str) -> None:
    assert len(key_of(one)) == KEY
    assert (key_of(one) == key_of(other)) == (one == other)


@given(st.text(max_size=90), st.integers(30, 60))
def test_a_text_is_cut_only_if_it_must_be(text: str, limit: int) -> None:
    cut = shortened(text, limit)
    assert len(cut) <= limit
    assert cut == text or len(text) > limit


@given(st.text(st.characters(codec=None), max_size=40))
def test_what_is_stored_is_text_for_any_database(text: str) -> None:
    kept = storable(text)
    assert "\0" not in kept
    assert kept.encode("utf-8").decode() == kept
    assert storable(kept) == kept
