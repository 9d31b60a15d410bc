"""One table as the checks see it: columns, keys, times, and rows in key order."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.findings import MAX_EVIDENCE_ROWS
from toolkit.analysis.sanity.columns import NEVER, Column, Ints, Mask, Part
from toolkit.scope import Scope, Table

DAY = 86_400_000_000  # microseconds
_FAR = 10  # times the widest gap among the others
_FEW = 20  # rows below which none is called a stray
_EDGE = 0.01  # share of rows that may be strays at either end


@dataclass(frozen=True, kw_only=True, eq=False)
class TableView:
    """A table with its role; nothing in it depends on the order of the rows."""

    spec: Table
    frame: pd.DataFrame
    timezone: str | None = None

    @property
    def name(self) -> str:
        """The table's name in the scope."""
        return self.spec.name

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns; of a repeated name, the first plays the part."""
        taken = set[str]()
        columns = []
        for position, label in enumerate(self.frame.columns):
            name = str(label)
            part = Part.OTHER if name in taken else self._part(name)
            taken.add(name)
            columns.append(
                Column(
                    table=self.name,
                    name=name,
                    part=part,
                    role=self.spec.role,
                    series=self.frame.iloc[:, position],
                    timezone=self.timezone,
                )
            )
        return tuple(columns)

    def _part(self, name: str) -> Part:
        measured = self.spec.values  # noqa: PD011  # the scope's, no Series'
        parts = {
            self.spec.entity: Part.ENTITY,
            self.spec.time: Part.TIME,
            self.spec.kind: Part.KIND,
        }
        return parts.get(name, Part.VALUE if name in measured else Part.OTHER)

    def _first(self, part: Part) -> Column | None:
        return next((column for column in self.columns if column.part is part), None)

    @property
    def entity(self) -> Column | None:
        """The column with the entities' ids."""
        return self._first(Part.ENTITY)

    @property
    def time(self) -> Column | None:
        """The column with the times."""
        return self._first(Part.TIME)

    @property
    def kind(self) -> Column | None:
        """The column that tells events apart."""
        return self._first(Part.KIND)

    @property
    def dated(self) -> bool:
        """Whether rows have a time and an entity, at least one of them readable."""
        return self.entity is not None and len(self.micro) > 0

    @cached_property
    def readable(self) -> Mask:
        """Rows whose entity and time can both be read, shape (n_rows,)."""
        entity, time = self.entity, self.time
        if entity is None or time is None:
            return np.zeros(len(self.frame), dtype=np.bool_)
        readable: Mask = (time.micro != NEVER) & (entity.codes >= 0)
        return readable

    @cached_property
    def rows(self) -> Ints:
        """Positions of the readable rows, by entity then time."""
        if self.entity is None or self.time is None:
            return np.empty(0, dtype=np.int64)
        positions = np.flatnonzero(self.readable)
        codes, micro = self.entity.codes[positions], self.time.micro[positions]
        step = np.diff(codes)
        if not ((step > 0) | ((step == 0) & (np.diff(micro) >= 0))).all():
            positions = positions[np.lexsort((micro, codes))]
        return positions

    @cached_property
    def micro(self) -> Ints:
        """Times of ``rows``, in microseconds since 1970."""
        time = self.time
        return np.empty(0, np.int64) if time is None else time.micro[self.rows]

    @cached_property
    def who(self) -> Ints:
        """Entity codes of ``rows``, ascending."""
        return (
            np.empty(0, np.int64)
            if self.entity is None
            else self.entity.codes[self.rows]
        )

    @property
    def entity_codes(self) -> Ints:
        """Code of each row's id among ``ids``; -1 where missing."""
        entity = self.entity
        return np.full(len(self.frame), -1) if entity is None else entity.codes

    @property
    def ids(self) -> npt.NDArray[np.object_]:
        """The distinct ids as texts, in the order of the codes."""
        return np.empty(0, object) if self.entity is None else self.entity.levels

    @cached_property
    def what(self) -> Ints:
        """Kind codes of ``rows``; zeros if the table has no kinds."""
        kind = self.kind
        return (
            np.zeros(len(self.rows), np.int64)
            if kind is None
            else kind.codes[self.rows]
        )

    @cached_property
    def kinds(self) -> npt.NDArray[np.object_]:
        """The kinds as texts, in the order of their codes."""
        return np.array([""], object) if self.kind is None else self.kind.levels

    @cached_property
    def days(self) -> Ints:
        """Calendar day of ``rows``, in days since 1970."""
        return self.micro // DAY

    @cached_property
    def months(self) -> Ints:
        """Calendar month of ``rows``, counted from the first one."""
        if not len(self.days):
            return self.days
        first = int(self.days.min())
        span = np.arange(first, int(self.days.max()) + 1).astype("datetime64[D]")
        month = span.astype("datetime64[M]").astype(np.int64)
        months: Ints = month[self.days - first] - month[0]
        return months

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """First and last time of the body, strays far from the rest left out.

        A stray is among the outermost 1 % of the rows and cut off by a gap of more
        than a day that is ten times as wide as any among the others.
        """
        ordered = np.sort(self.micro)
        n = len(ordered)
        if n < _FEW:
            return int(ordered[0]), int(ordered[-1])
        edge = max(1, int(_EDGE * n))
        inner = ordered[edge : n - edge]
        wide = np.diff(ordered) > max(DAY, _FAR * int(np.diff(inner).max()))
        before = np.flatnonzero(wide[:edge])
        after = np.flatnonzero(wide[n - 1 - edge :])
        start = before[-1] + 1 if len(before) else 0
        stop = n - 1 - edge + after[0] if len(after) else n - 1
        return int(ordered[start]), int(ordered[stop])

    @cached_property
    def in_body(self) -> Mask:
        """Which of ``rows`` lie within ``bounds``."""
        first, last = self.bounds
        return (self.micro >= first) & (self.micro <= last)

    def evidence(self, positions: Ints) -> pd.DataFrame:
        """Return up to ten of the rows, the same whatever order they came in."""
        keys = [c for c in (self.entity, self.time) if c is not None]
        if len(positions) > MAX_EVIDENCE_ROWS and keys:
            first = (c.micro if c.part is Part.TIME else c.codes for c in keys)
            order = np.lexsort([values[positions] for values in first])
            positions = positions[order[: 5 * MAX_EVIDENCE_ROWS]]
        shown = self.frame.iloc[positions].set_axis(range(len(self.columns)), axis=1)
        if not len(self.columns):
            return shown
        texts = shown.map(str).reset_index(drop=True)
        chosen = texts.sort_values(list(texts.columns)).index[:MAX_EVIDENCE_ROWS]
        names = [column.name for column in self.columns]
        return shown.iloc[chosen].set_axis(names, axis=1)


def view_tables(tables: Mapping[str, pd.DataFrame], scope: Scope) -> list[TableView]:
    """Return the tables that the scope names and that are there, in its order."""
    return [
        TableView(spec=spec, frame=tables[name], timezone=scope.decisions.timezone)
        for name, spec in scope.tables.items()
        if name in tables
    ]
