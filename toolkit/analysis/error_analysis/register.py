"""The error register: the worst misses and false alarms, with what explains them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.error_analysis.explanations import (
    Population,
    contributions,
    describe,
    positions,
)
from toolkit.analysis.error_analysis.outcomes import ErrorClass, classify, failures
from toolkit.analysis.logs import times_of
from toolkit.analysis.panel import CUTOFF, ENTITY, Panel

if TYPE_CHECKING:
    from toolkit.scope import Scope, Table

FEATURES = 3  # named per row


def worst_misses(backtest: Backtest, panel: Panel, *, n: int) -> pd.DataFrame:
    """List the failures that no list held, the lowest ranked first.

    Parameters
    ----------
    backtest : Backtest
    panel : Panel that it was made from
    n : int, at most so many failures

    Returns
    -------
    DataFrame, one row per distinct failure (``entity``, ``time``)
        ``cutoff``, ``rank`` and ``score`` of the morning on which it ranked best,
        ``mornings`` within the horizon, ``class`` (just outside or missed), ``unusual``
        (features farthest from the population, with robust z), ``contributions`` (what
        moved the score, of linear models only) and ``twin``: the caught failure that
        looked most alike, which is where to compare.
    """
    rows = classify(backtest)
    found = failures(rows, panel, capacity=backtest.capacity)
    wrong = [str(ErrorClass.MISSED), str(ErrorClass.JUST_OUTSIDE)]
    missed = found[found["outcome"].isin(wrong)]
    worst = missed.sort_values(["rank", "time"], ascending=[False, True], kind="stable")
    worst = worst.head(n).rename(columns={"outcome": "class"})
    caught = found[found["outcome"] == str(ErrorClass.CAUGHT)]
    population = _population(backtest, panel)
    table = _explained(backtest, panel, population, worst)
    table["twin"] = _twins(panel, population, worst, caught)
    return table.drop(columns="row").reset_index(drop=True)


def worst_false_alarms(backtest: Backtest, panel: Panel, *, n: int) -> pd.DataFrame:
    """List the entities that were listed most often with nothing to follow.

    Parameters
    ----------
    backtest : Backtest
    panel : Panel that it was made from
    n : int, at most so many entities

    Returns
    -------
    DataFrame, one row per entity, by number of vain ``listings``, then by best score
        ``first`` and ``last`` such listing; ``cutoff``, ``rank`` and ``score`` of the
        one with the highest score, its ``unusual`` features and ``contributions``, and
        ``until_failure``: how long after it the entity did fail, if ever. A little more
        than the horizon means early rather than wrong.
    """
    rows = classify(backtest)
    alarms = rows[rows["outcome"] == str(ErrorClass.FALSE_ALARM)]
    grouped = alarms.groupby(ENTITY)
    counts = pd.DataFrame(
        {
            "listings": grouped.size(),
            "first": grouped[CUTOFF].min(),
            "last": grouped[CUTOFF].max(),
        }
    )
    top = alarms.sort_values(["score", CUTOFF], ascending=[False, True], kind="stable")
    top = top.drop_duplicates(ENTITY).assign(row=lambda frame: frame.index)
    table = top[[ENTITY, CUTOFF, "row", "rank", "score"]].merge(
        counts, left_on=ENTITY, right_index=True
    )
    table = table.sort_values(
        ["listings", "score"], ascending=[False, False], kind="stable"
    ).head(n)
    explained = _explained(backtest, panel, _population(backtest, panel), table)
    explained["until_failure"] = _until_failure(panel, table)
    return explained.drop(columns="row").reset_index(drop=True)


def _population(backtest: Backtest, panel: Panel) -> Population:
    at = positions(panel, backtest.predictions)
    return Population.of(panel.X.to_numpy()[at])


def _explained(
    backtest: Backtest, panel: Panel, population: Population, table: pd.DataFrame
) -> pd.DataFrame:
    """Add the columns ``unusual`` and, for linear models, ``contributions``."""
    rows = backtest.predictions.iloc[table["row"]]
    values = panel.X.to_numpy()[positions(panel, rows)]
    names = panel.X.columns
    category = np.array(["=" in str(name) for name in names])  # rare is not far away
    far = np.where(category, 0.0, population.z(values))
    added = table.assign(unusual=describe(names, far, values, most=FEATURES))
    parts = contributions(backtest, panel, rows)
    if parts is None:
        return added
    return added.assign(contributions=describe(names, parts, values, most=FEATURES))


def _twins(
    panel: Panel, population: Population, missed: pd.DataFrame, caught: pd.DataFrame
) -> list[str]:
    """Name the caught failure nearest to each missed one: z clipped at 5, Euclidean."""
    if caught.empty or missed.empty:
        return [""] * len(missed)
    values = panel.X.to_numpy()
    left, right = (
        np.clip(population.z(values[positions(panel, chosen)]), -5, 5)
        for chosen in (missed, caught)
    )
    square = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)
    nearest = caught.iloc[np.argmin(square - 2 * left @ right.T, axis=1)]
    return [f"{one.entity} on {one.cutoff}" for one in nearest.itertuples(index=False)]


def _until_failure(panel: Panel, table: pd.DataFrame) -> npt.NDArray[np.timedelta64]:
    """Return the time from each row's cutoff to the entity's next failure, or NaT."""
    events = panel.events.sort_values("time", kind="stable")
    wanted = table[[ENTITY, CUTOFF]].reset_index(drop=True)
    wanted = wanted.assign(at=wanted.index).sort_values(CUTOFF)
    unit = panel.events["time"].dtype
    joined = pd.merge_asof(
        wanted.astype({CUTOFF: unit, ENTITY: object}),
        events[[ENTITY, "time"]].astype({ENTITY: object}),
        left_on=CUTOFF,
        right_on="time",
        by=ENTITY,
        direction="forward",
        allow_exact_matches=False,
    ).sort_values("at")
    return (joined["time"] - joined[CUTOFF]).to_numpy()


def history(
    entity: object,
    cutoff: pd.Timestamp,
    *,
    tables: Mapping[str, pd.DataFrame],
    scope: "Scope",
    before: pd.Timedelta,
) -> pd.DataFrame:
    """Return what the event logs say of one entity around a decision time.

    Parameters
    ----------
    entity : id, as in the tables
    cutoff : Timestamp, the decision time
    tables : frames by name, with the columns that the scope names
    scope : Scope
    before : Timedelta, how far back to look; the horizon is looked ahead

    Returns
    -------
    DataFrame by time with ``time``, ``hours`` (from the cutoff, negative before it),
    ``table``, ``kind`` and ``known``: whether the record had arrived by the cutoff, so
    that a feature could see it
    """
    zone = scope.decisions.timezone
    parts = [
        _records(tables[name], table, entity, zone)
        for name, table in scope.tables.items()
        if table.role == "events"
    ]
    events = pd.concat(parts, ignore_index=True)
    seen = events["time"].between(cutoff - before, cutoff + pd.Timedelta(scope.horizon))
    events = events[seen].sort_values(["time", "table", "kind"], ignore_index=True)
    hours = (events["time"] - cutoff) / pd.Timedelta(hours=1)
    events.insert(1, "hours", hours.astype(np.float64))
    return events.assign(known=events.pop("arrival") <= cutoff)


def _records(
    frame: pd.DataFrame, table: "Table", entity: object, zone: str | None
) -> pd.DataFrame:
    """Return an entity's records with their time, arrival, table and kind."""
    own = frame[frame[table.entity] == entity]
    time = times_of(own, table, zone)
    kind = own[table.kind].astype(str).to_numpy() if table.kind else table.name
    return pd.DataFrame(
        {
            "time": time,
            "arrival": time + pd.Timedelta(table.delay),
            "table": table.name,
            "kind": kind,
        }
    )
