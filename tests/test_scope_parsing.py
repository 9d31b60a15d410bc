"""Everything that can be wrong with a scope gets one clear message with its place."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import scope

REAL = (Path(__file__).parent.parent / "scope.yaml").read_text("utf-8")
BASE = """\
question: Which?
why: why
pain_point: pain
client: client
user: user
decision: decision
current_strategy:
  description: rounds
  worth: little
  rule: longest-unchecked
  checks: visits
horizon: 2 days
decisions:
  every: 1 day
  ready_by: 07:00
  timezone: Europe/Berlin
  first: 2015-01-01
  last: 2015-12-31
capacity: 10
costs:
  currency: USD
  failure: {low: 2500, mid: 5000, high: 10000}
  check: 250
  prevented_share: 0.6
  planned_repair: 400
success:
  metric: hit_rate
  threshold: 3
  unit: hits
assumptions: [one]
disruption: [two]
tables:
  things:
    source: things.csv
    role: entities
    entity: id
  stops:
    source: stops.csv
    role: events
    entity: id
    time: at
    kind: cause
    delay: 1 day
  visits: {source: visits.csv, role: events, entity: id, time: at}
  levels: {source: levels.csv, role: measurements, entity: id, time: at, values: [x]}
label:
  table: stops
  kinds: [jam]
evaluation:
  window: growing
  first_training: 180 days
  test_length: 7 days
  step: 7 days
  gap: 3 days
accepted:
  - code: DS101
    place: stops.at
    reason: known
inputs: declared
network: refused
environment: [TOKEN]
"""
# Keys that are words of the format, each with the line it stands in.
KEYS = [
    (match[1], BASE[: match.start(1)].count("\n") + 1, match.start(1))
    for match in re.finditer(r"(?:(?<=[{\n, ])|^)([a-z_]+):", BASE)
    if match[1] not in {"things", "stops", "visits", "levels"}
]


def problems(text: str) -> list[str]:
    return [str(problem) for problem in scope.read(text).problems]


def edited(old: str, new: str) -> str:
    assert BASE.count(old) == 1, old
    return BASE.replace(old, new)


def test_the_base_of_these_tests_is_in_order() -> None:
    assert scope.read(BASE).problems == ()
    assert scope.read(BASE).open_questions == ()
    assert len(KEYS) == 69


CONTRADICTIONS = [
    pytest.param(
        "horizon: 2 days",
        "horizon: 3 days",
        "scope.yaml:54:3: evaluation.gap: found 3 days, expected at least 4 days "
        "(horizon plus the delay of stops); training across a shorter one knows what "
        "the test asks",
        id="gap shorter than horizon and delay",
    ),
    pytest.param(
        "    delay: 1 day\n",
        "    delay: 36 hours\n",
        "54:3: evaluation.gap: found 3 days, expected at least 84 hours",
        id="gap shorter by the delay alone",
    ),
    pytest.param(
        "step: 7 days",
        "step: 6 days",
        "53:3: evaluation.step: found 6 days, expected at least 7 days "
        "(evaluation.test_length); a shorter step tests some decisions twice",
        id="step shorter than the test",
    ),
    pytest.param(
        "test_length: 7 days",
        "test_length: 12 hours",
        "52:3: evaluation.test_length: found 12 hours, expected at least 1 day",
        id="test without a decision",
    ),
    pytest.param(
        "first_training: 180 days",
        "first_training: 1 day",
        "51:3: evaluation.first_training: found 1 day, expected at least 2 days",
        id="training without a label",
    ),
    pytest.param(
        "  table: stops",
        "  table: stopps",
        "47:3: label.table: found the undeclared table 'stopps', expected one that "
        "stands under 'tables'; did you mean 'stops'?",
        id="label table not declared",
    ),
    pytest.param(
        "  table: stops\n  kinds: [jam]",
        "  table: levels",
        "47:3: label.table: found the table 'levels' of measurements, expected a table "
        "of events",
        id="label table without events",
    ),
    pytest.param(
        "  table: stops",
        "  table: visits",
        "48:3: label.kinds: found kinds, but no kind column in the table 'visits', "
        "expected a column to find them in; fill in tables.visits.kind",
        id="kinds without a column",
    ),
    pytest.param(
        "checks: visits",
        "checks: visit",
        "11:3: current_strategy.checks: found the undeclared table 'visit'",
        id="checks not declared",
    ),
    pytest.param(
        "checks: visits",
        "checks: things",
        "11:3: current_strategy.checks: found the table 'things' of entities",
        id="checks that are no events",
    ),
    pytest.param(
        "  visits: {source: visits.csv, role: events, entity: id, time: at}",
        "  visits: {source: visits.csv, role: events, entity: id, time: at}\n"
        "  more: {source: more.csv, role: entities, entity: id}",
        "45:28: tables.more.role: found 2 tables of entities, expected one",
        id="two tables of entities",
    ),
    pytest.param(
        "    role: entities\n    entity: id\n",
        "    role: events\n    entity: id\n    time: at\n",
        "32:1: tables: found 0 tables of entities, expected one, which says what can "
        "be checked; give one table the role entities",
        id="no table of entities",
    ),
    pytest.param(
        "    entity: id\n    time: at\n    kind: cause\n",
        "    entity: id\n    kind: cause\n",
        "37:3: tables.stops: found no 'time', expected it in a table of events",
        id="events without time",
    ),
    pytest.param(
        ", values: [x]}",
        "}",
        "45:3: tables.levels: found no 'values', expected it in a table of measure",
        id="measurements without values",
    ),
    pytest.param(
        "    role: entities\n    entity: id\n",
        "    role: entities\n    entity: id\n    kind: model\n",
        "37:5: tables.things.kind: found 'kind' in a table of entities",
        id="entities with kinds",
    ),
    pytest.param(
        "    role: entities\n    entity: id\n",
        "    role: entities\n    entity: id\n    delay: 1 day\n",
        "37:5: tables.things.delay: found a delay of rows without a time",
        id="delay without a time",
    ),
    pytest.param(
        "last: 2015-12-31",
        "last: 2014-12-31",
        "18:3: decisions.last: found 2014-12-31, expected no day before "
        "decisions.first, 2015-01-01",
        id="last day before the first",
    ),
    pytest.param(
        "prevented_share: 0.6",
        "prevented_share: 0.08",
        "20:1: costs: found 400 saved by a check that finds a failure (prevented_share "
        "x failure), and 400 for the repair it brings, expected more saved than the "
        "planned repair costs; with these numbers no check ever pays",
        id="no check pays",
    ),
    pytest.param(
        "threshold: 3",
        "threshold: 10.5",
        "28:3: success.threshold: found 10.5, expected a hit_rate above 0 and at most "
        "10 (the capacity: no decision can hit more)",
        id="more hits than checks",
    ),
    pytest.param(
        "metric: hit_rate",
        "metric: precision",
        "28:3: success.threshold: found 3, expected a precision above 0 and at most 1",
        id="precision above one",
    ),
    pytest.param(
        "metric: hit_rate\n  threshold: 3",
        "metric: lift\n  threshold: 0",
        "28:3: success.threshold: found 0, expected a lift above 0",
        id="success that is always reached",
    ),
    pytest.param(
        "reason: known",
        "reason: known\n  - {code: DS101, place: stops.at, reason: again}",
        "59:5: accepted[1]: found DS101 in stops.at a second time, expected each "
        "finding once; it stands in line 56, too",
        id="finding accepted twice",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), CONTRADICTIONS)
def test_a_contradiction_is_one_problem_with_its_place(
    old: str, new: str, message: str
) -> None:
    (found,) = problems(edited(old, new))
    assert message in found
    assert scope.read(edited(old, new)).scope is None


WRONG_VALUES = [  # key, value, what is expected
    ("capacity", "0", "a whole number of at least 1"),
    ("capacity", "10.5", "a whole number of at least 1"),
    ("capacity", "no", "a whole number of at least 1"),
    (
        "horizon",
        "2",
        "a positive length of time such as '2 days'; name a unit of weeks",
    ),
    ("horizon", "0 days", "a positive length of time"),
    ("decisions.every", "0 hours", "a positive length of time"),
    ("decisions.every", "1 month", "a positive length of time"),
    ("decisions.ready_by", "420", "a time of day such as '07:00'"),
    ("decisions.ready_by", "24:00", "a time of day"),
    ("decisions.ready_by", "07:00+01:00", "a time of day"),
    ("decisions.timezone", "Europe/Berln", "a time zone of IANA's list"),
    ("decisions.timezone", "../../etc/passwd", "a time zone"),
    ("decisions.timezone", "Europe", "a time zone"),
    ("decisions.first", "2015-02-30", "a date such as 2015-01-31"),
    ("decisions.first", "1.1.2015", "a date"),
    ("costs.check", "-1", "a number of at least 0, or low, mid and high"),
    (
        "costs.check",
        "2,500",
        "a number of at least 0, or low, mid and high; write digits",
    ),
    ("costs.check", "inf", "a number"),
    ("success.threshold", "1e999", "a number"),
    ("costs.check", "nan", "a number"),
    ("costs.prevented_share", "60", "a number from 0 to 1"),
    ("success.metric", "auc", "one of hit_rate, precision, recall, lift, average_prec"),
    ("success.threshold", "30%", "a number; write digits alone"),
    ("evaluation.window", "expanding", "one of growing, sliding"),
    (
        "tables.things.source",
        "/things.csv",
        "a file's path, relative to the folder",
    ),
    ("tables.things.source", "c:things.csv", "a file's path, relative to the folder"),
    ("tables.things.role", "entity", "one of entities, events, measurements"),
    ("tables.stops.delay", "later", "a length of time such as '2 days'"),
    ("assumptions", "one", "a list, one '- ...' line an item"),
    ("inputs", "all", "one of discovered, declared"),
    ("network", "yes", "one of refused, allowed"),
    ("environment", "HOME", "a list of names, [A, B]"),
    ("accepted[0].code", "ds101", "the code of a finding, such as DS101"),
]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [pytest.param(*case, id=f"{case[0]}={case[1]}") for case in WRONG_VALUES],
)
def test_a_wrong_value_is_told_with_its_place_and_a_way_out(
    key: str, value: str, expected: str
) -> None:
    line = scope.parse(BASE).places[key].line
    lines = BASE.splitlines()
    name = re.split(r"\W", key)[-1]
    lines[line - 1] = re.sub(rf"({name}: ).*", rf"\g<1>{value}", lines[line - 1])
    column = lines[line - 1].index(f"{name}: ") + len(f"{name}: ") + 1
    (found,) = problems("\n".join(lines))
    where = f"scope.yaml:{line}:{column}: {key}"
    assert found.startswith(f"{where}: found {value!r}, expected {expected}")


WRONG_SHAPES = [
    pytest.param(
        "capacity: 10",
        "capacity: [10]",
        "19:11: capacity: found a list, expected a whole number",
        id="list for a number",
    ),
    pytest.param(
        "check: 250",
        "check: {low: 3, mid: 2, high: 4}",
        "23:3: costs.check: found 3, 2, 4, expected low <= mid <= high",
        id="low above mid",
    ),
    pytest.param(
        "check: 250",
        "check: {low: 3, high: 4}",
        "23:3: costs.check: found no 'mid', expected a number of at least 0",
        id="estimate without middle",
    ),
    pytest.param(
        "currency: USD",
        'currency: "\\e[31mUSD"',
        "costs.currency: found '\\x1b[31mUSD', expected text of printable characters",
        id="terminal escape",
    ),
    pytest.param(
        "currency: USD",
        'currency: "\\ud800"',
        "costs.currency: found '\\ud800', expected text",
        id="lone surrogate",
    ),
    pytest.param(
        "assumptions: [one]",
        "assumptions: [one, two, one]",
        "30:25: assumptions[2]: found 'one' a second time, expected each item once; "
        "it stands in line 30, too",
        id="assumption twice",
    ),
    pytest.param(
        "assumptions: [one]",
        "assumptions: [{one: 1}]",
        "assumptions[0]: found a mapping, expected text",
        id="mapping for a text",
    ),
    pytest.param(
        "    reason: known\n",
        "",
        "56:5: accepted[0]: found no 'reason', expected why the team lives with it",
        id="accepted without a reason",
    ),
    pytest.param(
        "reason: known",
        "reason: TBD",
        "56:5: accepted[0]: found no 'reason', expected why the team lives with it",
        id="a reason to come",
    ),
    pytest.param(
        "    source: things.csv\n",
        "",
        "33:3: tables.things: found no 'source', expected a file's path",
        id="table without source",
    ),
    pytest.param(
        "  levels: {",
        "  my.levels: {",
        "45:3: tables: found the name 'my.levels', expected a letter, then letters, d",
        id="dot in a table's name",
    ),
    pytest.param(
        "capacity: 10\n",
        "capacity: 10\ncapacity: none\n",
        "20:1: found 'capacity' a second time, expected each key once; it stands in "
        "line 19, too",
        id="key twice",
    ),
    pytest.param(
        "capacity: 10\n",
        "capacity: 10\n[a]: 11\n",
        "20:1: found a list, expected a key that is a word",
        id="list for a key",
    ),
    pytest.param(
        "capacity: 10\n",
        "capacity: 10\n<<: {a: 1}\n",
        "20:1: found the unknown key '<<', expected a known one; known: ",
        id="merge key",
    ),
    pytest.param(
        "success:\n  metric: hit_rate\n  threshold: 3\n  unit: hits\n",
        "success: hit_rate\n",
        "26:10: success: found 'hit_rate', expected a mapping with the keys metric",
        id="text for a mapping",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG_SHAPES)
def test_a_wrong_shape_is_told_with_its_place_and_a_way_out(
    old: str, new: str, message: str
) -> None:
    (found,) = problems(edited(old, new))
    assert message in found


NO_YAML = [
    pytest.param("why: [a\n", "2:1: found the end of the file", id="open bracket"),
    pytest.param("why: 'a\n", "2:1: found the end of the file", id="open quote"),
    pytest.param("costs:\n\tcheck: 1\n", "2:1: found a tab", id="tab"),
    pytest.param("why: a: b\n", "1:7: found a ':' where no key can stand", id="colon"),
    pytest.param(
        "why: @me\n", "1:6: found a character that YAML reserves", id="at sign"
    ),
    pytest.param("a: 1\n---\nb: 2\n", "2:1: found a second document", id="documents"),
    pytest.param(
        "a: 'b' c\n", "1:8: found a line that does not go on", id="after a quote"
    ),
    pytest.param("a: !!str b\n", "1:4: found a tag ('!')", id="tag"),
    pytest.param("a: *b\n", "1:4: found undefined alias 'b'", id="alias"),
    pytest.param(
        "a: \x07\n", "1:4: found the character '\\x07'", id="control character"
    ),
    pytest.param('a: "\\UFFFFFFFF"\n', "1:7: found an escaped", id="beyond Unicode"),
    pytest.param("[" * 5_000, "found lists or mappings nested too deep", id="deep"),
    pytest.param("- a\n", "1:1: found a list, expected a mapping", id="list"),
    pytest.param("tables: one\n", "1:9: tables: found 'one', expected", id="tables"),
    pytest.param("hello\n", "1:1: found 'hello', expected a mapping", id="text"),
]


@pytest.mark.parametrize(("text", "message"), NO_YAML)
def test_what_is_no_mapping_is_told_in_plain_words(text: str, message: str) -> None:
    (found,) = problems(text)
    assert message in found


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


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([key for key, _, _ in KEYS]), inner, max_size=6
        )
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(st.sampled_from([key for key, _, _ in KEYS]), nested, max_size=9)
)
def test_no_document_raises_anything_but_the_scope_error(content: object) -> None:
    survives(yaml.safe_dump(content, allow_unicode=True))
    survives(yaml.safe_dump(content, default_flow_style=True))
