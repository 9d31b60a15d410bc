"""What the metric is worth: per day and per year, against today and against nothing."""

from dataclasses import dataclass

from toolkit.publish.results import Metric
from toolkit.report.headline import span_text
from toolkit.report.latest import Latest
from toolkit.report.numerals import Quantity, estimate, quantity
from toolkit.report.texts import text
from toolkit.scope import Scope

_DAYS_A_YEAR = 365
_AMOUNTS = {"money_over_bar": "saved_per_day_over_bar", "money_idle": "saved_per_day"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Saving:
    """One amount, per day and per year."""

    label: str
    day: Quantity
    year: Quantity
    span: str
    standing: str  # what a reader must not take for a saving; else empty
    unit: str  # where it is no currency
    description: str
    run: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """The amounts and what they assume: rows of (what, low, mid, high)."""

    savings: tuple[Saving, ...]
    assumptions: tuple[tuple[str, ...], ...]


def build_money(latest: Latest, scope: Scope) -> Money:
    """Return the published amounts and the scope's costs."""
    costs = scope.stated_costs
    currency = costs.currency if costs else ""
    savings = []
    for key, name in _AMOUNTS.items():
        found = latest.metric(name)
        if found is not None:
            metric, run = found
            savings.append(_saving(text(key), metric, run.number, currency))
    rows: tuple[tuple[str, ...], ...] = ()
    if costs is not None:
        stated = {
            "cost_failure": estimate(costs.failure, currency=currency),
            "cost_check": estimate(costs.check, currency=currency),
            "cost_planned_repair": estimate(costs.planned_repair, currency=currency),
            "cost_prevented_share": estimate(costs.prevented_share),
        }
        rows = tuple((text(key), *values) for key, values in stated.items())
    return Money(savings=tuple(savings), assumptions=rows)


def _saving(label: str, metric: Metric, run: int, currency: str) -> Saving:
    unit = metric.unit or currency
    day = quantity(metric.value, unit, metric.interval, currency=currency)
    year = quantity(
        metric.value * _DAYS_A_YEAR,
        unit,
        _yearly(metric),
        currency=currency,
    )
    return Saving(
        label=label,
        day=day,
        year=year,
        span=span_text(metric, day),
        standing=_standing(metric),
        unit=unit if day.unit == unit else "",
        description=metric.description,
        run=run,
    )


def _standing(metric: Metric) -> str:
    low, high = metric.interval or (metric.value, metric.value)
    if high < 0:
        return text("money_loss")
    return "" if low > 0 else text("money_unclear")


def _yearly(metric: Metric) -> tuple[float, float] | None:
    if metric.interval is None:
        return None
    low, high = metric.interval
    return low * _DAYS_A_YEAR, high * _DAYS_A_YEAR
