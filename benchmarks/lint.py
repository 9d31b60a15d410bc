"""Linting notebooks that nobody changed, and all of them anew.

    python benchmarks/lint.py [--copies 8] [--rounds 5] [--folder DIR]

The notebooks are those shipped inside the installed packages (or those of DIR), copied
several times into a project of their own; each copy is another notebook, by its path.
Cold: without a cache. Warm: nothing changed since. Seconds are CPU seconds of `toolkit
lint` from its start to its end, its start included; both calls must print the same. The
bar: at least 200 notebooks a second, warm.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

BAR = 200
LEFT_OUT = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "PYTHONDONTWRITEBYTECODE")


def shipped(folder: Path) -> list[Path]:
    """Return the notebooks below a folder, without checkpoints."""
    found = sorted(folder.rglob("*.ipynb"))
    return [path for path in found if ".ipynb_checkpoints" not in path.parts]


def copied(notebooks: list[Path], copies: int, root: Path) -> int:
    """Make a project of copies; return how many notebooks it has."""
    (root / "pyproject.toml").touch()
    for copy in range(copies):
        folder = root / "notebooks" / f"copy-{copy}"
        folder.mkdir(parents=True)
        for number, path in enumerate(notebooks):
            shutil.copyfile(path, folder / f"{number:04}.ipynb")
    return copies * len(notebooks)


def linted(root: Path) -> tuple[float, bytes]:
    """Return the CPU seconds of one call, and what it printed."""
    environment = {k: v for k, v in os.environ.items() if k not in LEFT_OUT}
    command = [sys.executable, "-m", "toolkit", "lint", "notebooks"]
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command, cwd=root, env=environment, stdout=printed, stderr=told
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read()
        if not text:
            told.seek(0)
            sys.exit(told.read().decode())
    return usage.ru_utime + usage.ru_stime, text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    found = shipped(args.folder or Path(sysconfig.get_path("purelib")))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        count = copied(found, args.copies, root)
        size = sum(path.stat().st_size for path in root.rglob("*.ipynb")) / 1e6
        cold, first = linted(root)
        warm = [linted(root) for _ in range(args.rounds)]
    if any(text != first for _, text in warm):
        sys.exit("warm and cold print different findings")
    seconds = statistics.median(took for took, _ in warm)
    print(f"{count} notebooks ({len(found)} different), {size:.0f} MB")
    print(first.decode().strip().rpartition("\n")[2])
    print(f"cold: {cold:.2f} s, {count / cold:.0f} notebooks a second")
    print(f"warm: {seconds:.2f} s, {count / seconds:.0f} notebooks a second")
    held = count / seconds >= BAR
    print(f"bar: at least {BAR} a second, warm: {'held' if held else 'MISSED'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
