import base64
import hashlib
import re
from dataclasses import replace

import report_records as sprint
from report_pages import Elements, html

from toolkit import scope


def test_the_page_is_deterministic_and_small() -> None:
    assert html() == html()
    assert len(html().encode()) < 200_000


def test_the_page_runs_nothing_and_asks_nobody() -> None:
    elements = Elements(html()).found
    assert not {"script", "iframe", "object", "link", "form"} & {t for t, _ in elements}
    for tag, attributes in elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert "style" not in attributes
        if tag == "a":
            assert str(attributes["href"]).startswith("#")
        if "src" in attributes:
            assert str(attributes["src"]).startswith("data:image/svg+xml;base64,")
    policy = next(a for t, a in elements if a.get("http-equiv"))["content"]
    style = re.search(r"<style>(.*?)</style>", html(), re.DOTALL)
    assert style is not None
    assert policy is not None
    assert "default-src 'none'" in policy
    digest = hashlib.sha256(style[1].encode()).digest()
    assert base64.b64encode(digest).decode() in policy


HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}{x}"


def test_whatever_a_record_says_stays_text() -> None:
    markup = html(hostile_record(), asked=hostile_scope())
    assert "<script" not in markup
    assert "<img src=x" not in markup
    assert "{{ 7 * 7 }}{x}" in markup


def hostile_record() -> sprint.Document:
    document = sprint.record(
        "02-baseline",
        metrics=[
            sprint.metric("hit_rate", 1.0, unit=HOSTILE, description=HOSTILE),
            sprint.metric("saved_per_day", 1.0, unit=HOSTILE, description=HOSTILE),
        ],
        tables=[sprint.table("t", {HOSTILE: "str"}, [[HOSTILE]], title=HOSTILE)],
        figures=[sprint.figure("f", HOSTILE, HOSTILE)],
        findings=[
            sprint.finding(HOSTILE, "error", HOSTILE, HOSTILE, accepted=HOSTILE),
        ],
    )
    document["recipe"]["parameters"] = {"name": HOSTILE}
    return document


def hostile_scope() -> scope.Scope:
    asked = sprint.SCOPE
    return replace(
        asked,
        question=HOSTILE,
        client=HOSTILE,
        user=HOSTILE,
        assumptions=(HOSTILE,),
        disruption=(HOSTILE,),
    )
