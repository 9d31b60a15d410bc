"""The whole of it, with real kernels: notebooks that know nothing of the toolkit."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from notebooks import write
from toolkit.cli import main

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("verify")]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[tool.toolkit]\ninputs = ["data"]\n')
    (root / ".gitignore").write_text("data/\nruns/\n")
    monkeypatch.chdir(root)
    return root


def verdict(capsys: Capture, *arguments: str) -> dict[str, Any]:
    code = main(["verify", *arguments, "--json"])
    (found,) = json.loads(capsys.readouterr().out)["verdicts"]
    assert code == {"reproduced": 0, "differs": 1, "not checked": 2}[found["value"]]
    assert isinstance(found, dict)
    return found


def commit(root: Path) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run(["git", *identity, *command], cwd=root, check=True)  # noqa: S603, S607


def test_a_clean_run_is_reproduced_at_its_commit(
    project: Path, capsys: Capture
) -> None:
    """Although the notebook changed since, and its data lies in no commit."""
    (project / "data").mkdir()
    (project / "data/a.txt").write_text("7")
    (project / "pump.py").write_text("def level(n): return 2 * n\n")
    cells = ("import pump", "n = int(open('data/a.txt').read())", "pump.level(n)")
    write(project, "nb", *cells)
    commit(project)
    assert main(["run", "nb.ipynb"]) == 0
    write(project, "nb", "print('another')")
    (project / "pump.py").write_text("def level(n): return 3 * n\n")
    capsys.readouterr()
    found = verdict(capsys, "nb")
    assert (found["value"], found["notes"]) == ("reproduced", [])
    assert len(found["executions"]) == 2


def test_the_order_of_a_set_is_found(project: Path, capsys: Capture) -> None:
    write(
        project,
        "nb",
        "cities = {'Bern', 'Basel', 'Genf', 'Chur', 'Olten'}",
        "text = ''\nfor city in cities:\n    text += city[0]",
        "print(text)",
    )
    found = verdict(capsys, "nb.ipynb")
    assert (found["value"], found["cause"]) == ("differs", "variation")
    assert found["culprits"] == ["hash-seed"]
    assert found["cell"] == 1
    assert "text" in found["names"]
    suspect = found["suspects"][0]
    assert (suspect["cell"], suspect["line"]) == (1, 2)
    assert suspect["source"] == "for city in cities:"


def test_an_unseeded_generator_is_found(project: Path, capsys: Capture) -> None:
    write(
        project,
        "nb",
        "import time\nbegan = time.perf_counter()",
        "import random\nx = random.random()",
        "print(x)",
    )
    found = verdict(capsys, "nb.ipynb")
    assert (found["value"], found["cause"]) == ("differs", "not deterministic")
    assert found["suspects"][0]["source"] == "x = random.random()"
