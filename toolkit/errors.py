"""The one base of every error that a user can cause and mend."""


class ToolkitError(Exception):
    """Something could not be done or checked; the text says what to do.

    Each subclass is a dataclass that carries its facts and builds its text in
    ``__str__``: where, what was found, what was expected, what to do. The command
    line catches this class alone, prints the text and exits with 2.
    """
