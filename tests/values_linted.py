"""What the rules of data flow say of a notebook, for tests."""

from collections.abc import Mapping

from notebooks import parsed
from toolkit.lint import (
    rules_arbitrary,
    rules_clock,
    rules_estimators,
    rules_parallel,
    rules_places,
    rules_random,
    rules_surroundings,
)
from toolkit.lint.model import Hit, Rule, Subject, Surroundings

RULES: tuple[Rule, ...] = (
    *rules_random.RULES,
    *rules_estimators.RULES,
    *rules_arbitrary.RULES,
    *rules_parallel.RULES,
    *rules_clock.RULES,
    *rules_surroundings.RULES,
    *rules_places.RULES,
)


def hits(
    *cells: str, files: Mapping[str, str] | None = None
) -> tuple[tuple[Rule, Hit], ...]:
    """Return every finding with its rule."""
    around = Surroundings(files=files or {})
    subject = Subject(notebook=parsed(*cells), around=around)
    return tuple((rule, hit) for rule in RULES for hit in rule.check(subject))


def codes(*cells: str, files: Mapping[str, str] | None = None) -> set[str]:
    """Return the codes of warnings and errors; notes are left out."""
    return {
        rule.code for rule, _ in hits(*cells, files=files) if rule.severity != "note"
    }
