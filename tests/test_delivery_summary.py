"""The summary of a delivery: what it says, and what no notebook makes it say."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.delivery.markdown import block, code
from toolkit.delivery.steps import NAMES, Delivered, RunLine, Step
from toolkit.delivery.summary import summary
from toolkit.publish.results import Metric

NASTY = (
    "| <img src=x onerror=alert(1)> ![x](https://e.org/x.png) [a](javascript:b) "
    "@everyone #1 www.e.org https://e.org ``` ` **b** _i_ $x$ \u202etxt\x1b[2J\n# head"
)
TEXTS = st.text(max_size=80) | st.text(
    alphabet="`|<>*_[]()!@#\\$~\n:/w. a", max_size=80
)


def lines(**facts: object) -> RunLine:
    plain: dict[str, object] = {
        "run": "20261124-090000-nb-00000000",
        "notebook": "notebooks/nb.ipynb",
        "status": "finished",
        "executed": True,
        "why": "it never ran",
        "level": "trusted",
        "missing": "",
        "metrics": (Metric(name="hit_rate", value=1.0234, unit="a day"),),
    }
    return RunLine(**{**plain, **facts})  # type: ignore[arg-type]  # facts are of its fields


def done(*steps: Step, **facts: object) -> Delivered:
    left = (Step(name=name, state="not reached") for name in NAMES[len(steps) :])
    plain: dict[str, object] = {"commit": "0" * 40, "signer": "1" * 64}
    return Delivered(steps=(*steps, *left), **{**plain, **facts})  # type: ignore[arg-type]  # facts are of its fields


ALL = tuple(Step(name=name, state="done", told="x") for name in NAMES)


@settings(max_examples=50)
@given(TEXTS)
def test_code_is_one_piece_of_html_with_the_text_in_it(text: str) -> None:
    shown = code(text)
    inner = shown.removeprefix("<code>").removesuffix("</code>")
    assert not set(inner) & set("<>|`*[]()\\~!${}@\n\r")
    assert "://" not in inner
    assert "www." not in inner.lower()
    readable = " ".join(text.split())
    if readable.isprintable() and len(readable) < 80:
        assert html.unescape(inner) == readable


@settings(max_examples=50)
@given(TEXTS)
def test_no_line_leaves_a_block(text: str) -> None:
    shown = block(text).splitlines()
    fence = shown[-1]
    assert re.fullmatch("`{3,}", fence)
    assert not any(line.strip().startswith(fence) for line in shown[1:-1])


def test_nothing_that_a_notebook_writes_is_more_than_text() -> None:
    step = Step(
        name="verify", state="failed", told=NASTY, findings=(NASTY,), pages=(NASTY,)
    )
    metric = Metric(name="n", value=1.0, unit=NASTY.replace("\n", " ")[:40])
    line = lines(notebook=NASTY, why=NASTY, missing=NASTY, metrics=(metric,))
    page = summary(done(*ALL[:4], step, runs=(line,), added=(NASTY,)))
    outside = re.sub(r"```+text\n.*?\n````*$", "", page, flags=re.DOTALL | re.MULTILINE)
    for bad in ("<img", "![", "](", "@everyone", "https://", "www.e", "\n# head"):
        assert bad not in outside
    assert "\u202e" not in page
    assert "\x1b" not in page
    for row in outside.splitlines():
        if row.startswith("| "):
            assert row.count("|") in (4, 6), row


def test_all_that_was_done_is_on_it() -> None:
    page = summary(done(*ALL, runs=(lines(),), added=("runs/a/svr-0.sigstore.json",)))
    assert page.startswith("## toolkit ci: all done\n")
    for text in (
        "✅ done",
        "**trusted**",
        "hit_rate = 1.023 a day",
        "1 path",
        "1" * 64,
    ):
        assert text in page
    assert "executed: <code>it never ran</code>" in page


def test_nothing_added_is_said() -> None:
    page = summary(done(*ALL, runs=(lines(executed=False),)))
    assert "Nothing was added: no run, no verification, no attestation." in page
    assert "| unchanged |" in page
    assert "Signed with" not in page


@pytest.mark.parametrize(
    ("state", "headline", "exit_code"),
    [
        ("failed", "history failed", 1),
        ("not checked", "history could not be checked", 2),
        ("interrupted", "interrupted at history", 130),
    ],
)
def test_where_it_ended_stands_first(state: str, headline: str, exit_code: int) -> None:
    step = Step(name="history", state=state, told="x", findings=("f",))  # type: ignore[arg-type]  # one of them
    delivered = done(ALL[0], step, signer=None)
    assert summary(delivered).startswith(f"## toolkit ci: {headline}\n")
    assert summary(delivered).count("not reached") == len(NAMES) - 2
    assert delivered.exit_code == exit_code


def test_what_is_too_much_is_counted() -> None:
    step = Step(
        name="lint",
        state="failed",
        findings=("f" * 2_000,) * 80,
        pages=("p\n" * 9_000,) * 12,
    )
    many = tuple(Metric(name=f"n{i}", value=1.0) for i in range(15))
    page = summary(done(*ALL[:2], step, runs=(lines(metrics=many, status="failed"),)))
    for text in ("… and 30 more", "… and 2 more", "… and 3 more", "<code>failed"):
        assert text in page
    assert len(page) < 150_000


def test_without_a_key_it_says_that_nothing_was_signed() -> None:
    blocked = lines(run="", status="not run: needs 01-a", executed=False, level=None)
    page = summary(done(*ALL, signer=None, runs=(blocked,), commit=None))
    assert page.startswith("## toolkit ci: all done, nothing signed")
    assert "not run: needs 01-a" in page
    assert "Commit" not in page
