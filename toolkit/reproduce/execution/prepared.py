"""What an execution is given, and what it gives back."""

import copy
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import INJECTED, Notebook
from toolkit.reproduce.parameters.schema import TAG
from toolkit.reproduce.parameters.values import Values, injected_source
from toolkit.reproduce.records.record import CellRecord, Failure, Status

_WITH_IDS = 5  # nbformat 4.5 is the first whose cells have ids


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A notebook's JSON without outputs, with the injected cell if there is one."""

    content: Mapping[str, Any]
    injected: int | None  # index of the injected cell

    def source_index(self, index: int) -> int:
        """Return where a cell of the copy stands in the source notebook."""
        if self.injected is None or index < self.injected:
            return index
        return index - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """What became of a notebook."""

    status: Status
    cells: tuple[CellRecord, ...]
    error: Failure | None
    content: Mapping[str, Any]  # the executed notebook


@dataclass(frozen=True, kw_only=True, slots=True)
class Surround:
    """Where an execution takes place."""

    home: Path  # empty; HOME, temporary files and sockets lie below it
    cwd: Path
    folder: Path  # of the run; the kernel's own log goes there
    variables: Mapping[str, str]  # further ones for the kernel
    limits: Limits = field(default_factory=Limits)
    python: Path = field(default_factory=lambda: Path(sys.executable))


def prepare(notebook: Notebook, values: Values, until: int | None = None) -> Prepared:
    """Return what is to be executed; the notebook itself stays as it is.

    Parameters
    ----------
    notebook : to be executed
    values : those that are given go into a cell after the parameters cell
    until : index of the last cell that is executed, which need not be all
    """
    content = copy.deepcopy(dict(notebook.content))
    with_ids = int(content.get("nbformat_minor") or 0) >= _WITH_IDS
    last = len(content["cells"]) if until is None else until + 1
    cells = [_clean(plain) for plain in content["cells"][:last]]
    at = None
    if values.given:
        tagged = (cell.index for cell in notebook.cells if TAG in cell.tags)
        at = next(tagged, -1) + 1
        source = injected_source(values.given)
        cells.insert(at, _clean({"cell_type": "code", "source": source}, INJECTED))
    for number, cell in enumerate(cells):
        if with_ids:
            cell.setdefault("id", f"cell-{number}")
    metadata = content.get("metadata")
    content["metadata"] = dict(metadata) if isinstance(metadata, dict) else {}
    content["metadata"]["papermill"] = {
        "default_parameters": {
            name: value
            for name, value in values.effective.items()
            if name not in values.given
        },
        "environment_variables": {},
        "parameters": dict(values.given),
    }
    return Prepared(content=content | {"cells": cells}, injected=at)


def _clean(plain: Mapping[str, Any], *tags: str) -> dict[str, Any]:
    cell = dict(plain)
    metadata = cell.get("metadata")
    cell["metadata"] = dict(metadata) if isinstance(metadata, dict) else {}
    if tags:
        cell["metadata"]["tags"] = list(tags)
    if isinstance(cell["source"], list):
        cell["source"] = "".join(cell["source"])
    if cell["cell_type"] == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell
