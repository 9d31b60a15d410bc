"""DS204 to DS207, DS209, DS210: ids across tables, and attributes of entities."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import MAX_EVIDENCE_ROWS, Severity
from toolkit.analysis.sanity.categories import id_skeleton
from toolkit.analysis.sanity.columns import Nature, Part
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.tables import TableView
from toolkit.analysis.sanity.wording import counted, listed, percent
from toolkit.analysis.sanity.world import World

_STATIC = 0.95  # of the entities have one value: then the others changed
_EXPECTED = 20  # events that a group should have had
_AGING = re.compile(
    r"(^|[^a-z])(ages?|tenure|years?|mileage|odometer|cycles|hours|since)($|[^a-z])"
)
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FEW = 20


def unknown_ids(world: World) -> Iterable[Draft] | None:
    """Find ids that no entity table lists."""
    if not world.entities or not world.dated:
        return None
    known = {text for table in world.entities for text in table.ids}
    drafts = []
    for table in world.dated:
        foreign = np.array([text not in known for text in table.ids])
        if not foreign.any():
            continue
        rows = np.flatnonzero(np.append(foreign, False)[table.entity_codes])
        share = len(rows) / len(table)
        ids = table.ids[foreign]
        drafts.append(
            Draft(
                severity=Severity.ERROR if foreign.all() else Severity.WARNING,
                place=f"{table.name}.{table.spec.entity}",
                message=f"{counted(len(ids), 'id')} "
                f"({listed(map(repr, map(str, ids)))}) "
                f"{'is' if len(ids) == 1 else 'are'} in no table of entities; their "
                f"{counted(len(rows), 'row')} ({percent(share)}) count nowhere",
                count=len(rows),
                evidence=table.evidence(rows),
            )
        )
    return drafts


def silent_entities(world: World) -> Iterable[Draft] | None:
    """Find entities of which no dated table has a row."""
    if not world.entities or not world.dated:
        return None
    seen = {text for table in world.dated for text in table.ids}
    drafts = []
    for table in world.entities:
        silent = [text for text in table.ids if text not in seen]
        if silent:
            n, all_ = len(silent), len(table.ids)
            drafts.append(
                Draft(
                    severity=Severity.NOTE if n < all_ else Severity.ERROR,
                    place=f"{table.name}.{table.spec.entity}",
                    message=f"{counted(n, 'entity')} of {all_:,} ({percent(n / all_)}) "
                    f"{'is' if n == 1 else 'are'} in no other table: "
                    f"{listed(silent)}",
                    count=n,
                    evidence=pd.DataFrame({table.spec.entity: silent}),
                )
            )
    return drafts


def look_alikes(world: World) -> Iterable[Draft] | None:
    """Find ids that differ by case, blanks, leading zeros, or O for 0."""
    if not len(world.ids):
        return None
    frame = pd.DataFrame({"id": world.ids, "looks like": map(id_skeleton, world.ids)})
    twins = frame[frame["looks like"].duplicated(keep=False)]
    if twins.empty:
        return ()
    n = int(twins["looks like"].nunique())
    twins = twins.sort_values(["looks like", "id"]).head(MAX_EVIDENCE_ROWS)
    homes = [
        [t.name for t in world.tables if (t.ids == text).any()] for text in twins["id"]
    ]
    first = twins.loc[twins["looks like"] == twins["looks like"].iloc[0], "id"]
    return [
        Draft(
            severity=Severity.WARNING,
            place=world.tables[0].spec.entity,
            message=f"{counted(n, 'id')} {'has' if n == 1 else 'have'} look-alikes, "
            "such "
            f"as {listed(map(repr, map(str, first)))}",
            count=n,
            evidence=twins.assign(tables=[listed(names, 10) for names in homes]),
        )
    ]


def changing_attributes(table: TableView) -> Iterable[Draft] | None:
    """Find attributes of an entity that hold still for most and change for some."""
    entity = table.entity
    if entity is None or len(table) < _FEW or len(table.ids) == len(table):
        return None
    drafts = []
    for column in table.columns:
        if column.nature is not Nature.TEXT or column.part is not Part.OTHER:
            continue
        known = (entity.codes >= 0) & (column.codes >= 0)
        pairs = pd.DataFrame({"id": entity.codes[known], "value": column.codes[known]})
        rows = pairs["id"].value_counts()
        values = pairs.drop_duplicates()["id"].value_counts()
        values = values[rows.reindex(values.index) > 1]
        changed = values[values > 1]
        if changed.empty or len(changed) > (1 - _STATIC) * len(values):
            continue
        ids = table.ids[np.sort(changed.index.to_numpy())]
        at = np.flatnonzero(np.isin(entity.codes, changed.index.to_numpy()))
        drafts.append(
            Draft(
                severity=Severity.WARNING,
                place=column.place,
                message=f"{column.name} never changes for "
                f"{counted(len(values) - len(changed), 'entity')}, but does for "
                f"{len(changed):,} ({listed(ids)})",
                count=len(changed),
                evidence=table.evidence(at),
            )
        )
    return drafts


def undated_attributes(world: World) -> Iterable[Draft] | None:
    """Note attributes that grow with time but bear no date."""
    if not world.entities:
        return None
    return [
        Draft(
            severity=Severity.NOTE,
            place=column.place,
            message=f"{column.name} grows with time, but the table bears no date: as "
            "of "
            "which day is it?",
            count=column.present,
        )
        for table in world.entities
        if table.spec.time is None
        for column in table.columns
        if column.nature is Nature.NUMBER
        and column.part is Part.OTHER
        and _AGING.search(_WORDS.sub("_", column.name).lower())
    ]


def absent_kinds(world: World) -> Iterable[Draft] | None:
    """Find kinds of events that a whole group of entities never has."""
    table, attributes = world.label, world.attributes()
    if table is None or table.kind is None or not attributes:
        return None
    codes = world.entity_codes(table)[table.who]
    drafts = []
    for place, values in attributes.items():
        cells = pd.crosstab(pd.Series(values[codes]), pd.Series(table.what))
        groups = pd.Series(values).value_counts()
        for kind, counts in cells.items():
            if int(str(kind)) < 0:
                continue
            size = groups.reindex(counts.index)
            expected = counts.sum() * size / size.sum()
            lacking = counts.index[(counts == 0) & (expected >= _EXPECTED)]
            lacking = lacking[lacking != ""]
            if lacking.empty:
                continue
            name = str(table.kinds[int(str(kind))])
            drafts.append(
                Draft(
                    severity=Severity.NOTE,
                    place=f"{table.name}[{name}]",
                    message=f"no row of {name!r} for {place} {listed(lacking)}, where "
                    f"{expected[lacking].sum():,.0f} were to be expected",
                    count=int(groups[lacking].sum()),
                    evidence=pd.DataFrame(
                        {
                            place: counts.index,
                            "entities": size.to_numpy(),
                            f"rows of {name}": counts.to_numpy(),
                        }
                    ),
                )
            )
    return drafts


WORLD_RULES: tuple[Rule[World], ...] = (
    Rule(
        code="DS204",
        title="ids in no table of entities",
        looks_at="set of tables",
        needs="a table of entities and a dated table",
        advice="ask for the missing entities; compare how both tables write an id",
        check=unknown_ids,
    ),
    Rule(
        code="DS205",
        title="entities without a row",
        looks_at="set of tables",
        needs="a table of entities and a dated table",
        advice="ask whether they exist and are recorded; else they only dilute the "
        "list",
        check=silent_entities,
    ),
    Rule(
        code="DS206",
        title="ids that look alike",
        looks_at="set of tables",
        needs="a table with ids",
        advice="ask whether they are one entity; map them on loading",
        check=look_alikes,
    ),
    Rule(
        code="DS209",
        title="kinds that a group never has",
        looks_at="set of tables",
        needs="a label with kinds, and categories of entities",
        advice="ask whether the group cannot have it or does not record it",
        check=absent_kinds,
    ),
    Rule(
        code="DS210",
        title="attributes that grow but bear no date",
        looks_at="set of tables",
        needs="a table of entities",
        advice="ask for the date of the export; a value from after the decision leaks",
        check=undated_attributes,
    ),
)
TABLE_RULES: tuple[Rule[TableView], ...] = (
    Rule(
        code="DS207",
        title="static attribute that changes",
        looks_at="table",
        needs="a table with several rows for an entity",
        advice="ask whether the id was reused or the entry corrected, and when",
        check=changing_attributes,
    ),
)
