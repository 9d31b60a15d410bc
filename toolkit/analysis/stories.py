"""What the logs say of the entity behind one error, drawn."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure

from toolkit.analysis.error_analysis import history
from toolkit.analysis.figures import timeline
from toolkit.analysis.figures.style import canvas, entitle, styled

if TYPE_CHECKING:
    from toolkit.scope import Scope


def worst_miss(
    misses: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    scope: "Scope",
    *,
    before: pd.Timedelta,
) -> Figure:
    """Draw the history of the first of the missed failures.

    Parameters
    ----------
    misses : DataFrame, from `toolkit.analysis.error_analysis.worst_misses`
    tables : frames by name, with the columns that the scope names
    scope : Scope
    before : Timedelta, how far back to look

    Returns
    -------
    Figure; it says so if no failure was missed
    """
    if misses.empty:
        return _none_missed()
    worst = misses.iloc[0]
    past = history(
        worst["entity"], worst["cutoff"], tables=tables, scope=scope, before=before
    )
    return timeline(
        past,
        entity=worst["entity"],
        cutoff=worst["cutoff"],
        horizon=pd.Timedelta(scope.horizon),
        failure=worst["time"],
    )


@styled
def _none_missed() -> Figure:
    figure, (axes,) = canvas(1.2)
    axes.set_axis_off()
    return entitle(figure, "No failure was missed", alt="Nothing is drawn")
