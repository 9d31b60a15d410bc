"""``%load_ext toolkit.lint.ipython``: ``%lint`` tells the findings of this notebook."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from toolkit.errors import ToolkitError
from toolkit.lint.engine import Linter
from toolkit.lint.registry import rules_by_code
from toolkit.lint.rendering import text_lines

_NAMED_BY = ("JPY_SESSION_NAME",)  # by jupyter_server; the notebook's whole path
_VS_CODE = "__vsc_ipynb_file__"


class Shell(Protocol):
    """What is asked of IPython."""

    user_ns: dict[str, object]

    def register_magic_function(
        self, func: Callable[[str], None], magic_kind: str, magic_name: str
    ) -> None:
        """Make a function a magic."""


def load_ipython_extension(shell: Shell) -> None:
    """Define ``%lint``: it tells what is found in the notebook as it was last saved."""

    def lint(line: str) -> None:
        path = line.strip() or notebook_here(shell.user_ns, os.environ)
        sys.stdout.write(f"{told(path, os.environ)}\n")

    shell.register_magic_function(lint, "line", "lint")


def notebook_here(names: Mapping[str, object], environ: Mapping[str, str]) -> str:
    """Return the path of the notebook that this kernel serves; "" if nobody says so.

    Examples
    --------
    >>> notebook_here({}, {"JPY_SESSION_NAME": "01.ipynb"})
    '01.ipynb'
    """
    said = [names.get(_VS_CODE), *(environ.get(name) for name in _NAMED_BY)]
    found = (str(path) for path in said if path and str(path).endswith(".ipynb"))
    return next(found, "")


def told(path: str, environ: Mapping[str, str]) -> str:
    """Return what is found in a notebook, or why nothing can be said."""
    if not path:
        return "toolkit: which notebook is this? Say: %lint PATH"
    try:
        report = Linter(environ=environ).lint([Path(path)])
    except ToolkitError as error:
        return f"toolkit: {error}"
    lines = [*text_lines(report, rules_by_code(), why=True)]
    return "\n".join([*(each.reason for each in report.unchecked), *lines])
