"""No room, no right to write: it is said, and nothing is half-written."""

import re
import subprocess
from pathlib import Path

import pytest
from robust import command, environ, made

from notebooks import cell, write

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("robustness")]
LONG = "import os\nprint(os.urandom(150_000).hex())"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made(tmp_path)


MOUNTED = """
mount -t tmpfs -o "$1" none "$2" || exit 77
[ -z "$3" ] || mount -o "remount,$3" "$2" || exit 77
shift 3
"$@"
code=$?
find runs -mindepth 1 -maxdepth 2 | sed 's/^/left: /'
exit $code
"""


def mounted(
    project: Path, place: Path, size: str, *arguments: str, again: str = ""
) -> "tuple[int, str, list[str]]":
    """Run where a small disk lies at a place; return code, errors and what is left.

    The disk is seen by that run alone: it is mounted in a name space of its own.
    """
    place.mkdir(exist_ok=True)
    (project / "runs").mkdir(exist_ok=True)
    here = ["unshare", "-rm", "/bin/sh", "-c", MOUNTED, "sh"]
    options = f"size={size}"
    try:
        done = subprocess.run(  # noqa: S603 -- our own script
            [*here, options, str(place), again, *command(*arguments)],
            cwd=project,
            env=environ(project),
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
        )
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode == 77 or done.stderr.startswith("unshare"):
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    lines = done.stdout.splitlines()
    left = [line[6:] for line in lines if line.startswith("left: ")]
    return done.returncode, done.stderr, left


@pytest.mark.parametrize("size", ["16k", "160k"])
def test_a_full_disk_is_said_and_nothing_is_half_written(
    project: Path, size: str
) -> None:
    write(project / "notebooks", "01-a", cell("n: int = 0", "parameters"), LONG)
    code, err, left = mounted(project, project / "runs", size)
    assert code == 2, err
    said = err.strip().splitlines()[-1]
    assert re.search(r"^toolkit: .*runs: cannot be written \(No space left", said), err
    assert said.endswith("free some space, or choose another folder with --runs")
    assert "Traceback" not in err
    assert left == []


def test_a_full_folder_for_temporary_files_is_said(project: Path) -> None:
    code, err, left = mounted(project, project.parent / "tmp", "32k")
    assert code == 2, err
    said = err.strip().splitlines()[-1]
    assert "No space left" in err
    assert "TMPDIR" in said
    assert "Traceback" not in err
    assert left == []


def test_runs_that_cannot_be_written_are_said(project: Path) -> None:
    code, err, left = mounted(project, project / "runs", "1m", again="ro")
    assert code == 2, err
    assert re.search(r"toolkit: .*runs: cannot be written \(Read-only file", err)
    assert "Traceback" not in err
    assert left == []
