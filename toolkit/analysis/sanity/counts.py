"""Rows per day, and how far a day is from what the others let expect."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from toolkit.analysis.sanity.columns import Floats, Ints
from toolkit.analysis.sanity.tables import TableView

WEEK = 7
_WEEKS = 6  # weeks from which weekdays are compared with themselves
_NORMAL = 1.349  # interquartile range of a standard normal


@dataclass(frozen=True, kw_only=True, eq=False)
class DailyCounts:
    """Rows of each calendar day from the first to the last of a log's body."""

    first: int  # days since 1970
    counts: Floats  # shape (n_days,)

    @classmethod
    def of(cls, table: TableView) -> "DailyCounts":
        """Count the rows of a dated table, strays left out."""
        days = table.days[table.in_body]
        first = int(days.min())
        return cls(first=first, counts=np.bincount(days - first).astype(np.float64))

    def __len__(self) -> int:
        return len(self.counts)

    @cached_property
    def days(self) -> Ints:
        """Days since 1970, shape (n_days,)."""
        return np.arange(self.first, self.first + len(self.counts))

    @cached_property
    def expected(self) -> Floats:
        """Mean of the same weekday, or of all days of a log of few weeks."""
        if len(self) < _WEEKS * WEEK:
            return np.full(len(self), self.counts.mean())
        weekday = self.days % WEEK
        rows = np.bincount(weekday, weights=self.counts, minlength=WEEK)
        return (rows / np.bincount(weekday, minlength=WEEK))[weekday]

    @cached_property
    def roots(self) -> Floats:
        """Counts on Anscombe's scale, where a Poisson count has the variance 1.

        Each weekday's median is taken out, so that a quiet Sunday is no oddity.

        References
        ----------
        Anscombe (1948), The transformation of Poisson, binomial and
        negative-binomial data, Biometrika 35
        """
        roots: Floats = 2 * np.sqrt(self.counts + 0.375)
        if len(self) < _WEEKS * WEEK:
            return roots - float(np.median(roots))
        weekday = self.days % WEEK
        for day in range(WEEK):
            roots[weekday == day] -= np.median(roots[weekday == day])
        return roots

    @cached_property
    def spread(self) -> float:
        """Robust standard deviation of ``roots``, at least Poisson's 1."""
        low, high = np.quantile(self.roots, [0.25, 0.75])
        return max(1.0, float(high - low) / _NORMAL)

    @cached_property
    def scores(self) -> Floats:
        """Robust standard deviations of each day from the usual, shape (n_days,)."""
        return self.roots / self.spread

    @cached_property
    def dispersion(self) -> float:
        """Variance over mean of the days that have rows; robust, at least 1."""
        roots = 2 * np.sqrt(self.counts[self.counts > 0] + 0.375)
        low, high = np.quantile(roots, [0.25, 0.75])
        return max(1.0, float(high - low) / _NORMAL) ** 2

    @property
    def usual(self) -> float:
        """Median count of a day."""
        return float(np.median(self.counts))

    def silences(self, least: float) -> list[tuple[int, int, float]]:
        """Return runs of days without rows that chance does not make.

        Parameters
        ----------
        least : float
            Rows that a run must have been expected to hold, divided by the
            overdispersion of the days.

        Returns
        -------
        list of (first day, last day, rows expected)
        """
        empty = np.concatenate(([False], self.counts == 0, [False]))
        edges = np.flatnonzero(np.diff(empty.astype(np.int8)))
        total = np.append(0.0, np.cumsum(self.expected))
        return [
            (self.first + int(start), self.first + int(stop) - 1, float(rows))
            for start, stop in edges.reshape(-1, 2)
            if (rows := total[stop] - total[start]) / self.dispersion >= least
        ]
