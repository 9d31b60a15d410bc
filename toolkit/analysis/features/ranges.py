"""Summarise many overlapping ranges of a column at once, to the same bits always."""

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Summaries(NamedTuple):
    """What is known of many sets of values, an array each; empty where size is 0."""

    size: Floats
    mean: Floats
    squares: Floats  # sum of the squared deviations from the mean
    least: Floats
    greatest: Floats

    @classmethod
    def of_none(cls, n: int) -> Self:
        """Return n empty sets."""
        zeros = np.zeros(n)
        return cls(
            zeros, zeros.copy(), zeros.copy(), np.full(n, np.inf), np.full(n, -np.inf)
        )

    @classmethod
    def of_each(cls, values: Floats) -> Self:
        """Return one set per value."""
        return cls(np.ones(len(values)), values, np.zeros(len(values)), values, values)

    def take(self, chosen: Ints | slice) -> "Summaries":
        """Return some of the sets."""
        return Summaries(*(part[chosen] for part in self))

    def put(self, at: Ints, sets: "Summaries") -> None:
        """Replace some of the sets, in place."""
        for part, new in zip(self, sets, strict=True):
            part[at] = new

    def union(self, other: "Summaries") -> "Summaries":
        """Return the unions, one by one; no two of them may be empty both.

        References
        ----------
        Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance,
        The American Statistician 37(3)

        Examples
        --------
        >>> one, four = (Summaries.of_each(np.array([value])) for value in (1.0, 4.0))
        >>> [float(part[0]) for part in one.union(four)]
        [2.0, 2.5, 4.5, 1.0, 4.0]
        """
        size = self.size + other.size
        share = other.size / size
        apart = other.mean - self.mean
        return Summaries(
            size,
            self.mean + apart * share,
            self.squares + other.squares + apart * (apart * (self.size * share)),
            np.minimum(self.least, other.least),
            np.maximum(self.greatest, other.greatest),
        )


def summarise_ranges(
    values: Floats, sizes: Ints, starts: Ints, stops: Ints
) -> Summaries:
    """Summarise each group's values from ``starts`` up to, not including, ``stops``.

    A tree of pairs is built over each group from its own first value on, one level at
    a time, and each range takes at most two nodes of a level. So the cost of a range
    is logarithmic in its length, and its summary depends on its own values and on how
    many of its group precede them: not on later values, nor on another group's.
    Running sums would be cheaper, and carry every earlier rounding along.

    Parameters
    ----------
    values : array of shape (n_values,)
        All of group 0, then all of group 1, and so on.
    sizes : array of shape (n_groups,)
        How many values each group has.
    starts, stops : arrays of shape (n_ranges, n_groups)
        Positions within the group, ``0 <= start <= stop <= size``.

    Returns
    -------
    Summaries of arrays of shape (n_ranges, n_groups)

    References
    ----------
    Bentley (1977), Solutions to Klee's rectangle problems (the segment tree)

    Examples
    --------
    >>> values, sizes = np.array([1.0, 2.0, 6.0, 8.0]), np.array([3, 1])
    >>> starts, stops = np.array([[0, 0], [1, 0]]), np.array([[3, 0], [3, 1]])
    >>> summarise_ranges(values, sizes, starts, stops).mean.tolist()
    [[3.0, 0.0], [4.0, 8.0]]
    """
    result = Summaries.of_none(starts.size)
    cells = np.flatnonzero(starts < stops)
    group = cells % max(len(sizes), 1)
    left, right = starts.ravel()[cells], stops.ravel()[cells]
    level = Summaries.of_each(values)
    while len(cells):
        first = (np.cumsum(sizes) - sizes)[group]
        odd = np.flatnonzero(left & 1)
        _add(result, cells[odd], level.take(first[odd] + left[odd]))
        left = left + 1 >> 1
        odd = np.flatnonzero((right & 1 == 1) & (left << 1 < right))
        _add(result, cells[odd], level.take(first[odd] + right[odd] - 1))
        right = right >> 1
        wide = left < right
        cells, group, left, right = cells[wide], group[wide], left[wide], right[wide]
        level, sizes = _next_level(level, sizes)
    return Summaries(*(part.reshape(starts.shape) for part in result))


def _add(result: Summaries, cells: Ints, nodes: Summaries) -> None:
    result.put(cells, result.take(cells).union(nodes))


def _next_level(level: Summaries, sizes: Ints) -> tuple[Summaries, Ints]:
    """Unite neighbours; the last of an odd group is united with an empty set."""
    odd = sizes & 1
    if odd.any():
        padding = np.cumsum(odd) - odd
        padded = Summaries.of_none(len(level.size) + int(odd.sum()))
        padded.put(np.arange(len(level.size)) + np.repeat(padding, sizes), level)
        level = padded
    return level.take(slice(0, None, 2)).union(level.take(slice(1, None, 2))), (
        sizes + 1
    ) // 2
