import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.reproduce.environments import listing as environments_listing
from toolkit.reproduce.environments.listing import Distribution, installed
from toolkit.reproduce.environments.lock import counted, drift, parse_lock
from toolkit.reproduce.environments.surroundings import (
    NOT_CAPTURED,
    InterpreterError,
    ask,
    find_commit,
    load_surroundings,
    not_captured,
    surroundings_with,
)

ROOT = Path(__file__).resolve().parents[1]
TOPICS = ("files", "network", "processes", "environment", "reads by native code")
HASH = "\\\n    --hash=sha256:" + "0" * 64


def test_this_interpreter_and_the_same_one_asked_tell_the_same(tmp_path: Path) -> None:
    here, lock = load_surroundings(ROOT), (ROOT / "requirements.lock").read_bytes()
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    asked = surroundings_with(ask(link), lock, root=ROOT).environment
    assert asked.python == here.environment.python
    alias = Path(sys.executable).with_name("python3")
    assert surroundings_with(ask(alias), lock, root=ROOT) == here


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("#!/bin/sh\necho hello\n", "exit code 0", id="something-else"),
        pytest.param("#!/bin/sh\necho no >&2\nexit 3\n", "no", id="fails"),
        pytest.param("no program", "Exec format error", id="no-program"),
        pytest.param(None, "No such file", id="absent"),
    ],
)
def test_what_is_no_interpreter_is_said(
    tmp_path: Path, script: str | None, said: str
) -> None:
    python = tmp_path / "python3"
    if script is not None:
        python.write_text(script)
        python.chmod(0o755)
    with pytest.raises(InterpreterError, match=said):
        ask(python)


def test_packages_of_the_user_and_of_the_caller_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Mine-1.0.dist-info").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    alias = Path(sys.executable).with_name("python3")
    assert "mine" not in ask(alias)["installed"]
    monkeypatch.syspath_prepend(tmp_path)
    assert "mine" in dict(environments_listing.describe()["installed"])  # type: ignore[call-overload]  # JSON
    monkeypatch.setattr("site.USER_SITE", str(tmp_path))
    assert "mine" not in dict(environments_listing.describe()["installed"])  # type: ignore[call-overload]  # JSON


def test_the_first_of_two_on_the_path_counts(tmp_path: Path) -> None:
    for place, version in (("a", "1"), ("b", "2")):
        (tmp_path / place / f"Some.Thing_x-{version}.dist-info").mkdir(parents=True)
    (tmp_path / "b" / "old_one-0.5-py3.11.egg-info").touch()
    (tmp_path / "b" / "source.egg-info").mkdir()
    places = [str(tmp_path / name) for name in ("a", "none", "b")]
    assert installed(places) == {
        "some-thing-x": Distribution("1"),
        "old-one": Distribution("0.5"),
    }


def a_link(folder: Path, name: str, to: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    origin = {"url": f"file://{to}", "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))


def test_the_project_itself_is_no_drift_and_a_link_to_elsewhere_is(
    tmp_path: Path,
) -> None:
    root = tmp_path / "mein projekt"
    a_link(tmp_path, "mine", str(root).replace(" ", "%20"))
    a_link(tmp_path, "within", f"{root}/lib".replace(" ", "%20"))
    a_link(tmp_path, "toolkit", "/opt/toolkit")
    (tmp_path / "broken-1.dist-info").mkdir()
    (tmp_path / "broken-1.dist-info" / "direct_url.json").write_text("[]")
    there = installed([str(tmp_path)])
    lock = parse_lock(b"broken==1")
    assert drift(lock, there, root=root) == ()
    a_link(tmp_path, "theirs", "/home/b/theirs")
    there = installed([str(tmp_path)])
    assert drift(lock, there, root=root) == ("theirs 1.0 (a link to /home/b/theirs)",)
    assert counted(there, lock) == ["broken==1"]


def test_what_differs_from_the_lock_is_a_fact_and_a_note() -> None:
    lock = (
        "a==1 ; python_version < '3.11' " + HASH + "\n"
        "a==2 ; python_version >= '3.11' " + HASH + "\n"
        "B_b==1.0\n"
        "c[x,y]==3 # why\n"
        "elsewhere==1 ; sys_platform == 'win32'\n"
        "--index-url https://example.org/\n"
    ).encode()
    told = {
        **environments_listing.describe(),
        "installed": {"a": ["2", None], "b-b": ["1", None], "c": ["3", None]},
    }
    same = surroundings_with(told, lock, root=None)
    assert (same.drift, same.notes) == ((), ())
    told["installed"] = {"pip": ["26", None]}
    assert surroundings_with(told, lock, root=None).drift == (
        "a 2 (not installed)",
        "b-b 1.0 (not installed)",
        "c 3 (not installed)",
    )
    told["installed"] = {"a": ["1", None], "b-b": ["1", None], "c": ["3", None]}
    assert surroundings_with(told, lock, root=None).drift == ()  # one of the two
    told["installed"] = {str(n): ["1", None] for n in range(7)}
    drifted = surroundings_with(told, lock, root=None)
    assert len(drifted.drift) == 10
    (note,) = drifted.notes
    assert note.startswith("installed is not what requirements.lock names: 0 1 (not in")
    assert note.endswith("4 1 (not in the lock) and 5 more")


def test_installers_count_only_where_the_lock_names_them() -> None:
    there = {"pip": Distribution("26"), "a": Distribution("1")}
    assert counted(there, None) == ["a==1"]
    assert counted(there, parse_lock(b"a==1")) == ["a==1"]
    assert counted(there, parse_lock(b"a==1\npip==26")) == ["a==1", "pip==26"]
    assert drift(parse_lock(b"a==1\npip==25"), there) == ("pip 26 (lock 25)",)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("-e .", "a link to a folder", id="editable"),
        pytest.param("--editable=file:///x", "a link to a folder", id="long"),
        pytest.param("./wheels/a-1-py3-none-any.whl", "a place", id="file"),
        pytest.param("a @ file:///x", "a place", id="url"),
        pytest.param("git+ssh://x/y", "a place", id="git"),
        pytest.param(".", "a place", id="here"),
        pytest.param("-r other.txt", "another file", id="other"),
        pytest.param("pandas>=3", "names no version", id="range"),
        pytest.param("pandas", "names no version", id="bare"),
    ],
)
def test_a_line_that_names_no_version_is_told_with_its_number(
    line: str, why: str
) -> None:
    lock = parse_lock(f"\ufeffa==1 {HASH}\n# note\n\n{line}\nb==2\n".encode())
    (odd,) = lock.odd
    assert odd.startswith("line 5: ")
    assert why in odd
    assert [pin.name for pin in lock.pins] == ["a", "b"]
    assert [pin.hashed for pin in lock.pins] == [True, False]


@given(st.binary(max_size=200))
def test_no_lock_is_too_odd_to_be_read(content: bytes) -> None:
    lock = parse_lock(content)
    drift(lock, {})
    drift(lock, {"a": Distribution("1"), "b": Distribution("not a version")})


def test_a_marker_that_cannot_be_read_asks_for_nothing() -> None:
    assert drift(parse_lock(b"a==1 ; what is this\nb==1 ; extra == 'x'"), {}) == ()


@pytest.mark.parametrize(
    ("enforced", "left"),
    [
        pytest.param([], NOT_CAPTURED, id="nothing"),
        pytest.param(
            ["network: refused, by a network namespace", "files: confined"],
            ("files that native code reads", *NOT_CAPTURED[2:]),
            id="some",
        ),
        pytest.param(
            ["files: confined", "reads by native code: seen, but not all: no room"],
            ("files that native code reads", *NOT_CAPTURED[1:]),
            id="not-all",
        ),
        pytest.param(
            ["network: not refused: no namespace can be made here", "no topic"],
            NOT_CAPTURED,
            id="refused-in-vain",
        ),
        pytest.param(
            [f"{each}: x" for each in TOPICS],
            NOT_CAPTURED[4:],
            id="all",
        ),
    ],
)
def test_what_was_not_captured_is_what_nothing_enforced(
    enforced: list[str], left: tuple[str, ...]
) -> None:
    assert not_captured(enforced) == left


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    done = subprocess.run(  # noqa: S603 -- literal arguments
        ["/usr/bin/env", "git", "-C", str(folder), *who, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for name in ("a.py", "b ü.py", "sub/c", "runs/README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    (tmp_path / ".gitignore").write_text("ignored\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "a")
    return tmp_path


@pytest.mark.parametrize(
    ("change", "dirty"),
    [
        pytest.param(lambda _: None, False, id="nothing"),
        pytest.param(lambda p: (p / "a.py").touch(), False, id="touched"),
        pytest.param(lambda p: (p / "ignored").touch(), False, id="ignored"),
        pytest.param(lambda p: (p / "runs" / "x").touch(), False, id="run"),
        pytest.param(lambda p: (p / "runs" / "README.md").unlink(), False, id="runs"),
        pytest.param(lambda p: (p / "new").touch(), True, id="untracked"),
        pytest.param(lambda p: (p / "sub" / "runs").touch(), True, id="other-runs"),
        pytest.param(lambda p: (p / "a.py").write_text("2"), True, id="edited"),
        pytest.param(lambda p: (p / "b ü.py").unlink(), True, id="deleted"),
        pytest.param(lambda p: (p / "a.py").chmod(0o755), True, id="mode"),
        pytest.param(lambda p: (p / "a.py").rename(p / "z.py"), True, id="renamed"),
    ],
)
def test_a_tree_is_dirty_when_something_differs_from_the_commit(
    project: Path, change: Callable[[Path], object], dirty: object
) -> None:
    commit = git(project, "rev-parse", "HEAD")
    change(project)
    found = find_commit(project)
    assert (found.commit, found.dirty) == (commit, dirty)


def test_settings_hide_no_change(project: Path) -> None:
    git(project, "config", "status.showUntrackedFiles", "no")
    git(project, "config", "status.branch", "false")
    git(project, "config", "diff.ignoreSubmodules", "all")
    (project / "new").touch()
    assert find_commit(project).dirty


def test_of_a_larger_repository_only_the_project_counts(project: Path) -> None:
    (project / "new").touch()
    assert find_commit(project / "sub").dirty is False
    (project / "sub" / "kept").mkdir()
    (project / "sub" / "kept" / "x").touch()
    assert find_commit(project / "sub").dirty
    assert find_commit(project / "sub", runs="kept").dirty is False


def test_git_is_asked_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    real = subprocess.run

    def counted_run(*args: Any, **rest: Any) -> object:  # noqa: ANN401 -- passed on
        calls.append(args)
        return real(*args, **rest)

    monkeypatch.setattr(subprocess, "run", counted_run)
    assert find_commit(project).commit
    assert len(calls) == 1
