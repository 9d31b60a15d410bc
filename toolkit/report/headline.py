"""The first screen: the metric, its references on one scale, and the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.publish.results import Metric
from toolkit.report.latest import Latest
from toolkit.report.numerals import Quantity, decimals, number, percent, quantity
from toolkit.report.runs import Run
from toolkit.report.scale import Mark, Role, Scale, draw_scale
from toolkit.report.texts import label, meaning, text
from toolkit.report.verdict import Evidence, Verdict, judge
from toolkit.scope import Scope, format_duration

_REFERENCES: tuple[Role, ...] = ("bar", "random", "oracle")
_SCOPE = 0  # instead of a run's number: the value is the scope's


@dataclass(frozen=True, kw_only=True, slots=True)
class Headline:
    """What a client reads first."""

    metric: str
    meaning: str
    shown: Quantity
    span: str  # "95 % interval: 0.86 to 1.19"
    run: int
    verdict: Verdict
    scale: Scale


@dataclass(frozen=True, kw_only=True, slots=True)
class _Numbers:
    """The success metric with what it is held against; each with its run's number."""

    metric: Metric
    run: Run
    references: Mapping[Role, tuple[Metric, int]]
    goal: float
    unit: str
    currency: str

    @property
    def places(self) -> int:
        return decimals(self.metric.value, self.metric.interval)


def build_headline(latest: Latest, scope: Scope) -> Headline | None:
    """Return the first screen, or None if the success metric is not published."""
    numbers = _gather(latest, scope)
    if numbers is None:
        return None
    metric = numbers.metric
    own = _mark(numbers, "model", label(numbers.run.stem), (metric, numbers.run.number))
    others = [
        _mark(numbers, role, text(f"mark_{role}"), found)
        for role, found in numbers.references.items()
    ]
    return Headline(
        metric=label(metric.name),
        meaning=_meaning(metric, scope),
        shown=own.shown,
        span=span_text(metric, own.shown),
        run=numbers.run.number,
        verdict=judge(_evidence(latest, numbers)),
        scale=draw_scale([own, *others], metric=label(metric.name)),
    )


def entities(scope: Scope) -> str:
    """Return the name of the table of entities, the scope's word for them."""
    return next(
        table.name for table in scope.tables.values() if table.role == "entities"
    )


def span_text(metric: Metric, shown: Quantity) -> str:
    """Return the interval of a number in words."""
    if not shown.span:
        return text("no_interval")
    return text("interval", level=percent(metric.level), span=shown.span)


def _gather(latest: Latest, scope: Scope) -> _Numbers | None:
    success = scope.stated_success
    found = latest.metric(success.metric) if success else None
    if success is None or found is None:
        return None
    metric, run = found
    agreed = Metric(name=f"goal_{metric.name}", value=success.threshold)
    references: dict[Role, tuple[Metric, int]] = {"goal": (agreed, _SCOPE)}
    for role in ("goal", *_REFERENCES):
        published = latest.metric(f"{role}_{metric.name}")
        if published is not None:
            references[role] = (published[0], published[1].number)
    return _Numbers(
        metric=metric,
        run=run,
        references=references,
        goal=references["goal"][0].value,
        unit=success.unit or metric.unit,
        currency=scope.stated_costs.currency if scope.stated_costs else "",
    )


def _mark(numbers: _Numbers, role: Role, name: str, found: tuple[Metric, int]) -> Mark:
    """Return a value as it is marked, with the digits of the success metric."""
    metric, run = found
    certain = metric.interval in (None, (metric.value, metric.value))
    exact = role != "model" and certain and metric.value.is_integer()
    places = 0 if exact else numbers.places
    shown = quantity(
        metric.value,
        numbers.unit,
        metric.interval,
        currency=numbers.currency,
        places=places,
    )
    return Mark(
        role=role,
        label=name,
        value=metric.value,
        shown=shown,
        interval=metric.interval,
        run=run,
    )


def _meaning(metric: Metric, scope: Scope) -> str:
    kinds = f" ({', '.join(scope.label.kinds)})" if scope.label.kinds else ""
    known = meaning(
        metric.name,
        capacity=number(scope.capacity),
        entities=entities(scope),
        label=f"{scope.label.table}{kinds}",
        horizon=format_duration(scope.horizon),
    )
    return known or metric.description


def _evidence(latest: Latest, numbers: _Numbers) -> Evidence:
    """Gather what the verdict needs; the bar is never below a random pick."""
    metric = numbers.metric
    sign = -1 if metric.direction == "lower" else 1
    bars = {
        role: numbers.references[role][0]
        for role in ("bar", "random")
        if role in numbers.references
    }
    best = max(bars, key=lambda role: sign * bars[role].value, default="bar")
    bar = bars.get(best)
    paired = latest.metric(f"{metric.name}_over_bar") if best == "bar" else None
    return Evidence(
        value=metric.value,
        interval=metric.interval,
        reference=bar.value if bar else None,
        reference_interval=bar.interval if bar else None,
        reference_name=text(f"reference_{best}"),
        difference_interval=paired[0].interval if paired else None,
        goal=numbers.goal,
        sign=sign,
        places=numbers.places,
    )
