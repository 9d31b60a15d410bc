import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.environments import listing as environments_listing
from toolkit.reproduce.environments.building import (
    Interpreter,
    MissingEnvironmentError,
    default_cache,
    interpreter_for,
)
from toolkit.reproduce.environments.kept import MARK
from toolkit.reproduce.environments.pythons import find_python
from toolkit.reproduce.environments.surroundings import (
    ask,
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
REAL_UV = shutil.which("uv")


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


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
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


@pytest.fixture
def uv(tmp_path: Path, lock: bytes) -> bytes:
    script = tmp_path / "bin" / "uv"
    script.write_text(f"#!{sys.executable}\n{FAKE_UV}")
    script.chmod(0o755)
    return lock


def wanted(
    lock: bytes | None, *, python: str = HERE.python, platform: str = HERE.platform
) -> Environment:
    """Return the environment of a run that had what the lock names."""
    told = {**TOLD, "installed": {"ipykernel": ["1.0", None], "tiny": ["2.0", None]}}
    environment = surroundings_with(told, lock, root=None).environment
    return replace(environment, python=python, platform=platform)


def calls(tmp_path: Path) -> list[str]:
    log = tmp_path / "log"
    return log.read_text().splitlines() if log.exists() else []


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


def test_an_environment_is_built_once_and_kept(uv: bytes, tmp_path: Path) -> None:
    cache, said = tmp_path / "cache ü", list[str]()
    built = interpreter_for(wanted(uv), uv, cache=cache, say=said.append)
    assert built.environment == wanted(uv)
    assert built.notes == ()
    assert built.python.is_relative_to(cache)
    assert [line.partition(" in ")[0] for line in said] == [
        "building Python's environment"
    ]
    done = subprocess.run(  # noqa: S603 -- what was built
        [built.python, "-c", "import tiny, sys; print(tiny.VERSION, sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split(" ", 1) == ["2.0", f"{built.python.parents[1]}\n"]
    assert interpreter_for(wanted(uv), uv, cache=cache, say=said.append) == built
    assert calls(tmp_path).count("pip sync") == 1
    assert len(said) == 1
    assert (cache / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d17")


def edit(folder: Path) -> None:
    (module,) = folder.glob("lib/*/site-packages/tiny.py")
    module.write_text("VERSION = '9.9'\n")
    os.utime(module, (0, 0))


def lose(folder: Path) -> None:
    (module,) = folder.glob("lib/*/site-packages/tiny.py")
    module.unlink()


def add(folder: Path) -> None:
    (site,) = folder.glob("lib/*/site-packages")
    (site / "more.py").touch()


def lose_python(folder: Path) -> None:
    (folder / "bin" / "python").unlink()


def change_python(folder: Path) -> None:
    (folder / "bin" / "python").unlink()
    (folder / "bin" / "python").symlink_to("/bin/sh")


def unmark(folder: Path) -> None:
    (folder / MARK).unlink()


def half_mark(folder: Path) -> None:
    (folder / MARK).write_text("{")


@pytest.mark.parametrize(
    "damage", [edit, lose, add, lose_python, change_python, unmark, half_mark]
)
def test_a_damaged_environment_is_built_anew(
    uv: bytes, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    built = interpreter_for(wanted(uv), uv, cache=tmp_path / "cache")
    damage(built.python.parents[1])
    assert interpreter_for(wanted(uv), uv, cache=tmp_path / "cache") == built
    assert calls(tmp_path).count("pip sync") == 2
    assert ask(built.python)["installed"]["tiny"] == ["2.0", None]


def test_what_python_compiles_damages_nothing(uv: bytes, tmp_path: Path) -> None:
    built = interpreter_for(wanted(uv), uv, cache=tmp_path / "cache")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    subprocess.run([built.python, "-c", "import tiny"], check=True, env=environ)  # noqa: S603 -- built
    assert list(built.python.parents[1].glob("lib/*/site-packages/__pycache__/tiny*"))
    interpreter_for(wanted(uv), uv, cache=tmp_path / "cache")
    assert calls(tmp_path).count("pip sync") == 1


def test_a_moved_cache_is_built_anew(uv: bytes, tmp_path: Path) -> None:
    interpreter_for(wanted(uv), uv, cache=tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    interpreter_for(wanted(uv), uv, cache=tmp_path / "b")
    assert calls(tmp_path).count("pip sync") == 2


ASKS = """
import sys
from pathlib import Path
from test_environments import wanted
from toolkit.reproduce.environments.building import interpreter_for
lock, cache = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
print(interpreter_for(wanted(lock), lock, cache=cache, say=print), flush=True)
"""


@contextmanager
def asking(
    tmp_path: Path, lock: bytes, **variables: str
) -> "Iterator[subprocess.Popen[str]]":
    (tmp_path / "lock").write_bytes(lock)
    with subprocess.Popen(  # noqa: S603 -- our own script
        [sys.executable, "-c", ASKS, str(tmp_path / "lock"), str(tmp_path / "cache")],
        cwd=ROOT / "tests",
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(happened: Callable[[], object]) -> None:
    for _ in range(500):
        if happened():
            return
        time.sleep(0.02)
    raise AssertionError(happened)


def test_two_that_need_the_same_one_build_it_once(uv: bytes, tmp_path: Path) -> None:
    with (
        asking(tmp_path, uv, FAKE_SLEEP="0.4") as first,
        asking(tmp_path, uv, FAKE_SLEEP="0.4") as second,
    ):
        outs = [process.communicate(timeout=60) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outs
    assert calls(tmp_path).count("pip sync") == 1
    assert sum("waiting for another process" in out for out, _ in outs) == 1
    assert outs[0][0].splitlines()[-1] == outs[1][0].splitlines()[-1]


def test_after_a_kill_the_next_one_waits_for_orphans_and_builds_anew(
    uv: bytes, tmp_path: Path
) -> None:
    with asking(tmp_path, uv, FAKE_SLEEP="0.6") as process:
        wait_until(lambda: "pip sync" in calls(tmp_path))
        process.kill()
    said: list[str] = []
    built = interpreter_for(wanted(uv), uv, cache=tmp_path / "cache", say=said.append)
    assert said[0].startswith("waiting for another process")
    assert said[1].startswith("building")
    assert built.environment == wanted(uv)
    assert calls(tmp_path).count("pip sync") == 2


def test_an_interrupt_ends_the_builder_and_leaves_nothing(
    uv: bytes, tmp_path: Path
) -> None:
    with asking(tmp_path, uv, FAKE_SLEEP="60") as process:
        wait_until(lambda: "pip sync" in calls(tmp_path))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode != 0
    left = {path.suffix for path in (tmp_path / "cache").iterdir()}
    assert left == {".lock", ".TAG"}
    began = time.monotonic()
    interpreter_for(wanted(uv), uv, cache=tmp_path / "cache")
    assert time.monotonic() - began < 20


def test_without_uv_pip_builds_it(lock: bytes, tmp_path: Path) -> None:
    built = interpreter_for(wanted(lock), lock, cache=tmp_path / "cache")
    assert (built.environment, built.notes) == (wanted(lock), ())
    assert list(built.python.parents[1].glob("lib/*/site-packages/__pycache__/tiny*"))


@pytest.mark.skipif(REAL_UV is None, reason="no uv on PATH")
def test_the_real_uv_builds_it(
    lock: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    (tmp_path / "bin" / "uv").symlink_to(str(REAL_UV))
    built = interpreter_for(wanted(lock), lock, cache=tmp_path / "cache")
    assert (built.environment, built.notes) == (wanted(lock), ())
    assert not list(built.python.parents[1].glob("lib/*/site-packages/pip"))


def test_a_changed_package_is_refused_with_the_builders_last_words(
    uv: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_FAILS", "1")
    wheel = tmp_path / "wheels" / "tiny-2.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("tiny_extra.py", "")
    with pytest.raises(MissingEnvironmentError, match="see below") as caught:
        interpreter_for(wanted(uv), uv, cache=tmp_path / "cache")
    lines = caught.value.lines
    assert lines[:8] == tuple(f"uv: line {n}" for n in range(12, 20))
    assert len(lines) <= 16
    assert "HASH" in " ".join(lines[8:])
    assert not list((tmp_path / "cache").glob("*/bin"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(b"-e .\n", "line 6: '-e .', which is a link", id="editable"),
        pytest.param(b"./a.whl --hash=sha256:0\n", "which is a place", id="file"),
        pytest.param(b"pandas==3\n", "has no hash for pandas; write it", id="unhashed"),
    ],
)
def test_a_lock_that_cannot_be_built_is_refused_at_once(
    uv: bytes, tmp_path: Path, line: bytes, said: str
) -> None:
    content = uv + line
    with pytest.raises(MissingEnvironmentError, match=said):
        interpreter_for(wanted(content), content, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_lock_without_a_kernel_is_refused(uv: bytes, tmp_path: Path) -> None:
    content = uv.replace(b"ipykernel", b"something")
    with pytest.raises(MissingEnvironmentError, match="does not name ipykernel"):
        interpreter_for(wanted(content), content, cache=tmp_path)


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


def test_a_cache_that_cannot_be_written_is_said(uv: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MissingEnvironmentError, match="XDG_CACHE_HOME"):
        interpreter_for(wanted(uv), uv, cache=tmp_path / "file" / "cache")


def test_environments_are_kept_in_the_users_cache() -> None:
    assert default_cache({"HOME": "/h"}) == Path("/h/.cache/toolkit/environments")
    assert default_cache({"HOME": "/h", "XDG_CACHE_HOME": "/x"}) == Path(
        "/x/toolkit/environments"
    )
