"""From tables to the panel: plan the columns, then fill one block of memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.analysis.decisions import ManyDecisionsError, decision_grid
from toolkit.analysis.features import (
    EventFeatures,
    Features,
    Grid,
    MeasurementFeatures,
    StaticFeatures,
    numbers_of,
    texts_of,
)
from toolkit.analysis.labels import label_events, label_log, label_rows
from toolkit.analysis.logs import MICROSECOND
from toolkit.analysis.panel import CUTOFF, ENTITY, Panel
from toolkit.analysis.sources import Source, Sources, read_sources
from toolkit.errors import ToolkitError
from toolkit.scope.durations import format_duration

if TYPE_CHECKING:
    from toolkit.scope import Scope

WINDOWS = (pd.Timedelta(days=7), pd.Timedelta(days=30))
MAX_ROWS = 20_000_000
_ROWS_AT_ONCE = 4096


@dataclass(eq=False)
class FeatureWindowError(ToolkitError, ValueError):
    """The trailing windows of the features make no sense."""

    found: tuple[str, ...]

    def __str__(self) -> str:
        return f"windows: found {self.found}, expected different lengths above zero"


def build_panel(
    tables: Mapping[str, pd.DataFrame],
    scope: "Scope",
    *,
    windows: Sequence[pd.Timedelta] = WINDOWS,
    end: pd.Timestamp | None = None,
) -> Panel:
    """Return the features known at each decision time, and the label after it.

    A record is known from its time plus its table's delay on. The rows are all
    entities that are present: every one of the entity table or, where that has times,
    every one whose first row has arrived. Records of other entities and records without
    a time are passed over; the data sanity checks report them. Naive times are read as
    the clock on the wall in ``decisions.timezone``.

    Decisions begin with the first that follows the first record of the label's table
    (before it, no row could be told from a negative one) unless ``decisions.first``
    says otherwise. The first decisions see only the part of each window that the
    tables cover; ``decisions.first`` is also the way to leave those out.

    Parameters
    ----------
    tables : mapping of names to DataFrames, such as ``datasets.load_tables`` returns
        Not changed. The order of the rows plays no part.
    scope : Scope
    windows : sequence of Timedelta, different, above zero
        Trailing windows (t - w, t] of elapsed time, counted by arrival.
    end : Timestamp, optional
        The end of observation: until when all that happened is in the tables. By
        default the last time of any event or measurement, for a quiet label table does
        not mean that nobody was looking. State it where it is known: one stray time
        in the future moves the default, and then unresolved rows are called negative.
        Decisions end there too.

    Returns
    -------
    Panel

    Raises
    ------
    MissingPartError : if a table or column is not there
    RepeatedEntityError : if an entity has several rows (at one time)
    TimeColumnError, EntityTypeError, NotNumericError : if a column has the wrong type
    ManyLevelsError : if a text column has too many levels for a column each
    FeatureWindowError : if a window repeats, or is not above zero
    NoRecordsError, NoDecisionsError, ManyDecisionsError, DecisionStepError
        see ``decision_grid``

    Examples
    --------
    >>> from toolkit import scope
    >>> asked = scope.parse('''
    ... horizon: 1 day
    ... capacity: 1
    ... decisions: {every: 1 day, ready_by: 07:00}
    ... tables:
    ...   pumps: {source: pumps.csv, role: entities, entity: pump}
    ...   stops: {source: stops.csv, role: events, entity: pump, time: at}
    ... label: {table: stops}
    ... evaluation: {window: growing, first_training: 7 days, test_length: 1 day,
    ...   step: 1 day, gap: 1 day}
    ... ''')
    >>> at = pd.to_datetime(["2015-01-01 06:00", "2015-01-03 06:00"])
    >>> tables = {"pumps": pd.DataFrame({"pump": [1]}),
    ...     "stops": pd.DataFrame({"pump": 1, "at": at})}
    >>> panel = build_panel(tables, asked, windows=[pd.Timedelta(days=7)])
    >>> panel.X.assign(y=panel.y).droplevel("entity").rename_axis(None).round(2)
                         stops count 7 days  stops days since    y
    2015-01-01 07:00:00                 1.0              0.04  0.0
    2015-01-02 07:00:00                 1.0              1.04  NaN
    """
    lengths = _lengths(windows)
    sources = read_sources(tables, scope)
    start, closed = sources.span(scope.label.table, end)
    times = decision_grid(scope.decisions, start=start, end=closed)
    grid = _grid(times, sources, lengths)
    plan: list[Features] = [
        StaticFeatures(
            table=sources.fixed.table, frame=sources.fixed.frame, log=sources.fixed.log
        ),
        *(_features(source, tuple(lengths)) for source in sources.timed.values()),
    ]
    label = sources.timed[scope.label.table]
    counted = label_log(label.log, label.frame, label.table, scope.label)
    horizon, delay = pd.Timedelta(scope.horizon), pd.Timedelta(label.table.delay)
    y = label_rows(
        grid,
        counted,
        horizon=horizon // MICROSECOND,
        delay=delay // MICROSECOND,
        end=int(pd.DatetimeIndex([closed]).as_unit("us").asi8[0]),
    )
    return Panel(
        X=_fill(plan, grid, times, sources.entities),
        y=y,
        events=label_events(counted, sources.entities, sources.zone),
        horizon=horizon,
        delay=delay,
        end=closed,
    )


def _lengths(windows: Sequence[pd.Timedelta]) -> dict[str, int]:
    """Return each window's text and its length in microseconds."""
    spans = [pd.Timedelta(window) for window in windows]
    texts = tuple(format_duration(span.to_pytimedelta()) for span in spans)
    if len(set(texts)) < len(texts) or any(span <= pd.Timedelta(0) for span in spans):
        raise FeatureWindowError(found=texts)
    return dict(zip(texts, (span // MICROSECOND for span in spans), strict=True))


def _grid(
    times: pd.DatetimeIndex, sources: Sources, windows: Mapping[str, int]
) -> Grid:
    """Return the cells, and which of them are rows: those of present entities."""
    count = len(times) * len(sources.entities)
    if count > MAX_ROWS:
        raise ManyDecisionsError(
            first=times[0],
            end=times[-1],
            count=count,
            limit=MAX_ROWS,
            counted="rows",
        )
    grid = Grid(cutoffs=times.asi8, n_entities=len(sources.entities), windows=windows)
    present = grid.seen(sources.fixed.log) > 0
    if present.all():
        return grid
    return Grid(
        cutoffs=grid.cutoffs,
        n_entities=grid.n_entities,
        windows=windows,
        present=present,
    )


def _features(source: Source, windows: tuple[str, ...]) -> Features:
    """Return what a timed table contributes, by its role."""
    table, frame, log = source.table, source.frame, source.log
    if table.role == "measurements":
        values = {
            column: numbers_of(frame, table, column)[log.rows]
            for column in table.values  # noqa: PD011  # no frame: a tuple
        }
        return MeasurementFeatures(
            table=table.name, log=log, values=values, windows=windows
        )
    kinds = np.full(len(log.rows), None, dtype=object)
    if table.kind is not None:
        kinds = texts_of(frame[table.kind].iloc[log.rows])
    return EventFeatures(table=table.name, log=log, kinds=kinds, windows=windows)


def _fill(
    plan: Sequence[Features],
    grid: Grid,
    times: pd.DatetimeIndex,
    entities: pd.Index,
) -> pd.DataFrame:
    """Write all features into one block, a row after the other in memory.

    Columns are first written one after the other, then turned into rows a few at a
    time: writing a column at once into rows is several times slower.
    """
    n_cells = len(times) * len(entities)
    cells = np.arange(n_cells) if grid.present is None else np.flatnonzero(grid.present)
    names = [name for features in plan for name in features.names]
    block = np.empty((len(cells), len(names)))
    scratch = np.empty((max(len(features.names) for features in plan), len(cells)))
    at = 0
    for features in plan:
        width = len(features.names)
        columns = scratch[:width]
        features.write(grid, columns.T)
        for row in range(0, len(cells), _ROWS_AT_ONCE):
            rows = slice(row, row + _ROWS_AT_ONCE)
            block[rows, at : at + width] = columns[:, rows].T
        at += width
    codes = [cells // max(len(entities), 1), cells % max(len(entities), 1)]
    index = pd.MultiIndex(
        levels=[times, entities],  # type: ignore[list-item]  # stubs miss Index
        codes=codes,  # type: ignore[arg-type]  # stubs miss arrays
        names=[CUTOFF, ENTITY],
        verify_integrity=False,
    )
    return pd.DataFrame(block, index=index, columns=names, copy=False)
