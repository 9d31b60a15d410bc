"""A share of rows, and how far to trust it when rows of one entity go together."""

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
LEVEL = 0.95


def wilson(rate: Floats, n: Floats, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the Wilson interval of a proportion; n may be an effective number.

    Parameters
    ----------
    rate : array in [0, 1]; NaN gives NaN
    n : array of the same shape; 0 gives the whole range 0 to 1
    level : float in (0, 1)

    Returns
    -------
    low, high : arrays within [0, 1] that hold the rate

    References
    ----------
    Wilson (1927), JASA 22(158); Korn and Graubard (1998), Survey Methodology 24(2), for
    the effective number.

    Examples
    --------
    >>> low, high = wilson(np.array([0.5]), np.array([10.0]))
    >>> round(low.item(), 3), round(high.item(), 3)
    (0.237, 0.763)
    """
    z2 = float(stats.norm.isf((1 - level) / 2)) ** 2
    middle = (rate * n + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (rate * (1 - rate) * n + z2 / 4)) / (n + z2)
    return (
        np.clip(np.minimum(middle - half, rate), 0.0, 1.0),
        np.clip(np.maximum(middle + half, rate), 0.0, 1.0),
    )


def effective_n(error: npt.NDArray[np.bool_], entity: npt.NDArray[np.intp]) -> float:
    """Return how many independent rows tell as much as these rows, grouped by entity.

    Parameters
    ----------
    error : array of shape (n_rows,)
    entity : codes of shape (n_rows,)

    Returns
    -------
    float between 1 and n_rows: rows / max(1, design effect). The design effect is the
    variance of the rate between entities over the binomial one; where all rows agree it
    cannot be seen, and each entity counts as one.

    Examples
    --------
    >>> effective_n(np.array([True, True, True]), np.array([0, 0, 1]))
    2.0
    """
    n, rate = len(error), float(error.mean())
    sums = np.bincount(entity, weights=error - rate)
    binomial = rate * (1 - rate) * n
    if binomial == 0:
        return float(len(np.unique(entity)))
    return n / max(1.0, float((sums**2).sum()) / binomial)
