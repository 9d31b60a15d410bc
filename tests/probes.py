"""Run code as a notebook's cell in an interpreter of its own, under the probe."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.tracing.confinement import confine
from toolkit.reproduce.tracing.probing import Probe, Settings
from toolkit.reproduce.variation import Variation

CELL = 4
_MEASURED = "COVERAGE_PROCESS_CONFIG"
REPOSITORY = Path(__file__).parent.parent
_AS_CELL = """
import sys
code = compile(sys.argv[1], "/tmp/ipykernel_1/2.py", "exec")
exec(code, {"__name__": "__main__"})
"""
_EACH = """
import contextlib, io, json, os, sys, traceback
shared = os.open(os.path.dirname(os.environ["TOOLKIT_PROBE"]) + "/cell", os.O_WRONLY)
top, done = os.getcwd(), []
for at, source in enumerate(json.loads(sys.argv[1])):
    os.chdir(f"{top}/{at}")
    sys.path.insert(0, f"{top}/{at}")
    os.pwrite(shared, at.to_bytes(8, "little"), 0)
    out, err = io.StringIO(), ""
    try:
        code = compile(source, f"/tmp/ipykernel_1/{at}.py", "exec")
        with contextlib.redirect_stdout(out):
            exec(code, {"__name__": "__main__"})
    except Exception:
        err = traceback.format_exc()
    done.append((out.getvalue(), err))
    del sys.path[0]
os.pwrite(shared, bytes([255]) * 8, 0)
print()
print(json.dumps(done))
"""
_PINNED = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "USER": "plain"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a probed interpreter did."""

    out: str
    err: str
    code: int
    events: tuple[Event, ...]
    workspace: Path

    def of(self, *kinds: str) -> list[tuple[str, str, int | None]]:
        """Events of some kinds: kind, what it was about, line; paths by their name."""
        return [
            (event.kind, self.short(event.what), event.line)
            for event in self.events
            if event.kind in kinds
        ]

    def short(self, what: str) -> str:
        """A path relative to the workspace."""
        return what.replace(f"{self.workspace}/", "").replace(str(self.workspace), ".")


def probed(  # noqa: PLR0913 -- each test turns one of them
    tmp_path: Path,
    cell: str,
    *,
    files: Mapping[str, str] | None = None,
    names: tuple[str, ...] = (),
    stray: tuple[str, ...] = (),
    confined: bool = True,
    network: bool = False,
    watch_calls: bool = False,
    python: str = sys.executable,
    more: Mapping[str, str] | None = None,
    argv: tuple[str, ...] | None = None,
) -> Seen:
    """Execute a cell in a workspace with some files."""
    root = Path(os.path.realpath(tmp_path))
    workspace = root / "run" / "project"
    for name in ("home", "tmp", "project"):
        (root / "run" / name).mkdir(parents=True)
    for name, text in (files or {}).items():
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text(text, "utf-8")
    written = [root / "run" / name for name in ("home", "tmp", "project")]
    if _MEASURED in os.environ:
        written.append(REPOSITORY)
    readable, writable = confine(
        REPOSITORY, Path(python), also_read=(root / "run" / "next",), write=written
    )
    probe = Probe(
        root / "run",
        Settings(
            workspace=workspace,
            project=root / "real",
            readable=readable if confined else (),
            writable=(*writable, root / "run" / "probe" / "cell"),
            network=network,
            variation=Variation(names=frozenset(names), stray=stray),
            watch_calls=watch_calls,
        ),
    )
    probe.start_cell(CELL)
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [python, *(argv or ("-c", _AS_CELL, dedent(cell).strip()))],
        cwd=workspace,
        env=environment(probe, root / "run", more or {}),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Seen(
        out=done.stdout,
        err=done.stderr,
        code=done.returncode,
        events=without_coverage(probe.events()),
        workspace=workspace,
    )


def probed_each(
    tmp_path: Path,
    cells: Mapping[str, str],
    **given: Any,  # noqa: ANN401 -- as probed takes it
) -> dict[str, Seen]:
    """Execute cells one after the other in one interpreter, each in its own folder.

    A cell finds the files of its folder only; what it writes there stays there.
    """
    files: Mapping[str, str] = given.pop("files", {})
    spread = {
        f"{at}/{name}": text for at in range(len(cells)) for name, text in files.items()
    }
    spread |= {f"{at}/.keep": "" for at in range(len(cells))}
    sources = json.dumps([dedent(cell).strip() for cell in cells.values()])
    found = probed(tmp_path, "", files=spread, argv=("-c", _EACH, sources), **given)
    assert found.code == 0, found.err
    done = dict(zip(cells, json.loads(found.out.splitlines()[-1]), strict=True))
    return {
        name: Seen(
            out=out,
            err=err,
            code=int(bool(err)),
            events=tuple(event for event in found.events if event.cell == at),
            workspace=found.workspace / str(at),
        )
        for at, (name, (out, err)) in enumerate(done.items())
    }


def without_coverage(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Leave out what the tool does that measures these tests."""
    own = ("/.coverage", "/pyvenv.cfg")
    return tuple(
        event for event in events if not any(name in event.what for name in own)
    )


def environment(probe: Probe, home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Environment variables of a probed interpreter."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "LD_LIBRARY_PATH", _MEASURED}
    }
    path = (probe.path_entry, home / "project", home / "next")
    return {
        **kept,
        **_PINNED,
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "tmp"),
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        **more,
        **probe.variables,
    }
