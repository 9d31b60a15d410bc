"""The numbers of an evaluation, each with what a reader needs beside it."""

from dataclasses import dataclass
from typing import Literal

from toolkit.analysis.evaluation import Evaluation
from toolkit.analysis.uncertainty import Interval

HITS = "hits a decision time"
IN_PAIRS = {
    "better": "compared day by day: shown to be better than the bar",
    "worse": "compared day by day: shown to be worse than the bar",
    "not shown": "compared day by day: not shown to differ from the bar",
    "too short": "compared day by day: too few days to tell",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One number: what it counts, which way is better, how sure it is."""

    name: str
    value: float
    unit: str = ""
    direction: Literal["higher", "lower", "none"] = "higher"
    interval: Interval | None = None
    description: str = ""


def hit_measures(result: Evaluation) -> tuple[Measure, ...]:
    """Return what the lists hit, and what they are held against."""
    tested, over = result.pipeline, result.hits_over_bar
    mean = f"mean hits in {tested.capacity} places"
    base_rate = f"always saying the base rate: {tested.brier_of_base_rate:.5f}"
    bar, chance, oracle = "bar_hit_rate", "random_hit_rate", "oracle_hit_rate"
    goal = () if result.goal is None else (_goal(result.goal),)
    return (
        _interval("hit_rate", result.hit_rate, HITS, mean),
        _interval(bar, result.bar_hit_rate, HITS, f"the bar: {result.bar.name}"),
        _interval(chance, result.random_hit_rate, HITS, "a list drawn by lot"),
        _interval(oracle, result.oracle_hit_rate, HITS, "the most that can be hit"),
        *goal,
        _interval("hit_rate_over_bar", over, HITS, IN_PAIRS[over.verdict]),
        _value("precision", tested.precision, "", "share of the places that hit"),
        _value("recall", tested.recall, "", "share of the positive rows with a place"),
        _value("lift", tested.lift, "", "precision over the base rate"),
        _value("average_precision", tested.average_precision, "", "of all rows"),
        Measure(
            name="brier", value=tested.brier, direction="lower", description=base_rate
        ),
    )


def money_measures(result: Evaluation) -> tuple[Measure, ...]:
    """Return what the lists are worth; a failure is paid once."""
    over, unit = result.saved_over_bar, f"{result.scope.costs.currency} a day"
    each = "each once, by the first list that named it"
    caught = result.caught_per_day
    return (
        _interval("saved_per_day", result.saved_per_day, unit, "against doing nothing"),
        _interval("saved_per_day_over_bar", over, unit, IN_PAIRS[over.verdict]),
        _value("distinct_failures_caught_per_day", caught, "failures a day", each),
        Measure(
            name="saved_per_day_if_each_hit_paid",
            value=result.money.label_level_per_day,
            unit=unit,
            direction="none",
            description="upper figure: a failure on two lists pays twice, and every "
            "check prevents",
        ),
    )


def _goal(threshold: float) -> Measure:
    return _value("goal_hit_rate", threshold, HITS, "agreed on in the scope")


def _value(name: str, value: float, unit: str, description: str) -> Measure:
    return Measure(name=name, value=value, unit=unit, description=description)


def _interval(name: str, mean: Interval, unit: str, description: str) -> Measure:
    return Measure(
        name=name, value=mean.mean, unit=unit, interval=mean, description=description
    )
