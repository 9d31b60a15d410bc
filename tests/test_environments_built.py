import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from wheels import ROOT, a_fake_uv, a_lock, wanted

from toolkit.reproduce.environments.building import (
    MissingEnvironmentError,
    interpreter_for,
)
from toolkit.reproduce.environments.kept import MARK
from toolkit.reproduce.environments.surroundings import ask

REAL_UV = shutil.which("uv")


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    return a_lock(tmp_path, monkeypatch)


@pytest.fixture
def uv(tmp_path: Path, lock: bytes) -> bytes:
    return a_fake_uv(tmp_path, lock)


def calls(tmp_path: Path) -> list[str]:
    log = tmp_path / "log"
    return log.read_text().splitlines() if log.exists() else []


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
import signal, sys
from pathlib import Path
from wheels import wanted
from toolkit.reproduce.environments.building import interpreter_for
# a shell starts what it sends to the background with this signal ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
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
    for _ in range(6000):  # two minutes, to guard against a hang
        if happened():
            return
        time.sleep(0.02)
    raise AssertionError(happened)


def test_two_that_need_the_same_one_build_it_once(uv: bytes, tmp_path: Path) -> None:
    with (
        asking(tmp_path, uv, FAKE_SLEEP="0.4") as first,
        asking(tmp_path, uv, FAKE_SLEEP="0.4") as second,
    ):
        outs = [process.communicate(timeout=120) for process in (first, second)]
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
        process.communicate(timeout=120)
    assert process.returncode != 0
    left = {path.suffix for path in (tmp_path / "cache").iterdir()}
    assert left == {".lock", ".TAG"}
    interpreter_for(wanted(uv), uv, cache=tmp_path / "cache")


@pytest.mark.slow
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


@pytest.mark.slow
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
