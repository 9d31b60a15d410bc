"""Checking a ledger of 100,000 runs: cold, warm, and with one run more.

    python benchmarks/ledger.py [--runs 100000] [--rounds 3] [--keep DIR]

The runs are made up: a record and its metrics each, a verification for every fifth, and
every tenth uses an earlier one; git gets them in twenty commits. Cold: without an
index. Warm: nothing changed since. Then with one run more. Clock and CPU seconds of
``toolkit ledger check`` from its start to its end. The bar: warm at most 2 s.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from ledgers import a_run, evidence_of, git, put_run  # noqa: E402

from toolkit.publish.results import Sha256  # noqa: E402
from toolkit.reproduce.records.recipe import RunId  # noqa: E402
from toolkit.reproduce.records.record import Record, run_id  # noqa: E402

BAR = 2.0
BATCHES = 20
FIRST = datetime(2025, 1, 1, tzinfo=UTC)


def made(template: Record, started: datetime, seed: int, used: Sequence[str]) -> Record:
    """Return a record as a run would have written it."""
    recipe = replace(
        template.recipe,
        parameters={"seed": seed},
        upstream={f"notebooks/{n}.ipynb": RunId(run) for n, run in enumerate(used)},
        digest=Sha256(""),
    )
    about = template.circumstances
    when = f"{started:%Y-%m-%dT%H:%M:%S.%fZ}"
    return replace(
        template,
        run=run_id(started, template.notebook, recipe.digest),
        recipe=recipe,
        circumstances=replace(about, started=when, finished=when),
    )


def make(root: Path, number: int) -> None:
    """Make the runs, and commit them."""
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "gc.auto", "0")
    (root / "pyproject.toml").touch()
    (root / ".gitignore").write_text(".cache/\n")
    templates = [a_run(f"{n:02}-notebook") for n in range(7)]
    used = ""
    for n in range(number):
        started = FIRST + timedelta(minutes=n)
        uses = [used] if used and n % 10 == 0 else []
        record = made(templates[n % 7], started, n, uses)
        folder = put_run(root / "runs", record)
        if n % 5 == 0:
            evidence = evidence_of(record, f"{started:%Y-%m-%dT%H:%M:%SZ}")
            name = f"verification-{started:%Y%m%dT%H%M%SZ}-{evidence.digest[:8]}.json"
            (folder / name).write_bytes(evidence.to_json())
        if n % 97 == 0:
            used = record.run
        if n % (number // BATCHES) == 0:
            git(root, "add", "-A", ".")
            git(root, "commit", "-q", "-m", f"runs: Keep until {n}")
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "runs: Keep the rest")


def checked(root: Path, exit_code: int = 0) -> tuple[float, float]:
    """Return clock and CPU seconds of one check, its processes included."""
    left_out = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "PYTHONDONTWRITEBYTECODE")
    environment = {k: v for k, v in os.environ.items() if k not in left_out}
    command = [sys.executable, "-m", "toolkit", "-C", str(root), "ledger", "check"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )
    took = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != exit_code:
        sys.exit(f"exit {done.returncode}: {done.stdout[-2000:]}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, cpu


def main() -> int:
    """Print the table; 1 if the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder to make it in, or to reuse")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        root = args.keep or Path(made)
        if not (root / "runs").is_dir():
            root.mkdir(parents=True, exist_ok=True)
            make(root, args.runs)
        index = root / ".cache" / "toolkit" / "ledger.sqlite"
        index.unlink(missing_ok=True)
        cold = checked(root)
        warm = [checked(root) for _ in range(args.rounds)]
        more = a_run("99-more", started="2026-11-01T08:00:00.000000Z")
        folder = put_run(root / "runs", more)
        one = checked(root)
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    median = [statistics.median(column) for column in zip(*warm, strict=True)]
    for name, (clock, cpu) in (("cold", cold), ("warm", median), ("one more", one)):
        print(f"{args.runs:,} runs, {name}: {clock:.2f} s, {cpu:.2f} s CPU")
    print(f"bar: warm ≤ {BAR:g} s")
    return int(median[0] > BAR)


if __name__ == "__main__":
    sys.exit(main())
