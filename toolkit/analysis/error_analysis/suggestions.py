"""Alterations that the findings of a run suggest, for the team to edit."""

import re
from collections.abc import Sequence

import pandas as pd

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.error_analysis.backlog import UNKNOWN, Alteration
from toolkit.analysis.error_analysis.calibration import calibration_table
from toolkit.analysis.error_analysis.ceilings import (
    ALL_MISSED,
    JUST_OUTSIDE,
    CatchValue,
    ceilings,
    missed_groups,
    segment_groups,
)
from toolkit.analysis.error_analysis.importance import Importance
from toolkit.analysis.error_analysis.segments import Segments
from toolkit.analysis.panel import Panel

SEGMENTS = 3  # of each kind that become suggestions
FEATURES = 2  # of the most important that become suggestions
NOT_CONVERGED = "ConvergenceWarning"


def suggest(
    backtest: Backtest,
    panel: Panel,
    *,
    missed: Segments,
    alarms: Segments,
    importance: Importance,
    value: CatchValue,
) -> tuple[Alteration, ...]:
    """Turn what went wrong into alterations with effort, ceiling and chance.

    Effort and chance are first guesses to be edited; ceilings are measured on the
    backtest. What concerns every row (scaling, missing values) has the ceiling of
    everything missed, a bound and no forecast.

    Parameters
    ----------
    backtest : Backtest
    panel : Panel that it was made from
    missed, alarms : Segments, from `missed_segments` and `false_alarm_segments`
    importance : Importance
    value : CatchValue, for the ceilings in money

    Returns
    -------
    tuple of Alteration; the keys are the same in every run for the same finding
    """
    groups = missed_groups(backtest) | segment_groups(missed) | segment_groups(alarms)
    ceiling = ceilings(backtest, panel, groups, value=value)
    return (
        *_scaler(backtest, ceiling),
        *_missing_values(panel, ceiling),
        *_calibration(backtest),
        *_features(importance, ceiling),
        *_segments(missed, ceiling),
        *_segments(alarms, ceiling),
    )


def _alteration(
    key: str,
    title: str,
    reason: str,
    *,
    cost: tuple[float, float],
    gain: tuple[float, float],
) -> Alteration:
    return Alteration(
        key=key,
        title=title,
        reason=reason,
        effort_hours=cost[0],
        chance=cost[1],
        ceiling=gain[0],
        money=gain[1],
    )


def _gain(ceiling: pd.DataFrame, group: str) -> tuple[float, float]:
    return float(ceiling["hits"].loc[group]), float(ceiling["money"].loc[group])


def _scaler(backtest: Backtest, ceiling: pd.DataFrame) -> Sequence[Alteration]:
    folds = {one.fold for one in backtest.warnings if one.category == NOT_CONVERGED}
    if not folds:
        return ()
    return (
        _alteration(
            "scaler",
            "scale the features before the regression",
            f"the fit did not converge in {len(folds)} of {len(backtest.folds)} folds",
            cost=(0.5, 0.3),
            gain=_gain(ceiling, ALL_MISSED),
        ),
    )


def _missing_values(panel: Panel, ceiling: pd.DataFrame) -> Sequence[Alteration]:
    gaps = [str(name) for name in panel.X.columns[panel.X.isna().any()]]
    if not gaps:
        return ()
    return (
        _alteration(
            "impute",
            "fill missing values and add an indicator of them",
            f"{len(gaps)} of {panel.X.shape[1]} columns have missing values and are "
            f"lost to a pipeline that drops them; the first is {gaps[0]!r}",
            cost=(1.0, 0.2),
            gain=_gain(ceiling, ALL_MISSED),
        ),
    )


def _calibration(backtest: Backtest) -> Sequence[Alteration]:
    table = calibration_table(backtest)
    top = table[table["part"] == "the list"]
    if top.empty or top["agrees"].all():
        return ()
    n = top["n"].sum()
    said, seen = ((top[name] * top["n"]).sum() / n for name in ("score", "rate"))
    return (
        _alteration(
            "calibrate",
            "calibrate the probabilities within the training rows",
            f"in the list the mean score is {said:.3f} and the rate {seen:.3f}; the "
            "order stays, the threshold in money moves",
            cost=(2.0, 0.6),
            gain=(0.0, UNKNOWN),
        ),
    )


def _features(importance: Importance, ceiling: pd.DataFrame) -> Sequence[Alteration]:
    top = importance.table[importance.table["low"] > 0].head(FEATURES)
    return [
        _alteration(
            f"refine-{_slug(str(one.feature))}",
            f"refine {one.feature}: other windows, trend, interactions",
            f"shuffled, it costs {one.importance:.2f} hits a decision time; failures "
            "just outside the list are the nearest to gain",
            cost=(4.0, 0.2),
            gain=_gain(ceiling, JUST_OUTSIDE),
        )
        for one in top.itertuples(index=False)
    ]


def _segments(segments: Segments, ceiling: pd.DataFrame) -> Sequence[Alteration]:
    kind = segments.kind
    return [
        _alteration(
            f"{_slug(kind)}-{_slug(str(one.segment))}",
            f"add a feature or an interaction for: {one.segment}",
            f"{kind} rate {one.rate:.0%} ({one.low:.0%} to {one.high:.0%}) against "
            f"{segments.rate:.0%} over all, {one.rows} rows, {one.entities} entities",
            cost=(6.0, 0.15),
            gain=_gain(ceiling, f"{kind}: {one.segment}"),
        )
        for one in segments.table.head(SEGMENTS).itertuples(index=False)
    ]


def _slug(text: str) -> str:
    """Return a key that can be read and typed: ``age > 15`` is ``age-gt-15``."""
    for sign, word in (("<=", " le "), (">", " gt "), ("<", " lt "), ("=", " is ")):
        text = text.replace(sign, word)
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")
