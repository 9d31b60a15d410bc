"""Where the error concentrates: conditions and pairs of them, found by search."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from toolkit.analysis.backtest import Backtest
from toolkit.analysis.error_analysis.conditions import Bools, conditions
from toolkit.analysis.error_analysis.explanations import positions
from toolkit.analysis.error_analysis.lattice import Lattice
from toolkit.analysis.error_analysis.outcomes import classify
from toolkit.analysis.error_analysis.proportions import effective_n, wilson
from toolkit.analysis.panel import CUTOFF, ENTITY, Panel

BINS = 4
ALPHA = 0.05
MOST = 10


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Segments:
    """The segments whose error rate is above the rest, and how many were tried.

    Parameters
    ----------
    table : DataFrame, one row per segment, the surest first
        ``segment``, ``rows``, ``errors``, ``entities``, ``rate`` with its interval
        ``low`` to ``high``, ``difference`` from the overall rate, ``t`` against all
        other rows, ``p`` and ``q``, the p-value adjusted for all that were tested
    members : array of shape (n_segments, n_rows), in the order of both frames
    kind : what the error is: "missed" or "false alarm"
    rows : DataFrame, the rows searched, as from `classify`, with ``error``
    rate : float, overall error rate
    tested : int, how many conditions and pairs were tested
    """

    kind: str
    table: pd.DataFrame
    members: Bools
    rows: pd.DataFrame
    rate: float
    tested: int


def missed_segments(
    backtest: Backtest, panel: Panel, *, alpha: float = ALPHA, most: int = MOST
) -> Segments:
    """Find who is missed: segments of the positives by the share that was not listed.

    Parameters
    ----------
    backtest : Backtest
    panel : Panel that it was made from
    alpha : float, the share of false discoveries allowed among the segments
    most : int, at most so many segments
    """
    rows = classify(backtest)
    positive = rows[rows["y"] == 1]
    wrong = positive.assign(error=~positive["listed"])
    return _search("missed", panel, wrong, alpha=alpha, most=most)


def false_alarm_segments(
    backtest: Backtest, panel: Panel, *, alpha: float = ALPHA, most: int = MOST
) -> Segments:
    """Find what is listed in vain: segments of the list by the share of false alarms.

    The parameters are those of `missed_segments`.
    """
    rows = classify(backtest)
    listed = rows[rows["listed"]]
    wrong = listed.assign(error=listed["y"] == 0)
    return _search("false alarm", panel, wrong, alpha=alpha, most=most)


def _search(
    kind: str, panel: Panel, rows: pd.DataFrame, *, alpha: float, most: int
) -> Segments:
    features = panel.X.iloc[positions(panel, rows)].reset_index(drop=True)
    when = pd.DatetimeIndex(rows[CUTOFF])
    calendar = pd.DataFrame(
        {
            "cutoff.month": when.strftime("%Y-%m").astype(object),
            "cutoff.weekday": when.day_name().astype(object),
            "cutoff.hour": when.hour.astype(np.float64),
        }
    )
    X = pd.concat([features, calendar], axis=1)
    return find_segments(X, rows, kind=kind, alpha=alpha, most=most)


def find_segments(
    X: pd.DataFrame,
    rows: pd.DataFrame,
    *,
    kind: str,
    alpha: float = ALPHA,
    most: int = MOST,
) -> Segments:
    """Search all single conditions and pairs for a higher error rate.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features), numbers or categories
    rows : DataFrame with ``entity`` and ``error`` (bool), in the same order
    kind : what the error is called
    alpha : float, false discovery rate
    most : int, at most so many segments

    Returns
    -------
    Segments
        Only those worse than the rest, a pair only if it is worse within both of its
        parents; each is worse (at ``alpha``) even on what surer ones leave over.

    Notes
    -----
    Score tests whose variance is summed over entities: ten rows of one machine do not
    count as ten. The p-value of a pair is the largest of three, against all other rows
    and within either parent. All of them, whether reported or not, enter one
    Benjamini-Hochberg adjustment. Not tested: fewer than 20 rows or 2 % of them inside
    or outside, or fewer than 5 entities. The intervals are Wilson's with the effective
    number of rows, and are not adjusted for the search.

    References
    ----------
    Pastor, de Alfaro and Baralis (2021), Looking for Trouble: Analyzing Classifier
    Behavior via Pattern Divergence, SIGMOD; Benjamini and Hochberg (1995), JRSS B 57(1)
    """
    codes = pd.factorize(rows[ENTITY])[0]
    order = np.argsort(codes, kind="stable")
    lattice = Lattice(
        single=conditions(X.iloc[order], bins=BINS),
        error=rows["error"].to_numpy(dtype=bool)[order],
        entity=codes[order],
    )
    nodes = lattice.nodes()
    t, p = _tested(lattice, nodes, alpha=alpha)
    q = stats.false_discovery_control(p)
    sure = np.flatnonzero((q <= alpha) & (t > 0))
    sure = sure[np.argsort(-t[sure], kind="stable")]
    kept = sure[lattice.prune(nodes[sure], alpha=alpha, most=most)]
    members = lattice.members(nodes[kept])
    rate = float(lattice.error.mean()) if len(rows) else float("nan")
    return Segments(
        kind=kind,
        table=_table(lattice, nodes[kept], members, rate).assign(
            t=t[kept], p=p[kept], q=q[kept]
        ),
        members=members[np.argsort(order, kind="stable")].T,
        rows=rows.reset_index(drop=True),
        rate=rate,
        tested=len(nodes),
    )


def _tested(
    lattice: Lattice, nodes: npt.NDArray[np.intp], *, alpha: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return t against all other rows, and the largest p of that and of the parents.

    Only nodes that could still pass are tested within their parents: for the others p
    can only grow, and they do not pass as it is.
    """
    t = lattice.test(nodes)
    p = lattice.p_values(t)
    hopeful = np.flatnonzero((stats.false_discovery_control(p) <= alpha) & (t > 0))
    inner = lattice.test_within_parents(nodes[hopeful])
    within = np.where(inner > 0, lattice.p_values(inner), 1.0)
    p[hopeful] = np.maximum(p[hopeful], within)
    return t, p


def _table(
    lattice: Lattice, nodes: npt.NDArray[np.intp], members: Bools, overall: float
) -> pd.DataFrame:
    records = []
    names = lattice.single.names
    for node, member in zip(nodes, members.T, strict=True):
        error, entity = lattice.error[member], lattice.entity[member]
        rate = np.array([error.mean()])
        low, high = wilson(rate, np.array([effective_n(error, entity)]))
        records.append(
            {
                "segment": " and ".join(dict.fromkeys(names[at] for at in node)),
                "rows": len(error),
                "errors": int(error.sum()),
                "entities": len(np.unique(entity)),
                "rate": rate.item(),
                "low": low.item(),
                "high": high.item(),
                "difference": rate.item() - overall,
            }
        )
    columns = ["segment", "rows", "errors", "entities"]
    columns += ["rate", "low", "high", "difference"]
    return pd.DataFrame(records, columns=columns)
