"""Intervals for means over decision times that depend on their neighbours."""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from toolkit.analysis.times import spacing
from toolkit.errors import ToolkitError

Floats = npt.NDArray[np.float64]
_WEEK = pd.Timedelta(days=7)
_POWER = 0.8
_BLOCKS_ENOUGH = 4
_DRAWS_AT_ONCE = 2_000_000


@dataclass(eq=False)
class SeriesError(ToolkitError, ValueError):
    """A series over decision times cannot be resampled."""

    found: str
    expected: str

    def __str__(self) -> str:
        return (
            f"values over decision times: found {self.found}, expected {self.expected}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A mean over decision times, and how far it can be trusted.

    Parameters
    ----------
    mean, low, high : float, in the values' unit
        The mean, and the percentile interval of its block bootstrap.
    level : float in (0, 1)
        Nominal coverage; over days that correlate by 0.5, 95 % covers some 91 %.
    n, block_length : int
        Decision times, and how many neighbours are drawn together.
    standard_error : float
        Standard deviation of the resampled means.
    lag1 : float
        Correlation of neighbouring values; NaN if they are constant.
    weekly_low, weekly_high : float
        t interval of the means of whole weeks, a second opinion; NaN below two weeks.
    """

    mean: float
    low: float
    high: float
    level: float
    n: int
    block_length: int
    standard_error: float
    lag1: float
    weekly_low: float
    weekly_high: float

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends, the lower one first."""
        return self.low, self.high

    @property
    def too_short(self) -> bool:
        """Whether the decision times are fewer than four blocks."""
        return self.n < _BLOCKS_ENOUGH * self.block_length

    @property
    def detectable(self) -> float:
        """Smallest difference that would be found with 80 % power."""
        normal = stats.norm
        z = normal.ppf((1 + self.level) / 2) + normal.ppf(_POWER)
        return float(z * self.standard_error)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference(Interval):
    """The mean difference of two series on the decision times that both have.

    Parameters
    ----------
    p_not_better : float in [0, 1]
        Share of resamples in which the mean difference is not above zero.
    n_dropped : int
        Decision times that only one of the two has.
    """

    p_not_better: float
    n_dropped: int

    @property
    def verdict(self) -> str:
        """Say "better" or "worse" only if both intervals exclude zero.

        Otherwise "not shown", and "too short" below four blocks.
        """
        if self.too_short:
            return "too short"
        if self.low > 0 and self.weekly_low > 0:
            return "better"
        if self.high < 0 and self.weekly_high < 0:
            return "worse"
        return "not shown"


def block_length(times: pd.DatetimeIndex, horizon: pd.Timedelta) -> int:
    """Return how many decision times one block holds: the horizon, at least a week.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=60, freq="D")
    >>> block_length(days, pd.Timedelta(days=2)), block_length(days, 2 * _WEEK)
    (7, 14)
    """
    if len(times) < 2:  # noqa: PLR2004  one time has no spacing
        return 1
    return int(np.ceil(max(horizon, _WEEK) / spacing(times)))


def interval(
    values: pd.Series,
    *,
    block_length: int,
    random_state: int,
    over: pd.Series | None = None,
    level: float = 0.95,
    n_resamples: int = 10_000,
) -> Interval:
    """Return the mean of a series over decision times, with its interval.

    Blocks of consecutive decision times are drawn from the circle that they form, so
    that each one is drawn equally often; whole decision times, never rows.

    Parameters
    ----------
    values : Series indexed by cutoff
        One finite value per decision time, such as hits or dollars.
    block_length : int in [1, n], see `block_length`
    random_state : int
        Seed; equal seeds draw equal blocks.
    over : Series indexed alike, optional
        Denominators: the interval is then that of ``sum(values) / sum(over)``, such as
        precision with the places or recall with the positives.
    level : float in (0, 1)
        1 - alpha / K for one of K planned looks.
    n_resamples : int

    Returns
    -------
    Interval

    Raises
    ------
    SeriesError : if a value is not finite, a decision time repeats, the block is longer
        than the series, or all denominators are zero

    References
    ----------
    Politis and Romano (1992), A circular block-resampling procedure for stationary data
    """
    over = pd.Series(1.0, index=values.index) if over is None else over
    found, _ = _estimate(values, over, block_length, level, n_resamples, random_state)
    return found


def difference(
    ours: pd.Series,
    theirs: pd.Series,
    *,
    block_length: int,
    random_state: int,
    level: float = 0.95,
    n_resamples: int = 10_000,
) -> Difference:
    """Return the mean of ``ours - theirs`` on the decision times of both.

    Pairing takes out what both share, a bad week for instance: the interval is two to
    three times narrower than that of two separate means.

    Parameters and errors are those of `interval`.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=60, freq="D")
    >>> theirs = pd.Series(range(60), index=days)
    >>> found = difference(theirs + 1, theirs, block_length=7, random_state=0)
    >>> found.low, found.high, found.verdict
    (1.0, 1.0, 'better')
    """
    common = ours.index.intersection(theirs.index)
    gained = ours.loc[common] - theirs.loc[common]
    ones = pd.Series(1.0, index=common)
    found, means = _estimate(
        gained, ones, block_length, level, n_resamples, random_state
    )
    rounding = 1e-12 * float(gained.abs().max())
    return Difference(
        **asdict(found),
        p_not_better=float(np.mean(means <= rounding)),
        n_dropped=len(ours.index.union(theirs.index)) - len(common),
    )


def _estimate(
    values: pd.Series,
    over: pd.Series,
    block_length: int,
    level: float,
    n_resamples: int,
    random_state: int,
) -> tuple[Interval, Floats]:
    """Return the interval, and the resampled means that it was read from."""
    _check(values, over, block_length)
    table = pd.DataFrame({"values": values, "over": over}).sort_index()
    columns = table.to_numpy(np.float64)
    sums = _resampled_sums(columns, block_length, n_resamples, random_state)
    defined = sums[:, 1] > 0
    means = sums[defined, 0] / sums[defined, 1]
    mean = float(columns[:, 0].sum() / columns[:, 1].sum())
    linear = mean + (columns[:, 0] - mean * columns[:, 1]) / columns[:, 1].mean()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    weekly = _weekly(pd.Series(linear, index=table.index), level)
    found = Interval(
        mean=mean,
        low=float(low),
        high=float(high),
        level=level,
        n=len(columns),
        block_length=block_length,
        standard_error=float(means.std()),
        lag1=_lag1(linear),
        weekly_low=weekly[0],
        weekly_high=weekly[1],
    )
    return found, means


def _resampled_sums(
    columns: Floats, length: int, n_resamples: int, random_state: int
) -> Floats:
    """Return the sums of circular blocks that fill n rows, shape (n_resamples, m)."""
    n = len(columns)
    n_whole, rest = divmod(n, length)
    circle = np.concatenate([np.zeros((1, columns.shape[1])), columns, columns])
    before = np.cumsum(circle, axis=0)
    whole = before[length : length + n] - before[:n]
    part = before[rest : rest + n] - before[:n]
    rng = np.random.default_rng(random_state)
    at_once = max(1, _DRAWS_AT_ONCE // (n_whole + 1))
    sums = []
    for first in range(0, n_resamples, at_once):
        size = (min(at_once, n_resamples - first), n_whole + 1)
        start = rng.integers(n, size=size)
        sums.append(whole[start[:, :-1]].sum(axis=1) + part[start[:, -1]])
    return np.concatenate(sums)


def _lag1(values: Floats) -> float:
    around = values - values.mean()
    variance = float(around @ around)
    if np.isclose(variance, 0.0, atol=1e-24 * float(values @ values)):
        return float("nan")
    return float(around[1:] @ around[:-1]) / variance


def _weekly(values: pd.Series, level: float) -> tuple[float, float]:
    """Return the t interval of weekly means, weeks of half their times left out."""
    times = pd.DatetimeIndex(values.index)
    weeks = values.groupby((times - times[0]) // _WEEK)
    sizes = weeks.size()
    means = weeks.mean()[sizes >= sizes.max() / 2].to_numpy(np.float64)
    if len(means) < 2:  # noqa: PLR2004  one mean has no spread
        return float("nan"), float("nan")
    half = stats.t.ppf((1 + level) / 2, len(means) - 1) * stats.sem(means)
    return float(means.mean() - half), float(means.mean() + half)


def _check(values: pd.Series, over: pd.Series, block_length: int) -> None:
    """Refuse what would be resampled to nonsense."""
    n, found, expected = len(values), None, "one finite value per decision time"
    if not isinstance(values.index, pd.DatetimeIndex):
        found, expected = f"an index of {values.index.dtype}", "decision times"
    elif not values.index.is_unique:
        found = "a decision time that repeats"
    elif not values.index.sort_values().equals(over.index.sort_values()):
        found, expected = "other denominators' times", "the times of the values"
    elif not (np.isfinite(values).all() and np.isfinite(over).all()):
        found = "a value that is missing or infinite"
    elif not 1 <= block_length <= n:
        found, expected = f"{n} of them", f"at least one block of {block_length}"
    elif not (over >= 0).all() or not over.any():
        found, expected = "a sum of denominators of zero", "a positive one"
    if found:
        raise SeriesError(found=found, expected=expected)
