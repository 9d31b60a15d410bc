"""The red flags of the runs, by severity."""

from dataclasses import dataclass
from typing import TypeAlias

from toolkit.publish.results import PublishedFinding, Severity
from toolkit.report.latest import Latest
from toolkit.report.numerals import number
from toolkit.report.texts import text

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagView:
    """A red flag to show."""

    flag: PublishedFinding
    count: str
    run: int


Groups: TypeAlias = tuple[tuple[Severity, tuple[FlagView, ...]], ...]


def build_flags(latest: Latest) -> Groups:
    """Return the red flags by severity, open ones first, each once."""
    views: dict[tuple[str, str, str], FlagView] = {}
    for run in latest.shown:
        for flag in run.results.findings:
            count = text("flag_count", count=number(flag.count)) if flag.count else ""
            view = FlagView(flag=flag, count=count, run=run.number)
            views.setdefault((flag.code, flag.place, flag.message), view)
    groups: dict[Severity, list[FlagView]] = {severity: [] for severity in SEVERITIES}
    for view in views.values():
        groups[view.flag.severity].append(view)
    for group in groups.values():
        group.sort(key=lambda view: (view.flag.accepted is not None, -view.flag.count))
    return tuple((name, tuple(group)) for name, group in groups.items() if group)
