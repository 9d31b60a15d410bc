"""Outputs are compared without what honest executions differ in, and nothing more."""

import re

import pytest
from texts_shown import (
    DOCS,
    PICTURES,
    SAME,
    SETTING,
    SPAN,
    STAYS,
    documented,
    normalised,
)

from toolkit.reproduce.outputs.rules import RULES, Setting, normalise_text
from toolkit.reproduce.outputs.stamps import Span


@pytest.mark.parametrize(("rule", "before", "after"), documented())
def test_a_documented_example_is_what_happens(
    rule: str, before: str, after: str
) -> None:
    assert normalised(before) == after, rule


def test_every_rule_is_documented() -> None:
    rows = re.findall(r"^\| ([a-z' ]+) \|", DOCS, re.MULTILINE)
    assert [row for row in rows if row in {rule.name for rule in RULES}] == [
        rule.name for rule in RULES
    ]


@pytest.mark.parametrize("rule", [r for r in RULES if r.name != "the project's own"])
def test_no_other_rule_does_what_a_rule_does(
    rule: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tuple(one for one in RULES if one is not rule)
    monkeypatch.setattr("toolkit.reproduce.outputs.rules.RULES", others)
    examples = [e for e in documented() if e[0] == getattr(rule, "name", "")]
    assert examples
    for _, before, after in examples:
        assert normalised(before) != after


@pytest.mark.parametrize(("before", "after"), SAME)
def test_what_differs_between_honest_executions_is_taken_away(
    before: str, after: str
) -> None:
    for picture, letter in PICTURES.items():
        before = before.replace(picture, letter)
    assert normalised(before) == after


@pytest.mark.parametrize("text", STAYS)
def test_a_result_stays_as_it_is(text: str) -> None:
    assert normalised(text) == text


@pytest.mark.parametrize("text", ["Duration: 3.2 s", "Time: 0.31", "fit time: 3 s"])
def test_a_label_that_names_results_too_counts_only_beside_a_clock(text: str) -> None:
    assert normalise_text(text, Setting(span=SPAN)) == text
    assert "<duration>" in normalise_text(text, SETTING)


def test_a_longer_execution_may_say_that_it_took_longer() -> None:
    day = Span(began=SPAN.began, ended=SPAN.ended.replace(hour=23))
    assert normalise_text("took 2.5 h", SETTING) == "took 2.5 h"
    assert normalise_text("took 2.5 h", Setting(span=day)) == "took <duration>"
