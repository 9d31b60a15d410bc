"""Names that are nearly those of parameters."""

from collections.abc import Mapping
from difflib import SequenceMatcher

from toolkit.lint.model import Subject
from toolkit.lint.names.missing import naming
from toolkit.reproduce.parameters.schema import ParametersCellError, Schema, read_schema

_ALIKE = 0.84  # one letter of six, or two of ten
_SHORTEST = 4  # letters: shorter names are alike by chance
_KEY = "lint.schema"


def schema_of(subject: Subject) -> Schema | ParametersCellError:
    """Return what a notebook declares, or why that cannot be read."""
    kept = subject.facts.cache.get(_KEY)
    if not isinstance(kept, (Schema, ParametersCellError)):
        try:
            kept = read_schema(subject.notebook)
        except ParametersCellError as error:
            kept = error
        subject.facts.cache[_KEY] = kept
    return kept


def misspelt(subject: Subject) -> Mapping[str, str]:
    """Return the parameter that each undefined name most likely means."""
    schema = schema_of(subject)
    if isinstance(schema, ParametersCellError) or not schema.parameters:
        return {}
    undefined = {m.name for m in naming(subject).missing if m.trouble == "undefined"}
    meant: dict[str, str] = {}
    for name in sorted(undefined):
        score, nearest = max((alike(name, other), other) for other in schema.names)
        if score >= _ALIKE:
            meant[name] = nearest
    return meant


def alike(name: str, other: str) -> float:
    """Return how alike two names are, 1 if only case and underscores differ.

    Examples
    --------
    >>> alike("horizonDays", "horizon_days")
    1.0
    >>> alike("n", "m")
    0.0
    """
    one, two = (text.replace("_", "").casefold() for text in (name, other))
    if one == two:
        return 1.0
    if min(len(one), len(two)) < _SHORTEST or one[-1].isdigit() != two[-1].isdigit():
        return 0.0
    return SequenceMatcher(None, one, two).ratio()
