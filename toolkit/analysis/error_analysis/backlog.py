"""The backlog: alterations to try next, cheapest first, edited by the team."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from math import isnan
from typing import Self

import pandas as pd

from toolkit.errors import ToolkitError

STATUSES = ("open", "done", "refused")
UNKNOWN = float("nan")
NUMBERS = {
    "effort_hours": (0.0, float("inf")),
    "chance": (0.0, 1.0),
    "ceiling": (float("-inf"), float("inf")),
    "money": (float("-inf"), float("inf")),
}


@dataclass(eq=False)
class BacklogRowError(ToolkitError, ValueError):
    """A row of the edited backlog cannot be read."""

    row: int
    column: str
    found: object
    expected: str

    def __str__(self) -> str:
        return (
            f"backlog, row {self.row}, column {self.column!r}: found {self.found!r}, "
            f"expected {self.expected}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Alteration:
    """One change of the pipeline that may be worth trying.

    Parameters
    ----------
    key : short name that never changes; the team's edits are found by it
    title : what to do
    reason : which finding suggests it
    effort_hours : float > 0, NaN if not estimated
    chance : float in [0, 1] of reaching the ceiling, NaN if not estimated
    ceiling : hits gained a decision time by a perfect fix, NaN if not measured
    money : the same in money a day, NaN if not measured
    status : open, done or refused; a refused one is kept, so that it is not tried again
    note : the team's
    """

    key: str
    title: str
    reason: str = ""
    effort_hours: float = UNKNOWN
    chance: float = UNKNOWN
    ceiling: float = UNKNOWN
    money: float = UNKNOWN
    status: str = "open"
    note: str = ""

    def filled_from(self, other: "Alteration") -> "Alteration":
        """Return this one with its empty fields taken from another."""
        blank = {
            field.name: getattr(other, field.name)
            for field in fields(self)
            if _blank(getattr(self, field.name))
        }
        return replace(self, **blank)


COLUMNS = tuple(field.name for field in fields(Alteration))


def _blank(value: object) -> bool:
    return value == "" or value is None or (isinstance(value, float) and isnan(value))


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """Alterations by key, in the order in which they were written."""

    alterations: tuple[Alteration, ...] = ()

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, object]]) -> Self:
        """Read the edited table, a mapping per row; empty cells are unknown.

        Parameters
        ----------
        rows : as from ``csv.DictReader`` or ``DataFrame.to_dict("records")``

        Raises
        ------
        BacklogRowError : naming row (from 1) and column: unknown column, no key or
            title, a key twice, no number or one out of range, an unknown status

        Examples
        --------
        >>> row = {"key": "scaler", "title": "scale", "effort_hours": "0.5"}
        >>> Backlog.from_rows([row]).alterations[0].effort_hours
        0.5
        """
        read: dict[str, Alteration] = {}
        for number, row in enumerate(rows, start=1):
            one = _parse(row, number)
            if one.key in read:
                raise BacklogRowError(
                    row=number, column="key", found=one.key, expected="each key once"
                )
            read[one.key] = one
        return cls(alterations=tuple(read.values()))

    def merge(self, suggested: Iterable[Alteration]) -> "Backlog":
        """Keep what the team wrote, fill its empty cells, add what is new.

        A team that leaves ``ceiling`` and ``money`` empty gets those of each new run.
        """
        offered = {one.key: one for one in suggested}
        kept = [
            one.filled_from(offered.pop(one.key)) if one.key in offered else one
            for one in self.alterations
        ]
        return Backlog(alterations=(*kept, *offered.values()))

    def to_frame(self) -> pd.DataFrame:
        """Return the table to edit, one row an alteration, in its written order."""
        records = [asdict(one) for one in self.alterations]
        return pd.DataFrame(records, columns=list(COLUMNS))

    def ordered(self, *, detectable: float) -> pd.DataFrame:
        """Order by effort, the cheapest first, then by ceiling x chance.

        Parameters
        ----------
        detectable : float
            Smallest difference that the evaluation can show, in the ceiling's unit.

        Returns
        -------
        DataFrame, the open ones first
            The columns of the edited table with ``gain_per_hour`` (ceiling x chance /
            effort) and ``proof``: "alone", "bundle" (the ceiling is below what can be
            shown: cannot be proven alone) or "" (no ceiling known)
        """
        table = self.to_frame()
        gain = table["ceiling"] * table["chance"]
        proof = [_proof(ceiling, detectable) for ceiling in table["ceiling"]]
        table = table.assign(
            gain_per_hour=gain / table["effort_hours"],
            proof=pd.Series(proof, index=table.index, dtype=object),
            _closed=table["status"] != "open",
            _gain=gain,
        )
        ordered = table.sort_values(
            ["_closed", "effort_hours", "_gain"],
            ascending=[True, True, False],
            kind="stable",
            na_position="last",
            ignore_index=True,
        )
        return ordered.drop(columns=["_closed", "_gain"])


def _proof(ceiling: float, detectable: float) -> str:
    if isnan(ceiling):
        return ""
    return "alone" if ceiling >= detectable else "bundle"


def _parse(row: Mapping[str, object], number: int) -> Alteration:
    for column in row:
        if column not in COLUMNS:
            close = get_close_matches(str(column), COLUMNS, n=1)
            known = f"did you mean {close[0]!r}?" if close else f"one of {COLUMNS}"
            raise BacklogRowError(
                row=number,
                column=str(column),
                found="an unknown column",
                expected=known,
            )
    texts = {
        name: "" if _blank(row.get(name)) else str(row[name]).strip()
        for name in COLUMNS
    }
    for name in ("key", "title"):
        if not texts[name]:
            raise BacklogRowError(
                row=number, column=name, found="", expected="a text that is not empty"
            )
    status = texts["status"] or "open"
    if status not in STATUSES:
        raise BacklogRowError(
            row=number, column="status", found=status, expected=f"one of {STATUSES}"
        )
    numbers = {name: _number(texts[name], name, number) for name in NUMBERS}
    return Alteration(
        key=texts["key"],
        title=texts["title"],
        reason=texts["reason"],
        status=status,
        note=texts["note"],
        **numbers,
    )


def _number(text: str, column: str, row: int) -> float:
    if not text:
        return UNKNOWN
    low, high = NUMBERS[column]
    expected = f"a number from {low:g} to {high:g}, or an empty cell"
    try:
        value = float(text)
    except ValueError as error:
        raise BacklogRowError(
            row=row, column=column, found=text, expected=expected
        ) from error
    if not low <= value <= high or (column == "effort_hours" and value == 0):
        raise BacklogRowError(row=row, column=column, found=text, expected=expected)
    return value
