"""DS403 and DS404: features of the panel that give the label away."""

from collections.abc import Iterable

import numpy as np

from toolkit.analysis.findings import Severity
from toolkit.analysis.sanity.columns import Floats
from toolkit.analysis.sanity.panel_view import PanelView
from toolkit.analysis.sanity.rules import Draft, Rule
from toolkit.analysis.sanity.wording import counted, number, percent

_POSITIVES = 20
_PERFECT = 0.99
_NEAR = 0.95
_PART = 0.2  # of the positives
_SURE = 0.9  # precision
_BASE = 0.2  # base rate from which a high precision says nothing


def rank_auc(positives: Floats, negatives: Floats) -> float:
    """Return the share of pairs in which the positive ranks higher; ties count half.

    References
    ----------
    Mann and Whitney (1947), Annals of Mathematical Statistics 18

    Examples
    --------
    >>> rank_auc(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.875
    """
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, "left")
    upto = np.searchsorted(ordered, positives, "right")
    return float((below + upto).mean() / 2 / len(ordered))


def _judged(view: PanelView) -> bool:
    return len(view.positives) >= _POSITIVES and len(view.negatives) >= _POSITIVES


def perfect_ranks(view: PanelView) -> Iterable[Draft] | None:
    """Find features that alone rank the label near-perfectly, by value or absence."""
    if not _judged(view):
        return None
    drafts = []
    for position, name in enumerate(view.names):
        values = view.feature(position)
        positives, negatives = values[view.positives], values[view.negatives]
        gone, lacking = np.isnan(positives), np.isnan(negatives)
        missing = 0.5 + abs(float(gone.mean() - lacking.mean())) / 2
        auc = 0.5
        if (~gone).sum() >= max(_POSITIVES, gone.sum()) and (~lacking).sum() > 0:
            auc = rank_auc(positives[~gone], negatives[~lacking])
        best = max(auc, 1 - auc, missing)
        if best >= _NEAR:
            by = "whether it is missing" if missing == best else "its value"
            drafts.append(_perfect(name, best, by))
    return drafts


def _perfect(name: str, auc: float, by: str) -> Draft:
    return Draft(
        severity=Severity.ERROR if auc >= _PERFECT else Severity.WARNING,
        place=f"panel.{name}",
        message=f"{by} alone puts a positive row above a negative one in "
        f"{percent(auc)} of all pairs: almost certainly known only afterwards",
        count=1,
    )


def sure_values(view: PanelView) -> Iterable[Draft] | None:
    """Find features whose extreme values are almost always positive."""
    if not _judged(view):
        return None
    base = len(view.positives) / (len(view.positives) + view.n_negatives)
    if base > _BASE:
        return None
    drafts = []
    for position, name in enumerate(view.names):
        values = view.feature(position)
        found = _sure(view, values[view.positives], values[view.negatives])
        if found is not None:
            drafts.append(
                Draft(
                    severity=Severity.WARNING,
                    place=f"panel.{name}",
                    message=f"{percent(found[2])} of the rows {found[0]} "
                    f"{number(found[1])} are positive ({counted(found[3], 'row')}), "
                    f"{percent(base)} of all rows: a part of the label, already known?",
                    count=found[3],
                )
            )
    return drafts


def _sure(
    view: PanelView, positives: Floats, negatives: Floats
) -> tuple[str, float, float, int] | None:
    """Return side, bound, precision and positives of a sure end of a feature."""
    positives = positives[~np.isnan(positives)]
    if len(positives) < _PART * len(view.positives) or len(positives) < _POSITIVES:
        return None
    scale = view.n_negatives / max(1, len(view.negatives))
    taken = max(_POSITIVES, int(np.ceil(_PART * len(view.positives))))
    ordered = np.sort(positives)
    for word, bound in (("from", ordered[-taken]), ("up to", ordered[taken - 1])):
        high = word == "from"
        inside = positives >= bound if high else positives <= bound
        false = negatives >= bound if high else negatives <= bound
        n = int(inside.sum())
        precision = n / (n + scale * float(false.sum()))
        if precision >= _SURE:
            return word, float(bound), precision, n
    return None


RULES: tuple[Rule[PanelView], ...] = (
    Rule(
        code="DS403",
        title="feature that ranks the label near-perfectly",
        looks_at="panel",
        needs=f"{_POSITIVES} positive and negative rows",
        advice="find out when the value is written; leave the feature out until then",
        check=perfect_ranks,
    ),
    Rule(
        code="DS404",
        title="values that decide the label",
        looks_at="panel",
        needs=f"{_POSITIVES} positive rows, and a base rate up to {percent(_BASE)}",
        advice="look at such rows one by one: what was known when?",
        check=sure_values,
    ),
)
