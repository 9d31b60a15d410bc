import sys
from dataclasses import replace
from pathlib import Path

import pytest
from wheels import HERE, MINOR, ROOT, a_fake_uv, a_lock, wanted

from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.environments.building import (
    Interpreter,
    MissingEnvironmentError,
    default_cache,
    interpreter_for,
)
from toolkit.reproduce.environments.surroundings import load_surroundings


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    return a_lock(tmp_path, monkeypatch)


@pytest.fixture
def uv(tmp_path: Path, lock: bytes) -> bytes:
    return a_fake_uv(tmp_path, lock)


def test_this_interpreter_serves_where_nothing_differs(tmp_path: Path) -> None:
    same = Interpreter(python=Path(sys.executable), environment=HERE)
    content = (ROOT / "requirements.lock").read_bytes()
    assert interpreter_for(HERE, content, cache=tmp_path / "none") == same
    unlocked = replace(HERE, lock=None)
    found = interpreter_for(unlocked, None, cache=tmp_path / "none")
    assert (found.python, found.notes) == (Path(sys.executable), ())
    assert not (tmp_path / "none").exists()


def test_this_interpreter_serves_if_it_has_just_what_the_lock_names(
    tmp_path: Path,
) -> None:
    content = (ROOT / "requirements.lock").read_bytes()
    if load_surroundings(ROOT).drift:
        pytest.skip("this environment is not that of the lock")
    drifted = replace(HERE, installed=bytes_digest(b"with more"))
    found = interpreter_for(drifted, content, cache=tmp_path)
    assert found.python == Path(sys.executable)
    assert found.environment == HERE
    (note,) = found.notes
    assert note.startswith("what was installed then was not what requirements.lock")
    elsewhere = replace(drifted, platform="macosx-14.0-arm64")
    (note,) = interpreter_for(elsewhere, content, cache=tmp_path).notes
    assert note == f"made on macosx-14.0-arm64, executed on {HERE.platform}"


def test_a_lock_that_is_not_the_recorded_one_is_refused(
    uv: bytes, tmp_path: Path
) -> None:
    with pytest.raises(MissingEnvironmentError, match="was changed and not committed"):
        interpreter_for(wanted(uv), uv + b"# more\n", cache=tmp_path)


def test_without_a_lock_it_is_said_what_differs(uv: bytes, tmp_path: Path) -> None:
    other = wanted(None, python=f"{MINOR}.99", platform="macosx-14.0-arm64")
    with pytest.raises(MissingEnvironmentError) as caught:
        interpreter_for(other, None, cache=tmp_path)
    here = f"Python {HERE.python}, {HERE.platform}, other packages"
    assert f"is not this one ({here})" in str(caught.value)
    assert "commit a requirements.lock with hashes" in str(caught.value)
    assert uv


def test_a_cache_that_cannot_be_written_is_said(uv: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MissingEnvironmentError, match="XDG_CACHE_HOME"):
        interpreter_for(wanted(uv), uv, cache=tmp_path / "file" / "cache")


def test_environments_are_kept_in_the_users_cache() -> None:
    assert default_cache({"HOME": "/h"}) == Path("/h/.cache/toolkit/environments")
    assert default_cache({"HOME": "/h", "XDG_CACHE_HOME": "/x"}) == Path(
        "/x/toolkit/environments"
    )
