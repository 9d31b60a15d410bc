"""A look inside a fitted linear pipeline: what each column adds to the score."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LinearModel:
    """A fitted model whose score is a weighted sum of transformed input columns."""

    steps: tuple[object, ...]  # the fitted transformers, in order
    names: tuple[str, ...]  # of the transformed columns
    weights: Floats  # shape (n_transformed,), in log-odds or score per unit
    intercept: float
    probability: bool  # whether the model's own score is the sum's logistic

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return what the weights apply to, shape (n_rows, n_transformed)."""
        values: object = X
        for step in self.steps:
            values = step.transform(values)  # type: ignore[attr-defined]  # duck-typed
        return np.asarray(values, dtype=np.float64)

    def owners(self, columns: pd.Index) -> npt.NDArray[np.intp]:
        """Guess by name the input column of each transformed one; -1 if none fits.

        A name belongs to the longest input name that it starts or ends with:
        ``missingindicator_age`` and ``age_2`` belong to ``age``.
        """
        known = {str(name): at for at, name in enumerate(columns)}
        return np.array([_owner(name, known) for name in self.names], dtype=np.intp)


def _owner(name: str, known: dict[str, int]) -> int:
    if name in known:
        return known[name]
    parts = [one for one in known if name.startswith(one) or name.endswith(one)]
    return known[max(parts, key=len)] if parts else -1


def linear_model(model: object, columns: pd.Index) -> LinearModel | None:
    """Return the linear view of a fitted binary classifier, None if it has none.

    Parameters
    ----------
    model : fitted scikit-learn classifier or pipeline
    columns : names of the input columns, in order

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X = pd.DataFrame({"age": [0.0, 1.0, 2.0, 3.0]})
    >>> linear = linear_model(LogisticRegression().fit(X, [0, 0, 1, 1]), X.columns)
    >>> linear.names
    ('age',)
    """
    named = getattr(model, "steps", [("model", model)])
    *before, last = [step for _, step in named if step not in (None, "passthrough")]
    weights = getattr(last, "coef_", None)
    if weights is None or np.size(weights) != np.shape(weights)[-1]:
        return None
    names = np.asarray(columns, dtype=object)
    for step in before:
        if not hasattr(step, "get_feature_names_out"):
            return None
        names = step.get_feature_names_out(names)
    return LinearModel(
        steps=tuple(before),
        names=tuple(str(name) for name in names),
        weights=np.ravel(np.asarray(weights, dtype=np.float64)),
        intercept=float(np.ravel(last.intercept_)[0]),
        probability=hasattr(last, "predict_proba"),
    )
