"""DS301 to DS303, DS314, DS315: when tables begin, pause and end."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import NEVER, Ints
from toolkit.analysis.sanity.counts import DailyCounts
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import DAY, TableView
from toolkit.analysis.sanity.wording import counted, day, duration, listed, percent
from toolkit.analysis.sanity.world import SECOND, World

_PLACEHOLDERS = ("1899-12-30", "1900-01-01", "1970-01-01", "2099-12-31", "9999-12-31")
_LEAST = 14.0  # rows expected where there are none: by chance once in a million
_ROWS = 20
_DATE = "datetime64[D]"


def strays(table: TableView) -> Iterable[Draft] | None:
    """Find times that stand far before or after all others, and placeholders."""
    if not table.dated or table.time is None:
        return None
    first, last = table.bounds
    placeholders = np.array(_PLACEHOLDERS, _DATE).astype(np.int64)
    out = (table.micro < first) | (table.micro > last)
    out |= np.isin(table.days, placeholders) & (len(np.unique(table.days)) > 1)
    n = int(out.sum())
    if not n:
        return ()
    low, high = table.micro[out].min(), table.micro[out].max()
    span = day(low) if day(low) == day(high) else f"{day(low)} to {day(high)}"
    return [
        Draft(
            severity=Severity.WARNING,
            place=table.time.place,
            message=f"{counted(n, 'row')} ({span}) stand far from the others, which "
            "run "
            f"from {day(first)} to {day(last)}",
            count=n,
            evidence=table.evidence(table.rows[out]),
        )
    ]


def spans(world: World) -> Iterable[Draft] | None:
    """Find tables that begin later or end earlier than the others."""
    tables = [t for t in world.dated if len(t.rows) >= _ROWS]
    if len(tables) <= 1:
        return None
    bounds = np.array([table.bounds for table in tables])
    evidence = pd.DataFrame(
        {
            "table": [table.name for table in tables],
            "first": bounds[:, 0].astype("datetime64[us]"),
            "last": bounds[:, 1].astype("datetime64[us]"),
        }
    )
    return [d for table in tables for d in _shorter(world, table, tables, evidence)]


def _shorter(
    world: World, table: TableView, tables: list[TableView], evidence: pd.DataFrame
) -> Iterable[Draft]:
    first, last = table.bounds
    start = min(t.bounds[0] for t in tables)
    end = max(t.bounds[1] for t in tables)
    counts = DailyCounts.of(table)
    is_label = table is world.label
    beyond = {t.name: int((t.in_body & (t.days > last // DAY)).sum()) for t in tables}
    rows = sum(beyond.values())
    if rows and _expected_after(table, counts, end) >= _LEAST:
        names = listed(f"{n:,} of {name}" for name, n in beyond.items() if n)
        yield Draft(
            severity=Severity.WARNING,
            place=str(table.time and table.time.place),
            message=f"the last row of {table.name} is of {day(last)}, but "
            f"{counted(rows, 'row')} of other tables follow ({names}, up to {day(end)})"
            + ("; what happened then is unknown, not nothing" if is_label else ""),
            count=rows,
            evidence=evidence,
            advice="end the evaluation with the table that ends first"
            if is_label
            else "",
        )
    late = first - start
    if late >= DAY and _expected_before(table, counts, start) >= _LEAST:
        others = [t.name for t in tables if t.bounds[0] + DAY <= first]
        yield Draft(
            severity=Severity.NOTE,
            place=str(table.time and table.time.place),
            message=f"the rows of {table.name} begin on {day(first)}, "
            f"{duration(late / SECOND)} after "
            f"{listed(others)}",
            count=int(late // DAY),
            evidence=evidence,
            advice="begin the evaluation when every table has begun, or say why not",
        )


def _expected_after(table: TableView, counts: DailyCounts, end: int) -> float:
    """Rows to expect between the table's own end and another's.

    Of the last day, which may be cut off, counts only the share of rows that this
    table usually has up to that time of the day.
    """
    days = end // DAY - table.bounds[1] // DAY
    part = float((table.micro % DAY <= end % DAY).mean())
    return _rows_of(days, part, counts)


def _expected_before(table: TableView, counts: DailyCounts, start: int) -> float:
    """Rows to expect between another table's beginning and the own one."""
    days = table.bounds[0] // DAY - start // DAY
    part = float((table.micro % DAY >= start % DAY).mean())
    return _rows_of(days, part, counts)


def _rows_of(days: int, part: float, counts: DailyCounts) -> float:
    whole = days - 1 + part if days >= 1 else 0.0
    return whole * float(counts.counts.mean()) / counts.dispersion


def pauses(world: World) -> Iterable[Draft] | None:
    """Find days on which a whole table has no row, though it usually has."""
    tables = [t for t in world.dated if len(t.rows) >= _ROWS]
    if not tables:
        return None
    return [draft for table in tables for draft in _pauses(table)]


def _pauses(table: TableView) -> Iterable[Draft]:
    counts = DailyCounts.of(table)
    runs = counts.silences(_LEAST)
    if not runs or table.time is None:
        return
    lengths = np.array([last - first + 1 for first, last, _ in runs])
    n, all_ = int(lengths.sum()), len(counts)
    longest = max(zip(lengths, runs, strict=True), key=lambda pair: pair[0])[1]
    usual = counts.counts[counts.counts > 0].mean()
    yield Draft(
        severity=Severity.WARNING,
        place=table.time.place,
        message=f"no row at all on {counted(n, 'day')} of {all_:,} "
        f"({percent(n / all_)}), "
        f"in {counted(len(runs), 'gap')}; the longest from {_date(longest[0])} to "
        f"{_date(longest[1])}; other days hold {usual:,.0f} rows",
        count=n,
        evidence=pd.DataFrame(
            {
                "from": [_date(first) for first, _, _ in runs],
                "to": [_date(last) for _, last, _ in runs],
                "days": lengths,
                "rows expected": [round(rows) for _, _, rows in runs],
            }
        ).sort_values(["days", "from"], ascending=[False, True]),
    )


def _date(number: int) -> str:
    return str(np.datetime64(number, "D"))


def zones(world: World) -> Iterable[Draft] | None:
    """Find tables with a time zone beside tables without one."""
    tables = [t for t in world.tables if t.time is not None]
    if len(tables) <= 1:
        return None
    zoned = {
        t.name: str(t.time.series.dt.tz) if t.time.zoned else "none"
        for t in tables
        if t.time is not None
    }
    if len(set(zoned.values())) <= 1:
        return ()
    without = [name for name, zone in zoned.items() if zone == "none"]
    text = listed((f"{name}: {zone}" for name, zone in zoned.items()), 10)
    return [
        Draft(
            severity=Severity.WARNING,
            place=(without or list(zoned))[0],
            message=f"the tables state different time zones ({text}); they are "
            "compared "
            "by what the clock on the wall shows",
            count=len(without) or len(zoned),
        )
    ]


def before_entity(world: World) -> Iterable[Draft] | None:
    """Find rows of an entity from before it existed."""
    born: Ints = np.full(len(world.ids), NEVER)
    tables = [t for t in world.entities if t.time is not None and t.dated]
    for table in tables:
        born[world.entity_codes(table)[table.who[::-1]]] = table.micro[::-1]  # earliest
    if not tables or not world.dated:
        return None
    drafts = []
    for table in world.dated:
        early = table.micro < born[world.entity_codes(table)[table.who]]
        n = int(early.sum())
        if n:
            ids = table.ids[np.unique(table.who[early])]
            drafts.append(
                Draft(
                    severity=Severity.WARNING,
                    place=str(table.time and table.time.place),
                    message=f"{counted(n, 'row')} of {counted(len(ids), 'entity')} "
                    f"({listed(ids)}) bear a time before the entity began",
                    count=n,
                    evidence=table.evidence(table.rows[early]),
                )
            )
    return drafts


TABLE_RULES: tuple[Rule[TableView], ...] = (
    Rule(
        code="DS301",
        title="times far from the rest",
        looks_at="dated table",
        needs="a table whose rows have an entity and a time",
        advice="ask whether it is a slip, a wrong clock or a placeholder; then drop it",
        check=strays,
    ),
)
WORLD_RULES: tuple[Rule[World], ...] = (
    Rule(
        code="DS302",
        title="tables that cover different spans",
        looks_at="set of tables",
        needs=f"two dated tables of {_ROWS} rows",
        advice="ask for the rest, or end the evaluation where every table ends",
        check=spans,
    ),
    Rule(
        code="DS303",
        title="days without rows",
        looks_at="set of tables",
        needs=f"a dated table of {_ROWS} rows",
        advice="ask whether nothing happened or nothing was recorded; leave such "
        "days out",
        check=pauses,
    ),
    Rule(
        code="DS314",
        title="different time zones",
        looks_at="set of tables",
        needs="two tables with times",
        advice="convert on loading; state decisions.timezone in the scope",
        check=zones,
    ),
    Rule(
        code="DS315",
        title="rows from before the entity existed",
        looks_at="set of tables",
        needs="a table of entities with a time, and a dated table",
        advice="ask whether the id was used before by another entity",
        check=before_entity,
    ),
)
