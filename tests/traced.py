"""What the two witnesses saw, told to the one who makes a trace of it."""

import json
from pathlib import Path

from toolkit.reproduce.records.trace import Breach, Event, Trace
from toolkit.reproduce.tracing.traces import trace_of
from toolkit.reproduce.workspace.layout import SMALL
from toolkit.reproduce.workspace.making import Workspace, make

NOTEBOOK = "notebooks/nb.ipynb"
CELLS = ["import telemetry\nx = 1", "import a; a.send()"]
FILES = {
    "scope.yaml": "horizon: 1 day",
    "pyproject.toml": "",
    "data/x.csv": "1",
    "data/y.csv": "2",
    "data/big.csv": "3" * (SMALL + 1),
    "other/z.csv": "4",
    "mypkg/__init__.py": "",
    "mypkg/mod.py": "a = 1",
    "scripts/helper.py": "b = 2",
    "notebooks/side.py": "c = 3",
    "runs/1/metrics.json": "{}",
    NOTEBOOK: json.dumps({"cells": [{"source": source} for source in CELLS]}),
}
Found = tuple[Trace, tuple[Breach, ...]]
FILE_KINDS = ("read", "write", "delete", "list", "absent", "module", "refused")


def a_workspace(tmp_path: Path) -> Workspace:
    for path, text in FILES.items():
        (tmp_path / "proj" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "proj" / path).write_text(text)
    return make(tmp_path / "proj", tmp_path / "target", declared=["data"])


class Run:
    """What a run was seen to do, as probe and watch would say it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.probe: list[Event] = []
        self.watch: list[Event] = []

    def saw(
        self, kind: str, path: str, cell: int | None = 1, detail: str = ""
    ) -> "Run":
        what = str(self.workspace.root / path) if kind in FILE_KINDS else path
        event = Event(kind=kind, what=what, cell=cell, line=1, detail=detail)
        self.probe.append(event)
        return self

    def watched(self, kind: str, path: str | Path, cell: int | None = 1) -> "Run":
        what = str(self.workspace.root / path)
        self.watch.append(Event(kind=kind, what=what, cell=cell))
        return self

    def trace(self, **options: object) -> Trace:
        return self.found(**options)[0]

    def breaches(self, **options: object) -> list[tuple[int | None, str]]:
        return [(breach.cell, breach.found) for breach in self.found(**options)[1]]

    def found(self, **options: object) -> Found:
        options = {"notebook": NOTEBOOK, **options}
        return trace_of(self.workspace, self.probe, self.watch, **options)  # type: ignore[arg-type]
