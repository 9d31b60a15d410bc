"""Metrics of a ranked list under capacity: ties, missing scores, days and bounds.

Everything is computed for all decision times at once, from one sort.

"Hit rate" is not the recommenders' word (the share of users with a hit): it is the mean
number of true positives in the list of a decision time.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import average_precision_score

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ranking:
    """Rows sorted by day, then best score first; missing scores last, as one tie.

    All arrays but ``start`` and ``n`` run over the rows in that order.
    """

    order: Ints  # positions of the rows as they were given
    day: Ints  # number of the row's day
    position: Ints  # place within the day, from 0
    tie_start: Ints  # place within the day where the row's tie begins
    tie_size: Ints
    tie_positives: Floats
    start: Ints  # of each day: its first row
    n: Ints  # of each day: its rows

    @classmethod
    def of(cls, day: Ints, score: Floats, y: Floats) -> Self:
        """Sort the rows; ``day`` numbers the days from 0 without a hole."""
        unknown = np.isnan(score)
        order = np.lexsort((np.where(unknown, 0.0, -score), unknown, day))
        day, ranked = day[order], score[order]
        n = np.bincount(day)
        start = np.cumsum(n) - n
        unknown = unknown[order]
        same = (ranked[1:] == ranked[:-1]) | (unknown[1:] & unknown[:-1])
        new = np.r_[True, ~same | (day[1:] != day[:-1])]
        first = np.flatnonzero(new[: len(order)])
        size = np.diff(np.r_[first, len(order)])
        return cls(
            order=order,
            day=day,
            position=np.arange(len(order)) - start[day],
            tie_start=np.repeat(first - start[day[first]], size),
            tie_size=np.repeat(size, size),
            tie_positives=np.repeat(np.add.reduceat(y[order], first), size),
            start=start,
            n=n,
        )

    def inclusion(self, capacity: int) -> Floats:
        """Return each row's probability to be listed when ties are broken by lot.

        One above the tie at rank k, zero below, and in it the free places over the
        tie's size; in the order in which the rows were given.
        """
        k = np.minimum(capacity, self.n)[self.day]
        share = np.clip((k - self.tie_start) / self.tie_size, 0.0, 1.0)
        given = np.empty_like(share)
        given[self.order] = share
        return given


def daily_hits(
    predictions: pd.DataFrame, *, capacity: int, due: pd.Index | None = None
) -> pd.DataFrame:
    """Return the hits of the list of each decision time, with what bounds them.

    Parameters
    ----------
    predictions : DataFrame with the columns cutoff, score and y, in any order
        ``y`` is 0 or 1; a missing score ranks last.
    capacity : int, at least 0
        Length N of the list; k = min(N, n) where fewer entities are present.
    due : Index of cutoffs, optional
        Decision times that had to be answered: those without a row count as zeros.

    Returns
    -------
    DataFrame indexed by cutoff: ``n`` entities, ``k`` places, ``hits`` (expected over
    the ways to break ties), ``hits_lowest`` and ``hits_highest`` (worst and best way),
    ``positives``, ``oracle`` (hits of perfect foresight), ``random`` and ``random_sd``
    (mean and standard deviation of k entities drawn by lot: hypergeometric)

    References
    ----------
    McSherry and Najork (2008), Computing information retrieval performance measures
    efficiently in the presence of tied scores, ECIR

    Examples
    --------
    >>> frame = pd.DataFrame({"cutoff": 1, "score": [0.9, 0.5, 0.5], "y": [0, 1, 0]})
    >>> daily = daily_hits(frame, capacity=2)
    >>> daily[["hits", "hits_lowest", "hits_highest"]].to_numpy().tolist()
    [[0.5, 0.0, 1.0]]
    """
    day, cutoffs = pd.factorize(predictions["cutoff"], sort=True)
    y = predictions["y"].to_numpy(np.float64)
    ranking = Ranking.of(day, predictions["score"].to_numpy(np.float64), y)
    n: Floats = ranking.n.astype(np.float64)
    k = np.minimum(float(capacity), n)
    positives = np.asarray(np.bincount(day, weights=y), np.float64)
    daily = pd.DataFrame(
        {
            "n": ranking.n,
            "k": k.astype(np.int64),
            **_hits(ranking, y, k),
            "positives": positives,
            "oracle": np.minimum(k, positives),
            **_by_lot(n, k, positives),
        }
    )
    daily.index = pd.Index(cutoffs, name="cutoff")
    if due is None:
        return daily
    return daily.reindex(daily.index.union(due), fill_value=0).rename_axis("cutoff")


def _hits(ranking: Ranking, y: Floats, k: Floats) -> dict[str, Floats]:
    """Return expected, lowest and highest hits from the tie that holds rank k."""
    empty = k == 0
    last = ranking.start + np.maximum(k.astype(np.intp), 1) - 1
    before = np.r_[0.0, np.cumsum(y[ranking.order])]
    above = before[ranking.start + ranking.tie_start[last]] - before[ranking.start]
    size, tied = ranking.tie_size[last], ranking.tie_positives[last]
    places = k - ranking.tie_start[last]
    hits = {
        "hits": above + places * tied / size,
        "hits_lowest": above + np.maximum(0.0, places - (size - tied)),
        "hits_highest": above + np.minimum(places, tied),
    }
    return {name: np.where(empty, 0.0, value) for name, value in hits.items()}


def _by_lot(n: Floats, k: Floats, positives: Floats) -> dict[str, Floats]:
    """Return mean and standard deviation of the hypergeometric distribution."""
    p = positives / n
    variance = k * p * (1 - p) * (n - k) / np.maximum(n - 1, 1)
    return {"random": k * p, "random_sd": np.sqrt(variance)}


def hit_rate(daily: pd.DataFrame) -> float:
    """Return the mean hits a decision time; days without a positive count."""
    return _ratio(daily["hits"].sum(), len(daily))


def precision(daily: pd.DataFrame) -> float:
    """Return hits over places, pooled; NaN if there was no place."""
    return _ratio(daily["hits"].sum(), daily["k"].sum())


def recall(daily: pd.DataFrame) -> float:
    """Return hits over positives, pooled; NaN if there was no positive."""
    return _ratio(daily["hits"].sum(), daily["positives"].sum())


def lift(daily: pd.DataFrame) -> float:
    """Return precision over the base rate of all entities present."""
    return _ratio(precision(daily), _ratio(daily["positives"].sum(), daily["n"].sum()))


def skill(daily: pd.DataFrame) -> float:
    """Return where the hits lie between random (0) and the oracle (1)."""
    by_lot = daily["random"].sum()
    return _ratio(daily["hits"].sum() - by_lot, daily["oracle"].sum() - by_lot)


def average_precision(score: Floats, y: Floats) -> float:
    """Return the average precision of all rows together; missing scores rank last.

    NaN without a positive. Ties share one step, as scikit-learn has it.
    """
    if not (y == 1).any():
        return float("nan")
    _, rank = np.unique(score, return_inverse=True)
    return float(average_precision_score(y, np.where(np.isnan(score), -1, rank)))


def brier(score: Floats, y: Floats) -> float:
    """Return the mean squared error of the probabilities; 0 is best."""
    return float(np.mean((score - y) ** 2))


def brier_of_base_rate(y: Floats) -> float:
    """Return the Brier score of always saying the base rate: what a model must beat.

    The base rate is that of the rows tested, so the reference knows more than it could.
    """
    rate = float(np.mean(y))
    return rate * (1 - rate)


def calibration(score: Floats, y: Floats, *, n_bins: int = 10) -> pd.DataFrame:
    """Return predicted against observed rate in bins of about equal size.

    Rows of one score share a bin, so many ties make fewer bins; rows without a score
    are left out.

    Returns
    -------
    DataFrame, one row a bin from low to high: ``n``, ``score`` (mean), ``rate``
    (share of positives), ``positives``
    """
    known = ~np.isnan(score)
    score, y = score[known], y[known]
    if score.size == 0:
        return pd.DataFrame({name: [] for name in ("n", "score", "rate", "positives")})
    inner = np.quantile(score, np.arange(1, n_bins) / n_bins, method="lower")
    bin_of = np.searchsorted(np.unique(inner), score, side="left")
    table = pd.DataFrame({"score": score, "y": y}).groupby(bin_of)
    return pd.DataFrame(
        {
            "n": table.size(),
            "score": table["score"].mean(),
            "rate": table["y"].mean(),
            "positives": table["y"].sum(),
        }
    ).reset_index(drop=True)


def cumulative_gain(predictions: pd.DataFrame, *, capacity: int) -> pd.DataFrame:
    """Return what lists of 1 to 3N places would have caught, a decision time.

    Returns
    -------
    DataFrame indexed by ``places``: ``hits`` (expected over ties), ``oracle``,
    ``random``, all means a decision time, and ``precision`` and ``recall``, pooled
    """
    day, _ = pd.factorize(predictions["cutoff"], sort=True)
    y = predictions["y"].to_numpy(np.float64)
    ranking = Ranking.of(day, predictions["score"].to_numpy(np.float64), y)
    places = np.arange(1, 3 * capacity + 1)
    within = ranking.position < len(places)
    hits = np.zeros((len(ranking.n), len(places)))
    share = ranking.tie_positives / ranking.tie_size
    hits[ranking.day[within], ranking.position[within]] = share[within]
    hits = np.cumsum(hits, axis=1)
    k = np.minimum(places, ranking.n[:, None])
    positives = np.bincount(day, weights=y)[:, None]
    return pd.DataFrame(
        {
            "hits": hits.mean(axis=0),
            "oracle": np.minimum(k, positives).mean(axis=0),
            "random": (k * positives / ranking.n[:, None]).mean(axis=0),
            "precision": hits.sum(axis=0) / k.sum(axis=0),
            "recall": hits.sum(axis=0) / positives.sum() if positives.any() else np.nan,
        },
        index=pd.Index(places, name="places"),
    )


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else float("nan")
