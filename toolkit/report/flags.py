"""The red flags of the runs, by severity."""

from dataclasses import dataclass

from toolkit.publish.results import PublishedFinding
from toolkit.report.latest import Latest
from toolkit.report.numerals import number
from toolkit.report.texts import text

_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagView:
    """A red flag to show."""

    flag: PublishedFinding
    count: str
    run: int


def build_flags(latest: Latest) -> tuple[tuple[str, tuple[FlagView, ...]], ...]:
    """Return the red flags by severity, open ones first, each once."""
    views: dict[tuple[str, str, str], FlagView] = {}
    for run in latest.shown:
        for flag in run.results.findings:
            count = text("flag_count", count=number(flag.count)) if flag.count else ""
            view = FlagView(flag=flag, count=count, run=run.number)
            views.setdefault((flag.code, flag.place, flag.message), view)
    known = [*_SEVERITIES, *sorted({v.flag.severity for v in views.values()})]
    groups = []
    for severity in dict.fromkeys(known):
        group = [view for view in views.values() if view.flag.severity == severity]
        group.sort(key=lambda view: (view.flag.accepted is not None, -view.flag.count))
        groups += [(severity, tuple(group))] if group else []
    return tuple(groups)
