"""All tables of a scope together: ids across tables, label events, one calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.sanity.columns import Ints, Mask, Part
from toolkit.analysis.sanity.tables import TableView, view_tables
from toolkit.scope import Scope

SECOND = 1_000_000  # microseconds


@dataclass(frozen=True, kw_only=True, eq=False)
class Log:
    """Rows of one table as events, sorted by entity, second and kind.

    ``entity`` counts among the world's ids, ``kind`` among the table's kinds.
    """

    table: TableView
    name: str  # the table, or "table[kind]"
    entity: Ints
    second: Ints
    kind: Ints

    def __len__(self) -> int:
        return len(self.entity)


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """The tables and the scope that says what they are."""

    scope: Scope
    tables: tuple[TableView, ...]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame], scope: Scope) -> "World":
        """Return the world of the tables that the scope names."""
        return cls(scope=scope, tables=tuple(view_tables(tables, scope)))

    @property
    def entities(self) -> tuple[TableView, ...]:
        """The tables that list entities, with a readable id column."""
        return tuple(t for t in self.tables if t.spec.role == "entities" and len(t.ids))

    @property
    def dated(self) -> tuple[TableView, ...]:
        """The tables whose rows have an entity and a time."""
        return tuple(t for t in self.tables if t.spec.role != "entities" and t.dated)

    @cached_property
    def ids(self) -> npt.NDArray[np.object_]:
        """Every id of every table as text, sorted."""
        texts = {text for table in self.tables for text in table.ids}
        return np.array(sorted(texts), dtype=object)

    def entity_codes(self, table: TableView) -> Ints:
        """Return positions among ``ids``, one for each id of the table."""
        return np.searchsorted(self.ids, table.ids).astype(np.int64)

    @property
    def label(self) -> TableView | None:
        """The dated table with the events to announce."""
        name = self.scope.label.table
        return next((t for t in self.dated if t.name == name), None)

    @cached_property
    def is_event(self) -> Mask:
        """Which rows of the label's table are events to announce."""
        table = self.label
        if table is None:
            return np.zeros(0, dtype=np.bool_)
        kinds = self.scope.label.kinds
        if not kinds or table.kind is None:
            return np.ones(len(table.rows), dtype=np.bool_)
        wanted = np.isin(table.kinds.astype(str), list(map(str, kinds)))
        return np.append(wanted, False)[table.what]  # a missing kind is code -1

    @cached_property
    def events(self) -> Log | None:
        """The label's events."""
        table = self.label
        if table is None or not self.is_event.any():
            return None
        return self.log(table, self.is_event)

    @cached_property
    def logs(self) -> tuple[Log, ...]:
        """Every other log of events, and the rows beside the label in its table."""
        logs = [
            self.log(t)
            for t in self.dated
            if t.spec.role == "events" and t is not self.label
        ]
        table = self.label
        if table is not None and not self.is_event.all():
            others = self.log(table, ~self.is_event)
            logs.append(others)
        return tuple(logs)

    def log(self, table: TableView, mask: Mask | None = None, name: str = "") -> Log:
        """Return the rows of a table, or those of a mask, as a log."""
        keep = slice(None) if mask is None else mask
        entity = self.entity_codes(table)[table.who[keep]]
        second = table.micro[keep] // SECOND
        kind = table.what[keep]
        order = np.lexsort((kind, second, entity))
        return Log(
            table=table,
            name=name or table.name,
            entity=entity[order],
            second=second[order],
            kind=kind[order],
        )

    @property
    def evaluated(self) -> tuple[int, int]:
        """First and last day, since 1970, that the decisions' outcomes can reach."""
        decisions = self.scope.decisions
        far = np.iinfo(np.int32).max
        horizon = -(-self.scope.horizon // pd.Timedelta(days=1).to_pytimedelta())
        first = -far if decisions.first is None else _day(decisions.first)
        last = far if decisions.last is None else _day(decisions.last) + horizon
        return first, last

    def attributes(self, *, most: int = 20) -> dict[str, npt.NDArray[np.object_]]:
        """Return, by place, each category of the entity tables for every id."""
        found: dict[str, npt.NDArray[np.object_]] = {}
        for table in self.entities:
            for column in table.columns:
                if column.part is not Part.OTHER or not 1 < len(column.levels) <= most:
                    continue
                values = np.full(len(self.ids), "", dtype=object)
                known = (table.entity_codes >= 0) & (column.codes >= 0)
                at = self.entity_codes(table)[table.entity_codes[known]]
                values[at] = column.levels[column.codes[known]]
                found[column.place] = values
        return found


def _day(when: object) -> int:
    return int(np.datetime64(str(when), "D").astype(np.int64))
