"""The table of alterations that the team edits."""

import csv
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.scope import Scope

BACKLOG = Path("docs/backlog.csv")


@dataclass(eq=False)
class UnreadableBacklogError(ToolkitError, ValueError):
    """The backlog is no table of text."""

    path: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.path}: found {self.found}; expected a UTF-8 CSV file with a "
            "header: save it as such, or remove it to start anew"
        )


def load_backlog(scope: Scope) -> list[dict[str, str]]:
    """Return the rows of ``docs/backlog.csv`` beside the scope, as they were written.

    Parameters
    ----------
    scope : Scope, whose ``root`` the file lies under

    Returns
    -------
    list of dicts from column to text; empty if there is no file yet

    Raises
    ------
    UnreadableBacklogError : if it is no UTF-8 text, or a row is longer than the header
    """
    path = Path(scope.root) / BACKLOG
    if not path.is_file():
        return []
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"a byte that is no UTF-8 at position {error.start}"
        raise UnreadableBacklogError(path=str(BACKLOG), found=found) from error
    reader = csv.DictReader(StringIO(text, newline=""), restkey="", restval="")
    rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if "" in row:
            found = f"more cells than the header has in line {number}"
            raise UnreadableBacklogError(path=str(BACKLOG), found=found)
    return rows
