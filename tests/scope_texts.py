"""A scope that is in order, to be spoilt line by line."""

import re
from pathlib import Path

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
