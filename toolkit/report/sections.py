"""Where each result stands: by its name if that is known, else by its notebook."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from toolkit.report.figures import FigureView, view_figures
from toolkit.report.latest import Latest
from toolkit.report.numerals import quantity
from toolkit.report.runs import Run
from toolkit.report.tables import TableView, view_table
from toolkit.report.texts import label

T = TypeVar("T")

Section = Literal["money", "flags", "tried", "errors", "next", "provenance", "other"]

_PLACES: dict[Section, tuple[str, ...]] = {
    "money": ("money", "sensitivity", "money_sensitivity"),
    "flags": ("sanity_summary",),
    "tried": (
        "comparison",
        "hit_rate_by_week",
        "cumulative_gain",
        "calibration_at_top",
        "pipeline",
        "fit_warnings",
        "folds",
        "calibration",
    ),
    "errors": (
        "error_classes",
        "segments",
        "missed_segments",
        "false_alarm_segments",
        "worst_miss",
        "worst_misses",
        "worst_false_alarms",
        "importance",
    ),
    "next": ("backlog",),
    "provenance": ("contract",),
}
_SECTION_OF = {name: section for section, names in _PLACES.items() for name in names}
_ORDER = {name: n for names in _PLACES.values() for n, name in enumerate(names)}


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberView:
    """One row of the list of all numbers."""

    label: str
    value: str
    span: str
    unit: str
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """All numbers of one run."""

    notebook: str
    run: int
    rows: tuple[NumberView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """What a section shows, in order."""

    figures: tuple[FigureView, ...] = ()
    tables: tuple[TableView, ...] = ()
    numbers: tuple[Numbers, ...] = ()


def build_blocks(
    latest: Latest, *, success: str, currency: str
) -> dict[Section, Block]:
    """Return every section's tables, figures and numbers."""
    homes = {run.number: _home(run, success) for run in latest.shown}
    figures = view_figures(latest.shown)
    blocks = {}
    for section in (*_PLACES, "other"):
        tables = [
            (table.name, view_table(table, run))
            for run in latest.shown
            for table in run.results.tables
            if _SECTION_OF.get(table.name, homes[run.number]) == section
        ]
        blocks[section] = Block(
            figures=_sort(
                (name, view)
                for name, view in figures
                if _SECTION_OF.get(name, homes[view.run]) == section
            ),
            tables=_sort(tables),
            numbers=tuple(
                _numbers(run, currency)
                for run in latest.shown
                if run.results.metrics and homes[run.number] == section
            ),
        )
    return blocks


def _home(run: Run, success: str) -> Section:
    """Return the section of what a run published under unknown names."""
    if run.metric(success) is not None:
        return "tried"
    tables = [table.name for table in run.results.tables]
    names = [*tables, *(figure.name for figure in run.results.figures)]
    sections = [_SECTION_OF[name] for name in names if name in _SECTION_OF]
    if "errors" in sections or "next" in sections:
        return "errors"
    return "flags" if run.results.findings or "flags" in sections else "other"


def _sort(named: Iterable[tuple[str, T]]) -> tuple[T, ...]:
    ordered = sorted(named, key=lambda pair: _ORDER.get(pair[0], len(_ORDER)))
    return tuple(view for _, view in ordered)


def _numbers(run: Run, currency: str) -> Numbers:
    rows = []
    for metric in run.results.metrics:
        shown = quantity(metric.value, metric.unit, metric.interval, currency=currency)
        rows.append(
            NumberView(
                label=label(metric.name),
                value=shown.value,
                span=shown.span,
                unit=shown.unit,
                description=metric.description,
            )
        )
    return Numbers(notebook=label(run.stem), run=run.number, rows=tuple(rows))
