"""A year of 1,000 entities from logs, beside polars and pandas by hand.

    python benchmarks/panel.py [--polars PYTHON] [--rounds 3]

``PYTHON`` is the interpreter of an environment of its own, for polars is none of the
toolkit's dependencies::

    python -m venv .venv-polars
    .venv-polars/bin/pip install -r benchmarks/requirements-polars.txt

Two worlds of 365,000 rows: made-up logs with readings four times a day (20 features),
and the bundled logs (48 features). Every build runs in a process of its own, by turns;
the first round checks that all give the same numbers. CPU seconds are those of the
first call in a process, without imports and reading; memory is the peak above what was
held before the call (Linux only).

``polars`` is one lazy query that bins the records by decision and rolls over the bins:
the fastest that we found, and right only while every window is a multiple of the time
between decisions. ``polars-rolling`` is one lazy query and ``pandas`` a series of
group-by-rolling calls that roll by time, as ours does.

The bars: at most 1.5 of polars, 20 times faster than pandas, 1,000 MB above the input.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import panel_peers
from panel_peers import DAY, Logs

POLARS, PANDAS, MEGABYTES = 1.5, 20.0, 1_000.0
ENTITIES, DAYS = 1_000, 365
START = 1_420_182_000_000_000  # 2015-01-02 07:00
PEERS: dict[str, Callable[[Logs], Any]] = {
    "polars": panel_peers.polars_binned,
    "polars-rolling": panel_peers.polars_rolling,
    "pandas": panel_peers.pandas_rolling,
}
WINDOWS = {"made-up": (7,), "bundled": (7, 30)}
Build = Callable[[Logs], Any]
Matrix = npt.NDArray[np.float64]
Tables = Mapping[str, Mapping[str, npt.NDArray[Any]]]


def made_up() -> Tables:
    """Return logs whose times share no grid with the decisions."""
    rng = np.random.default_rng(0)

    def records(n: int, **columns: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
        seconds = rng.integers(-40 * 86_400, DAYS * 86_400, n)
        return {
            "at": START + seconds * 1_000_000,
            "entity": rng.integers(0, ENTITIES, n),
        } | columns

    n = ENTITIES * DAYS * 4
    wait = DAY // 4 * (np.arange(n) // ENTITIES)
    return {
        "stops": records(7_000),
        "alarms": records(60_000, kind=rng.integers(0, 3, 60_000)),
        "readings": {
            "at": START + wait - 1_000_000 * rng.integers(1, 9_000, n),
            "entity": np.arange(n) % ENTITIES,
            "flow": rng.normal(9, 2, n),
            "heat": rng.normal(60, 5, n),
        },
    }


def bundled() -> Tables:
    """Return the bundled logs as numbers."""
    from toolkit import datasets  # noqa: PLC0415  # the peers' environment has none

    return {
        name: {
            "at": frame["datetime"].to_numpy().astype(np.int64),
            "entity": frame["machineID"].to_numpy() - 1,
            "kind": frame.iloc[:, 2].astype("category").cat.codes.to_numpy(np.int64),
        }
        for name, frame in datasets.load("azure-pdm-1000").items()
        if "datetime" in frame
    }


def write(tables: Tables, path: Path) -> None:
    arrays: dict[str, Any] = {
        f"{table}.{column}": values
        for table, columns in tables.items()
        for column, values in columns.items()
    }
    np.savez(path, **arrays)


def read(path: Path, world: str) -> Logs:
    tables: dict[str, dict[str, npt.NDArray[Any]]] = {}
    with np.load(path) as arrays:
        for key in arrays:
            table, column = key.split(".")
            tables.setdefault(table, {})[column] = arrays[key]
    return Logs(
        tables=tables,
        start=START,
        days=DAYS,
        entities=ENTITIES,
        windows=WINDOWS[world],
    )


def call(peer: str, logs: Logs) -> tuple[Matrix, dict[str, float]]:
    """Build the panel once; return it by entity, then decision, and what it took."""
    build = PEERS.get(peer) or ours(logs)
    held = memory("VmRSS")
    before = resource.getrusage(resource.RUSAGE_SELF)
    panel = build(logs)
    after = resource.getrusage(resource.RUSAGE_SELF)
    matrix = np.asarray(panel.to_numpy(), dtype=np.float64)
    if peer == "ours":
        cells = matrix.reshape(DAYS, ENTITIES, -1)
        matrix = cells.swapaxes(0, 1).reshape(matrix.shape)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return matrix, {
        "seconds": seconds,
        "megabytes": memory("VmHWM") - held,
    }


def memory(line: str) -> float:
    """Return what the process holds (VmRSS) or held at most (VmHWM), in megabytes.

    ``getrusage`` would do for the peak, but a child begins with its parent's.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(status.split(f"{line}:")[1].split()[0]) / 1024


def ours(logs: Logs) -> Build:
    """Return a call of ``build_panel``, with the tables as the toolkit loads them."""
    import pandas as pd  # noqa: PLC0415  # the peers' environment has none

    from toolkit import scope  # noqa: PLC0415
    from toolkit.analysis.build import build_panel  # noqa: PLC0415

    asked = scope.parse(scope_text(logs))
    tables = {"entities": pd.DataFrame({"entity": np.arange(ENTITIES)})}
    for name, columns in logs.tables.items():
        frame = pd.DataFrame(columns).astype({"at": "datetime64[us]"})
        tables[name] = frame.astype({"kind": str}) if "kind" in frame else frame
    end = pd.Timestamp(START + (DAYS - 1) * DAY, unit="us")
    windows = [pd.Timedelta(days=days) for days in logs.windows]
    return lambda _: build_panel(tables, asked, windows=windows, end=end).X


def scope_text(logs: Logs) -> str:
    tables = {"entities": {"source": "x", "role": "entities", "entity": "entity"}}
    for name, columns in logs.tables.items():
        log: dict[str, Any] = {"source": "x", "entity": "entity", "time": "at"}
        log["role"] = "measurements" if logs.values(name) else "events"
        if logs.values(name):
            log["values"] = logs.values(name)
        if "kind" in columns:
            log["kind"] = "kind"
        tables[name] = log
    return json.dumps(
        {
            "horizon": "2 days",
            "capacity": 10,
            "decisions": {
                "every": "1 day",
                "ready_by": "07:00",
                "first": str(date(1970, 1, 1) + timedelta(microseconds=START)),
            },
            "tables": tables,
            "label": {"table": next(iter(logs.tables))},
            "evaluation": {
                "window": "growing",
                "first_training": "180 days",
                "test_length": "7 days",
                "step": "7 days",
                "gap": "2 days",
            },
        }
    )


def measure(world: str, rounds: int, polars: str | None) -> bool:
    """Run every peer in turn, print the medians, and return whether the bars hold."""
    pythons = {"ours": sys.executable, "pandas": sys.executable}
    if polars is not None:
        pythons |= {"polars": polars, "polars-rolling": polars}
    peers = list(pythons)
    taken: dict[str, list[dict[str, float]]] = {peer: [] for peer in peers}
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs.npz"
        write(made_up() if world == "made-up" else bundled(), logs)
        expected: Matrix | None = None
        for number in range(rounds):
            for peer in peers if number % 2 == 0 else peers[::-1]:
                if peer == "pandas" and number == rounds - 1:
                    continue
                result = Path(folder) / f"{peer}.npy"
                answer = subprocess.run(
                    [pythons[peer], __file__, "--call", peer, world, logs, result],
                    check=True,
                    capture_output=True,
                    text=True,
                )
                taken[peer].append(json.loads(answer.stdout))
                found = np.load(result)
                expected = found if expected is None else expected
                np.testing.assert_allclose(found, expected, 1e-7, 1e-9)
    return report(world, taken)


def report(world: str, taken: Mapping[str, list[dict[str, float]]]) -> bool:
    def median(peer: str, of: str) -> float:
        return statistics.median(turn[of] for turn in taken[peer])

    print(f"{world}: 365,000 rows, all numbers equal")
    for peer, turns in taken.items():
        ratio = median("ours", "seconds") / median(peer, "seconds")
        print(
            f"  {peer:15} {median(peer, 'seconds'):6.2f} CPU s (of {len(turns)}), ours"
            f" takes {ratio:4.2f} of it; peak +{median(peer, 'megabytes'):4.0f} MB"
        )
    bars = {
        f"at most {MEGABYTES:,.0f} MB": median("ours", "megabytes") <= MEGABYTES,
        f"{PANDAS:g} times faster than pandas": median("pandas", "seconds")
        >= PANDAS * median("ours", "seconds"),
    }
    if "polars" in taken:
        bars[f"at most {POLARS} of polars"] = median("ours", "seconds") <= (
            POLARS * median("polars", "seconds")
        )
    for bar, held in bars.items():
        print(f"  {'held  ' if held else 'MISSED'} {bar}")
    return all(bars.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--polars", metavar="PYTHON", help="interpreter with polars")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--call", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.call:
        peer, world, logs, result = args.call
        matrix, taken = call(peer, read(Path(logs), world))
        np.save(result, matrix)
        print(json.dumps(taken))
        return 0
    held = [measure(world, args.rounds, args.polars) for world in WINDOWS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
