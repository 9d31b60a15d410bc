import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from wheels import HERE, MINOR, a_fake_uv, a_lock, wanted

from toolkit.reproduce.environments.building import (
    MissingEnvironmentError,
    interpreter_for,
)
from toolkit.reproduce.environments.pythons import find_python


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    return a_lock(tmp_path, monkeypatch)


@pytest.fixture
def uv(tmp_path: Path, lock: bytes) -> bytes:
    return a_fake_uv(tmp_path, lock)


def test_no_such_python_is_said(uv: bytes, tmp_path: Path) -> None:
    with pytest.raises(
        MissingEnvironmentError,
        match=r"no Python 3\.7 on PATH.*install Python 3\.7\.99.*TOOLKIT_PYTHON",
    ):
        interpreter_for(wanted(uv, python="3.7.99"), uv, cache=tmp_path)


def test_another_patch_version_serves_with_a_note(uv: bytes, tmp_path: Path) -> None:
    other = wanted(uv, python=f"{MINOR}.99")
    built = interpreter_for(other, uv, cache=tmp_path / "cache")
    assert built.environment == replace(other, python=HERE.python)
    (note,) = built.notes
    assert note.startswith(f"made with Python {MINOR}.99, executed with {HERE.python}:")


def a_python(folder: Path, name: str, version: str) -> Path:
    """Write what answers as an interpreter of that version does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    told = f'{{"python": "{version}", "platform": "p", "installed": {{}}}}'
    path.write_text(f"#!/bin/sh\necho '{told}'\n")
    path.chmod(0o755)
    return path


def places(tmp_path: Path) -> Sequence[tuple[Path, dict[str, str]]]:
    named = a_python(tmp_path / "named", "mine", "3.9.7")
    path = a_python(tmp_path / "path", "python3.9", "3.9.7")
    pyenv = a_python(tmp_path / "p/versions/3.9.7/bin", "python3.9", "3.9.7")
    home = a_python(tmp_path / ".pyenv/versions/3.9.7/bin", "python3.9", "3.9.7")
    return [
        (named, {"TOOLKIT_PYTHON": f"/nowhere{os.pathsep}{named}"}),
        (path, {"PATH": f"/nowhere{os.pathsep}{path.parent}"}),
        (pyenv, {"PYENV_ROOT": str(tmp_path / "p")}),
        (home, {"HOME": str(tmp_path)}),
    ]


def test_a_python_is_found_where_people_have_them(tmp_path: Path) -> None:
    for python, environ in places(tmp_path):
        found = find_python("3.9.7", environ)
        assert found is not None
        assert (found.python, found.version) == (python, "3.9.7")
    assert find_python("3.9.7", {}) is None


def test_the_python_of_uv_is_found(tmp_path: Path) -> None:
    python = a_python(tmp_path / "managed", "python", "3.9.2")
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(f"#!/bin/sh\n[ \"$5\" = 3.9 ] && echo '{python}' || exit 2\n")
    uv.chmod(0o755)
    found = find_python("3.9.7", {"PATH": str(uv.parent)})
    assert found is not None
    assert found.python == python


def test_the_exact_version_is_preferred_and_then_the_latest(tmp_path: Path) -> None:
    places = [
        a_python(tmp_path / version, "python", version)
        for version in ("3.9.4", "3.9.10", "3.9.9", "3.8.99")
    ]
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    named = os.pathsep.join(map(str, [broken, *places]))
    for version, expected in (("3.9.4", "3.9.4"), ("3.9.1", "3.9.10")):
        found = find_python(version, {"TOOLKIT_PYTHON": named})
        assert found is not None
        assert found.version == expected
