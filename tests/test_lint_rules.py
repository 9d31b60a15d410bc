"""Every rule finds its own bad example, and nothing in any good one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.lint.choosing import Choice, chosen
from toolkit.lint.configuration import Configuration
from toolkit.lint.examples import example_notebook
from toolkit.lint.hits import read
from toolkit.lint.model import Rule, Surroundings
from toolkit.lint.registry import (
    RegistryError,
    all_rules,
    checked,
    rules_by_code,
)

RULES = all_rules()
PROJECT = Surroundings(
    modules=frozenset({"pump"}), locked=frozenset({"numpy", "pandas", "scikit-learn"})
)


def codes_of(cells: tuple[str, ...]) -> list[str]:
    content = example_notebook(cells)
    reading = read(content, path="notebooks/nb.ipynb", around=PROJECT, rules=RULES)
    choice = Choice(
        path="notebooks/nb.ipynb",
        shown="notebooks/nb.ipynb",
        root=Path("project"),
        configuration=Configuration(),
        rules=rules_by_code(),
    )
    return [finding.code for finding in chosen(reading, choice)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_finds_its_bad_example(rule: Rule) -> None:
    assert rule.code in codes_of(rule.bad)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_finds_nothing_in_its_good_example(rule: Rule) -> None:
    assert rule.code not in codes_of(rule.good)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_said_in_sentences(rule: Rule) -> None:
    for text in (rule.why, rule.mend):
        assert text.endswith((".", "?")), text
        assert text[0].isupper() or text[0] in "`_%!", text
    assert rule.bad
    assert rule.good
    assert rule.bad != rule.good


def test_the_findings_do_not_depend_on_the_hash_seed() -> None:
    """A linter for reproducibility is reproducible itself."""
    told = {printed(hash_seed) for hash_seed in ("1", "2")}
    assert len(told) == 1


def printed(hash_seed: str) -> str:
    """Return a digest of what all rules say of all examples, in a fresh process."""
    code = (
        "from toolkit.lint import hits, model, registry, examples\n"
        "from toolkit.reproduce.digest import value_digest\n"
        "rules = registry.all_rules()\n"
        "around = model.Surroundings()\n"
        "cells = [each for rule in rules for each in (rule.bad, rule.good)]\n"
        "books = [examples.example_notebook(each) for each in cells]\n"
        "read = [hits.read(b, path='n', around=around, rules=rules) for b in books]\n"
        "print(value_digest(read))"
    )
    return subprocess.run(  # noqa: S603 -- our own code
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    ).stdout


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([{"code": "RND1"}], "rule RND1: found that code, expected letters and three"),
        ([{"code": "rnd101"}], "rule rnd101: found that code"),
        ([{"name": "Two Words"}], "found the name 'Two Words', expected words-like"),
        ([{"name": "a"}, {"name": "b"}], "rule XXX101: found it twice"),
        ([{}, {"code": "XXX102"}], "found the name 'x', that of XXX101, expected each"),
    ],
)
def test_rules_that_cannot_be_told_apart_are_refused(
    changes: list[dict[str, str]], message: str
) -> None:
    with pytest.raises(RegistryError, match=message):
        checked([rule_like(**change) for change in changes])


def rule_like(code: str = "XXX101", name: str = "x") -> Rule:
    return Rule(
        code=code,
        name=name,
        severity="error",
        why="It is.",
        mend="Do.",
        bad=("1",),
        good=("2",),
        check=lambda _: (),
    )
