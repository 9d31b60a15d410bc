"""A cold kernel's first cell, beside plain ``jupyter execute``; and ``toolkit --help``.

    python benchmarks/kernel.py [--rounds 7]

Both execute the same notebook, whose one cell imports pandas, scikit-learn and seaborn,
by turns. CPU seconds are those of the process and of all it waited for, the kernel
among them, user and system; what the toolkit does besides (digests, record, git) is in
its own. One execution of each goes before, so that bytecode and lists of fonts are
there for both. The bars: at most 1.0 of ``jupyter execute``, and ``toolkit --help`` at
most 10 times a bare interpreter.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

BARS = {"first cell": 1.0, "help": 10.0}
SOURCE = "import pandas, sklearn.linear_model, seaborn\nprint(pandas.__version__)"
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "imports",
            "metadata": {},
            "outputs": [],
            "source": SOURCE,
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def cpu_seconds(command: Sequence[str], folder: Path) -> float:
    """Return the CPU seconds of a command and of all processes it waited for."""
    environment = {
        k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"
    }
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            sys.exit(f"{' '.join(command)}: {log.read().decode()}")
    return usage.ru_utime + usage.ru_stime


def compare(
    commands: Mapping[str, Callable[[], float]], rounds: int, warm: int = 1
) -> Mapping[str, float]:
    """Return the median of each, measured by turns."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + warm):
        for name, measure in commands.items():
            took = measure()
            if number >= warm:
                seconds[name].append(took)
    return {name: statistics.median(took) for name, took in seconds.items()}


def main() -> int:
    """Print both ratios; 1 if one is above its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    jupyter = str(Path(sys.executable).with_name("jupyter"))
    toolkit = [sys.executable, "-m", "toolkit"]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "pyproject.toml").touch()
        (folder / "first.ipynb").write_text(json.dumps(NOTEBOOK))
        cells = compare(
            {
                "jupyter execute": lambda: cpu_seconds(
                    [jupyter, "execute", "first.ipynb"], folder
                ),
                "toolkit run": lambda: cpu_seconds(
                    [*toolkit, "run", "first.ipynb"], folder
                ),
            },
            rounds,
        )
        helps = compare(
            {
                "python -c pass": lambda: cpu_seconds(
                    [sys.executable, "-c", "pass"], folder
                ),
                "toolkit --help": lambda: cpu_seconds([*toolkit, "--help"], folder),
            },
            3 * rounds,
        )
    failed = False
    for name, seconds in (("first cell", cells), ("help", helps)):
        (theirs, reference), (ours, took) = seconds.items()
        ratio = took / reference
        failed |= ratio > BARS[name]
        print(
            f"{name}: {ours} {took:.3f} s CPU, {theirs} {reference:.3f} s CPU, "
            f"ratio {ratio:.2f} (bar {BARS[name]:g})"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
