import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from toolkit.analysis.baseline import (
    ColumnCountError,
    DropMissingColumns,
    NoColumnLeftError,
    baseline,
    scaled_baseline,
)

NAN = float("nan")
FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [NAN, 1.0], "c": [3.0, 4.0]})


def test_what_is_missing_in_the_test_rows_decides_nothing() -> None:
    drop = DropMissingColumns().fit(FRAME)
    later = pd.DataFrame({"a": [NAN], "b": [1.0], "c": [1.0]})
    assert drop.kept_ == ["a", "c"]
    assert drop.dropped_ == ["b"]
    assert list(pd.DataFrame(drop.transform(later))) == ["a", "c"]
    assert drop.get_feature_names_out().tolist() == ["a", "c"]


@given(
    missing=st.lists(st.booleans(), min_size=1, max_size=6).filter(
        lambda m: not all(m)
    ),
    order=st.sampled_from(["C", "F"]),
)
@settings(deadline=None, max_examples=30)
def test_frames_and_arrays_keep_the_same_columns_in_order(
    missing: list[bool], order: str
) -> None:
    values = np.arange(3.0 * len(missing)).reshape(3, -1)
    values[1, missing] = NAN
    values = np.asarray(values, order="F" if order == "F" else "C")
    frame = pd.DataFrame(values, columns=[f"x{i}" for i in range(len(missing))])
    of_array = DropMissingColumns().fit_transform(values)
    of_frame = DropMissingColumns().fit_transform(frame)
    assert np.array_equal(of_array, values[:, ~np.array(missing)])
    assert np.array_equal(of_array, of_frame.to_numpy())
    if any(missing):
        assert of_frame.to_numpy().flags["C_CONTIGUOUS"]


def test_nothing_is_copied_where_nothing_is_dropped() -> None:
    complete = FRAME[["a", "c"]]
    assert DropMissingColumns().fit_transform(complete) is complete


def test_the_index_is_kept() -> None:
    found = DropMissingColumns().fit_transform(FRAME.set_axis(["p", "q"]))
    assert found.index.tolist() == ["p", "q"]


def test_nothing_left_is_refused() -> None:
    with pytest.raises(NoColumnLeftError, match="all 1 columns"):
        DropMissingColumns().fit(FRAME[["b"]])


def test_other_columns_than_in_training_are_refused() -> None:
    with pytest.raises(ColumnCountError, match="found 2 columns, expected 3"):
        DropMissingColumns().fit(FRAME).transform(FRAME[["a", "b"]])


def test_transforming_before_fitting_is_refused() -> None:
    with pytest.raises(NotFittedError):
        DropMissingColumns().transform(FRAME)


@pytest.mark.parametrize("make", [baseline, scaled_baseline])
def test_the_pipelines_learn_and_name_their_columns(make: type) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    y = (X["a"] + rng.normal(size=200) > 0).astype(int)
    X.iloc[3, 1] = NAN
    model = clone(make()).fit(X, y)
    assert model.score(X, y) > 0.7
    assert model[:-1].get_feature_names_out().tolist() == ["a", "c"]
    assert model[-1].coef_.shape == (1, 2)


def test_the_baseline_is_untuned() -> None:
    classify = baseline()[-1]
    assert classify.get_params() == type(classify)().get_params()
