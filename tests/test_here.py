import subprocess
from pathlib import Path

import pytest

from toolkit.reproduce.digest import bytes_digest, names_digest
from toolkit.reproduce.fingerprints import Fingerprints
from toolkit.reproduce.pipeline import here as module
from toolkit.reproduce.pipeline.here import Here
from toolkit.reproduce.policy import load_policy
from toolkit.reproduce.sources import code_digest
from toolkit.reproduce.workspace.making import make


def look(root: Path, **environ: str) -> Here:
    return Here(root, root / "runs", Fingerprints(), environ)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("data/a.csv", "data/b.csv", "data/sub/c.csv", "runs/r/record.json"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / ".gitignore").write_text("secret*\nkept/\n")
    (root / "data" / "secret.csv").touch()
    (root / "kept").mkdir()
    (root / "kept" / "k.csv").touch()
    (root / "data" / "__pycache__").mkdir()
    (root / "pyproject.toml").write_text('[tool.toolkit]\ninputs = ["kept"]\n')
    return root


@pytest.fixture(params=[True, False], ids=["git", "no-git"])
def both(request: pytest.FixtureRequest, project: Path) -> Path:
    if request.param:
        subprocess.run(["git", "init", "-q", str(project)], check=True)  # noqa: S603, S607
    return project


def test_a_listing_is_what_a_workspace_would_hold(both: Path, tmp_path: Path) -> None:
    workspace = make(
        both,
        tmp_path / "copy",
        hidden=(both / "runs",),
        declared=load_policy(both).declared,
    )
    here = look(both)
    for folder in ("", "data", "data/sub", "kept", "runs", "none", ".git"):
        names = workspace.names(folder)
        expected = None if names is None else names_digest(names)
        assert here.listing(folder or ".") == expected, folder
    for path in ("data/a.csv", "data/secret.csv", "kept/k.csv", "data", "runs", "no"):
        assert here.exists(path) == workspace.existed(path), path
    assert here.listing("data") is not None


def test_a_listing_changes_with_its_names_alone(both: Path) -> None:
    before = look(both).listing("data")
    (both / "data" / "a.csv").write_text("other")
    (both / "data" / ".a.csv.swp").touch()
    assert look(both).listing("data") == before
    (both / "data" / "new.csv").touch()
    assert look(both).listing("data") != before


def test_what_lies_elsewhere_is_looked_at_as_it_is(
    project: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("1")
    here = look(project)
    assert here.file(str(outside / "x")) == bytes_digest(b"1")
    assert here.file("data/a.csv") == bytes_digest(b"data/a.csv")
    assert here.file("data") is None
    assert here.listing(str(outside)) == names_digest(["x"])
    assert here.listing(str(outside / "none")) is None
    assert here.exists(str(outside / "x"))
    assert not here.exists(str(outside / "y"))


def test_variables_are_those_that_a_kernel_would_get(project: Path) -> None:
    text = '[tool.toolkit]\nenvironment = ["LIMIT", "MODE"]\n'
    (project / "pyproject.toml").write_text(text)
    environ = {"LIMIT": "3", "HOME": "/me", "SECRET": "1", "LD_X": "l", "TZ": "CET"}
    names = ("LIMIT", "MODE", "HOME", "SECRET", "LD_X", "LD_Y", "TZ", "PYTHONPATH")
    found = look(project, **environ).variables(names)
    assert found == {
        "LIMIT": bytes_digest(b"3"),
        "MODE": None,
        "LD_X": bytes_digest(b"l"),
        "LD_Y": None,
        "TZ": bytes_digest(b"UTC"),
    }


def test_code_is_digested_once_for_each_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def noted(root: Path, notebooks: Path, known: Fingerprints) -> object:
        asked.append(notebooks)
        return code_digest(root, notebooks, known)

    monkeypatch.setattr(module, "code_digest", noted)
    here = look(project)
    (project / "m.py").touch()
    assert here.code(project / "a") == here.code(project / "a")
    assert asked == [project / "a"]
