"""The files that say which environment this is agree with each other."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


def entries() -> dict[str, list[Requirement]]:
    """Locked requirements by canonical name; some have one a Python version."""
    locked: dict[str, list[Requirement]] = {}
    for line in re.sub(r"\\\n\s*--hash", " --hash", LOCK).splitlines():
        if line and not line.startswith(("#", " ")):
            requirement = Requirement(line.split(" --hash")[0].strip())
            locked.setdefault(canonicalize_name(requirement.name), []).append(
                requirement
            )
    return locked


def direct() -> list[Requirement]:
    project, groups = PYPROJECT["project"], PYPROJECT["dependency-groups"]
    return [Requirement(text) for text in project["dependencies"] + groups["dev"]]


def version(locked: Requirement) -> str:
    (specifier,) = locked.specifier
    assert specifier.operator == "=="
    return specifier.version


@pytest.mark.parametrize("wanted", direct(), ids=lambda each: each.name)
def test_the_lock_satisfies_what_pyproject_asks_for(wanted: Requirement) -> None:
    for locked in entries()[canonicalize_name(wanted.name)]:
        assert wanted.specifier.contains(version(locked))


def test_every_locked_package_has_hashes_and_one_version() -> None:
    for name, locked in entries().items():
        assert len(locked) == 1, f"{name} differs between Python versions"
    assert LOCK.count("\n    --hash=sha256:") > 2 * len(entries())
    assert re.search(r"==[^\\]*\n(?!    --hash)", LOCK) is None


def test_the_lock_names_no_host() -> None:
    assert "://" not in LOCK


def test_what_is_installed_is_what_is_locked() -> None:
    locked = {
        name: version(each[0])
        for name, each in entries().items()
        if each[0].marker is None or each[0].marker.evaluate()
    }
    installed = {
        canonicalize_name(each.name): each.version for each in metadata.distributions()
    }
    own = {"pip", "setuptools", "toolkit"}  # the venv's, and this project
    assert {k: v for k, v in installed.items() if k not in own} == {
        k: v for k, v in locked.items() if k not in own
    }


def test_conda_users_get_the_same_python_and_the_same_lock() -> None:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, _, pip = conda["dependencies"]
    assert python == f"python{PYPROJECT['project']['requires-python']}"
    assert pip == {"pip": ["--require-hashes", "-r requirements.lock"]}


def test_the_supported_pythons_are_the_ones_that_ci_runs() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    prefix = "Programming Language :: Python :: "
    supported = [
        text.removeprefix(prefix)
        for text in PYPROJECT["project"]["classifiers"]
        if text.startswith(prefix)
    ]
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"] == supported


def test_ci_calls_the_commands_that_readme_gives() -> None:
    script = (ROOT / ".ci/run").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "\nmake run\n" in script
    assert "\nmake check\n" in script
    assert "check: lint types test nbval" in makefile
    assert {"make run", "make test", "make check"} <= set(
        re.findall(r"make [a-z]+", readme)
    )


def test_every_make_target_in_the_docs_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]:
        named = re.findall(
            r"`make ([a-z]+)|^make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE
        )
        assert {a or b for a, b in named} <= targets, page.name


def test_the_module_and_the_console_script_are_one_thing() -> None:
    (script,) = metadata.entry_points(group="console_scripts", name="toolkit")
    asked = [sys.executable, "-m", "toolkit", "--help"]
    module = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603  # our own command
    assert script.value == "toolkit.__main__:run"
    assert module.stdout.startswith("usage: toolkit")
