"""A scope in the words of the client: what is asked, for whom, and how it is tested."""

import math
from typing import Final

from toolkit.scope.durations import format_duration
from toolkit.scope.page import Page, Section
from toolkit.scope.values import Costs, Estimate, Scope, Success

_RULES: Final = {
    "longest-unchecked": "what was checked longest ago comes first",
    "random": "the order is random",
}
_METRICS: Final = {
    "hit_rate": "{} hits on the average list",
    "precision": "{} of the listed are hits (precision)",
    "recall": "{} of the events are on a list before they happen (recall)",
    "lift": "{} times the hits of a random list (lift)",
    "average_precision": "an average precision of {}",
    "saved_per_day": "{} saved a day",
}
_SHARES: Final = ("precision", "recall")
_NEVER: Final = 1.0


def client_page(scope: Scope) -> Page:
    """Return the page that a client reads in a minute; what is open is left out.

    Examples
    --------
    >>> from toolkit.scope import load
    >>> client_page(load("scope.yaml")).title
    'Which machines will fail in the next two days?'
    """
    costs, success = scope.stated_costs, scope.stated_success
    sections = (
        Section(name="Why", paragraphs=(scope.why, scope.pain_point)),
        Section(name="Client", paragraphs=(scope.client,)),
        Section(name="User", paragraphs=(scope.user,)),
        Section(name="Decision", paragraphs=(scope.decision, _list(scope))),
        Section(name="Today", paragraphs=_today(scope)),
        Section(name="Success", paragraphs=(_success(success),) if success else ()),
        Section(name="Money", paragraphs=_money(costs) if costs else ()),
        Section(name="Records", items=_records(scope)),
        Section(name="Test", paragraphs=(_test(scope),)),
        Section(name="To validate", items=scope.assumptions),
        Section(name="Will disrupt", items=scope.disruption),
        Section(name="Red flags", items=_red_flags(scope)),
    )
    return Page(
        title=scope.question or "The question is open",
        sections=tuple(filter(_says_something, sections)),
    )


def _says_something(section: Section) -> bool:
    return any(section.paragraphs) or bool(section.items)


def _list(scope: Scope) -> str:
    """Say what is delivered, and when."""
    when = scope.decisions
    zone = f" ({when.timezone})" if when.timezone else ""
    first = f", from {when.first}" if when.first else ""
    last = f", until {when.last}" if when.last else ""
    return (
        f"A list of {scope.capacity:,}, ready by {when.ready_by:%H:%M}{zone}, "
        f"{_every(format_duration(when.every))}{first}{last}. "
        f"It looks {format_duration(scope.horizon)} ahead."
    )


def _today(scope: Scope) -> tuple[str, ...]:
    today = scope.current_strategy
    bar = f"The bar: today's way, replayed; {_RULES[today.rule]}."
    return (today.description, today.worth, bar)


def _success(success: Success) -> str:
    share = success.metric in _SHARES
    value = _percent(success.threshold) if share else _amount(success.threshold)
    unit = f": {success.unit}" if success.unit else ""
    return f"Reached with at least {_METRICS[success.metric].format(value)}{unit}"


def _money(costs: Costs) -> tuple[str, ...]:
    repair = ""
    if costs.planned_repair.high:
        repair = (
            f", the repair after a check that finds one {_range(costs.planned_repair)}"
        )
    share = costs.prevented_share
    sums = (
        f"In {costs.currency}: a failure costs {_range(costs.failure)}, a check that "
        f"finds nothing {_range(costs.check)}{repair}. Checks prevent {_shares(share)} "
        "of the failures announced."
    )
    return sums, _break_even(costs.break_even)


def _break_even(least: Estimate) -> str:
    """Say from which chance of a failure on a check pays for itself."""
    if least.mid == 0:
        return "A check costs nothing, so each one pays."
    text = f"A check pays if at least {_odds(least.mid)} of them finds a failure"
    if least.low == least.high:
        return f"{text}."
    worst = "never" if least.high == _NEVER else _odds(least.high)
    best = "always" if least.low == 0 else _odds(least.low)
    return f"{text} ({best} if the estimates are kind, {worst} if they are not)."


def _odds(share: float) -> str:
    """Return a share of at least this one: "1 in 11", "7 in 10"."""
    if share <= 1 / 2:
        return f"1 in {math.floor(1 / share):,}"
    return f"{math.ceil(10 * share)} in 10"


def _records(scope: Scope) -> tuple[str, ...]:
    lines = []
    for table in scope.tables.values():
        what = {"entities": "what can be checked"}.get(table.role, table.role)
        if table.name == scope.label.table:
            kinds = f" ({', '.join(scope.label.kinds)})" if scope.label.kinds else ""
            what = f"the events to announce{kinds}"
        late = f", known after {format_duration(table.delay)}" if table.delay else ""
        lines.append(f"{table.name}: {what}{late}")
    return tuple(lines)


def _test(scope: Scope) -> str:
    asked = scope.evaluation
    first = format_duration(asked.first_training)
    history = f"all earlier records, {first} at first"
    if asked.window == "sliding":
        history = f"the {first} before"
    return (
        f"As it will be used: trained on {history}, tested on the next "
        f"{format_duration(asked.test_length)}, and again "
        f"{_every(format_duration(asked.step))}. Between training and test lie "
        f"{format_duration(asked.gap)}, so that no answer is known beforehand."
    )


def _red_flags(scope: Scope) -> tuple[str, ...]:
    lines = []
    for flag in scope.accepted:
        place = f" in {flag.place}" if flag.place else ""
        lines.append(f"{flag.code}{place}, accepted: {flag.reason}")
    return tuple(lines) or ("none accepted",)


def _every(length: str) -> str:
    """Return "every day" for "1 day"."""
    return f"every {length.removeprefix('1 ')}"


def _range(estimate: Estimate) -> str:
    low, mid, high = map(_amount, (estimate.low, estimate.mid, estimate.high))
    return mid if low == high else f"{mid} ({low} to {high})"


def _shares(estimate: Estimate) -> str:
    low, mid, high = map(_percent, (estimate.low, estimate.mid, estimate.high))
    return mid if low == high else f"{mid} ({low} to {high})"


def _amount(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _percent(share: float) -> str:
    return f"{_amount(100 * share)} %"
