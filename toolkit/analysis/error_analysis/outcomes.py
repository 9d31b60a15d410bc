"""What became of every row and of every failure: caught, missed, false alarm."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.panel import CUTOFF, ENTITY, Panel


class ErrorClass(StrEnum):
    """What the delivered list made of a row, or of a failure."""

    CAUGHT = "caught"
    JUST_OUTSIDE = "just outside"  # rank N+1 to 2N
    MISSED = "missed"  # beyond rank 2N
    NOT_SCORED = "not scored"  # no row on any morning before the failure
    FALSE_ALARM = "false alarm"  # listed, and nothing came within the horizon
    QUIET = "quiet"  # not listed, and nothing came


def classify(backtest: Backtest) -> pd.DataFrame:
    """Rank every test row within its decision time and say what became of it.

    Parameters
    ----------
    backtest : Backtest

    Returns
    -------
    DataFrame, one row per prediction and in the same order
        The predictions with ``rank`` (1 is the top; the delivered list keeps its ranks,
        rows that tie outside it share their mean rank), ``listed`` and ``outcome``, an
        `ErrorClass`.
    """
    key = [CUTOFF, ENTITY]
    rows = backtest.predictions.merge(
        backtest.listed[[*key, "rank"]], on=key, how="left", validate="one_to_one"
    )
    rows["listed"] = rows["rank"].notna()
    tied = rows.groupby(CUTOFF)["score"].rank(ascending=False, na_option="bottom")
    slots = rows.groupby(CUTOFF)["listed"].transform("sum")
    rows["rank"] = rows["rank"].fillna(tied.clip(lower=slots + 1)).round(1)
    rows["outcome"] = _classes(
        listed=rows["listed"].to_numpy(),
        positive=rows["y"].to_numpy() == 1,
        near=rows["rank"].to_numpy() <= 2 * backtest.capacity,
    )
    return rows


def _classes(
    *,
    listed: npt.NDArray[np.bool_],
    positive: npt.NDArray[np.bool_],
    near: npt.NDArray[np.bool_],
) -> pd.Categorical:
    cases = [listed & positive, positive & ~listed & near, positive & ~listed, listed]
    names = [
        ErrorClass.CAUGHT,
        ErrorClass.JUST_OUTSIDE,
        ErrorClass.MISSED,
        ErrorClass.FALSE_ALARM,
    ]
    return pd.Categorical(
        np.select(cases, [str(name) for name in names], str(ErrorClass.QUIET)),
        categories=[str(name) for name in ErrorClass],
    )


def mornings(rows: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Pair each distinct failure with the decision times that could have caught it.

    Parameters
    ----------
    rows : DataFrame from `classify`
    panel : Panel
        Its events are the failures, its horizon how far before one a list counts.

    Returns
    -------
    DataFrame with ``failure`` (number of the failure, by time), ``entity``, ``time``,
    ``cutoff``, ``row`` (position in ``rows``; -1 if the entity had no row then),
    ``rank``, ``score`` and ``listed``

    References
    ----------
    A decision time a can catch a failure at f if a < f <= a + horizon.
    """
    cutoffs = pd.DatetimeIndex(rows[CUTOFF].unique()).sort_values()
    times = pd.DatetimeIndex(panel.events["time"])
    first = cutoffs.searchsorted(times - panel.horizon, side="left")
    many = cutoffs.searchsorted(times, side="left") - first
    within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    pairs = panel.events.loc[:, [ENTITY, "time"]].iloc[
        np.repeat(np.arange(len(many)), many)
    ]
    pairs.insert(0, "failure", pd.factorize(np.repeat(np.arange(len(many)), many))[0])
    pairs[CUTOFF] = cutoffs[np.repeat(first, many) + within]
    numbered = rows[[CUTOFF, ENTITY, "rank", "score", "listed"]].assign(
        row=np.arange(len(rows))
    )
    paired = pairs.merge(numbered, on=[CUTOFF, ENTITY], how="left")
    paired["row"] = paired["row"].fillna(-1).astype(np.int64)
    paired["listed"] = paired["listed"].eq(other=True)
    return paired


def failures(rows: pd.DataFrame, panel: Panel, *, capacity: int) -> pd.DataFrame:
    """Return one row per distinct failure of the test time: when it ranked best.

    Parameters
    ----------
    rows : DataFrame from `classify`
    panel : Panel
    capacity : int, slots per decision time

    Returns
    -------
    DataFrame indexed by ``failure`` with ``entity``, ``time``, ``cutoff``, ``row`` and
    ``rank`` of the morning on which it ranked best, ``mornings`` (how many had a row
    of it) and ``outcome``: a failure listed once is caught, however often it was missed
    """
    paired = mornings(rows, panel)
    best = paired.sort_values(
        ["failure", "listed", "rank"], ascending=[True, False, True], kind="stable"
    ).drop_duplicates("failure")
    counts = paired["row"].ge(0).groupby(paired["failure"]).sum()
    best = best.set_index("failure").assign(mornings=counts)
    rank = best["rank"].to_numpy()
    outcome = np.select(
        [best["listed"].to_numpy(), rank <= 2 * capacity, rank > 2 * capacity],
        [
            str(ErrorClass.CAUGHT),
            str(ErrorClass.JUST_OUTSIDE),
            str(ErrorClass.MISSED),
        ],
        str(ErrorClass.NOT_SCORED),
    )
    kept = ["entity", "time", "cutoff", "row", "rank", "score", "mornings"]
    return best[kept].assign(outcome=outcome)


def error_classes(backtest: Backtest, panel: Panel) -> pd.DataFrame:
    """Count each class of error in rows, in distinct failures and in entities.

    Returns
    -------
    DataFrame indexed by ``class`` with ``rows``, ``failures``, ``entities`` (integers;
    missing where a count has no meaning) and ``share`` of the distinct failures
    """
    rows = classify(backtest)
    found = failures(rows, panel, capacity=backtest.capacity)
    named = [str(name) for name in ErrorClass if name is not ErrorClass.QUIET]
    by_row = rows.groupby("outcome", observed=False)
    by_failure = found.groupby("outcome")
    alarm, unscored = str(ErrorClass.FALSE_ALARM), str(ErrorClass.NOT_SCORED)
    table = pd.DataFrame(
        {
            "rows": by_row.size().reindex(named),
            "failures": by_failure.size().reindex(named, fill_value=0),
            "entities": by_failure["entity"].nunique().reindex(named, fill_value=0),
        },
        index=pd.Index(named, name="class"),
    ).astype("Int64")
    table.loc[alarm, "failures"] = pd.NA
    alarmed = rows.loc[rows["outcome"] == alarm, ENTITY]
    table.loc[alarm, "entities"] = alarmed.nunique()
    table.loc[unscored, "rows"] = pd.NA
    table["share"] = table["failures"].astype("Float64") / max(len(found), 1)
    return table
