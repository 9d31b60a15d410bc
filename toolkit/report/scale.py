"""One scale with every reference on it, in percent, so that text keeps its size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from toolkit.report.numerals import Interval, Quantity, number
from toolkit.report.texts import text

Role = Literal["model", "bar", "random", "goal", "oracle"]

_ROW = 43  # px per mark
_TRACK = 30  # px from a row's top to its line
_AXIS = 30  # px for the ticks' labels
_FAR = 1.5  # an oracle beyond this many times the rest would squeeze the rest
_TICKS = 5
_NOTHING = 1e-12  # a shorter axis would have no room for its numbers


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A value to show, with the run that it is from (0: the scope)."""

    role: Role
    label: str
    value: float
    shown: Quantity
    interval: Interval | None = None
    run: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A mark's place: y in px, the rest in percent of the width."""

    mark: Mark
    text_y: int
    track_y: int
    x: float
    low: float | None
    width: float | None
    beyond: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A number of the axis and its place."""

    x: float
    label: str
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """A drawing of marks, and what it says to who cannot see it."""

    title: str
    description: str
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    zero: float
    height: int
    axis_y: int

    @property
    def goal(self) -> Row | None:
        """The row of the goal, whose line crosses all others."""
        return next((row for row in self.rows if row.mark.role == "goal"), None)


def draw_scale(marks: Sequence[Mark], *, metric: str) -> Scale:
    """Return where each mark stands; rows are ordered by value.

    An oracle far above all else is named at the edge instead of drawn to scale.
    """
    low, high = _limits(marks)
    step = _step(high - low)
    ordered = sorted(marks, key=lambda mark: mark.value)
    rows = [_row(mark, place, low, high) for place, mark in enumerate(ordered)]
    axis_y = _ROW * len(rows)
    return Scale(
        title=text("scale_title", metric=metric, low=number(low), high=number(high)),
        description="; ".join(_sentence(row) for row in rows),
        rows=tuple(rows),
        ticks=_ticks(low, high, step),
        zero=_position(0, low, high),
        height=axis_y + _AXIS,
        axis_y=axis_y,
    )


def _limits(marks: Sequence[Mark]) -> tuple[float, float]:
    """Return the ends of the axis, at whole steps around zero and all marks."""
    near = [bound for mark in marks if mark.role != "oracle" for bound in _bounds(mark)]
    far = [mark.value for mark in marks if mark.role == "oracle"]
    top = max([*near, 0.0])
    top = max([top, *(value for value in far if value <= _FAR * top or not near)])
    low = min([*near, 0.0])
    step = _step(top - low)
    first = math.floor(low / step)
    last = max(math.ceil(top / step * 1.02), first + 1)
    return step * first, step * last


def _bounds(mark: Mark) -> tuple[float, ...]:
    return (mark.value, *(mark.interval or ()))


def _step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten, about a fifth of the span.

    Examples
    --------
    >>> _step(3.0), _step(42.0), _step(0.0)
    (0.5, 10.0, 1.0)
    """
    if span < _NOTHING:
        return 1.0
    raw = span / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    return next(n * power for n in (1.0, 2.0, 5.0, 10.0) if n * power >= raw * 0.8)


def _ticks(low: float, high: float, step: float) -> tuple[Tick, ...]:
    count = round((high - low) / step)
    places = max(0, -math.floor(math.log10(step)))
    return tuple(
        Tick(
            x=_position(low + n * step, low, high),
            label=number(low + n * step, places),
            anchor="start" if n == 0 else "end" if n == count else "middle",
        )
        for n in range(count + 1)
    )


def _row(mark: Mark, place: int, low: float, high: float) -> Row:
    ends = [_position(bound, low, high) for bound in mark.interval or ()]
    return Row(
        mark=mark,
        text_y=_ROW * place + 18,
        track_y=_ROW * place + _TRACK,
        x=_position(mark.value, low, high),
        low=ends[0] if ends else None,
        width=round(ends[1] - ends[0], 3) if ends else None,
        beyond=not low <= mark.value <= high,
    )


def _position(value: float, low: float, high: float) -> float:
    """Return a value's place in percent, kept within the drawing."""
    return round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 3)


def _sentence(row: Row) -> str:
    span = f" ({row.mark.shown.span})" if row.mark.shown.span else ""
    beyond = f", {text('off_scale')}" if row.beyond else ""
    return f"{row.mark.label}: {row.mark.shown.value}{span}{beyond}"
