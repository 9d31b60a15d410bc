import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from toolkit import publish
from toolkit.publish import claims, display
from toolkit.publish.fields import decode, parse_json
from toolkit.publish.figures import svg_bytes
from toolkit.publish.marks import MARK
from toolkit.publish.results import (
    KINDS,
    Metric,
    PublishedFinding,
    Results,
    Sha256,
    Table,
)

Bundle = dict[str, Any]
PREFIX = "application/vnd.toolkit."


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    """Bundles that the cell would show, as they come out of the executed notebook."""
    bundles: list[Bundle] = []

    def keep(data: Bundle) -> None:
        bundles.append(json.loads(json.dumps(data, allow_nan=False)))

    monkeypatch.setattr(claims, "show", keep)
    return bundles


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


def drawn() -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 2], [3, 1], marker="o")
    axes.fill_between([1, 2], [0, 1])
    return figure


def test_equal_drawings_give_equal_bytes() -> None:
    first, second = svg_bytes("f", drawn()), svg_bytes("f", drawn())
    assert first == second
    assert b"<dc:date>" not in first
    assert mpl.__version__.encode() not in first


def test_a_figure_is_shown_once_with_its_alternative_text(shown: list[Bundle]) -> None:
    figure, axes = plt.subplots()
    publish.figure("f", axes, alt='a "line"', caption="up & down")
    assert not plt.fignum_exists(figure.number)
    assert 'alt="a &quot;line&quot;"' in shown[0]["text/html"]
    assert "up &amp; down" in shown[0]["text/html"]
    assert shown[0]["image/svg+xml"].startswith("<?xml")
    assert shown[0]["image/png"]


def test_a_part_of_a_figure_publishes_the_whole(shown: list[Bundle]) -> None:
    whole = Figure()
    part = whole.add_subfigure(whole.add_gridspec(1, 2)[0])
    publish.figure("f", part, alt="two halves")
    publish.figure("g", SimpleNamespace(figure=whole), alt="a grid")
    assert len(shown) == 2


@pytest.mark.parametrize(
    ("figure", "alt", "message"),
    [
        pytest.param(Figure(), " ", "alt is empty; say in a sentence", id="no-alt"),
        pytest.param([1], "x", "is a list; pass a matplotlib figure", id="no-figure"),
    ],
)
def test_what_is_no_figure_is_refused(figure: object, alt: str, message: str) -> None:
    with pytest.raises(publish.PublishError, match=message):
        publish.figure("f", figure, alt=alt)


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


def test_outside_of_a_notebook_the_text_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish.metric("x", 0.1)
    assert capsys.readouterr().out == (
        "x = 0.1\nexploratory: not for quoting; it counts after: toolkit run NOTEBOOK\n"
    )


def both(value: float = 0.1) -> None:
    publish.metric("x", value, unit="a day")
    publish.table("t", pd.DataFrame({"a": [1]}))


def test_a_number_that_no_run_keeps_is_marked(shown: list[Bundle]) -> None:
    both()
    for bundle in shown:
        assert bundle["text/plain"].splitlines()[-1].startswith(MARK)
        assert f"{MARK}</summary>" in bundle["text/html"]
        assert not re.search("<script|<style| on[a-z]+=", bundle["text/html"])


def test_in_a_run_nothing_is_marked(
    shown: list[Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both()
    monkeypatch.setenv(claims.RUN_FOLDER, str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", "/p/02-baseline.ipynb")
    both()
    for marked, bare in zip(shown[:2], shown[2:], strict=True):
        assert "exploratory" not in json.dumps(bare)
        payload = next(mime for mime in bare if mime.startswith(PREFIX))
        assert marked[payload] == bare[payload]
        assert marked["text/plain"].startswith(bare["text/plain"] + "\n")


@pytest.mark.parametrize(
    ("session", "command"),
    [
        pytest.param(
            "p/notebooks/02-baseline.ipynb",
            "toolkit run notebooks/02-baseline.ipynb && toolkit verify 02-baseline",
            id="lab",
        ),
        pytest.param(
            "p/my notes.ipynb",
            "toolkit run 'my notes.ipynb' && toolkit verify 'my notes'",
            id="blank",
        ),
        pytest.param("p/Console 1", "toolkit run NOTEBOOK", id="console"),
        pytest.param("", "toolkit run NOTEBOOK", id="empty"),
    ],
)
def test_the_mark_says_what_would_make_the_number_count(
    shown: list[Bundle],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    session: str,
    command: str,
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "scope.yaml").touch()
    monkeypatch.setenv("JPY_SESSION_NAME", f"{tmp_path}/{session}" if session else "")
    publish.metric("x", 0.1)
    assert shown[0]["text/plain"].endswith(f"counts after: {command}")
    assert escape(command) in shown[0]["text/html"]


def test_the_mark_knows_the_notebook_from_other_editors(
    shown: list[Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = SimpleNamespace(user_ns={"__vsc_ipynb_file__": str(tmp_path / "a.ipynb")})
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "b.ipynb"))
    publish.metric("x", 0.1)
    assert shown[0]["text/plain"].endswith("toolkit run a.ipynb && toolkit verify a")


def test_ipython_gets_the_whole_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    objects: list[Any] = []
    monkeypatch.setattr("IPython.display.display", objects.append)
    display.show({"text/plain": "x"})
    assert objects[0]._repr_mimebundle_(include=None, exclude=None) == {
        "text/plain": "x"
    }


def test_a_figure_that_knows_what_it_shows_needs_no_alt(shown: list[Bundle]) -> None:
    publish.figure("f", Figure(label="a line that rises"))
    assert 'alt="a line that rises"' in shown[0]["text/html"]


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
