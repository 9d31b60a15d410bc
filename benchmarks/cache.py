"""Finding out that nothing changed, beside papermill executing; and digests of files.

    python benchmarks/cache.py [--rounds 3] [--skip-notebooks]

The same three notebooks: papermill executes them one after the other, ``toolkit run``
finds that nothing changed since a run of its own, by turns, in a copy of the project.
Digests: a file of 1 GiB that no cache of ours knows, and a folder of 10,000 unchanged
files, with the loading of the cache. CPU seconds are those of the process and of all it
waited for. The bars: at most 0.05 of papermill, at least 1 GB/s, at most 50 ms.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from toolkit.reproduce.execution.kernels import PINNED
from toolkit.reproduce.fingerprints import Fingerprints

ROOT = Path(__file__).parents[1]
NOOP_BAR, DIGEST_BAR, FOLDER_BAR = 0.05, 1.0, 0.050
FILES = 10_000
SIZE = 1 << 30
LEFT_OUT = (
    "runs",
    ".git",
    ".cache",
    ".hypothesis",
    "__pycache__",
    ".*_cache",
    ".venv*",
)


def cpu_seconds(command: list[str], folder: Path) -> float:
    """Return the CPU seconds of a command and of all it waited for."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "CI", "GITHUB_ACTIONS", "GITLAB_CI")
    environment = {k: v for k, v in os.environ.items() if k not in left_out}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment | PINNED, stdout=log, stderr=log
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            sys.exit(f"{' '.join(command)}: {log.read().decode()}")
    return usage.ru_utime + usage.ru_stime


def median_cpu(measured: Callable[[], object], rounds: int) -> float:
    """Return the median CPU seconds of this process, its threads included."""
    took = []
    for _ in range(rounds):
        began = time.process_time()
        measured()
        took.append(time.process_time() - began)
    return statistics.median(took)


def notebooks(rounds: int, folder: Path) -> tuple[float, float]:
    """Return median CPU seconds of papermill executing, and of nothing to do."""
    project = folder / "project"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(*LEFT_OUT))
    toolkit = [sys.executable, "-m", "toolkit", "run"]
    names = sorted(path.name for path in (project / "notebooks").glob("*.ipynb"))
    cpu_seconds(toolkit, project)
    theirs, ours = [], []
    for _ in range(rounds):
        took = 0.0
        for name in names:
            papermill = [sys.executable, "-m", "papermill", "--no-progress-bar", name]
            took += cpu_seconds([*papermill, str(folder / name)], project / "notebooks")
        theirs.append(took)
        ours.append(cpu_seconds(toolkit, project))
    runs = [path for path in (project / "runs").iterdir() if path.is_dir()]
    if len(runs) != len(names):
        sys.exit(f"something was executed again: {len(runs)} runs")
    return statistics.median(theirs), statistics.median(ours)


def one_file(rounds: int, folder: Path) -> float:
    """Return GB/s of a file that is digested without any cache."""
    path = folder / "large"
    with path.open("wb") as stream:
        for _ in range(SIZE >> 20):
            stream.write(os.urandom(1 << 20))
    seconds = median_cpu(lambda: Fingerprints().digest_of(path), rounds)
    path.unlink()
    return SIZE / seconds / 1e9


def many_files(rounds: int, folder: Path) -> tuple[float, float]:
    """Return the seconds of 10,000 files, new and unchanged; both digests are equal."""
    data, cache = folder / "data", folder / "cache" / "fingerprints"
    for number in range(FILES):
        path = data / f"{number // 100:03}" / f"file-{number:05}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}\n" * 20)
    time.sleep(0.3)  # a change would have another time stamp from now on
    began = time.process_time()
    known = Fingerprints(cache)
    digest = known.folder(data)
    known.save()
    new = time.process_time() - began
    if digest != Fingerprints().folder(data):
        sys.exit("the cache gives another digest")

    def again() -> None:
        if Fingerprints(cache).folder(data) != digest:
            sys.exit("the cache gives another digest")

    return new, median_cpu(again, 5 * rounds)


def main() -> int:
    """Print the table; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip-notebooks", action="store_true")
    args = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        speed = one_file(args.rounds, folder)
        missed |= speed < DIGEST_BAR
        print(f"one new file of 1 GiB: {speed:.2f} GB/s CPU (bar ≥ {DIGEST_BAR:g})")
        new, unchanged = many_files(args.rounds, folder)
        missed |= unchanged > FOLDER_BAR
        print(
            f"10,000 files: new {1e3 * new:.0f} ms, unchanged {1e3 * unchanged:.0f} ms "
            f"CPU (bar ≤ {1e3 * FOLDER_BAR:g})"
        )
        if not args.skip_notebooks:
            theirs, ours = notebooks(args.rounds, folder)
            missed |= ours > NOOP_BAR * theirs
            print(
                f"nothing changed: toolkit run {ours:.2f} s CPU, papermill "
                f"{theirs:.2f} s CPU, "
                f"ratio {ours / theirs:.3f} (bar ≤ {NOOP_BAR:g})"
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
