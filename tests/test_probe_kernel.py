import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from probes import REPOSITORY, environment, without_coverage

from toolkit.reproduce.tracing.confinement import confine
from toolkit.reproduce.tracing.probing import Probe, Settings
from toolkit.reproduce.variation import NAMES, Variation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.reproduce.records.trace import Event

CELLS = (
    "import random\nwords = {'a', 'b', 'c', 'd', 'e'}\nn = 1",
    "%%time\ntext = open('data.csv').read()\nn = 1",
    "order = list(words)\n!true",
    "open('new.txt', 'w').close()",
)

pytestmark = pytest.mark.kernel


class _Manager(KernelManager):
    @property
    def kernel_spec(self) -> KernelSpec:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f"]
        return KernelSpec(argv=[*command, "{connection_file}"], language="python")


def executed(
    tmp_path_factory: pytest.TempPathFactory,
    cells: "Sequence[str]",
    variation: Variation,
) -> "tuple[list[str], tuple[Event, ...], Path]":
    """Execute cells in a real kernel and return what they printed, and the events."""
    home = Path(os.path.realpath(tmp_path_factory.mktemp("k")))
    for name in ("home", "tmp", "project"):
        (home / name).mkdir()
    workspace = home / "project"
    (workspace / "data.csv").write_text("1")
    write = [home, *([REPOSITORY] if "COVERAGE_PROCESS_CONFIG" in os.environ else [])]
    readable, writable = confine(
        REPOSITORY, Path(sys.executable), also_read=(), write=write
    )
    settings = Settings(
        workspace=workspace,
        project=home / "real",
        readable=readable,
        writable=writable,
        variation=variation,
        fingerprints=True,
    )
    probe = Probe(home, settings)
    manager: Any = _Manager(
        transport="ipc", ip=str(home / "s"), connection_file=str(home / "c.json")
    )
    manager.start_kernel(cwd=str(workspace), env=environment(probe, home, {}))
    client = manager.client()
    client.start_channels()
    printed = []
    try:
        client.wait_for_ready(timeout=60)
        for index, cell in enumerate(cells):
            probe.start_cell(index)
            printed.append(_printed(client, client.execute(cell)))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return printed, without_coverage(probe.events()), workspace


def _printed(client: Any, asked: str) -> str:  # noqa: ANN401 -- no types
    text = ""
    while True:
        message = client.get_iopub_msg(timeout=60)
        content = message["content"]
        if message["parent_header"].get("msg_id") != asked:
            continue
        text += str(content.get("text", "")) + "".join(content.get("traceback", ""))
        if content.get("execution_state") == "idle":
            return text


@pytest.mark.parametrize("names", [(), NAMES])
def test_a_kernel_works_under_the_probe(
    tmp_path_factory: pytest.TempPathFactory, names: tuple[str, ...]
) -> None:
    variation = Variation(names=frozenset(names))
    printed, events, workspace = executed(tmp_path_factory, CELLS, variation)
    assert not any("Error" in text for text in printed), printed
    told = {
        (event.kind, event.what.replace(f"{workspace}/", ""), event.cell, event.line)
        for event in events
    }
    assert {
        ("read", "data.csv", 1, 2),
        ("write", "new.txt", 3, 1),
        ("variable", "words", 0, None),
        ("variable", "n", 0, None),
        ("variable", "text", 1, None),
        ("variable", "order", 2, None),
    } <= told
    assert any(event.kind == "process" and event.cell == 2 for event in events)
    assert ("variable", "n", 1, None) not in told  # it is what it was
    assert not [event for event in events if event.kind in {"refused", "network"}]
    assert not [event for event in events if "not varied" in event.detail]


def test_the_first_variable_that_parts_is_found(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    names = (frozenset[str](), frozenset({"hash-seed"}))
    plain, varied = (
        {
            (event.cell, event.what): event.detail
            for event in executed(tmp_path_factory, CELLS[:3], Variation(names=n))[1]
            if event.kind == "variable"
        }
        for n in names
    )
    assert plain.keys() == varied.keys()
    parted = sorted(key for key in plain if plain[key] != varied[key])
    assert parted == [(2, "order")]
