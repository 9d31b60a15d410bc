"""What a perfect fix of each cause would gain: in the metric and in money."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.error_analysis.outcomes import ErrorClass, classify, mornings
from toolkit.analysis.error_analysis.segments import Segments
from toolkit.analysis.listing import tie_hash
from toolkit.analysis.panel import CUTOFF, ENTITY, Panel
from toolkit.analysis.times import spacing

if TYPE_CHECKING:
    from toolkit.scope import Costs

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]
ALL_MISSED = "everything missed"
JUST_OUTSIDE = "just outside the list"


@dataclass(frozen=True, kw_only=True, slots=True)
class CatchValue:
    """What one distinct failure more in the list is worth, the slots being the same.

    Parameters
    ----------
    failure : cost of a failure
    check : cost of a check that was not needed
    prevented_share : share of failures that a check prevents, 0 to 1
    planned_repair : cost of the repair that a needed check leads to

    Examples
    --------
    >>> CatchValue(failure=10_000, check=300, prevented_share=0.9).per_failure
    9300.0
    """

    failure: float
    check: float
    prevented_share: float = 1.0
    planned_repair: float = 0.0

    @classmethod
    def from_costs(cls, costs: "Costs") -> Self:
        """Take the middle of each estimate of a scope."""
        return cls(
            failure=costs.failure.mid,
            check=costs.check.mid,
            prevented_share=costs.prevented_share.mid,
            planned_repair=costs.planned_repair.mid,
        )

    @property
    def per_failure(self) -> float:
        """Money gained when a slot is used on a failure instead of in vain."""
        return self.prevented_share * self.failure - self.planned_repair + self.check


def ceilings(
    backtest: Backtest,
    panel: Panel,
    groups: Mapping[str, pd.DataFrame],
    *,
    value: CatchValue,
) -> pd.DataFrame:
    """Rank each group's rows perfectly, all else as it was, and count what is gained.

    Parameters
    ----------
    backtest : Backtest
    panel : Panel that it was made from
    groups : mapping from a cause to its wrongly ranked rows (``cutoff``, ``entity``)
        Positives go to the top of their day's list and displace the lowest; negatives
        leave it and the next rank moves up. See `missed_groups` and `segment_groups`.
    value : CatchValue

    Returns
    -------
    DataFrame indexed by ``group``, the highest ceiling first: ``rows``, ``hits`` gained
    a decision time, ``failures`` (distinct ones caught more, in all), ``money`` a day.
    A failure on two mornings counts two hits and one failure.

    Notes
    -----
    Ceilings of groups that share rows do not add up. Even that of everything missed may
    stay below the oracle: the lowest that are displaced may be hits.
    """
    rows = classify(backtest)
    day = pd.factorize(rows[CUTOFF], sort=True)[0]
    lot = tie_hash(rows[CUTOFF], rows[ENTITY], 0)
    order = np.lexsort((lot, rows["rank"], ~rows["listed"].to_numpy(), day))
    slots = np.bincount(day, weights=rows["listed"]).astype(np.intp)
    paired = mornings(rows, panel)
    paired = paired[paired["row"] >= 0]
    y = rows["y"].to_numpy() == 1
    key = pd.MultiIndex.from_frame(rows[[CUTOFF, ENTITY]])
    days = _days(pd.DatetimeIndex(backtest.daily.index))
    records = []
    for name, group in groups.items():
        mine = key.isin(pd.MultiIndex.from_frame(group[[CUTOFF, ENTITY]]))
        fixed = _listed(np.where(mine, np.where(y, 0, 2), 1), order, day, slots)
        gained = _caught(fixed, paired) - _caught(rows["listed"].to_numpy(), paired)
        hits = int((fixed & y).sum()) - int((rows["listed"].to_numpy() & y).sum())
        records.append(
            {
                "group": name,
                "rows": int(mine.sum()),
                "hits": hits / len(backtest.daily),
                "failures": gained,
                "money": gained * value.per_failure / days,
            }
        )
    columns = ["group", "rows", "hits", "failures", "money"]
    table = pd.DataFrame(records, columns=columns).set_index("group")
    return table.sort_values("hits", ascending=False, kind="stable")


def _days(cutoffs: pd.DatetimeIndex) -> float:
    """Return how many days the decision times stand for."""
    one = pd.Timedelta(days=1)
    return len(cutoffs) * ((spacing(cutoffs) if len(cutoffs) > 1 else one) / one)


def _listed(part: Codes, order: Codes, day: Codes, slots: Codes) -> Bools:
    """Return who is in the first slots when parts 0, 1, 2 come in that order."""
    again = order[np.argsort(3 * day[order] + part[order], kind="stable")]
    n = np.bincount(day)
    place = np.arange(len(day)) - (np.cumsum(n) - n)[day[again]]
    listed = np.zeros(len(day), dtype=bool)
    listed[again] = place < slots[day[again]]
    return listed


def _caught(listed: Bools, paired: pd.DataFrame) -> int:
    return int(paired.loc[listed[paired["row"]], "failure"].nunique())


def missed_groups(backtest: Backtest) -> dict[str, pd.DataFrame]:
    """Return the groups that need no search: all missed rows, those just outside."""
    rows = classify(backtest)
    near = str(ErrorClass.JUST_OUTSIDE)
    wrong = rows[rows["outcome"].isin([near, str(ErrorClass.MISSED)])]
    key = [CUTOFF, ENTITY]
    return {
        ALL_MISSED: wrong[key],
        JUST_OUTSIDE: wrong.loc[wrong["outcome"] == near, key],
    }


def segment_groups(segments: Segments) -> dict[str, pd.DataFrame]:
    """Return the wrongly ranked rows of each segment: ``missed: age > 15``."""
    wrong = segments.rows["error"].to_numpy(dtype=bool)
    return {
        f"{segments.kind}: {name}": segments.rows.loc[member & wrong, [CUTOFF, ENTITY]]
        for name, member in zip(
            segments.table["segment"], segments.members, strict=True
        )
    }
