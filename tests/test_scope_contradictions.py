"""Answers that contradict each other get one clear message with its place."""

import pytest
from scope_texts import edited, problems

from toolkit import scope

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
