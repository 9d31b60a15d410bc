"""DS407: a column of 0 and 1 beside the label as the events make it."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Column, Nature, Part
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import TableView
from toolkit.analysis.sanity.wording import counted, percent
from toolkit.analysis.sanity.world import SECOND, World

_NAME = re.compile(
    r"(^|[^a-z])(label|target|y|outcome|will_fail|fails?|failed|failure)($|[^a-z])"
)
_POSITIVES = 20
_AGREES = 0.5  # of either side's positives
_SPAN = 1 << 40


def label_columns(world: World) -> Iterable[Draft] | None:
    """Recompute the label of each row and compare it with each column of 0 and 1."""
    events = world.events
    tables = [t for t in world.dated if t is not world.label]
    pairs = [(t, c) for t in tables for c in t.columns if _binary(c)]
    if events is None or not pairs:
        return None
    keys = events.entity * _SPAN + events.second
    end = int(events.second.max())
    return [d for t, c in pairs for d in _compare(world, t, c, (keys, end))]


def _binary(column: Column) -> bool:
    if column.nature is not Nature.NUMBER or column.part not in {
        Part.VALUE,
        Part.OTHER,
    }:
        return False
    values = column.finite
    if not len(values) or values.min() != 0 or values.max() != 1:
        return False
    return bool(((values == 0) | (values == 1)).all())


def _compare(
    world: World,
    table: TableView,
    column: Column,
    events: tuple[np.ndarray[tuple[int], np.dtype[np.int64]], int],
) -> Iterable[Draft]:
    keys, end = events
    horizon = int(world.scope.horizon.total_seconds())
    said = column.numbers[table.rows]
    second = table.micro // SECOND
    key = world.entity_codes(table)[table.who] * _SPAN + second
    after = np.searchsorted(keys, key + horizon, "right")
    is_true = after > np.searchsorted(keys, key, "right")
    known = (second + horizon <= end) & ~np.isnan(said)
    claimed, label = said[known] == 1, is_true[known]
    both = int((claimed & label).sum())
    agrees = both >= _AGREES * max(label.sum(), claimed.sum(), _POSITIVES)
    named = bool(_NAME.search(column.name.lower()))
    wrong = claimed != label
    n = int(wrong.sum())
    if label.sum() < _POSITIVES or not (agrees or named):
        return
    feature = column.part is Part.VALUE
    text = (
        f"the column is the label: it agrees with the events in "
        f"{percent(1 - n / len(label))} of {counted(len(label), 'row')}"
        if agrees
        else "the column is named like a label, but says the same as the events in "
        "only "
        f"{both:,} of {int(label.sum()):,} positive rows"
    )
    yield Draft(
        severity=Severity.ERROR if agrees and feature else Severity.WARNING,
        place=column.place,
        message=text
        + (f"; {n:,} differ" if n and agrees else "")
        + (", and the scope lists it as a measurement" if feature else ""),
        count=n or len(label),
        evidence=table.evidence(table.rows[known][wrong])
        if n
        else pd.DataFrame(
            {column.name: [0, 1], "rows": np.bincount(claimed, minlength=2)}
        ),
    )


RULES: tuple[Rule[World], ...] = (
    Rule(
        code="DS407",
        title="column that is the label",
        looks_at="set of tables",
        needs="label events, and a column of 0 and 1 in another dated table",
        advice="leave it out of the measurements; ask by which rule it was made",
        check=label_columns,
    ),
)
