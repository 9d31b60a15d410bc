"""A lock of small wheels, and a builder that only says how it was called."""

import base64
import hashlib
import os
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit.reproduce.environments import listing as environments_listing
from toolkit.reproduce.environments.surroundings import (
    load_surroundings,
    surroundings_with,
)
from toolkit.reproduce.records.recipe import Environment

ROOT = Path(__file__).resolve().parents[1]
HERE = load_surroundings(ROOT).environment
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
TOLD = environments_listing.describe()
# Takes the place of uv: quick, and as slow or as broken as a test wants it.
FAKE_UV = """\
import os, subprocess, sys, zipfile
from pathlib import Path
words = sys.argv[1:]
with open(os.environ["FAKE_LOG"], "a") as log:
    print(" ".join(words[:2]), file=log, flush=True)
if words[0] == "python":
    sys.exit(1)
if words[0] == "venv":
    python = words[words.index("--python") + 1]
    sys.exit(subprocess.call([python, "-m", "venv", "--without-pip", words[-1]]))
site = next(Path(words[words.index("--python") + 1]).parents[1].glob("lib/*/site-*"))
for wheel in Path(os.environ["FAKE_WHEELS"]).glob("*.whl"):
    zipfile.ZipFile(wheel).extractall(site)
    if os.environ.get("FAKE_SLEEP"):  # a process of the builder's own
        subprocess.call(["/bin/sleep", os.environ["FAKE_SLEEP"]], close_fds=False)
if os.environ.get("FAKE_FAILS"):
    print("\\n".join(f"line {n}" for n in range(20)))
    sys.exit(1)
"""
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def a_wheel(folder: Path, name: str, version: str) -> bytes:
    """Write a package of one module; return its line of a lock."""
    folder.mkdir(exist_ok=True)
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{about}/METADATA": METADATA.format(name=name, version=version),
        f"{about}/WHEEL": WHEEL,
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
        rows.append(f"{path},sha256={digest.decode().rstrip('=')},{len(text)}")
    files[f"{about}/RECORD"] = "\n".join([*rows, f"{about}/RECORD,,", ""])
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    sha = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name}=={version} \\\n    --hash=sha256:{sha}\n".encode()


def a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A lock whose wheels lie in a folder; nothing of the machine's own is found."""
    wheels = tmp_path / "wheels"
    content = a_wheel(wheels, "ipykernel", "1.0") + a_wheel(wheels, "tiny", "2.0")
    (tmp_path / "bin").mkdir()
    for name, value in {
        "PATH": str(tmp_path / "bin"),
        "HOME": str(tmp_path),
        "FAKE_WHEELS": str(wheels),
        "FAKE_LOG": str(tmp_path / "log"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": wheels.as_uri(),
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheels),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("TOOLKIT_PYTHON", "PYENV_ROOT", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    return content + b"elsewhere==1 ; sys_platform == 'win32' --hash=sha256:00\n"


def a_fake_uv(tmp_path: Path, lock: bytes) -> bytes:
    script = tmp_path / "bin" / "uv"
    (tmp_path / "fake_uv.py").write_text(FAKE_UV)
    # a first line cannot name an interpreter whose path holds a blank
    command = f'exec "{sys.executable}" "{tmp_path}/fake_uv.py" "$@"'
    script.write_text(f"#!/bin/sh\n{command}\n")
    script.chmod(0o755)
    return lock


def wanted(
    lock: bytes | None, *, python: str = HERE.python, platform: str = HERE.platform
) -> Environment:
    """Return the environment of a run that had what the lock names."""
    told = {**TOLD, "installed": {"ipykernel": ["1.0", None], "tiny": ["2.0", None]}}
    environment = surroundings_with(told, lock, root=None).environment
    return replace(environment, python=python, platform=platform)
