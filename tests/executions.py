"""Notebooks executed by a kernel of their own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notebooks import parsed
from toolkit.reproduce.execution.headless import execute
from toolkit.reproduce.execution.prepared import Execution, Surround, prepare
from toolkit.reproduce.execution.quarters import quarters
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import Cell
from toolkit.reproduce.parameters.schema import read_schema
from toolkit.reproduce.parameters.values import Given, resolve


def executed(
    folder: Path,
    *cells: str | dict[str, object],
    limits: Limits | None = None,
    given: tuple[Given, ...] = (),
    begun: list[Cell] | None = None,
) -> Execution:
    notebook = parsed(*cells)
    prepared = prepare(notebook, resolve(read_schema(notebook), given))
    begun = [] if begun is None else begun
    with surrounding(folder, limits) as surround:
        return execute(notebook, prepared, surround, lambda _, c: begun.append(c))


@contextmanager
def surrounding(folder: Path, limits: Limits | None = None) -> Iterator[Surround]:
    with quarters("0" * 8, os.environ) as home:
        yield Surround(
            home=home,
            cwd=folder,
            folder=folder,
            variables={"MARK": "7"},
            limits=limits or Limits(),
        )


def printed(execution: Execution, index: int) -> str:
    outputs = execution.content["cells"][index]["outputs"]
    return "".join(o["text"] for o in outputs if o["output_type"] == "stream")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    state = subprocess.run(  # noqa: S603 -- literal arguments
        ["/bin/ps", "-o", "stat=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return state.stdout.strip()[:1] not in ("", "Z")
