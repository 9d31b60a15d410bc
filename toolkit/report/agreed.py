"""What client and team agreed on, from the scope, in the order a reader asks."""

from dataclasses import dataclass

from toolkit.report.headline import entities
from toolkit.report.numerals import number, stated
from toolkit.report.texts import label, text
from toolkit.scope import Scope, format_duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreed:
    """The scope as terms with their texts, and its lists."""

    terms: tuple[tuple[str, str], ...]
    assumptions: tuple[str, ...]
    disruption: tuple[str, ...]
    open_questions: tuple[str, ...]


def build_agreed(scope: Scope) -> Agreed:
    """Return the scope as the report shows it; what it leaves open says so."""
    terms = {
        "scope_why": scope.why,
        "scope_pain_point": scope.pain_point,
        "scope_user": scope.user,
        "scope_decision": scope.decision,
        "scope_current": scope.current_strategy.description,
        "scope_worth": scope.current_strategy.worth,
        "scope_success": _success(scope),
        "scope_horizon": format_duration(scope.horizon),
        "scope_capacity": _capacity(scope),
        "scope_evaluation": _evaluation(scope),
    }
    missing = text("scope_missing")
    return Agreed(
        terms=tuple((text(key), value or missing) for key, value in terms.items()),
        assumptions=scope.assumptions,
        disruption=scope.disruption,
        open_questions=tuple(question.text for question in scope.open_questions),
    )


def _success(scope: Scope) -> str:
    success = scope.stated_success
    if success is None:
        return ""
    return text(
        "scope_success_value",
        metric=label(success.metric),
        threshold=stated(success.threshold),
        unit=f" {success.unit}" if success.unit else "",
    )


def _capacity(scope: Scope) -> str:
    return text(
        "scope_capacity_value",
        capacity=number(scope.capacity),
        entities=entities(scope),
        every=format_duration(scope.decisions.every).removeprefix("1 "),
    )


def _evaluation(scope: Scope) -> str:
    evaluation = scope.evaluation
    return text(
        "scope_evaluation_value",
        window=label(evaluation.window),
        first_training=format_duration(evaluation.first_training),
        test_length=format_duration(evaluation.test_length),
        gap=format_duration(evaluation.gap),
    )
