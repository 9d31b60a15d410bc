"""The one base of every error that a user can cause and mend."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass


class ToolkitError(Exception):
    """Something could not be done or checked; the text says what to do.

    Each subclass is a dataclass that carries its facts and builds its text in
    ``__str__``: where, what was found, what was expected, what to do. The command
    line catches this class alone, prints the text and exits with 2.
    """

    def __reduce__(self) -> str | tuple[object, ...]:
        """Be pickled by the facts: a worker's error arrives as it was raised."""
        if not is_dataclass(self):
            return super().__reduce__()
        facts = {each.name: getattr(self, each.name) for each in fields(self)}
        return _raised_elsewhere, (type(self), facts)


def _raised_elsewhere(
    kind: type[ToolkitError], facts: Mapping[str, object]
) -> ToolkitError:
    return kind(**facts)
