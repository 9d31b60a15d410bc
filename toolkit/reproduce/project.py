"""Where the project begins, and where its runs lie."""

from pathlib import Path

MARKS = ("scope.yaml", "pyproject.toml", ".git")
RUNS = "runs"


def find_root(start: Path) -> Path:
    """Return the nearest folder, from ``start`` upwards, that begins a project.

    That is the one that holds ``scope.yaml``; else ``pyproject.toml``, else ``.git``;
    else ``start`` itself.

    Parameters
    ----------
    start : an existing folder
    """
    start = start.resolve()
    for mark in MARKS:
        for folder in (start, *start.parents):
            if (folder / mark).exists():
                return folder
    return start


def runs_folder(start: Path) -> Path:
    """Return the folder in which the project around ``start`` keeps its runs."""
    return find_root(start) / RUNS
