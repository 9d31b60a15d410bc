"""What no key can say alone: entries that contradict each other.

A rule looks at what could be read and is silent where a part of it is absent, so that
one mistake makes one problem.
"""

import math
import re
from datetime import date, timedelta
from typing import Final

from toolkit.scope.durations import format_duration
from toolkit.scope.problems import Place, Problem, ScopeError, did_you_mean
from toolkit.scope.reading import Reading, clipped
from toolkit.scope.values import Estimate, Scope, Table

_TABLE_KEY = re.compile(r"tables\.([^.]+)")
_HIGHEST: Final = {"precision": 1.0, "recall": 1.0, "average_precision": 1.0}
_NEEDED: Final = {
    "entities": (),
    "events": ("time",),
    "measurements": ("time", "values"),
}
_UNUSED: Final = {
    "entities": ("kind", "values"),
    "events": ("values",),
    "measurements": ("kind",),
}
_AT_LEAST: Final = (  # key, the key that bounds it, why
    (
        "evaluation.step",
        "evaluation.test_length",
        "a shorter step tests some decisions twice",
    ),
    (
        "evaluation.test_length",
        "decisions.every",
        "a shorter test may hold no decision",
    ),
    (
        "evaluation.first_training",
        "horizon",
        "no label is known any earlier",
    ),
)


def check_contradictions(reading: Reading) -> None:
    """Note every contradiction between entries that were read."""
    for rule in _RULES:
        rule(reading)


def check_capacity(scope: Scope, n_entities: int) -> None:
    """Refuse a capacity that the data cannot use up.

    Raises
    ------
    ScopeError : if the capacity is above the number of entities, with its place
    """
    if scope.capacity > n_entities:
        problem = Problem(
            name=scope.name,
            place=scope.places.get("capacity", Place()),
            key="capacity",
            found=f"{scope.capacity}",
            expected=f"at most {n_entities}, the number of entities in the data",
            advice="a list of them all needs no ranking",
        )
        raise ScopeError(problems=(problem,))


def _columns_fit_the_role(reading: Reading) -> None:
    for table in filter(None, _tables(reading).values()):
        key, holder = f"tables.{table.name}", f"a table of {table.role}"
        for name in _NEEDED[table.role]:
            if not getattr(table, name):
                reading.refuse(key, found=f"no {name!r}", expected=f"it in {holder}")
        for name in _UNUSED[table.role]:
            if getattr(table, name):
                reading.refuse(
                    f"{key}.{name}",
                    found=f"{name!r} in {holder}",
                    expected="no key that nothing reads",
                    advice="delete it or change the role",
                )
        if table.role == "entities" and table.delay and not table.time:
            reading.refuse(
                f"{key}.delay",
                found="a delay of rows without a time",
                expected="a time column for it to start from",
            )


def _one_table_holds_the_entities(reading: Reading) -> None:
    tables = reading.value("tables", dict)
    if tables is None:
        return
    found = [name for name, table in tables.items() if table.role == "entities"]
    if len(found) != 1:
        reading.refuse(
            f"tables.{found[1]}.role" if found else "tables",
            found=f"{len(found)} tables of entities",
            expected="one, which says what can be checked",
            advice="" if found else "give one table the role entities",
        )


def _named_tables_are_events(reading: Reading) -> None:
    tables = _tables(reading)
    if not tables:  # still an open question
        return
    for key in ("label.table", "current_strategy.checks"):
        name = reading.value(key, str)
        table = _table(reading, key)
        if name is not None and name not in tables:
            reading.refuse(
                key,
                found=f"the undeclared table {clipped(name)}",
                expected="one that stands under 'tables'",
                advice=did_you_mean(name, tables),
            )
        elif table is not None and table.role != "events":
            reading.refuse(
                key,
                found=f"the table {table.name!r} of {table.role}",
                expected="a table of events",
            )


def _kinds_have_a_column(reading: Reading) -> None:
    table = _table(reading, "label.table")
    if reading.value("label.kinds", tuple) and table is not None and not table.kind:
        reading.refuse(
            "label.kinds",
            found=f"kinds, but no kind column in the table {table.name!r}",
            expected="a column to find them in",
            advice=f"fill in tables.{table.name}.kind",
        )


def _no_label_reaches_into_the_test(reading: Reading) -> None:
    horizon = reading.value("horizon", timedelta)
    table = _table(reading, "label.table")
    if horizon is None:
        return
    if table is None or not table.delay:
        least, parts = horizon, "horizon"
    else:
        least = horizon + table.delay
        parts = f"horizon plus the delay of {table.name}"
    advice = "training across a shorter one knows what the test asks"
    _refuse_shorter(reading, "evaluation.gap", least, parts, advice)


def _lengths_fit_each_other(reading: Reading) -> None:
    for key, least_key, advice in _AT_LEAST:
        least = reading.value(least_key, timedelta)
        if least is not None:
            _refuse_shorter(reading, key, least, least_key, advice)


def _refuse_shorter(
    reading: Reading, key: str, least: timedelta, least_name: str, advice: str
) -> None:
    length = reading.value(key, timedelta)
    if length is not None and length < least:
        reading.refuse(
            key,
            found=format_duration(length),
            expected=f"at least {format_duration(least)} ({least_name})",
            advice=advice,
        )


def _first_day_is_before_last(reading: Reading) -> None:
    first = reading.value("decisions.first", date)
    last = reading.value("decisions.last", date)
    if first is not None and last is not None and last < first:
        reading.refuse(
            "decisions.last",
            found=f"{last}",
            expected=f"no day before decisions.first, {first}",
        )


def _some_check_pays(reading: Reading) -> None:
    failure = reading.value("costs.failure", Estimate)
    share = reading.value("costs.prevented_share", Estimate)
    repair = reading.value("costs.planned_repair", Estimate)
    if failure is None or share is None or repair is None:
        return
    saved = share.mid * failure.mid
    if saved <= repair.mid:
        reading.refuse(
            "costs",
            found=f"{saved:g} saved by a check that finds a failure "
            f"(prevented_share x failure), and {repair.mid:g} for the repair it brings",
            expected="more saved than the planned repair costs",
            advice="with these numbers no check ever pays; ask the client again",
        )


def _success_is_possible(reading: Reading) -> None:
    metric = reading.value("success.metric", str)
    threshold = reading.value("success.threshold", float)
    if metric is None or threshold is None or metric == "saved_per_day":
        return
    highest, what = _HIGHEST.get(metric, math.inf), f"the highest {metric} there is"
    if metric == "hit_rate":
        highest = reading.value("capacity", int) or math.inf
        what = "the capacity: no decision can hit more"
    if not 0 < threshold <= highest:
        bound = f" and at most {highest:g} ({what})" if math.isfinite(highest) else ""
        reading.refuse(
            "success.threshold",
            found=f"{threshold:g}",
            expected=f"a {metric} above 0{bound}",
        )


def _findings_are_accepted_once(reading: Reading) -> None:
    seen: dict[tuple[str, str | None], str] = {}
    for number, item in enumerate(reading.value("accepted", tuple) or ()):
        key = f"accepted[{number}]"
        first = seen.setdefault((item.code, item.place), key)
        if first != key:
            where = f" in {item.place}" if item.place else ""
            reading.refuse(
                key,
                found=f"{item.code}{where} a second time",
                expected="each finding once",
                advice=f"it stands in line {reading.place(first).line}, too",
            )


def _tables(reading: Reading) -> dict[str, Table | None]:
    """Return the declared tables by name; None where one could not be read."""
    matches = filter(None, map(_TABLE_KEY.fullmatch, reading.places))
    return {match[1]: reading.value(match[0], Table) for match in matches}


def _table(reading: Reading, key: str) -> Table | None:
    """Return the table that a key names, if it could be read."""
    return _tables(reading).get(reading.value(key, str) or "")


_RULES: Final = (
    _columns_fit_the_role,
    _one_table_holds_the_entities,
    _named_tables_are_events,
    _kinds_have_a_column,
    _no_label_reaches_into_the_test,
    _lengths_fit_each_other,
    _first_day_is_before_last,
    _some_check_pays,
    _success_is_possible,
    _findings_are_accepted_once,
)
