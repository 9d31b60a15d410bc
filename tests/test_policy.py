import sys
from pathlib import Path

import pytest

from notebooks import parsed
from toolkit.reproduce.execution.importing import import_roots
from toolkit.reproduce.execution.mentions import mentioned_paths
from toolkit.reproduce.policy import Policy, PolicyError, load_policy

BUNDLED = Path(__file__).parents[1]


def pyproject(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.toolkit]\n{text}", "utf-8")
    return folder


def test_a_project_that_says_nothing_gets_the_safe_rules(tmp_path: Path) -> None:
    assert load_policy(tmp_path) == Policy()
    (tmp_path / "pyproject.toml").write_text("[tool", "utf-8")  # not ours to report
    assert load_policy(tmp_path) == Policy()


def test_a_project_without_a_scope_says_it_in_pyproject(tmp_path: Path) -> None:
    pyproject(
        tmp_path,
        'inputs = ["data/**"]\nnetwork = "allowed"\nenvironment = ["TOKEN"]',
    )
    assert load_policy(tmp_path) == Policy(
        declared=("data/**",), network=True, environment=("TOKEN",)
    )


def test_a_scope_declares_its_sources(tmp_path: Path) -> None:
    text = (BUNDLED / "scope.yaml").read_text("utf-8")
    more = "\ninputs: declared\nnetwork: allowed\nenvironment: [REGION]\n"
    (tmp_path / "scope.yaml").write_text(text + more, "utf-8")
    policy = load_policy(pyproject(tmp_path, 'environment = ["REGION", "TOKEN"]'))
    assert "toolkit/data/azure-pdm-1000/maint.csv" in policy.declared
    assert (policy.strict, policy.network) == (True, True)
    assert policy.environment == ("REGION", "TOKEN")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('inputs = "data"', r"inputs: found 'data', expected a list of texts"),
        ("environment = [1]", r"environment: found \[1\], expected a list of texts"),
        ('input = ["data"]', r"input: found an unknown key, expected 'inputs'"),
        ("colour = 1", r"colour: found an unknown key, expected one of inputs, "),
        ("network = true", r"network: found True, expected 'refused' or 'allowed'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(PolicyError, match=message):
        load_policy(pyproject(tmp_path, text))


def test_absolute_paths_that_exist_are_mentioned(tmp_path: Path) -> None:
    data = tmp_path / "outside" / "x.csv"
    data.parent.mkdir()
    data.touch()
    other = tmp_path / "outside" / "y.csv"
    other.touch()
    notebook = parsed(
        f"%cd /\nread({str(data)!r}, '/', '/tmp', '/no/such/file', 'a.csv', '/a\\0b')",
        f"read(f'{tmp_path}/hidden/x')",
        "/not/python/",
    )
    (tmp_path / "hidden").mkdir()
    values = {"source": str(other), "many": [str(other), 3]}
    found = mentioned_paths(notebook, values, hidden=(tmp_path / "hidden",))
    assert found == (data, other)


def test_only_what_is_importable_in_place_is_put_on_the_path(tmp_path: Path) -> None:
    for name in ("toolkit", "nowhere_installed", "not-a-name"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    assert import_roots(tmp_path, Path(sys.executable)) == (tmp_path,)
    (tmp_path / "toolkit" / "__init__.py").unlink()
    assert import_roots(tmp_path, Path(sys.executable)) == ()
    assert import_roots(tmp_path, Path("/another/python")) == (tmp_path,)


@pytest.mark.parametrize("name", ["pandas", "json", "sys"])
def test_an_installed_package_is_not_the_projects(tmp_path: Path, name: str) -> None:
    (tmp_path / "src" / name).mkdir(parents=True)
    (tmp_path / "src" / name / "__init__.py").touch()
    assert import_roots(tmp_path, Path(sys.executable)) == ()
