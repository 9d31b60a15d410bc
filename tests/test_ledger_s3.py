"""Push and pull against a server that speaks S3, in an environment of its own."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
pytestmark = pytest.mark.elsewhere


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the server and its client, and then all that is here."""
    folder = tmp_path_factory.mktemp("s3") / "env"
    listed = ["-r", str(TESTS / "requirements-s3.txt")]
    made = [sys.executable, "-m", "venv", str(folder)]
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "-q", *listed]
    if uv := shutil.which("uv"):
        made = [uv, "venv", "-q", "--python", sys.executable, str(folder)]
        install = [uv, "pip", "install", "-q", "--python", str(python), *listed]
    for command in (made, install):
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            pytest.skip("no environment with moto and s3fs can be made here")
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "zz-ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return python


def test_an_s3_store_keeps_what_is_pushed_and_its_failures_are_told(
    python: Path, tmp_path: Path
) -> None:
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    left_out = [name for name in os.environ if name.startswith("AWS_")]
    environment = {k: v for k, v in os.environ.items() if k not in left_out}
    done = subprocess.run(  # noqa: S603
        [str(python), str(TESTS / "ledger_store.py"), str(tmp_path)],
        capture_output=True,
        check=False,
        env={**environment, "PYTHONPATH": paths, "HOME": str(tmp_path)},
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["pushed"], found["again"], found["pulled"]) == (4, 0, 4)
    assert {"notebook.ipynb", "t.csv", "f.svg", "model.bin"} <= set(found["complete"])
    said = {
        "no bucket": "there is no such bucket; make it",
        "half": "half an upload, or somebody changed it",
        "nothing there": "the store has nothing of this run; push it",
        "silent": "s3://runs/pumps: read",
        "closed": "nobody answers there",
        "wrong key": "it is refused",
        "no key": "there are no credentials",
    }
    for case, words in said.items():
        assert words in found[case], case
    assert not found["secret shown"]
