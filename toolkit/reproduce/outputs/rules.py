"""The named rules by which what a cell showed becomes comparable, in their order."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from toolkit.reproduce.outputs.paths import (
    hide_addresses,
    hide_cells,
    hide_colours,
    hide_packages,
    hide_places,
    hide_processes,
    hide_temporary,
    overwritten,
)
from toolkit.reproduce.outputs.stamps import Span, hide_stamps
from toolkit.reproduce.outputs.summaries import hide_summaries
from toolkit.reproduce.outputs.tables import hide_times
from toolkit.reproduce.outputs.words import hide_bars, hide_durations

NUMBER = 1  # of these rules; one more whenever a text comes out otherwise


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignore:
    """What a project takes out of its outputs, and why that is no result."""

    pattern: re.Pattern[str]
    replacement: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What the rules must know of an execution."""

    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    span: Span | None = None  # None: when it was executed is not known
    reads_clock: bool = False  # whether the notebook's source does
    ignored: tuple[Ignore, ...] = ()

    @property
    def seconds(self) -> float | None:
        """How long the execution took."""
        if self.span is None:
            return None
        return (self.span.ended - self.span.began).total_seconds()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One thing that no text is compared by; ``docs/outputs.md`` tells them all."""

    name: str
    apply: Callable[[str, Setting], str]


def normalise_text(text: str, setting: Setting) -> str:
    """Return a text without what two honest executions may show differently.

    Examples
    --------
    >>> normalise_text("<Model at 0x7f12a8c0d5e0> took 3.2 s, error 0.31", Setting())
    '<Model at <address>> took <duration>, error 0.31'
    """
    for rule in RULES:
        text = rule.apply(text, setting)
    return text


def _stripped(text: str) -> str:
    lines = (line.rstrip(" \t\f\v") for line in text.rstrip().split("\n"))
    return "\n".join(lines)


def _ignored(text: str, setting: Setting) -> str:
    for one in setting.ignored:
        text = one.pattern.sub(one.replacement, text)
    return text


def _durations(text: str, setting: Setting) -> str:
    return hide_durations(
        text, seconds=setting.seconds, reads_clock=setting.reads_clock
    )


RULES: tuple[Rule, ...] = (
    Rule(name="colours", apply=lambda text, _: hide_colours(text)),
    Rule(name="overwritten lines", apply=lambda text, _: overwritten(text)),
    Rule(name="progress bars", apply=lambda text, _: hide_bars(text)),
    Rule(name="places", apply=lambda text, s: hide_places(text, s.places)),
    Rule(name="cells", apply=lambda text, s: hide_cells(text, s.places)),
    Rule(name="packages", apply=lambda text, s: hide_packages(text, s.places)),
    Rule(name="temporary names", apply=lambda text, _: hide_temporary(text)),
    Rule(name="processes", apply=lambda text, _: hide_processes(text)),
    Rule(name="addresses", apply=lambda text, _: hide_addresses(text)),
    Rule(name="timed columns", apply=lambda text, _: hide_times(text)),
    Rule(name="durations", apply=_durations),
    Rule(name="summaries", apply=lambda text, s: hide_summaries(text, s.span)),
    Rule(name="time stamps", apply=lambda text, s: hide_stamps(text, s.span)),
    Rule(name="the project's own", apply=_ignored),
    Rule(name="trailing blanks", apply=lambda text, _: _stripped(text)),
)
