import datetime as dt
import functools
import random
import re
import subprocess
import sys
import threading
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from toolkit.reproduce.probe.toolkit_probe.digests import UndigestedError, digest
from toolkit.reproduce.probe.toolkit_probe.fingerprints import Fingerprints

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner)
    ),
    max_leaves=20,
)


@dataclass
class Own:
    a: int
    b: list[int]


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: int) -> None:
        self.a = a


class Colour(Enum):
    RED = 1
    BLUE = 2


class Words(list[str]):
    pass


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"n": [1, 2], "s": ["x", "y"], **columns})


def circular() -> list[object]:
    made: list[object] = [1]
    made.append(made)
    return made


def fitted(seed: int) -> RandomForestClassifier:
    forest = RandomForestClassifier(n_estimators=2, random_state=seed)
    return forest.fit(np.arange(20).reshape(-1, 2), np.arange(10) % 3)


DIFFERENT: list[Any] = [
    None,
    True,
    1,
    1.0,
    "1",
    b"1",
    1j,
    -0.0,
    [1],
    (1,),
    {1},
    frozenset({1}),
    {"a": 1},
    {"a": 2},
    OrderedDict(a=1),
    defaultdict(int, a=1),
    Counter("a"),
    deque([1]),
    Words(["a"]),
    Words(["b"]),
    Decimal(1),
    Colour.RED,
    Colour.BLUE,
    Own(1, [2]),
    Own(1, [3]),
    Slotted(1),
    Slotted(2),
    PurePosixPath("a"),
    re.compile("a"),
    range(3),
    functools.partial(max, 1),
    dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    dt.date(2020, 1, 1),
    circular(),
    np.int64(1),
    np.float64(1),
    np.array([1, 2]),
    np.array([1, 2], dtype="int32"),
    np.array([[1, 2]]),
    np.array(["a", {1}], dtype=object),
    np.array([(1, 2.0)], dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    np.ma.array([1, 2], mask=[False, True]),
    np.ma.array([1, 2], mask=[True, False]),
    np.datetime64("2020-01-01"),
    np.random.default_rng(1),
    np.random.default_rng(2),
    np.random.RandomState(1),
    random.Random(1),  # noqa: S311 -- no secret
    random.Random(2),  # noqa: S311
    frame(),
    frame().rename(columns={"n": "m"}),
    frame().astype({"n": "int32"}),
    frame().set_index("s"),
    frame(l=[[1], [2]]),
    frame(l=[[1], [3]]),
    frame().n,
    frame().index,
    frame().n.rename("k"),
    frame(c=pd.Categorical(["a", "b"])),
    frame(t=pd.to_datetime(["2020-01-01", "2021-01-01"])),
    pd.MultiIndex.from_tuples([(1, "a")]),
    pd.Timestamp("2020-01-01"),
    pd.NA,
    pd.NaT,
    LinearRegression(),
    LinearRegression(fit_intercept=False),
    fitted(1),
    fitted(2),
    make_pipeline(StandardScaler(), LinearRegression()),
]


def test_values_that_differ_have_different_digests() -> None:
    assert len({digest(value) for value in DIFFERENT}) == len(DIFFERENT)


def test_equal_values_have_one_digest() -> None:
    pairs: list[tuple[Any, Any]] = [
        (fitted(1), fitted(1)),
        (frame(), frame()),
        (frame(l=[[1], [2]]), frame(l=[[1], [2]])),
        (Own(1, [2]), Own(1, [2])),
        (circular(), circular()),
        (np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3))),
        (float("nan"), float("nan")),
        (np.random.default_rng(1), np.random.default_rng(1)),
    ]
    for one, two in pairs:
        assert digest(one) == digest(two)


def test_what_lies_between_fields_does_not_count() -> None:
    kind = np.dtype([("a", "i1"), ("b", "f8")], align=True)
    one, two = (
        np.frombuffer(b"\1" + fill * 7 + bytes(8), kind) for fill in (b"\0", b"\xff")
    )
    assert digest(one) == digest(two)


@given(VALUES)
def test_a_digest_is_of_the_content(value: object) -> None:
    import copy  # noqa: PLC0415 -- only here

    assert digest(value) == digest(copy.deepcopy(value))
    assert digest([value]) != digest([value, value])


@given(st.lists(st.text(), unique=True))
def test_the_order_of_a_set_does_not_count(words: list[str]) -> None:
    assert digest(set(words)) == digest({*sorted(words)})
    assert digest(frozenset(words)) == digest(frozenset(sorted(words)))


def test_digests_are_the_same_under_another_hash_seed() -> None:
    program = (
        "from toolkit.reproduce.probe.toolkit_probe.digests import digest\n"
        "print(digest([{'a', 'b', ('c', 1)}, {'x': frozenset('xyz')}]))\n"
    )
    found = {
        subprocess.run(  # noqa: S603 -- this interpreter
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    "value",
    [
        pytest.param((n for n in [1]), id="generator"),
        pytest.param(threading.Lock(), id="lock"),
        pytest.param(sys.stdout, id="file"),
        pytest.param([0] * 300_000, id="too many parts"),
        pytest.param([threading.Lock()], id="within a list"),
    ],
)
def test_what_is_no_value_or_too_large_has_no_digest(value: object) -> None:
    with pytest.raises(UndigestedError):
        digest(value)


def test_iterators_are_left_where_they_are() -> None:
    items = iter([1, 2, 3])
    next(items)
    digest(items)
    assert list(items) == [2, 3]


class FakeLog:
    def __init__(self) -> None:
        self.told: list[str] = []

    def write(self, kind: str, what: str, detail: str) -> None:
        assert kind == "variable"
        assert len(detail) == 64
        self.told.append(what)


def test_only_variables_that_changed_are_told() -> None:
    log = FakeLog()
    prints: Any = Fingerprints(log)  # type: ignore[arg-type]  # a fake
    names: dict[str, Any] = {
        "a": 1,
        "b": [1],
        "_c": 1,
        "In": [],
        "np": np,
        "f": len,
        "l": sys.stdout,
    }
    prints.look(names)
    names["b"].append(2)
    prints.look(names)
    prints.look(names)
    assert log.told == ["a", "b", "b"]
