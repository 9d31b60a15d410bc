"""Summarise many overlapping ranges of a column at once, to the same bits always."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
COUNT, MEAN, SQUARES, LEAST, GREATEST = range(5)  # rows of a summary
_EMPTY = np.array([[0.0], [0.0], [0.0], [np.inf], [-np.inf]])


def merge(a: Floats, b: Floats) -> Floats:
    """Return the summaries of the unions of ``a`` and ``b``, column by column.

    Parameters
    ----------
    a, b : arrays of shape (5, n)
        Count, mean, sum of squared deviations from it, least and greatest value. At
        least one of each pair is not empty.

    References
    ----------
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance,
    The American Statistician 37(3)

    Examples
    --------
    >>> merge(summaries(np.array([1.0])), summaries(np.array([4.0]))).ravel().tolist()
    [2.0, 2.5, 4.5, 1.0, 4.0]
    """
    count = a[COUNT] + b[COUNT]
    apart = b[MEAN] - a[MEAN]
    share = b[COUNT] / count
    return np.stack(
        [
            count,
            a[MEAN] + apart * share,
            a[SQUARES] + b[SQUARES] + apart * (apart * (a[COUNT] * share)),
            np.minimum(a[LEAST], b[LEAST]),
            np.maximum(a[GREATEST], b[GREATEST]),
        ]
    )


def summaries(values: Floats) -> Floats:
    """Return the summary of each single value, shape (5, n_values)."""
    return np.stack(
        [np.ones_like(values), values, np.zeros_like(values), values, values]
    )


def summarise_ranges(values: Floats, sizes: Ints, starts: Ints, stops: Ints) -> Floats:
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
    array of shape (5, n_ranges, n_groups), see ``merge``; count 0 where empty

    References
    ----------
    Bentley (1977), Solutions to Klee's rectangle problems (the segment tree)

    Examples
    --------
    >>> values, sizes = np.array([1.0, 2.0, 6.0, 8.0]), np.array([3, 1])
    >>> starts, stops = np.array([[0, 0], [1, 0]]), np.array([[3, 0], [3, 1]])
    >>> summarise_ranges(values, sizes, starts, stops)[MEAN].tolist()
    [[3.0, 0.0], [4.0, 8.0]]
    """
    result = np.tile(_EMPTY, starts.size)
    cells = np.flatnonzero(starts < stops)
    group = cells % max(len(sizes), 1)
    left, right = starts.ravel()[cells], stops.ravel()[cells]
    level = summaries(values)
    while len(cells):
        first = np.cumsum(sizes) - sizes
        odd = left & 1 == 1
        result[:, cells[odd]] = merge(
            result[:, cells[odd]], level[:, first[group[odd]] + left[odd]]
        )
        left += odd
        odd = (right & 1 == 1) & (left < right)
        right -= odd
        result[:, cells[odd]] = merge(
            result[:, cells[odd]], level[:, first[group[odd]] + right[odd]]
        )
        left, right = left >> 1, right >> 1
        wide = left < right
        cells, group, left, right = cells[wide], group[wide], left[wide], right[wide]
        level, sizes = _next_level(level, sizes)
    return result.reshape(5, *starts.shape)


def _next_level(level: Floats, sizes: Ints) -> tuple[Floats, Ints]:
    """Merge neighbours; the last of an odd group stays alone."""
    within = np.arange(level.shape[1]) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    even = np.flatnonzero(within & 1 == 0)
    paired = within[even] + 1 < np.repeat(sizes, (sizes + 1) // 2)
    parents = level[:, even]
    parents[:, paired] = merge(parents[:, paired], level[:, even[paired] + 1])
    return parents, (sizes + 1) // 2
