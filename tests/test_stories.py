"""The worst miss is drawn from the logs, or it is said that there is none."""

import pandas as pd

from toolkit import datasets, scope
from toolkit.analysis import stories
from toolkit.analysis.figures import alt_text

MONTH = pd.Timedelta(days=30)


def test_the_worst_miss_is_drawn_with_what_was_known() -> None:
    asked = scope.load()
    miss = pd.DataFrame(
        {
            "entity": [1, 2],
            "cutoff": pd.to_datetime(["2015-02-03 07:00"] * 2),
            "time": pd.to_datetime(["2015-02-04 06:00"] * 2),
        }
    )
    figure = stories.worst_miss(miss, datasets.load_tables(asked), asked, before=MONTH)
    assert alt_text(figure).startswith("Decision on 1, 2015-02-03 07:00")
    assert "2015-02-04 06:00 failures comp3" in alt_text(figure)


def test_a_perfect_list_has_no_story() -> None:
    nothing = pd.DataFrame({"entity": [], "cutoff": [], "time": []})
    figure = stories.worst_miss(nothing, {}, scope.load(), before=MONTH)
    assert alt_text(figure).startswith("No failure was missed")
