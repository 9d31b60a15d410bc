"""The mark on a number that no run keeps: nobody should quote it yet."""

import os
import shlex
import sys
from html import escape
from pathlib import Path
from typing import Any

RUN_FOLDER = "TOOLKIT_RUN_FOLDER"  # set by `toolkit run` for the kernel it starts
MARK = "exploratory: not for quoting"
_SESSION = "JPY_SESSION_NAME"  # Jupyter Server's: the notebook's path
_VSCODE = "__vsc_ipynb_file__"  # VS Code's, among the notebook's own variables
_ROOT_MARKS = ("scope.yaml", "pyproject.toml", ".git")
_BADGE = (
    "width:fit-content;padding:1px 8px;border-radius:3px;background:#8a3b00;"
    "color:#fff;font-size:85%;font-weight:600;cursor:pointer"
)


def marked_text(text: str) -> str:
    """Return a result's text with the mark as its last line, unless in a run.

    Examples
    --------
    >>> print(marked_text("hit_rate = 1.02"))
    hit_rate = 1.02
    exploratory: not for quoting; it counts after: toolkit run NOTEBOOK
    """
    return text if _in_run() else f"{text}\n{MARK}; it counts after: {_command()}"


def mark_html() -> str:
    """Return the mark as a badge that unfolds to the command; nothing in a run."""
    if _in_run():
        return ""
    return (
        f'<details style="margin:4px 0"><summary style="{_BADGE}">{MARK}</summary>'
        '<div style="font-size:90%;padding:4px 0">It counts after: '
        f"<code>{escape(_command())}</code></div></details>"
    )


def _in_run() -> bool:
    return bool(os.environ.get(RUN_FOLDER))


def _command() -> str:
    """Return what would make the numbers of this notebook count."""
    notebook = _notebook()
    if notebook is None:
        return "toolkit run NOTEBOOK"
    root = next(
        (
            folder
            for mark in _ROOT_MARKS
            for folder in notebook.parents
            if (folder / mark).exists()
        ),
        notebook.parent,
    )
    path = shlex.quote(notebook.relative_to(root).as_posix())
    return f"toolkit run {path} && toolkit verify {shlex.quote(notebook.stem)}"


def _notebook() -> Path | None:
    """Return the path of the notebook that is open, where its editor tells it."""
    for named in (_vscode_variable(), os.environ.get(_SESSION)):
        if isinstance(named, str) and named.endswith(".ipynb"):
            return Path(named).absolute()
    return None


def _vscode_variable() -> object:
    ipython: Any = sys.modules.get("IPython")  # not there: no notebook
    shell = ipython.get_ipython() if ipython is not None else None
    return shell.user_ns.get(_VSCODE) if shell is not None else None
