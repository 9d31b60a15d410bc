"""DS201, DS202, DS203, DS208: rows that repeat, contradict or lack their key."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Column, Ints, Nature, Part
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import TableView
from toolkit.analysis.sanity.wording import counted, listed, percent

_FEW = 0.01  # of the events: by chance, where times are rounded


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Repeats:
    """Rows that share their key: positions, key number and content number of each."""

    positions: Ints
    key: Ints
    content: Ints


def _key_columns(table: TableView) -> list[Column]:
    parts = (table.entity, table.time, table.kind)
    return [column for column in parts if column is not None]


def _numbers(columns: list[Column], rows: Ints) -> Ints:
    """Return a number for each distinct combination of values in these rows."""
    frame = pd.DataFrame({i: _atoms(c, rows) for i, c in enumerate(columns)})
    if frame.empty:
        return np.zeros(len(rows), np.int64)
    groups = frame.groupby(list(frame), dropna=False, sort=False)
    return groups.ngroup().to_numpy().astype(np.int64)


def _atoms(
    column: Column, rows: Ints
) -> Ints | np.ndarray[tuple[int], np.dtype[np.float64]]:
    if column.part is Part.TIME and column.nature is Nature.TIME:
        return column.micro[rows]
    if column.nature is Nature.NUMBER and column.part is not Part.ENTITY:
        return column.numbers[rows]
    return column.codes[rows]


def _repeats(table: TableView) -> _Repeats | None:
    """Return the rows whose whole key is there and occurs more than once."""
    keys = _key_columns(table)
    if table.entity is None or (table.spec.time and table.time is None):
        return None
    whole = ~np.logical_or.reduce([column.missing for column in keys])
    rows = np.flatnonzero(whole)
    atoms = pd.DataFrame({i: _atoms(column, rows) for i, column in enumerate(keys)})
    rows = rows[atoms.duplicated(keep=False).to_numpy()]
    return _Repeats(
        positions=rows,
        key=_numbers(keys, rows),
        content=_numbers(list(table.columns), rows),
    )


def duplicate_rows(table: TableView) -> Iterable[Draft] | None:
    """Find rows that are equal to another one in every column."""
    repeats = _repeats(table)
    if repeats is None:
        return None
    content = repeats.content
    again = pd.Series(content).duplicated().to_numpy()
    n = int(again.sum())
    if not n:
        return ()
    twice = pd.Series(content).duplicated(keep=False).to_numpy()
    few = table.spec.role == "events" and n < _FEW * len(table)
    return [
        Draft(
            severity=Severity.NOTE if few else Severity.WARNING,
            place=table.name,
            message=f"{counted(n, 'row')} repeat{'s' if n == 1 else ''} another one "
            f"exactly ({percent(n / len(table))} of the table)",
            count=n,
            evidence=table.evidence(repeats.positions[twice]),
        )
    ]


def conflicting_keys(table: TableView) -> Iterable[Draft] | None:
    """Find keys with rows that contradict each other; exact copies are DS201's."""
    repeats = _repeats(table)
    if repeats is None:
        return None
    frame = pd.DataFrame({"key": repeats.key, "content": repeats.content})
    versions = frame.groupby("key")["content"].transform("nunique").to_numpy()
    clash = versions > 1
    if not clash.any():
        return ()
    n = int(frame.loc[clash, "key"].nunique())
    names = listed([c.name for c in _key_columns(table)])
    return [
        Draft(
            severity=Severity.WARNING,
            place=table.name,
            message=f"{counted(n, 'key')} ({names}) "
            f"{'has' if n == 1 else 'have'} rows that contradict each other, "
            f"{counted(int(clash.sum()), 'row')} in all",
            count=n,
            evidence=table.evidence(repeats.positions[clash]),
        )
    ]


def several_kinds(table: TableView) -> Iterable[Draft] | None:
    """Note events of several kinds at one instant of one entity."""
    if table.kind is None or table.spec.role != "events" or not table.dated:
        return None
    same = (np.diff(table.who) == 0) & (np.diff(table.micro) == 0)
    start = np.append(True, ~same)
    group = np.cumsum(start) - 1
    seen = pd.DataFrame({"group": group, "kind": table.what}).drop_duplicates()
    kinds = np.bincount(seen["group"].to_numpy())
    several = np.flatnonzero(kinds > 1)
    if not len(several):
        return ()
    n, instants = len(several), len(kinds)
    share = n / instants
    return [
        Draft(
            severity=Severity.NOTE,
            place=f"{table.name}.{table.kind.name}",
            message=f"{counted(n, 'instant')} of {instants:,} ({percent(share)}) hold "
            f"rows of several kinds for one {table.spec.entity}, up to "
            f"{int(kinds.max())}",
            count=n,
            evidence=table.evidence(table.rows[np.isin(group, several)]),
        )
    ]


def missing_keys(table: TableView) -> Iterable[Draft] | None:
    """Find rows without an id or a time: they are in no feature and no label."""
    columns = [c for c in (table.entity, table.time) if c is not None]
    if not columns or not len(table):
        return None
    return [
        Draft(
            severity=Severity.WARNING,
            place=column.place,
            message=f"{counted(n, 'row')} of {len(table):,} have no {column.part}; "
            "they count nowhere",
            count=n,
            evidence=table.evidence(np.flatnonzero(column.missing)),
        )
        for column in columns
        if (n := int(column.missing.sum()))
    ]


def structure(table: TableView) -> Iterable[Draft] | None:
    """Find empty tables, columns that are not there, and names that repeat."""
    drafts = []
    names = [column.name for column in table.columns]
    spec = table.spec
    measured = spec.values  # noqa: PD011  # the scope's, no Series'
    wanted = [spec.entity, spec.time, spec.kind, *measured]
    lacking = [name for name in wanted if name is not None and name not in names]
    if lacking:
        drafts.append(
            Draft(
                severity=Severity.ERROR,
                place=table.name,
                message=f"the scope names {listed(map(repr, lacking), 10)}, the "
                "columns "
                f"are {listed(map(repr, names), 10)}",
                count=len(lacking),
                advice="correct the name in scope.yaml, or the table",
            )
        )
    again = sorted({name for name in names if names.count(name) > 1})
    if again:
        drafts.append(
            Draft(
                severity=Severity.WARNING,
                place=table.name,
                message=f"{listed(map(repr, again))} names more than one column; only "
                "the first is used as a key",
                count=len(again),
                advice="rename the columns on loading",
            )
        )
    if not len(table):
        drafts.append(
            Draft(
                severity=Severity.ERROR,
                place=table.name,
                message="the table has no rows",
                count=0,
            )
        )
    return drafts


RULES: tuple[Rule[TableView], ...] = (
    Rule(
        code="DS100",
        title="empty table, missing or repeated columns",
        looks_at="table",
        needs="a table",
        advice="check how the table is exported and loaded",
        check=structure,
    ),
    Rule(
        code="DS201",
        title="exact duplicate rows",
        looks_at="table",
        needs="a table with the key columns of the scope",
        advice="drop the surplus on loading; ask whether an export ran twice",
        check=duplicate_rows,
    ),
    Rule(
        code="DS202",
        title="rows that contradict each other",
        looks_at="table",
        needs="a table with the key columns of the scope",
        advice="ask which version holds, and when it was known",
        check=conflicting_keys,
    ),
    Rule(
        code="DS203",
        title="several kinds at one instant",
        looks_at="log",
        needs="a log of events with kinds",
        advice="decide whether that is one event or several before counting",
        check=several_kinds,
    ),
    Rule(
        code="DS208",
        title="rows without id or time",
        looks_at="table",
        needs="a table with an id or time column",
        advice="ask where they come from; a whole group may be lost this way",
        check=missing_keys,
    ),
)
