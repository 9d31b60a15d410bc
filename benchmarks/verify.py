"""Running, tracing and verifying three notebooks, beside plain papermill.

    python benchmarks/verify.py [--rounds 3]

By turns: papermill executes the project's notebooks one after the other, each in a
fresh kernel; ``toolkit run --force`` does the same with workspace, trace, recipe and
record; ``toolkit verify --all`` executes each twice more, plainly and with everything
varied, on two cores. The trace alone is measured on notebook 02, in one process: the
same execution with and without probe, watch and confinement. CPU seconds are those of
the process and of all it waited for; verification goes by the clock, for it is about
two cores. The bars: run at most 1.10 of papermill, the trace at most 5 % more than
without, verification at most 2.2 of one run.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from toolkit.publish.claims import RUN_FOLDER
from toolkit.reproduce.execution.executing import execute_in
from toolkit.reproduce.execution.headless import execute
from toolkit.reproduce.execution.kernels import PINNED
from toolkit.reproduce.execution.prepared import Surround, prepare
from toolkit.reproduce.execution.quarters import quarters
from toolkit.reproduce.execution.rooms import Place, Told
from toolkit.reproduce.parameters.schema import read_schema
from toolkit.reproduce.parameters.values import resolve
from toolkit.reproduce.records.store import UPSTREAM, Store
from toolkit.reproduce.sources import load_notebook

BARS = {"run": 1.10, "trace": 1.05, "verify": 2.2}
ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PLAIN = (
    "import sys, papermill\n"
    "for path in sys.argv[2:]:\n"
    "    papermill.execute_notebook(path, sys.argv[1], cwd='notebooks', "
    "progress_bar=False, log_output=False)"
)


def seconds(command: Sequence[str], more: Mapping[str, str]) -> tuple[float, float]:
    """Return CPU and wall-clock seconds of a command and of all it waited for."""
    environment = {
        k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"
    }
    began = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment | more, stdout=log, stderr=log
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            sys.exit(f"{' '.join(command)}: {log.read().decode()}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began


@contextmanager
def cpu(kept: list[float]) -> Iterator[None]:
    """Add the CPU seconds of this process and its children to a list."""

    def now() -> float:
        return sum(
            used.ru_utime + used.ru_stime
            for used in map(
                resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
            )
        )

    began = now()
    yield
    kept.append(now() - began)


def trace_costs(
    upstream: Mapping[str, Path], rounds: int
) -> tuple[list[float], list[float]]:
    """Return CPU seconds of notebook 02 without and with all that is traced."""
    path = NOTEBOOKS[1]
    notebook = load_notebook(path, root=ROOT)
    values = resolve(read_schema(notebook), [])
    bare: list[float] = []
    traced: list[float] = []

    def plainly() -> None:
        with tempfile.TemporaryDirectory() as made, cpu(bare):
            folder = Path(made)
            with quarters("benchmark", os.environ) as home:
                names = {name: str(place) for name, place in upstream.items()}
                variables = {UPSTREAM: json.dumps(names), RUN_FOLDER: made}
                surround = Surround(
                    home=home, cwd=path.parent, folder=folder, variables=variables
                )
                done = execute(
                    notebook, prepare(notebook, values), surround, lambda *_: None
                )
                assert done.status == "finished", done.error

    def watched() -> None:
        with tempfile.TemporaryDirectory() as made, cpu(traced):
            place = Place(
                root=ROOT, notebook=f"notebooks/{path.name}", upstream=upstream
            )
            run = execute_in(
                notebook, values, place, Told(), Path(made), lambda _: None
            )
            assert run.status == "finished", run.error

    for number in range(rounds + 1):
        for one in (plainly, watched) if number % 2 else (watched, plainly):
            one()
    return bare[1:], traced[1:]  # the first of each warms the caches


def main() -> int:
    """Print the ratios; 1 if one is above its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    toolkit = [sys.executable, "-m", "toolkit"]
    taken: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as made:
        runs = Path(made) / "runs"
        run = [*toolkit, "run", "--force", "--runs", str(runs)]
        seconds(run, {})
        upstream = {
            record.notebook: runs / record.run for record in Store(runs).records()
        }
        given = {UPSTREAM: json.dumps({n: str(p) for n, p in upstream.items()})}
        out = f"{made}/out.ipynb"
        plain = [sys.executable, "-c", PLAIN, out, *map(str, NOTEBOOKS)]
        verify = [*toolkit, "verify", "--all", "--no-keep", "--dir", str(runs)]
        commands: Mapping[str, Callable[[], tuple[float, float]]] = {
            "papermill": lambda: seconds(plain, {**PINNED, **given}),
            "run": lambda: seconds(run, {}),
            "verify": lambda: seconds(verify, {}),
        }
        for _ in range(rounds):
            for name, measure in commands.items():
                taken.setdefault(name, []).append(measure())
        bare, traced = trace_costs(
            {"01-data-sanity": upstream["01-data-sanity"]}, 2 * rounds
        )
    processor = {name: statistics.median(t[0] for t in taken[name]) for name in taken}
    clock = {name: statistics.median(t[1] for t in taken[name]) for name in taken}
    ratios = {
        "run": processor["run"] / processor["papermill"],
        "trace": statistics.median(b / a for a, b in zip(bare, traced, strict=True)),
        "verify": clock["verify"] / clock["run"],
    }
    for name in taken:
        print(
            f"{name:<10} {processor[name]:7.1f} s CPU {clock[name]:7.1f} s by the clock"
        )
    without, watched = statistics.median(bare), statistics.median(traced)
    print(f"notebook 02 bare {without:.2f} s CPU, traced {watched:.2f} s CPU")
    missed = 0
    for name, ratio in ratios.items():
        verdict = "holds" if ratio <= BARS[name] else "missed"
        missed += verdict == "missed"
        print(f"{name:<10} {ratio:5.2f} of its peer (bar {BARS[name]:.2f}): {verdict}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
