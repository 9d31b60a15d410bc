import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analysis.listing import delivered, text_hash, tie_hash

DAYS = pd.date_range("2024-01-01 07:00", periods=40, freq="D")


def predictions(
    score: float | Sequence[float] = 0.5,
    entities: Sequence[str | int] = "abcde",
    n_days: int = 3,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cutoff": DAYS[:n_days].repeat(len(entities)),
            "entity": [*entities] * n_days,
            "score": score,
            "y": 0,
        }
    )


@given(
    score=st.lists(st.sampled_from([0.1, 0.2, float("nan")]), min_size=15, max_size=15),
    capacity=st.integers(0, 6),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=40)
def test_the_list_holds_k_rows_best_first_in_any_row_order(
    score: list[float], capacity: int, seed: int
) -> None:
    rows = predictions(score)
    listed = delivered(rows, capacity=capacity, random_state=seed)
    shuffled = rows.sample(frac=1.0, random_state=seed)
    pd.testing.assert_frame_equal(
        listed, delivered(shuffled, capacity=capacity, random_state=seed)
    )
    for _, day in listed.groupby("cutoff"):
        assert day["rank"].tolist() == list(range(1, min(capacity, 5) + 1))
        assert day["score"].fillna(-1).is_monotonic_decreasing
        assert day["entity"].is_unique


def test_what_is_left_out_scores_no_better_than_what_is_listed() -> None:
    rows = predictions([0.3, 0.1, 0.2, 0.9, np.nan], n_days=1)
    listed = delivered(rows, capacity=3, random_state=0)
    assert listed["entity"].tolist() == ["d", "a", "c"]


def test_ties_fall_anew_each_day_and_by_the_seed() -> None:
    rows = predictions(n_days=40)
    first = delivered(rows, capacity=1, random_state=0)
    assert set(first["entity"]) == set("abcde")
    other = delivered(rows, capacity=1, random_state=1)
    assert (first["entity"] == other["entity"]).mean() < 0.5


def test_each_tied_entity_is_listed_about_equally_often() -> None:
    rows = predictions(entities=range(10), n_days=40)
    days = [
        rows.assign(cutoff=rows["cutoff"] + pd.Timedelta(days=40) * i)
        for i in range(10)
    ]
    listed = delivered(pd.concat(days), capacity=5, random_state=3)
    share = listed["entity"].value_counts() / 400
    assert share.between(0.4, 0.6).all()


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_the_unit_of_time_does_not_matter(unit: str) -> None:
    rows = predictions()
    same = rows["cutoff"].dt.as_unit(unit)
    found = tie_hash(same, rows["entity"], 0)
    assert (found == tie_hash(rows["cutoff"], rows["entity"], 0)).all()


def test_the_hash_is_the_same_everywhere() -> None:
    """Fixed values: another process, platform or version must not move a list."""
    found = tie_hash(pd.Series(DAYS[:2]), pd.Series(["a", "ü"]), 7)
    assert [f"{one:016x}" for one in found] == ["d383039f3f9b1608", "7f7f39835cc8c4cc"]


def test_a_kind_of_integer_does_not_matter() -> None:
    wide, narrow = (pd.Series([5, 9], dtype=kind) for kind in ("int64", "int16"))
    assert (text_hash(wide, "x") == text_hash(narrow, "x")).all()


def test_another_process_with_another_hash_seed_agrees() -> None:
    code = (
        "import pandas as pd; from toolkit.analysis.listing import text_hash;"
        "print(text_hash(pd.Series(['a', 'b']), 'x').tolist())"
    )
    found = subprocess.run(  # noqa: S603  the interpreter itself, and our own code
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "5"},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert found.strip() == str(text_hash(pd.Series(["a", "b"]), "x").tolist())
