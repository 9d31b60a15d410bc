import os
import subprocess
import sys
from pathlib import Path

import pytest
from probes import probed

from toolkit.reproduce.tracing.probing import Probe

DATA = {"data.csv": "a,b\n1,2\n", "sub/deep.txt": "x", "mod.py": "A = 1\n"}


def test_replaced_functions_stay_what_they_were(tmp_path: Path) -> None:
    cell = """
        import os, pickle, pathlib, shutil, tempfile, copy
        assert os.stat in os.supports_fd and os.stat in os.supports_dir_fd
        assert shutil.rmtree.avoids_symlink_attacks
        class Holder:
            stat = os.stat
        assert Holder().stat(".").st_ino == os.stat(".").st_ino
        assert pickle.loads(pickle.dumps(os.stat)) is os.stat
        assert os.stat.__name__ == "stat" and "built-in" in repr(os.stat)
        try: os.stat("gone")
        except FileNotFoundError as error: assert error.filename == "gone"
        number = os.open(".", os.O_RDONLY)
        assert os.stat("data.csv", dir_fd=number).st_size == 8
        assert os.access("data.csv", os.R_OK) and not os.access("gone", os.R_OK)
        with os.fdopen(os.open("data.csv", os.O_RDONLY)) as file: file.read()
        print(sorted(p.name for p in pathlib.Path(".").rglob("*.csv")))
    """
    found = probed(tmp_path, cell, files=DATA)
    assert found.code == 0, found.err
    assert found.out == "['data.csv']\n"


@pytest.mark.parametrize("names", [(), ("listing", "processors", "user", "host")])
def test_the_probe_itself_changes_no_result(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    cell = """
        import math, random, json, datetime, subprocess, sys
        random.seed(1)
        values = [random.gauss(0, 1) for _ in range(99)]
        with open("out.json", "w") as file: json.dump(values, file)
        print(sorted({"a", "b"}), list({"a", "b", "c"}), math.fsum(values), hash("x"))
        print(json.load(open("out.json")) == values)
        subprocess.run([sys.executable, "-c", "print({'x', 'y', 'z'})"])
    """
    plain = probed(
        tmp_path / "plain", cell, more={"PYTHONPATH": ""}, confined=False, network=True
    )
    probing = probed(tmp_path / "probed", cell, names=names)
    assert plain.code == probing.code == 0, probing.err
    assert plain.out.splitlines()[-2:] == probing.out.splitlines()[-2:]
    assert sorted(plain.out) == sorted(probing.out)
    assert probing.err == ""


@pytest.mark.parametrize("value", ["", "gone", None])
def test_nothing_happens_without_readable_settings(
    tmp_path: Path, value: str | None
) -> None:
    env = {**os.environ, "PYTHONPATH": str(Probe.path_entry)}
    env |= {} if value is None else {"TOOLKIT_PROBE": value and str(tmp_path / value)}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print('toolkit_probe' in sys.modules)"],
        env=env,
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"False\n", b"")


def test_the_next_sitecustomize_is_started_and_its_path_is_left_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "run" / "next").mkdir(parents=True)
    (tmp_path / "run/next/sitecustomize.py").write_text("STARTED = 'the next one'\n")
    cell = """
        import sys, sitecustomize, os
        print(sitecustomize.STARTED)
        print([entry for entry in sys.path if "probe" in entry])
        print("probe" in os.environ["PYTHONPATH"])
    """
    found = probed(tmp_path, cell)
    assert found.out.splitlines() == ["the next one", "[]", "True"], found.err


def test_a_failing_next_sitecustomize_is_reported_as_python_does(
    tmp_path: Path,
) -> None:
    (tmp_path / "run" / "next").mkdir(parents=True)
    (tmp_path / "run/next/sitecustomize.py").write_text("import no_such_module\n")
    found = probed(tmp_path, "open('data.csv')", files=DATA)
    assert found.code == 0
    assert "no_such_module" in found.err
    assert found.of("read") == [("read", "data.csv", 1)]
