"""All sanity checks on 365,000 rows x 22 columns, beside ydata-profiling minimal.

    python benchmarks/sanity.py
    python benchmarks/sanity.py --ydata PYTHON

``PYTHON`` is the interpreter of an environment of its own, since ydata-profiling pins
what the toolkit needs newer::

    python -m venv .venv-ydata
    .venv-ydata/bin/pip install -r benchmarks/requirements-ydata.txt

Both read the same frame from one file, each in processes of its own, by turns. CPU
seconds are those of the process and its children inside the call, without imports and
reading. The bar: at most 0.35 of ydata-profiling, 3 CPU seconds and 600 MB.
"""

import argparse
import importlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ENTITIES, DAYS, SENSORS = 1_000, 365, 20
RATIO, SECONDS, MEGABYTES = 0.35, 3.0, 600.0
SCOPE = """
horizon: 2 days
capacity: 10
decisions: {{every: 1 day, ready_by: 07:00}}
tables:
  machines: {{source: m.csv, role: entities, entity: machine}}
  failures: {{source: f.csv, role: events, entity: machine, time: at}}
  readings: {{source: r.csv, role: measurements, entity: machine, time: at,
    values: [{sensors}]}}
label: {{table: failures}}
evaluation: {{window: growing, first_training: 180 days, test_length: 7 days,
  step: 7 days, gap: 2 days}}
"""


def write_frame(path: Path) -> None:
    """Write a panel of measurements with the flaws that real ones have."""
    rng = np.random.default_rng(0)
    rows = ENTITIES * DAYS
    values = rng.normal(50, 5, (SENSORS, rows))
    values[2, rng.integers(0, rows, 3_000)] = np.nan
    values[3] = np.round(values[3])
    values[4] = np.exp(values[4] / 20)
    np.savez(
        path,
        machine=np.repeat(np.arange(ENTITIES), DAYS),
        day=np.tile(np.arange(DAYS), ENTITIES),
        values=values,
    )


def read_frame(path: Path) -> pd.DataFrame:
    with np.load(path) as file:
        at = pd.Timestamp("2023-01-01 06:00") + pd.to_timedelta(file["day"], unit="D")
        columns = {f"s{i}": row for i, row in enumerate(file["values"])}
        return pd.DataFrame({"machine": file["machine"], "at": at} | columns)


def cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def run_toolkit(frame: pd.DataFrame) -> float:
    from toolkit import scope  # noqa: PLC0415  # absent in the other environment
    from toolkit.analysis import sanity  # noqa: PLC0415
    from toolkit.analysis.panel import Panel  # noqa: PLC0415

    rng = np.random.default_rng(1)
    n = 18 * DAYS
    failures = pd.DataFrame(
        {
            "machine": rng.integers(0, ENTITIES, n),
            "at": pd.Timestamp("2023-01-01")
            + pd.to_timedelta(rng.integers(0, DAYS * 86_400, n), unit="s"),
        }
    )
    machines = pd.DataFrame({"machine": np.arange(ENTITIES)})
    tables = {"machines": machines, "failures": failures, "readings": frame}
    asked = scope.parse(SCOPE.format(sensors=", ".join(frame.columns[2:])))
    names = {"machine": "entity", "at": "cutoff"}
    panel = Panel(
        X=frame.rename(columns=names).set_index(["cutoff", "entity"]).sort_index(),
        y=(rng.random(len(frame)) < 0.03).astype(np.float64),
        events=failures.set_axis(["entity", "time"], axis=1),
        horizon=pd.Timedelta(days=2),
        delay=pd.Timedelta(0),
    )
    start = cpu()
    sanity.check_tables(tables, asked)
    sanity.check_panel(panel, asked)
    return cpu() - start


def run_ydata(frame: pd.DataFrame) -> float:
    profiling = importlib.import_module("ydata_profiling")  # only in its own
    start = cpu()
    profiling.ProfileReport(frame, minimal=True, progress_bar=False).get_description()
    return cpu() - start


def measure(tool: str, path: Path) -> None:
    frame = read_frame(path)
    seconds = {"toolkit": run_toolkit, "ydata": run_ydata}[tool](frame)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak}))


def child(python: str, tool: str, path: Path) -> dict[str, float]:
    command = [python, __file__, "--measure", tool, "--frame", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ydata", help="interpreter that has ydata-profiling")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument(
        "--measure", choices=["toolkit", "ydata"], help=argparse.SUPPRESS
    )
    parser.add_argument("--frame", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measure(args.measure, args.frame)
        return 0
    tools = {"toolkit": sys.executable} | ({"ydata": args.ydata} if args.ydata else {})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.npz"
        write_frame(path)
        turns = [
            {tool: child(python, tool, path) for tool, python in tools.items()}
            for _ in range(args.repeat)
        ]
    middle = {
        tool: {
            key: statistics.median(turn[tool][key] for turn in turns)
            for key in ("seconds", "megabytes")
        }
        for tool in tools
    }
    for tool, result in middle.items():
        seconds, megabytes = result["seconds"], result["megabytes"]
        print(f"{tool:8} {seconds:6.2f} CPU s {megabytes:6.0f} MB peak")
    own = middle["toolkit"]
    kept = own["seconds"] <= SECONDS and own["megabytes"] <= MEGABYTES
    if "ydata" in middle:
        ratio = own["seconds"] / middle["ydata"]["seconds"]
        print(f"ratio {ratio:.3f}, bar {RATIO}")
        kept = kept and ratio <= RATIO
    else:
        print("ratio not measured: pass --ydata")
    print("within the bars" if kept else "OUTSIDE THE BARS")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
