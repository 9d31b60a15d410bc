"""Texts that become columns: the kinds of events, the categories of entities."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.errors import ToolkitError

MAX_LEVELS = 100


@dataclass(eq=False)
class ManyLevelsError(ToolkitError, ValueError):
    """A text column has too many levels to be given a column each."""

    place: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        shown = ", ".join(map(repr, self.examples))
        return (
            f"{self.place}: found {self.count:,} different texts ({shown}, …), expected"
            f" at most {MAX_LEVELS}; drop the column from the table, or group its texts"
        )


def texts_of(values: pd.Series) -> npt.NDArray[np.object_]:
    """Return each value as text, None where it is missing."""
    known = values.notna().to_numpy()
    texts = np.full(len(values), None, dtype=object)
    texts[known] = values[known].astype(str)
    return texts


def levels_of(texts: npt.NDArray[np.object_], place: str) -> tuple[str, ...]:
    """Return the texts that occur, sorted; each becomes a column.

    Raises
    ------
    ManyLevelsError : if there are more than MAX_LEVELS
    """
    levels = sorted(set(texts) - {None})
    if len(levels) > MAX_LEVELS:
        raise ManyLevelsError(
            place=place, count=len(levels), examples=tuple(levels[:3])
        )
    return tuple(levels)
