"""The page that a client reads, the questions to ask, and the verb that prints them."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scope_pages import run

from toolkit import scope
from toolkit.scope.page import WIDTH

FILE = Path(__file__).parent.parent / "scope.yaml"
REAL = FILE.read_text("utf-8")
BUNDLED = scope.parse(REAL)


@pytest.fixture
def asked() -> scope.Scope:
    return BUNDLED


def words(page: scope.Page) -> str:
    return " ".join(page.to_text().split())


def exactly(value: float) -> scope.Estimate:
    return scope.Estimate(low=value, mid=value, high=value)


def priced(asked: scope.Scope, **prices: scope.Estimate) -> scope.Scope:
    costs = asked.costs
    for name, price in prices.items():
        costs = replace(costs, **{name: price})  # type: ignore[arg-type]  # no currency
    return replace(asked, stated_costs=costs)


def test_the_page_is_as_wide_as_a_terminal_and_short(asked: scope.Scope) -> None:
    text = scope.client_page(asked).to_text()
    assert max(map(len, text.splitlines())) <= WIDTH <= 100
    reasons = sum(len(each.reason.split()) for each in asked.accepted)
    assert len(text.split()) - reasons < 410


@pytest.mark.parametrize(
    "said",
    [
        "Which machines will fail in the next two days? ====",
        "Why A running example on simulated records",
        "A list of 10, ready by 07:00, every day, from 2015-01-08. It looks 2 days",
        "replayed; what was checked longest ago comes first",
        "Reached with at least 3 hits on the average list",
        "a failure costs 5,000 (2,500 to 10,000), a check that finds nothing 250",
        "250 (150 to 400), the repair after a check that finds one 400 (300 to 600).",
        "Checks prevent 60 % (40 % to 80 %) of the failures",
        "A check pays if at least 1 in 11 of them finds a failure (1 in 52 if",
        "(1 in 52 if the estimates are kind, 1 in 2 if they are not).",
        "failures: the events to announce, known after 1 day",
        "on all earlier records, 180 days at first, tested on the next 28 days,",
        "and again every 28 days. Between training and test lie 3 days",
        "To validate - Records reach us a day after",
        "Will disrupt - The fixed round ends",
    ],
)
def test_the_page_says_what_was_agreed(asked: scope.Scope, said: str) -> None:
    assert said in words(scope.client_page(asked))


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (0, "A check costs nothing, so each one pays."),
        (100, "at least 1 in 27 of them"),
        (2_600, "at least 1 in 2 of them"),
        (6_000, "at least 7 in 10 of them"),
    ],
)
def test_break_even_is_said_in_whole_numbers_that_suffice(
    asked: scope.Scope, check: float, said: str
) -> None:
    certain = priced(
        asked,
        failure=exactly(5_000),
        planned_repair=exactly(400),
        prevented_share=exactly(0.6),
        check=exactly(check),
    )
    text = words(scope.client_page(certain))
    assert said in text
    assert "if the estimates are kind" not in text


def test_estimates_under_which_no_check_pays_are_said_to_be_that(
    asked: scope.Scope,
) -> None:
    unsure = priced(asked, check=scope.Estimate(low=0, mid=250, high=400))
    unsure = priced(unsure, failure=scope.Estimate(low=100, mid=5_000, high=9_000))
    text = words(scope.client_page(unsure))
    assert "(always if the estimates are kind, never if they are not)" in text


@settings(deadline=None, max_examples=60)
@given(share=st.floats(0.001, 0.999))
def test_checks_at_the_odds_said_never_lose(share: float) -> None:
    certain = priced(
        BUNDLED,
        failure=exactly(1),
        check=exactly(share / (1 - share)),  # with a gain of 1 the break-even is share
        prevented_share=exactly(1),
        planned_repair=exactly(0),
    )
    text = words(scope.client_page(certain))
    found = text.partition("at least ")[2].partition("A check pays if at least ")[2]
    hits, _, checks, *_ = found.split()
    assert int(hits) / int(checks.replace(",", "")) >= share - 1e-9


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("precision", "at least 30 % of the listed are hits (precision)"),
        ("recall", "at least 30 % of the events are on a list before they happen"),
        ("lift", "at least 0.3 times the hits of a random list (lift)"),
        ("average_precision", "at least an average precision of 0.3"),
        ("saved_per_day", "at least 0.3 saved a day"),
    ],
)
def test_every_metric_has_words(
    asked: scope.Scope, metric: scope.Metric, said: str
) -> None:
    agreed = scope.Success(metric=metric, threshold=0.3)
    assert said in words(scope.client_page(replace(asked, stated_success=agreed)))


def test_other_evaluations_and_accepted_findings_are_said(asked: scope.Scope) -> None:
    other = replace(
        asked,
        evaluation=replace(asked.evaluation, window="sliding", step=timedelta(days=1)),
        decisions=replace(
            asked.decisions, timezone="Europe/Berlin", last=asked.decisions.first
        ),
        label=replace(asked.label, kinds=("comp1", "comp2")),
        accepted=(
            scope.Accepted(code="DS101", reason="known"),
            scope.Accepted(code="DS102", reason="seen", place="errors.datetime"),
        ),
    )
    text = words(scope.client_page(other))
    assert "trained on the 180 days before, tested" in text
    assert "and again every day." in text
    assert (
        "07:00 (Europe/Berlin), every day, from 2015-01-08, until 2015-01-08." in text
    )
    assert "the events to announce (comp1, comp2)" in text
    assert "DS101, accepted: known - DS102 in errors.datetime, accepted: seen" in text


def test_what_is_open_is_left_out(asked: scope.Scope) -> None:
    bare = replace(
        asked, stated_costs=None, stated_success=None, question="", client=""
    )
    names = [section.name for section in scope.client_page(bare).sections]
    assert {"Money", "Success", "Client"}.isdisjoint(names)
    assert scope.client_page(bare).title == "The question is open"


def test_nothing_in_a_scope_is_taken_for_markup(asked: scope.Scope) -> None:
    hostile = replace(asked, question="<b>*a*</b> [x](y) `c` | # $d$ _e_")
    title = scope.client_page(hostile).to_markdown().splitlines()[0]
    assert title == r"# \<b\>\*a\*\</b\> \[x\](y) \`c\` \| \# \$d\$ \_e\_"


def test_a_finished_scope_is_printed_as_a_page(
    capsys: pytest.CaptureFixture[str], asked: scope.Scope
) -> None:
    assert run(str(FILE)) == 0
    assert capsys.readouterr().out.strip() == scope.client_page(asked).to_text()
    assert run(str(FILE), "--md") == 0
    assert "\n## To validate\n\n- Records" in capsys.readouterr().out


def test_open_questions_are_printed_with_their_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scope.yaml"
    path.write_text(REAL.replace("capacity: 10", "capacity: ?"), "utf-8")
    assert run(str(path)) == 1
    out = capsys.readouterr().out
    assert "scope.yaml leaves 1 question open" in " ".join(out.split())
    assert "Needed first" in out
    assert "- capacity: How many entities can be checked a decision?" in out
    assert "To ask" not in out
    path.write_text("", "utf-8")
    assert run(str(path), "--md") == 1
    out = capsys.readouterr().out
    assert "\n## To ask\n" in out
    assert "- why: Why is it asked, and why now?" in out


@pytest.mark.parametrize(
    ("text", "code", "filled"),
    [
        pytest.param(REAL, 0, "scope", id="finished"),
        pytest.param("why: ?", 1, "open_questions", id="open"),
        pytest.param("capacity: 0", 2, "problems", id="wrong"),
    ],
)
def test_json_tells_the_same(
    text: str,
    code: int,
    filled: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "scope.yaml"
    path.write_text(text, "utf-8")
    assert run(str(path), "--json") == code
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["schema", "name", "scope", "open_questions", "problems"]
    assert document["schema"] == 1
    assert document[filled]
    if code == 0:
        assert document["scope"]["costs"]["check"] == {
            "low": 150,
            "mid": 250,
            "high": 400,
        }
    if code == 1:
        assert document["open_questions"][1] == {
            "key": "why",
            "line": 1,
            "column": 1,
            "question": "Why is it asked, and why now?",
            "needed": False,
        }
    if code == 2:
        assert document["problems"][0]["message"].startswith(f"{path}:1:11: capacity: ")


def test_the_verb_loads_nothing_heavy() -> None:
    code = (
        "import sys; import toolkit.cli.scope; early = {'yaml', 'toolkit.scope'};"
        "assert not early & set(sys.modules);"
        "import toolkit.scope; heavy = {'pandas', 'numpy', 'pydantic', 'matplotlib'};"
        "assert not heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own
