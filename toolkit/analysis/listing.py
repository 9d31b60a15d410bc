"""The list that is delivered: exactly k entities, ties broken the same everywhere."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.times import nanoseconds

Hashes = npt.NDArray[np.uint64]
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def delivered(
    predictions: pd.DataFrame, *, capacity: int, random_state: int
) -> pd.DataFrame:
    """Return the first k entities of each decision time, best first.

    Equal scores, and missing ones at the end, are ordered by a hash of the seed, the
    decision time and the entity: the same in every process, on every platform and in
    any row order, and drawn anew for each decision time.

    Parameters
    ----------
    predictions : DataFrame with the columns cutoff, entity, score and y
    capacity : int, at least 0
        Length N of the list.
    random_state : int
        Seed of the hash.

    Returns
    -------
    DataFrame with the columns cutoff, entity, rank (from 1), score, y
    """
    lot = tie_hash(predictions["cutoff"], predictions["entity"], random_state)
    day, _ = pd.factorize(predictions["cutoff"], sort=True)
    score = predictions["score"].to_numpy(np.float64)
    unknown = np.isnan(score)
    order = np.lexsort((lot, np.where(unknown, 0.0, -score), unknown, day))
    n = np.bincount(day)
    rank = np.arange(1, len(order) + 1) - (np.cumsum(n) - n)[day[order]]
    listed = predictions.iloc[order[rank <= capacity]]
    listed = listed[["cutoff", "entity", "score", "y"]].reset_index(drop=True)
    listed.insert(2, "rank", rank[rank <= capacity])
    return listed


def tie_hash(cutoff: pd.Series, entity: pd.Series, random_state: int) -> Hashes:
    """Return 64 bits for each pair of decision time and entity.

    Each distinct time and entity is hashed once, by its text; the pairs are then mixed
    in integer arithmetic.

    References
    ----------
    Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators,
    OOPSLA: the finalizer of SplitMix64
    """
    times = nanoseconds(pd.DatetimeIndex(cutoff))
    mixed = text_hash(times, f"cutoff {random_state}") + text_hash(entity, "entity")
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[1]
    return mixed ^ (mixed >> np.uint64(31))


def text_hash(
    values: pd.Series | pd.Index | npt.NDArray[np.int64], salt: str
) -> Hashes:
    """Return 64 bits for each value's text, each distinct one hashed once."""
    code, distinct = pd.factorize(values)
    digests = (
        blake2b(f"{salt}:{value}".encode(), digest_size=8).digest()
        for value in distinct
    )
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)[code]
