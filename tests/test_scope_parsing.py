"""Everything that can be wrong with a scope gets one clear message with its place."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scope_texts import BASE, KEYS, edited, nested, problems

from toolkit import scope


def test_the_base_of_these_tests_is_in_order() -> None:
    assert scope.read(BASE).problems == ()
    assert scope.read(BASE).open_questions == ()
    assert len(KEYS) == 69


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("threshold: 3", "threshold: 010", id="ten, not octal eight"),
        pytest.param("ready_by: 07:00", 'ready_by: "7:00"', id="quoted time"),
        pytest.param("why: why", "why: no", id="no is a word"),
        pytest.param("client: client", "client: 3", id="a number is a name"),
        pytest.param("gap: 3 days", "gap: P3D", id="gap of exactly horizon and delay"),
        pytest.param("threshold: 3", "threshold: 10", id="all can be hits"),
        pytest.param("metric: hit_rate", "metric: saved_per_day", id="dollars"),
        pytest.param("metric: hit_rate", "metric: lift", id="lift has no bound"),
        pytest.param("check: 250", "check: 0", id="free checks"),
        pytest.param("    delay: 1 day\n", "    delay: 0 days\n", id="no delay"),
        pytest.param("  unit: hits\n", "", id="no unit"),
        pytest.param("  timezone: Europe/Berlin\n", "", id="no zone"),
        pytest.param("  kinds: [jam]\n", "  kinds: []\n", id="all kinds"),
        pytest.param("why: why\n", "why: &w why\n", id="anchor"),
        pytest.param(
            "    role: entities\n    entity: id\n",
            "    role: entities\n    entity: id\n    time: at\n    delay: 1 day\n",
            id="entities that change",
        ),
    ],
)
def test_what_is_unusual_but_clear_is_accepted(old: str, new: str) -> None:
    draft = scope.read(edited(old, new))
    assert (draft.problems, draft.open_questions) == ((), ())


@pytest.mark.parametrize("blank", ["", "?", "TBD", "todo!", "'?'", '""', "~", "..."])
@pytest.mark.parametrize(
    ("key", "old"),
    [
        ("why", "why: why"),
        ("assumptions", "assumptions: [one]"),
        ("capacity", "capacity: 10"),
        ("success.threshold", "  threshold: 3"),
        ("decisions.ready_by", "  ready_by: 07:00"),
    ],
)
def test_a_promised_answer_is_an_open_question(key: str, old: str, blank: str) -> None:
    text = BASE.replace(f"\n{old}\n", f"\n{old.partition(':')[0]}: {blank} # later\n")
    draft = scope.read(text)
    assert draft.problems == ()
    assert [question.key for question in draft.open_questions] == [key]
    assert draft.open_questions[0].place == scope.parse(BASE).places[key]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "?", "why: ?\n"])
def test_an_empty_scope_asks_everything(text: str) -> None:
    draft = scope.read(text)
    assert (draft.scope, draft.problems) == (None, ())
    keys = [question.key for question in draft.open_questions]
    assert keys[0] == "question"
    assert {"horizon", "tables", "label.table", "evaluation.gap", "costs.check"} < {
        *keys
    }


def test_a_needed_answer_that_is_missing_stops_parsing() -> None:
    with pytest.raises(
        scope.ScopeError,
        match=r"^scope.yaml:1:1: capacity: found no answer, expected one to the "
        r"question 'How many .*\?'$",
    ):
        scope.parse(edited("capacity: 10\n", ""))


def test_what_is_open_but_not_needed_stops_only_who_asks_for_it() -> None:
    text = edited("check: 250", "check: ?").replace("threshold: 3", "threshold:")
    asked = scope.parse(text)
    assert asked.capacity == 10
    with pytest.raises(
        scope.OpenQuestionError, match=r"costs is needed .* costs.check"
    ):
        _ = asked.costs
    with pytest.raises(scope.OpenQuestionError, match=r"fill in success.threshold: "):
        _ = asked.success


def test_an_undecided_strategy_is_replayed_in_random_order() -> None:
    asked = scope.parse(edited("rule: longest-unchecked", "rule: TBD"))
    assert asked.current_strategy.rule == "random"
    assert [q.key for q in asked.open_questions] == ["current_strategy.rule"]


def test_every_problem_is_told_at_once_and_in_file_order() -> None:
    text = edited("capacity: 10", "capacity: -1").replace("gap: 3 days", "gap: 1 day")
    text = text.replace("client:", "cliant:").replace("check: 250", "check: lots")
    text = text.replace("DS101", "101")
    with pytest.raises(scope.ScopeError) as caught:
        scope.parse(text, name="my.yaml")
    lines = str(caught.value).splitlines()
    assert [line.split(":")[:2] for line in lines] == [
        ["my.yaml", number] for number in ("4", "19", "23", "54", "56")
    ]


@pytest.mark.parametrize("n_entities", [0, 9])
def test_a_capacity_above_the_number_of_entities_is_refused(n_entities: int) -> None:
    with pytest.raises(
        scope.ScopeError,
        match=f"^scope.yaml:19:1: capacity: found 10, expected at most {n_entities}",
    ):
        scope.check_capacity(scope.parse(BASE), n_entities)


def test_a_capacity_for_all_entities_is_accepted() -> None:
    scope.check_capacity(scope.parse(BASE), 10)


def test_a_scope_says_where_a_key_stands() -> None:
    asked = scope.parse(BASE)
    assert asked.at("tables.stops.kind") == "scope.yaml:42:5: tables.stops.kind"
    assert asked.at("tables.visits.kind") == "scope.yaml:44:3: tables.visits.kind"
    assert asked.at("nothing.like.it") == "scope.yaml:1:1: nothing.like.it"


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_a_misspelt_key_is_one_problem_with_its_line_and_the_right_word(
    data: st.DataObject,
) -> None:
    key, line, start = data.draw(st.sampled_from(KEYS))
    at = data.draw(st.integers(0, len(key) - 1))
    wrong = data.draw(st.sampled_from("QXZ"))
    end = at + data.draw(st.integers(0, 1))  # inserted or replaced
    misspelt = key[:at] + wrong + key[end:]
    text = BASE[:start] + misspelt + BASE[start + len(key) :]
    (found,) = problems(text)
    assert found.startswith(f"scope.yaml:{line}:")
    assert f"unknown key {misspelt!r}" in found
    assert found.endswith(f"did you mean {key!r}?")


def survives(text: str) -> None:
    """Reading ends in a draft, and finishing it in a scope or its error."""
    draft = scope.read(text)
    for problem in draft.problems:
        str(problem).encode()
        assert problem.place.line <= text.count("\n") + 2
    if draft.scope is None:
        with pytest.raises(scope.ScopeError, match=r"^scope.yaml:\d+:\d+: "):
            draft.finished()


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(codec=None), max_size=80))
def test_no_text_raises_anything_but_the_scope_error(text: str) -> None:
    survives(text)


@settings(deadline=None, max_examples=100)
@given(
    st.integers(0, len(BASE)),
    st.integers(0, 30),
    st.text(st.sampled_from("{}[]:-?!&*#|>'\"%@`,. \n\ta0~<\\"), max_size=8),
)
def test_no_damage_raises_anything_but_the_scope_error(
    start: int, length: int, damage: str
) -> None:
    survives(BASE[:start] + damage + BASE[start + length :])


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(st.sampled_from([key for key, _, _ in KEYS]), nested, max_size=9)
)
def test_no_document_raises_anything_but_the_scope_error(content: object) -> None:
    survives(yaml.safe_dump(content, allow_unicode=True))
    survives(yaml.safe_dump(content, default_flow_style=True))
