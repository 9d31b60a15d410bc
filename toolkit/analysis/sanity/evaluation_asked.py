"""DS501, DS502, DS505, DS510, DS511: whether the data bear the evaluation."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.panel_view import PanelView, panel_rule
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import counted, listed, percent
from toolkit.analysis.times import missing_decision_times

_TEST = 30  # distinct events; their count alone then varies by 18 %
_TOO_FEW = 10
_TRAIN = 20
_YEAR = 365


def few_events(view: PanelView) -> Iterable[Draft] | None:
    """Find evaluations that rest on a handful of distinct events."""
    folds = view.folds
    if not isinstance(folds, tuple) or not folds:
        return None
    drafts = []
    table = pd.DataFrame(
        {
            "test from": [fold.test_from for fold in folds],
            "training events": [fold.train_events for fold in folds],
            "test events": [fold.test_events for fold in folds],
            "test positives": [fold.test_positives for fold in folds],
        }
    )
    n = view.events_within(folds[0].test_from, folds[-1].test_to)
    if n < _TEST:
        drafts.append(
            Draft(
                severity=Severity.ERROR if n < _TOO_FEW else Severity.WARNING,
                place="evaluation",
                message=f"all tests together hold {counted(n, 'distinct event')}; "
                "chance "
                f"alone moves their number by about {percent(1 / np.sqrt(max(n, 1)))}",
                count=n,
                evidence=table,
                advice="test a longer time, or take a wider horizon or label",
            )
        )
    first = folds[0].train_events
    if first < _TRAIN:
        drafts.append(
            Draft(
                severity=Severity.WARNING,
                place="evaluation.first_training",
                message=f"the first training holds {counted(first, 'distinct event')}",
                count=first,
                evidence=table,
                advice="begin testing later",
            )
        )
    empty = sum(fold.test_positives == 0 for fold in folds)
    if empty:
        drafts.append(
            Draft(
                severity=Severity.NOTE,
                place="evaluation.test_length",
                message=f"{counted(empty, 'fold')} of {len(folds)} "
                f"{'has' if empty == 1 else 'have'} no positive row in the test",
                count=empty,
                evidence=table[table["test positives"] == 0],
                advice="count their days as 0 hits, as the hit rate does; never drop "
                "them",
            )
        )
    return drafts


def short_span(view: PanelView) -> Iterable[Draft] | None:
    """Find spans that leave no test after the first training."""
    if not len(view.times):
        return None
    folds = view.folds
    if isinstance(folds, tuple):
        return ()
    return [
        Draft(
            severity=Severity.ERROR,
            place="evaluation",
            message=f"the panel runs from {view.times[0]} to {view.times[-1]}, and the "
            f"evaluation cannot be made on it: {folds}",
            count=len(view.times),
        )
    ]


def new_entities(view: PanelView) -> Iterable[Draft] | None:
    """State how many entities first appear when the tests have begun."""
    folds = view.folds
    if not isinstance(folds, tuple) or not folds:
        return None
    before = np.asarray(view.panel.cutoffs < folds[0].test_from)
    entities = view.panel.entities
    new = entities[~before].unique().difference(entities[before].unique())
    n = len(new)
    if not n:
        return ()
    return [
        Draft(
            severity=Severity.NOTE,
            place="panel.entity",
            message=f"{counted(n, 'entity')} ({listed(new)}) first "
            f"{'appears' if n == 1 else 'appear'} after the first training",
            count=n,
        )
    ]


def seasons(view: PanelView) -> Iterable[Draft] | None:
    """State that the tests do not see every season."""
    folds = view.folds
    if not isinstance(folds, tuple) or not folds:
        return None
    days = (folds[-1].test_to - folds[0].test_from).days + 1
    if days >= _YEAR:
        return ()
    return [
        Draft(
            severity=Severity.NOTE,
            place="evaluation",
            message=f"the tests cover {counted(days, 'day')} and so not every season",
            count=days,
        )
    ]


def missing_times(view: PanelView) -> Iterable[Draft] | None:
    """Find decision times that the rhythm of the others expects, but no row has."""
    if len(view.times) <= 2:  # noqa: PLR2004  # two times have no rhythm
        return None
    missing = missing_decision_times(view.times)
    if not len(missing):
        return ()
    return [
        Draft(
            severity=Severity.WARNING,
            place="panel.cutoff",
            message=f"{counted(len(missing), 'decision time')} between "
            f"{view.times[0]} and "
            f"{view.times[-1]} {'has' if len(missing) == 1 else 'have'} no row",
            count=len(missing),
            evidence=pd.DataFrame({"cutoff": missing[:10]}),
        )
    ]


RULES: tuple[Rule[PanelView], ...] = (
    panel_rule(
        "DS501",
        "too few events",
        "folds that the evaluation asks for",
        "test a longer time",
        few_events,
    ),
    panel_rule(
        "DS502",
        "span too short for the evaluation",
        "rows",
        "shorten evaluation.first_training, or ask for more history",
        short_span,
    ),
    panel_rule(
        "DS505",
        "entities that the training never saw",
        "folds that the evaluation asks for",
        "show the result on these entities by themselves",
        new_entities,
    ),
    panel_rule(
        "DS510",
        "tests that do not see every season",
        "folds that the evaluation asks for",
        "show the result by month, and do not promise it for the rest of the year",
        seasons,
    ),
    panel_rule(
        "DS511",
        "missing decision times",
        "three decision times",
        "ask whether nothing was decided; their hits are unknown, not 0",
        missing_times,
    ),
)
