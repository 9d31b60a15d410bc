import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NewType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.publish.fields import FieldError, Json, decode, encode, parse_json, shown

Name = NewType("Name", str)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    pair: tuple[int, float]
    colour: Colour = Colour.RED


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    schema: Literal[1]
    name: Name
    inner: tuple[Inner, ...]
    by_name: Mapping[str, bool]
    anything: object
    maybe: float | None = None


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
INNER = st.builds(
    Inner, pair=st.tuples(st.integers(), NUMBERS), colour=st.sampled_from(Colour)
)
OUTER = st.builds(
    Outer,
    schema=st.just(1),
    name=st.text().map(Name),
    inner=st.lists(INNER, max_size=3).map(tuple),
    by_name=st.dictionaries(st.text(), st.booleans(), max_size=3),
    anything=JSON,
    maybe=st.none() | NUMBERS,
)
PLAIN: dict[str, Any] = {
    "schema": 1,
    "name": "a",
    "inner": [{"pair": [1, 2.5], "colour": "blue"}],
    "by_name": {"x": True},
    "anything": None,
}


@settings(max_examples=50, deadline=None)
@given(record=OUTER)
def test_a_record_comes_back_from_its_json(record: Outer) -> None:
    assert decode(Outer, parse_json(json.dumps(encode(record)))) == record


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"schema": 2}, "^schema: found 2, expected 1", id="version"),
        pytest.param({"schema": True}, "^schema: found True", id="version-of-a-bool"),
        pytest.param(
            {"nmae": "a"}, "unknown key 'nmae', expected 'name'", id="misspelt-key"
        ),
        pytest.param({"zzz": 1}, "expected one of schema, name", id="unknown-key"),
        pytest.param(
            {"name": 1}, "^name: found 1, expected a value of type str", id="t"
        ),
        pytest.param({"inner": {}}, "^inner: found {}, expected a list", id="no-list"),
        pytest.param(
            {"inner": [1]}, r"^inner\[0\]: found 1, expected a mapping", id="m"
        ),
        pytest.param(
            {"inner": [{"pair": [1]}]}, r"^inner\[0\].pair: .* 2 values", id="length"
        ),
        pytest.param(
            {"inner": [{"pair": [True, 1]}]},
            r"pair\[0\]: found True",
            id="bool-for-int",
        ),
        pytest.param(
            {"inner": [{"pair": [1, 10**400]}]}, "a finite number", id="too-large"
        ),
        pytest.param(
            {"inner": [{"pair": [1, 1], "colour": "grey"}]},
            "colour: found 'grey', expected 'red' or 'blue'",
            id="choice",
        ),
        pytest.param({"by_name": []}, "^by_name: .* a mapping", id="no-mapping"),
        pytest.param({"by_name": {1: True}}, "^by_name: found 1", id="number-as-key"),
        pytest.param({"maybe": float("nan")}, "a finite number", id="nan"),
        pytest.param({"anything": {"x": [{1}]}}, r"^anything.x\[0\]: ", id="no-json"),
        pytest.param({"anything": float("inf")}, "^anything: found inf", id="inf"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(FieldError, match=message):
        decode(Outer, PLAIN | change)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(FieldError, match="no such key, expected 'name'"):
        decode(Outer, {key: PLAIN[key] for key in PLAIN if key != "name"})


def test_deep_nesting_is_a_message_and_no_crash() -> None:
    deep: object = None
    for _ in range(100):
        deep = [deep]
    with pytest.raises(FieldError, match="too many nested brackets"):
        decode(Outer, PLAIN | {"anything": deep})
    with pytest.raises(FieldError, match="too many nested brackets"):
        parse_json("[" * 100_000)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{"a": 1', "no JSON", id="truncated"),
        pytest.param(b"\xff\xfe\xff", "no JSON", id="bytes"),
        pytest.param('{"a": 1, "a": 2}', "the key 'a' twice", id="repeated-key"),
        pytest.param("[NaN]", "found NaN", id="nan"),
        pytest.param("", "no JSON", id="empty"),
    ],
)
def test_text_that_is_no_strict_json_is_refused(
    text: str | bytes, message: str
) -> None:
    with pytest.raises(FieldError, match=message):
        parse_json(text)


def test_only_json_values_are_encoded() -> None:
    with pytest.raises(FieldError, match="found a set"):
        encode({"a": {1}})


def test_long_values_are_cut_in_messages() -> None:
    assert len(shown("x" * 1000)) == 60
