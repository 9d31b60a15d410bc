import json
import os
import sys
from pathlib import Path

import pytest

from toolkit.reproduce.tracing import confinement
from toolkit.reproduce.tracing.confinement import confine

HERE = Path(sys.executable)


def readable(project: Path, *also: Path) -> tuple[Path, ...]:
    return confine(project, HERE, also_read=also, write=())[0]


def covers(places: tuple[Path, ...], path: Path) -> bool:
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(place) for place in places)


def test_the_system_and_the_interpreter_are_readable(tmp_path: Path) -> None:
    found = readable(tmp_path)
    for path in ("/usr", "/etc", HERE, sys.base_prefix, os.__file__, json.__file__):
        assert covers(found, Path(path)), path
    import numpy as np  # noqa: PLC0415 -- an installed package

    assert covers(found, Path(np.__file__))


def test_the_project_is_not_but_its_interpreters_prefix_is(tmp_path: Path) -> None:
    project = Path(sys.prefix).parent
    found = readable(project)
    assert covers(found, Path(sys.prefix))
    assert not covers(found, project / "pyproject.toml")
    assert not covers(readable(tmp_path), tmp_path)


def test_no_home_is_readable_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}:{tmp_path / 'bin'}:/:relative")
    found = readable(tmp_path / "project")
    assert Path("/") not in found
    assert not covers(found, tmp_path)
    assert covers(found, tmp_path / "bin")


def test_what_is_given_is_taken_by_its_real_path(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    also, write = confine(
        tmp_path / "p",
        HERE,
        also_read=[tmp_path / "link", tmp_path / "gone"],
        write=[tmp_path / "link"],
    )
    real = Path(os.path.realpath(tmp_path / "data"))
    assert real in also
    assert real in write
    assert tmp_path / "gone" not in also
    assert Path("/dev/null") in write
    assert Path("/dev") not in write


def test_packages_that_link_to_their_source_are_readable(tmp_path: Path) -> None:
    packages = tmp_path / "env" / "site-packages"
    for name, text in {
        "linked": json.dumps(
            {"url": f"file://{tmp_path}/source", "dir_info": {"editable": True}}
        ),
        "copied": json.dumps({"url": "file:///x", "dir_info": {}}),
        "damaged": "{",
        "list": "[]",
    }.items():
        folder = packages / f"{name}-1.dist-info"
        folder.mkdir(parents=True)
        (folder / "direct_url.json").write_text(text)
    (tmp_path / "source").mkdir()
    interpreter = tmp_path / "env" / "python"
    answer = json.dumps([str(tmp_path / "env"), str(packages), ""])
    interpreter.write_text(f"#!/bin/sh\necho '{answer}'\n")
    interpreter.chmod(0o755)
    found, _ = confine(tmp_path / "p", interpreter, also_read=(), write=())
    assert covers(found, tmp_path / "source")
    assert covers(found, packages)
    own, _ = confine(tmp_path / "source", interpreter, also_read=(), write=())
    assert not covers(own, tmp_path / "source")


def test_an_interpreter_that_does_not_answer_leaves_its_folder(tmp_path: Path) -> None:
    silent = tmp_path / "env" / "bin" / "python"
    silent.parent.mkdir(parents=True)
    silent.write_text("#!/bin/sh\nexit 3\n")
    silent.chmod(0o755)
    found, _ = confine(tmp_path / "p", silent, also_read=(), write=())
    assert covers(found, tmp_path / "env")
    assert confinement._asked(silent) == ()  # noqa: SLF001 -- what it is made of
