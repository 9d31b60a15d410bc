"""No notebook gets to see the key that signs what it computed."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from notebooks import write
from toolkit.cli import main
from toolkit.reproduce.attestation.private import forget_key
from toolkit.reproduce.execution.kernels import kernel_environment
from toolkit.reproduce.execution.prepared import Surround
from toolkit.reproduce.policy import SIGNING_KEY

SECRET = secrets.token_hex(24)  # of this very process
LOOKS = """\
import os, pathlib
print(sorted(os.environ))
for place in pathlib.Path("/proc").glob("[0-9]*/environ"):
    try:
        text = place.read_bytes()
    except OSError:
        continue
    name = b"TOOLKIT_SIGNING_KEY="
    print([one for one in text.split(bytes(1)) if one.startswith(name)])
"""


def test_the_key_is_no_variable_of_a_kernel(tmp_path: Path) -> None:
    surround = Surround(
        home=tmp_path,
        cwd=tmp_path,
        folder=tmp_path,
        variables={SIGNING_KEY: SECRET, "OTHER": "1"},  # as if scope.yaml named it
    )
    environ = kernel_environment({SIGNING_KEY: SECRET}, surround)
    assert SIGNING_KEY not in environ
    assert environ["OTHER"] == "1"
    assert SECRET not in "".join(environ.values())


def test_a_verb_that_does_not_sign_forgets_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SIGNING_KEY, SECRET)
    main(["runs"])
    assert SIGNING_KEY not in os.environ
    assert forget_key(os.environ) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_what_was_forgotten_is_nowhere_in_proc() -> None:
    code = (
        "import os, pathlib\n"
        "from toolkit.reproduce.attestation.private import forget_key\n"
        "print(forget_key(os.environ) == 'hunter2')\n"
        "print(b'hunter2' in pathlib.Path('/proc/self/environ').read_bytes())\n"
    )
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", code],
        env={**os.environ, SIGNING_KEY: "hunter2"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.split() == ["True", "False"]


@pytest.mark.kernel
def test_no_record_log_or_output_of_a_run_holds_the_key(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.toolkit]\nenvironment = ["{SIGNING_KEY}"]\n'
    )
    write(tmp_path / "notebooks", "01-look", LOOKS)
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", "run"],
        cwd=tmp_path,
        env={**os.environ, SIGNING_KEY: SECRET},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    texts = [done.stdout + done.stderr]
    texts += [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
    assert len(texts) > 4
    assert not [text for text in texts if SECRET.encode() in text]
