"""Metrics and findings of two executions against each other."""

from collections.abc import Iterator, Sequence

from toolkit.publish.results import Metric, PublishedFinding
from toolkit.reproduce.comparison.difference import (
    Difference,
    DifferenceKind,
    change,
    number_texts,
    quoted,
    same_bits,
)

_FACTS = ("unit", "direction", "level", "tolerance", "description")
_FINDING_FACTS = ("severity", "message", "count", "accepted", "advice")


def compare_metrics(
    before: Sequence[Metric], after: Sequence[Metric]
) -> Iterator[Difference]:
    """Yield each metric that differs by more than its tolerance of before allows."""
    later = {metric.name: metric for metric in after}
    for metric in before:
        other = later.pop(metric.name, None)
        if other is None:
            yield gone("metric", metric.name, repr(metric.value))
        else:
            yield from _metric(metric, other)
    for metric in later.values():
        yield new("metric", metric.name, repr(metric.value))


def compare_findings(
    before: Sequence[PublishedFinding], after: Sequence[PublishedFinding]
) -> Iterator[Difference]:
    """Yield each finding, by code and place, that is gone, new, or says otherwise."""
    later = _by_place(after)
    for name, found in _by_place(before).items():
        others = later.pop(name, [])
        yield from _findings(name, found, others)
    for name, found in later.items():
        yield from _findings(name, [], found)


def gone(kind: DifferenceKind, name: str, before: str) -> Difference:
    """Return the difference of a result that is not there any more."""
    return Difference(
        kind=kind,
        name=name,
        cell=None,
        before=before,
        after="",
        how_much=f"{name}: published before, not any more",
    )


def new(kind: DifferenceKind, name: str, after: str) -> Difference:
    """Return the difference of a result that was not there before."""
    return Difference(
        kind=kind,
        name=name,
        cell=None,
        before="",
        after=after,
        how_much=f"{name}: not published before",
    )


def facts_differ(
    kind: DifferenceKind, name: str, facts: Sequence[str], before: object, after: object
) -> Iterator[Difference]:
    """Yield the first of some attributes in which two results differ."""
    for fact in facts:
        old, now = getattr(before, fact), getattr(after, fact)
        if old != now:
            yield Difference(
                kind=kind,
                name=name,
                cell=None,
                before=str(old),
                after=str(now),
                how_much=f"{name}: its {fact} {_told(old)} → {_told(now)}",
            )
            return


def _told(value: object) -> str:
    return quoted(value) if isinstance(value, str) else str(value).lower()


def _metric(before: Metric, after: Metric) -> Iterator[Difference]:
    allowed = before.tolerance or 0.0
    name = before.name
    if not _agree(before.value, after.value, allowed):
        yield _moved(name, name, before.value, after.value, allowed)
        return
    old, now = before.interval, after.interval
    if (old is None) != (now is None):
        yield from facts_differ("metric", name, ("interval",), before, after)
    elif old is not None and now is not None:
        for end, low, high in zip(("low", "high"), old, now, strict=True):
            if not _agree(low, high, allowed):
                what = f"{name}, {end} end of its interval"
                yield _moved(name, what, low, high, allowed)
                return
    yield from facts_differ("metric", name, _FACTS, before, after)


def _agree(before: float, after: float, allowed: float) -> bool:
    if same_bits(before, after):
        return True
    # the tolerance is written in decimals: 0.3 and 0.2 differ by no more than 0.1
    return bool(allowed) and abs(after - before) <= allowed * (1 + 1e-12) + _ulp(before)


def _ulp(value: float) -> float:
    return abs(value) * 2.0**-52


def _moved(
    name: str, what: str, before: float, after: float, allowed: float
) -> Difference:
    old, now = number_texts(before, after)
    beyond = f"; beyond the tolerance {allowed:g}" if allowed else ""
    return Difference(
        kind="metric",
        name=name,
        cell=None,
        before=repr(before),
        after=repr(after),
        how_much=f"{what}: {old} → {now}, {change(before, after)}{beyond}",
    )


def _by_place(
    findings: Sequence[PublishedFinding],
) -> dict[str, list[PublishedFinding]]:
    found: dict[str, list[PublishedFinding]] = {}
    for one in findings:
        found.setdefault(f"{one.code} {one.place}", []).append(one)
    return found


def _findings(
    name: str, before: Sequence[PublishedFinding], after: Sequence[PublishedFinding]
) -> Iterator[Difference]:
    for old, now in zip(before, after, strict=False):
        yield from facts_differ("finding", name, _FINDING_FACTS, old, now)
    for one in before[len(after) :]:
        yield gone("finding", name, one.message)
    for one in after[len(before) :]:
        yield new("finding", name, one.message)
