"""One sentence that says where the metric stands, derived from numbers alone."""

from dataclasses import dataclass
from typing import Literal

from toolkit.report.numerals import Interval, number, stated
from toolkit.report.texts import text

Standing = Literal["reached", "above", "unclear", "below", "unknown"]
_TIMES = 1.25  # from here on, "n times as much" says more than the difference


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a verdict rests on; ``sign`` is -1 where lower values are better."""

    value: float
    interval: Interval | None
    reference: float | None  # the better of today's strategy and a random pick
    reference_interval: Interval | None
    reference_name: str
    difference_interval: Interval | None  # of the paired difference, if published
    goal: float | None
    sign: int
    places: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The standing and the sentence."""

    standing: Standing
    sentence: str


def judge(evidence: Evidence) -> Verdict:
    """Return whether goal or bar are passed, and by how much.

    The bar is passed where the interval of the paired difference lies beyond zero or,
    if none is published, where the two intervals do not overlap, which asks for more.
    """
    standing = _standing(evidence)
    if standing == "reached":
        unsure = not _reached(evidence, evidence.interval)
        key = "verdict_reached_unsure" if unsure else "verdict_reached"
        goal = stated(evidence.goal or 0.0)
        return Verdict(standing=standing, sentence=text(key, goal=goal))
    if standing == "unknown":
        return Verdict(standing=standing, sentence=_without_bar(evidence))
    reference = evidence.reference or 0.0
    facts = {
        "reference": evidence.reference_name,
        "difference": number(abs(evidence.value - reference), evidence.places),
    }
    if standing != "above":
        return Verdict(standing=standing, sentence=text(f"verdict_{standing}", **facts))
    ratio = evidence.value / reference if reference > 0 else 0.0
    factor = (
        text("factor", factor=number(ratio, 1))
        if ratio >= _TIMES
        else text("by", difference=facts["difference"])
    )
    sentence = text("verdict_above", factor=factor, but=_but(evidence), **facts)
    return Verdict(standing=standing, sentence=sentence)


def _standing(evidence: Evidence) -> Standing:
    if _reached(evidence, None):
        return "reached"
    if evidence.reference is None:
        return "unknown"
    low, high = _difference(evidence, evidence.reference)
    if low > 0:
        return "above"
    return "below" if high < 0 else "unclear"


def _reached(evidence: Evidence, interval: Interval | None) -> bool:
    """Tell whether the goal is passed, by the whole interval if one is given."""
    if evidence.goal is None:
        return False
    values = interval or (evidence.value,)
    worst = min(evidence.sign * value for value in values)
    return worst >= evidence.sign * evidence.goal


def _difference(evidence: Evidence, reference: float) -> Interval:
    """Return the bounds of how much better the value is than the reference."""
    if evidence.difference_interval is not None:
        low, high = evidence.difference_interval
    else:
        ours = evidence.interval or (evidence.value, evidence.value)
        theirs = evidence.reference_interval or (reference, reference)
        low, high = ours[0] - theirs[1], ours[1] - theirs[0]
    return (low, high) if evidence.sign > 0 else (-high, -low)


def _but(evidence: Evidence) -> str:
    if evidence.goal is None:
        return text("verdict_no_goal")
    return text("verdict_goal_missed", **_goal(evidence, evidence.goal))


def _without_bar(evidence: Evidence) -> str:
    sentence = text("verdict_no_bar")
    if evidence.goal is None:
        return sentence
    missed = text("verdict_no_bar_missed", **_goal(evidence, evidence.goal))
    return f"{missed} {sentence}"


def _goal(evidence: Evidence, goal: float) -> dict[str, str]:
    missing = number(abs(goal - evidence.value), evidence.places)
    return {"goal": stated(goal), "missing": missing}
