"""A value of the wrong kind gets one clear message with its place and a way out."""

import re

import pytest
from scope_texts import BASE, edited, problems

from toolkit import scope

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
