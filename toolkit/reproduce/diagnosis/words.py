"""Sets of words, written as text: tables are easier to read that way."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())
