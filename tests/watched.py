"""A work folder and who watches it."""

import importlib.util
import sqlite3
from pathlib import Path

import pytest

from toolkit.reproduce.tracing.watch import Watch
from toolkit.reproduce.workspace.making import Workspace, make

LINUX = importlib.util.find_spec("inotify_simple") is not None
on_linux = pytest.mark.skipif(not LINUX, reason="inotify is Linux's")
LARGE = "a,b\n" + "1,2\n" * 300_000


def a_watched_folder(tmp_path: Path) -> Workspace:
    import pandas as pd  # noqa: PLC0415 -- slow

    data = tmp_path / "proj" / "data"
    (data / "parts").mkdir(parents=True)
    (data / "x.csv").write_text("a,b\n1,2\n")
    (data / "big.csv").write_text(LARGE)
    (data / "parts" / "y ü\udce9.csv").write_text("a\n1\n")
    pd.DataFrame({"a": [1.0]}).to_parquet(data / "x.parquet")
    with sqlite3.connect(data / "x.db") as base:
        base.execute("create table t (a)")
    base.close()
    return make(tmp_path / "proj", tmp_path / "target")


def seen(
    watch: Watch, workspace: Workspace, kind: str = "read"
) -> dict[str, int | None]:
    """Cell of each path that was seen, relative to the project."""
    return {
        workspace.relative(event.what) or event.what: event.cell
        for event in watch.stop()
        if event.kind == kind
    }
