"""The smallest set of variations that still makes the difference."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

Names: TypeAlias = frozenset[str]
Oracle: TypeAlias = Callable[[Sequence[Names]], Sequence[bool]]


class _Tests:
    """Asks the oracle in batches, each set once, and no more often than allowed."""

    def __init__(self, oracle: Oracle, width: int, most: int) -> None:
        self._oracle = oracle
        self._width = width
        self._left = most
        self._known: dict[Names, bool] = {frozenset(): False}

    def know(self, names: Names, *, differs: bool) -> None:
        """Take note of an answer that nobody needs to give again."""
        self._known[names] = differs

    def first(self, sets: Sequence[Names]) -> Names | None:
        """Return the first of the sets that differs; None if none is known to."""
        for batch in _batches(sets, self._width):
            asked = [one for one in dict.fromkeys(batch) if one not in self._known]
            asked = asked[: max(self._left, 0)]
            self._left -= len(asked)
            if asked:
                self._known.update(zip(asked, self._oracle(asked), strict=True))
            for one in batch:
                if self._known.get(one, False):
                    return one
        return None


def smallest(
    names: Sequence[str],
    oracle: Oracle,
    *,
    suspected: Sequence[str] = (),
    width: int = 1,
    most: int = 64,
) -> tuple[str, ...]:
    """Return a set of names that differs, and of which none can be left out.

    All names together differ, none of them does not: both are taken as known.

    Parameters
    ----------
    names : all that were varied together, at least one
    oracle : says of each set of a batch whether it differs; a batch may be executed in
        parallel
    suspected : names to try alone first, most suspicious first
    width : size of a batch
    most : sets that the oracle is asked at most; after that many, the smallest set so
        far is the answer

    Returns
    -------
    tuple of names, in the order of ``names``; the same for the same answers, whatever
    the width

    References
    ----------
    Zeller and Hildebrandt (2002), Simplifying and Isolating Failure-Inducing Input,
    IEEE Transactions on Software Engineering 28(2), algorithm ddmin

    Examples
    --------
    >>> smallest(["clock", "user", "umask"], lambda sets: ["user" in s for s in sets])
    ('user',)
    """
    order = tuple(dict.fromkeys(names))
    tests = _Tests(oracle, max(width, 1), most)
    tests.know(frozenset(order), differs=True)
    singles = [frozenset((name,)) for name in suspected if name in order]
    found = tests.first(singles)
    left = order if found is None else tuple(name for name in order if name in found)
    parts = 2
    while len(left) > 1:
        pieces = list(_split(left, parts))
        tried = [frozenset(piece) for piece in pieces]
        tried += [frozenset(left) - piece for piece in tried]  # each asked once
        found = tests.first(tried)
        if found is not None:
            parts = 2 if found in tried[: len(pieces)] else max(parts - 1, 2)
            left = tuple(name for name in left if name in found)
        elif parts >= len(left):
            break
        else:
            parts = min(parts * 2, len(left))
    return left


def _split(names: Sequence[str], parts: int) -> Iterator[tuple[str, ...]]:
    """Yield that many pieces of nearly equal length, none empty."""
    start = 0
    for number in range(parts):
        end = start + (len(names) - start) // (parts - number)
        if end > start:
            yield tuple(names[start:end])
        start = end


def _batches(sets: Sequence[Names], width: int) -> Iterator[tuple[Names, ...]]:
    left = iter(sets)
    while batch := tuple(islice(left, width)):
        yield batch
