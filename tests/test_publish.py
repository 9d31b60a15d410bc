import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from published import PREFIX, Bundle, collected

from toolkit import publish
from toolkit.publish import claims
from toolkit.publish.fields import decode, parse_json
from toolkit.publish.results import (
    KINDS,
    Metric,
    PublishedFinding,
    Results,
    Sha256,
    Table,
)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    return collected(monkeypatch)


@dataclass(frozen=True)
class Found:
    code: str = "DS101"
    severity: str = "error"
    place: str = "failures.datetime"
    message: str = "3 rows <later> than the last"
    advice: str = "drop them"
    count: int = 3


def harvested(bundle: Bundle) -> object:
    ((mime, fields),) = [(m, bundle[m]) for m in bundle if m.startswith(PREFIX)]
    fields = {key: fields[key] for key in fields if key != "schema"}
    return decode(KINDS[mime], parse_json(json.dumps(fields)))


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_metric_is_kept_to_the_last_bit(value: float) -> None:
    bundles: list[Bundle] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "show", bundles.append)
        publish.metric("x", value)
    back = harvested(bundles[0])
    assert isinstance(back, Metric)
    assert np.float64(back.value).tobytes() == np.float64(value).tobytes()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param(np.float64(0.1), 0.1, id="float64"),
        pytest.param(np.float32(0.5), 0.5, id="float32"),
        pytest.param(np.int64(3), 3.0, id="int64"),
        pytest.param(3, 3.0, id="int"),
        pytest.param(Fraction(1, 4), 0.25, id="fraction"),
    ],
)
def test_numbers_of_every_kind_become_doubles(
    shown: list[Bundle], value: float, kept: float
) -> None:
    publish.metric("x", value)
    back = harvested(shown[0])
    assert isinstance(back, Metric)
    assert back.value == kept


def test_a_metric_carries_what_is_needed_to_compare_it(shown: list[Bundle]) -> None:
    publish.metric(
        "cost",
        1234567.8,
        unit="USD",
        direction="lower",
        interval=SimpleNamespace(low=1e6, high=2e6),
        level=0.9,
        tolerance=0.5,
        description="a & b",
    )
    assert harvested(shown[0]) == Metric(
        name="cost",
        value=1234567.8,
        unit="USD",
        direction="lower",
        interval=(1e6, 2e6),
        level=0.9,
        tolerance=0.5,
        description="a & b",
    )
    assert "1,234,568" in shown[0]["text/html"]
    assert "a &amp; b" in shown[0]["text/html"]
    assert "90% interval 1,000,000 to 2,000,000" in shown[0]["text/plain"]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        pytest.param("Hit rate", {}, "'Hit rate': is no name", id="blank"),
        pytest.param("../x", {}, "is no name", id="path"),
        pytest.param("", {}, "is no name", id="empty"),
        pytest.param("x\n", {}, "is no name", id="newline"),
        pytest.param("x" * 101, {}, "at most 100", id="long"),
        pytest.param(1, {}, "1: is no name", id="number"),
        pytest.param("x", {"value": float("nan")}, "value is nan; .*finite", id="nan"),
        pytest.param("x", {"value": float("-inf")}, "value is -inf", id="inf"),
        pytest.param("x", {"value": True}, "value is True, a bool", id="bool"),
        pytest.param("x", {"value": "1"}, "value is '1', a str", id="text"),
        pytest.param("x", {"value": None}, "None, a NoneType; .*a number", id="none"),
        pytest.param("x", {"value": Decimal(1)}, "a Decimal", id="decimal"),
        pytest.param("x", {"value": np.array([1.0])}, "a ndarray", id="array"),
        pytest.param(
            "x", {"direction": "up"}, "direction is 'up'; .*'higher'", id="up"
        ),
        pytest.param(
            "x", {"interval": (2, 1)}, r"\(2.0, 1.0\); .*low, high", id="swap"
        ),
        pytest.param("x", {"interval": (1,)}, r"interval is \(1,\)", id="one-end"),
        pytest.param("x", {"interval": 3}, "interval is 3", id="no-interval"),
        pytest.param(
            "x", {"interval": (0, float("nan"))}, "interval is nan", id="nan-i"
        ),
        pytest.param("x", {"level": 95}, "level is 95.0; write e.g. 0.95", id="level"),
        pytest.param("x", {"tolerance": -1}, "tolerance is -1.0", id="tolerance"),
        pytest.param("x", {"tolerance": float("inf")}, "tolerance is inf", id="inf-t"),
    ],
)
def test_what_cannot_count_as_a_metric_is_refused(
    shown: list[Bundle], name: str, arguments: Bundle, message: str
) -> None:
    with pytest.raises(publish.PublishError, match=message):
        publish.metric(name, **{"value": 1.0, **arguments})
    assert not shown


def test_a_table_shows_its_head_and_digests_the_whole(shown: list[Bundle]) -> None:
    frame = pd.DataFrame({"city": ["<b>", "x", None], "n": [1000.5, 2, 3]})
    publish.table("cities", frame, title="Hires & more", max_rows=2)
    back = harvested(shown[0])
    assert isinstance(back, Table)
    assert back.rows == 3
    assert back.preview == (("<b>", 1000.5), ("x", 2.0))
    assert (
        back.digest == hashlib.sha256(b"city,n\n<b>,1000.5\nx,2.0\n,3.0\n").hexdigest()
    )
    html = shown[0]["text/html"]
    assert "&lt;b&gt;" in html
    assert "Hires &amp; more (the first 2 of 3 rows)" in html
    assert "text-align:right" in html


def test_a_run_keeps_tables_and_figures_whole(
    shown: list[Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(claims.RUN_FOLDER, str(tmp_path))
    publish.table("t", pd.DataFrame({"a": range(100)}), max_rows=1)
    publish.figure("f", Figure(), alt="nothing")
    for path, bundle in zip(["tables/t.csv", "figures/f.svg"], shown, strict=True):
        content = tmp_path.joinpath(path).read_bytes()
        digest = getattr(harvested(bundle), "digest", None)
        assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("accepted", [None, "known <since> 2015"])
def test_a_finding_tells_severity_place_and_reason(
    shown: list[Bundle], accepted: str | None
) -> None:
    publish.finding(Found(), accepted=accepted)
    back = harvested(shown[0])
    assert isinstance(back, PublishedFinding)
    assert (back.severity, back.count, back.accepted) == ("error", 3, accepted)
    html = shown[0]["text/html"]
    assert "<b>Error DS101</b>" in html
    assert "3 rows &lt;later&gt;" in html
    assert ("known &lt;since&gt; 2015" in html) == (accepted is not None)


def test_a_severity_that_nobody_knows_is_refused(shown: list[Bundle]) -> None:
    with pytest.raises(publish.PublishError, match="'fatal'; write one of error"):
        publish.finding(Found(severity="fatal"))
    assert not shown


@pytest.mark.parametrize(
    "twice",
    [
        pytest.param(lambda: Metric(name="a", value=1.0), id="metric"),
        pytest.param(
            lambda: Table(
                name="a",
                title="",
                columns=(),
                rows=0,
                digest=Sha256(""),
                preview=(),
            ),
            id="table",
        ),
    ],
)
def test_a_name_published_twice_is_an_error(
    twice: Callable[[], Metric | Table],
) -> None:
    with pytest.raises(publish.PublishError, match="'a': published twice in one run"):
        Results.of([twice(), twice()])


def test_red_flags_are_published_with_their_reasons(shown: list[Bundle]) -> None:
    flag = SimpleNamespace(
        code="DS1", severity="note", place="a", message="m", advice="d", count=1
    )
    publish.findings([flag, flag], reasons=[None, "we asked"])
    key = "application/vnd.toolkit.finding+json"
    assert [bundle[key]["accepted"] for bundle in shown] == [None, "we asked"]


def test_red_flags_without_reasons_are_open(shown: list[Bundle]) -> None:
    flag = SimpleNamespace(
        code="DS1", severity="note", place="a", message="m", advice="d", count=1
    )
    publish.findings([flag])
    assert len(shown) == 1
    with pytest.raises(publish.PublishError, match="1 findings and 2 reasons"):
        publish.findings([flag], reasons=[None, None])


def test_several_metrics_are_published_like_one(shown: list[Bundle]) -> None:
    one = SimpleNamespace(
        name="hits",
        value=1.5,
        unit="a day",
        direction="lower",
        interval=SimpleNamespace(low=1.0, high=2.0),
        description="d",
    )
    publish.metrics([one])
    publish.metric(
        "hits",
        1.5,
        unit="a day",
        direction="lower",
        interval=(1.0, 2.0),
        description="d",
    )
    assert shown[0] == shown[1]
