import shutil
import subprocess
from pathlib import Path

import pytest

from notebooks import write
from toolkit.reproduce import sources
from toolkit.reproduce.environments import surroundings
from toolkit.reproduce.environments.surroundings import (
    find_ci,
    find_commit,
    load_surroundings,
)
from toolkit.reproduce.notebook import NotebookError
from toolkit.reproduce.sources import (
    SourceError,
    code_digest,
    data_digest,
    load_data,
    load_notebook,
)

ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    package = tmp_path / "hires"
    (package / "sub").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "sub" / "table.csv").write_text("1")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def digest(project: Path) -> object:
    return code_digest(project, project / "notebooks")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("hires/__init__.py", id="module"),
        pytest.param("hires/fast.abi3.so", id="compiled-module"),
        pytest.param("hires/sub/new.py", id="untracked-file"),
        pytest.param("settings.py", id="module-at-the-root"),
        pytest.param("notebooks/side.py", id="module-beside-the-notebook"),
        pytest.param("src/lib/__init__.py", id="package-in-src"),
    ],
)
def test_whatever_can_be_imported_is_code(project: Path, path: str) -> None:
    before = digest(project)
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text("changed = 1")
    assert digest(project) != before


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("hires/__pycache__/x.pyc", id="compiled"),
        pytest.param("README.md", id="text-at-the-root"),
        pytest.param("runs/__init__.py", id="runs"),
        pytest.param("tests/__init__.py", id="tests"),
        pytest.param("notebooks/nb.ipynb", id="notebook"),
        pytest.param("data/x.csv", id="data"),
        pytest.param("hires/sub/table.csv", id="table-in-the-package"),
        pytest.param("hires/a-b/x.py", id="folder-that-is-no-name"),
        pytest.param("hires/x-y.py", id="file-that-is-no-name"),
        pytest.param("hires/.ipynb_checkpoints/x.py", id="checkpoint"),
    ],
)
def test_whatever_cannot_be_imported_is_no_code(project: Path, path: str) -> None:
    before = digest(project)
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text("changed = 1")
    assert digest(project) == before


def test_code_is_the_same_wherever_the_project_lies(
    project: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(project / "hires", tmp_path / "elsewhere" / "hires").parent
    assert digest(moved) == digest(project)


def test_a_link_to_a_folder_counts_by_where_it_leads(project: Path) -> None:
    before = digest(project)
    (project / "hires" / "link").symlink_to(project)
    assert digest(project) not in (before, None)


def test_a_project_without_packages_has_no_code(tmp_path: Path) -> None:
    assert code_digest(tmp_path, tmp_path) is None


def test_data_is_what_the_scope_names() -> None:
    data = load_data(ROOT)
    assert data.scope == data_digest(ROOT / "scope.yaml")
    assert len(data.sources) == 4
    assert data.missing == ()


def test_a_source_that_is_not_there_is_told(tmp_path: Path) -> None:
    shutil.copy(ROOT / "scope.yaml", tmp_path)
    data = load_data(tmp_path)
    assert (len(data.sources), len(data.missing)) == (0, 4)


def test_a_project_without_scope_has_no_data(tmp_path: Path) -> None:
    assert load_data(tmp_path) == sources.Data(scope=None, sources={}, missing=())


def test_a_folder_of_data_counts_with_its_names(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a").write_text("1")
    before = data_digest(folder)
    (folder / "a").rename(folder / "b")
    assert data_digest(folder) != before


def test_a_file_that_cannot_be_read_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"x.csv: cannot be read .No such file"):
        data_digest(tmp_path / "x.csv")


def test_a_notebook_is_called_by_its_path_in_the_project(tmp_path: Path) -> None:
    path = write(tmp_path / "notebooks", "nb", "1")
    assert load_notebook(path, root=tmp_path).path == "notebooks/nb.ipynb"
    elsewhere = tmp_path / "elsewhere"
    assert load_notebook(path, root=elsewhere).path == path.as_posix()


def test_a_missing_notebook_is_met_with_those_that_are_there(tmp_path: Path) -> None:
    write(tmp_path, "02-baseline", "1")
    with pytest.raises(
        NotebookError, match=r"No such file.*there are: 02-baseline.ipynb"
    ):
        load_notebook(tmp_path / "2-baseline.ipynb", root=tmp_path)
    with pytest.raises(NotebookError, match=r"give the path of an .ipynb"):
        load_notebook(tmp_path / "no" / "nb.ipynb", root=tmp_path)


def test_the_environment_is_lock_interpreter_and_packages(tmp_path: Path) -> None:
    here = load_surroundings(ROOT).environment
    assert here.lock == data_digest(ROOT / "requirements.lock")
    bare = load_surroundings(tmp_path)
    assert bare.environment.lock is None
    assert bare.environment.installed == here.installed
    assert bare.notes == ("no requirements.lock: the environment is not pinned",)


def test_an_installed_package_changes_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_surroundings(ROOT)
    info = tmp_path / "Some_Thing-2.0.dist-info"
    info.mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    after = load_surroundings(ROOT)
    assert after.environment.installed != before.environment.installed
    assert "some-thing 2.0 (not in the lock)" in after.notes[0]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(  # noqa: S603 -- literal arguments
        ["/usr/bin/env", "git", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
    )


def test_git_tells_commit_and_changes_other_than_runs(tmp_path: Path) -> None:
    assert find_commit(tmp_path) == surroundings.Commit(commit=None, dirty=None)
    git(tmp_path, "init", "-q")
    (tmp_path / "a").touch()
    assert find_commit(tmp_path) == surroundings.Commit(commit=None, dirty=True)
    git(tmp_path, "add", "a")
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    git(tmp_path, *who, "commit", "-q", "-m", "a")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "new").touch()
    clean = find_commit(tmp_path)
    assert (len(clean.commit or ""), clean.dirty) == (40, False)
    (tmp_path / "b").touch()
    assert find_commit(tmp_path).dirty


def test_without_git_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_commit(tmp_path).dirty is None


@pytest.mark.parametrize(
    ("environ", "job"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"CI": "true"}, "CI", id="unknown"),
        pytest.param({"CI": "false"}, None, id="switched-off"),
        pytest.param({"CI_JOB_URL": "u"}, "u", id="gitlab"),
        pytest.param(
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": "s",
                "GITHUB_REPOSITORY": "o/r",
                "GITHUB_RUN_ID": "7",
                "GITHUB_RUN_ATTEMPT": "2",
            },
            "s/o/r/actions/runs/7/attempts/2",
            id="github",
        ),
    ],
)
def test_the_ci_job_is_told(environ: dict[str, str], job: str | None) -> None:
    assert find_ci(environ) == job
