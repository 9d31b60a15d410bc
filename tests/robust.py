"""Runs of the real program, stopped and hindered."""

import os
import sys
from pathlib import Path

from notebooks import cell, write

PUBLISHES = """\
import time
from toolkit import publish
publish.metric("n", n)
"""
TABLE = """\
import pandas as pd
publish.table("numbers", pd.DataFrame({"x": range(100)}))
time.sleep(0.2)
"""


def made(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    parameters = cell("n: int = 0", "parameters")
    write(root / "notebooks", "01-a", parameters, PUBLISHES, TABLE)
    (root / "pyproject.toml").touch()
    (tmp_path / "tmp").mkdir()
    return root


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "toolkit", "run", *arguments]


def environ(project: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(project.parent / "tmp"), "COLUMNS": "200"}
