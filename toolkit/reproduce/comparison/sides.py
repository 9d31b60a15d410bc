"""The results of two executions against each other: which differ, and by how much."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit.publish.results import KINDS, PublishedFinding, Results
from toolkit.reproduce.comparison.difference import Difference, DifferenceKind
from toolkit.reproduce.comparison.figures import compare_figures
from toolkit.reproduce.comparison.outputs import compare_cells, compare_outputs
from toolkit.reproduce.comparison.results import compare_findings, compare_metrics
from toolkit.reproduce.comparison.tables import compare_tables
from toolkit.reproduce.outputs.cells import CellOutput
from toolkit.reproduce.records.record import CellRecord

__all__ = [
    "Difference",
    "DifferenceKind",
    "Side",
    "compare",
    "first_cell",
    "place_of",
    "published_in",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """What one execution, or the record of one, has to show."""

    results: Results = field(default_factory=Results)
    outputs: tuple[CellOutput, ...] = ()
    cells: tuple[CellRecord, ...] = ()
    folder: Path | None = None  # holds tables/ and figures/; None: not at hand

    @property
    def publishes(self) -> bool:
        """Whether anything was published."""
        one = self.results
        return bool(one.metrics or one.tables or one.figures or one.findings)


def compare(
    before: Side,
    after: Side,
    *,
    places: Mapping[str, int] | None = None,
    until: int | None = None,
) -> tuple[Difference, ...]:
    """Return all in which two executions differ: cells first, then results, outputs.

    Metrics agree exactly, or within the tolerance that was published *before*; tables
    by content, figures by what was plotted, findings by code and place. What the cells
    show decides only where nothing is published; elsewhere it is worth a note.

    Parameters
    ----------
    before, after : an execution, or what a record keeps of one
    places : where each result was published, as ``published_in`` gives it
    until : the last cell that was executed in both; later ones are not compared
    """
    known = dict(places or {})
    decide = not (before.publishes or after.publishes)
    sides = [_until(side, known, until) for side in (before, after)]
    old, now = (side.results for side in sides)
    folders = before.folder, after.folder
    found = [
        *compare_cells(sides[0].cells, sides[1].cells),
        *compare_metrics(old.metrics, now.metrics),
        *compare_tables(old.tables, now.tables, folders),
        *compare_figures(old.figures, now.figures, folders),
        *compare_findings(old.findings, now.findings),
        *compare_outputs(sides[0].outputs, sides[1].outputs, decide=decide),
    ]
    return tuple(
        replace(one, cell=known.get(place_of(one.kind, one.name)))
        if one.cell is None
        else one
        for one in found
    )


def first_cell(
    differences: Iterable[Difference], places: Mapping[str, int] | None = None
) -> int | None:
    """Return the earliest cell that parts; None if no difference has a cell.

    Parameters
    ----------
    differences : give those that decide, to leave notes out
    places : where each result was published, if ``compare`` was not told
    """
    known = places or {}
    cells = (
        known.get(place_of(one.kind, one.name)) if one.cell is None else one.cell
        for one in differences
    )
    return min((cell for cell in cells if cell is not None), default=None)


def published_in(
    cells: Sequence[Mapping[str, Any]],
    source_index: Callable[[int], int] = lambda index: index,
) -> dict[str, int]:
    """Return the cell that published each result, by :func:`place_of`.

    Parameters
    ----------
    cells : of the executed notebook, as they lie in its JSON
    source_index : gives the index in the source notebook of an executed cell
    """
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        for kind, payload in _payloads(cell):
            named = payload.get("name")
            if kind == "finding":
                named = f"{payload.get('code')} {payload.get('place')}"
            found.setdefault(place_of(kind, str(named)), source_index(index))
    return found


def place_of(kind: str, name: str) -> str:
    """Return the key of a result: names are unique among results of a kind only.

    Examples
    --------
    >>> place_of("metric", "hit_rate")
    'metric hit_rate'
    """
    return f"{kind} {name}"


def _payloads(cell: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for output in cell.get("outputs") or ():
        for mime, payload in (output.get("data") or {}).items():
            if mime in KINDS and isinstance(payload, Mapping):
                yield KINDS[mime].kind, payload


def _until(side: Side, places: Mapping[str, int], until: int | None) -> Side:
    if until is None:
        return side

    def kept(kind: str, name: str) -> bool:
        cell = places.get(place_of(kind, name))
        return cell is not None and cell <= until

    one = side.results
    results = Results(
        metrics=tuple(m for m in one.metrics if kept("metric", m.name)),
        tables=tuple(t for t in one.tables if kept("table", t.name)),
        figures=tuple(f for f in one.figures if kept("figure", f.name)),
        findings=tuple(f for f in one.findings if kept("finding", _place(f))),
    )
    return replace(
        side,
        results=results,
        outputs=tuple(o for o in side.outputs if o.cell <= until),
        cells=tuple(c for c in side.cells if c.index <= until),
    )


def _place(finding: PublishedFinding) -> str:
    return f"{finding.code} {finding.place}"
