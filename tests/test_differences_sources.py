"""Two notebooks side by side, and what changed in git between two runs."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from two_runs import RUN, of, recipe, two

from notebooks import cell, content, parsed
from toolkit.reproduce.differences import Sources
from toolkit.reproduce.differences_cells import align, compare_sources
from toolkit.reproduce.records.history import changes_between, file_at, paths_at
from toolkit.reproduce.records.recipe import NotebookSource
from toolkit.reproduce.records.record import Record

SOURCES = st.lists(
    st.sampled_from(["import os", "x = 1", "x = 1\ny = 2", "print(x)", "# note\n", ""]),
    max_size=6,
)


@given(before=SOURCES, after=SOURCES)
def test_every_cell_is_aligned_once_and_in_order(
    before: list[str], after: list[str]
) -> None:
    pairs = list(align(parsed(*before).cells, parsed(*after).cells))
    assert [i for i, _ in pairs if i is not None] == list(range(len(before)))
    assert [j for _, j in pairs if j is not None] == list(range(len(after)))
    if before == after:
        assert pairs == [(n, n) for n in range(len(before))]


def test_changed_cells_are_shown_line_by_line(tmp_path: Path) -> None:
    before = parsed("import os", "x = 1\ny = 2\nz = 3", "print(x)")
    after = parsed("import os", "x = 1\ny = 4\nz = 3", cell("# new", kind="markdown"))
    found = compare_sources(*two(tmp_path, before, after), tmp_path, tmp_path)
    assert not found.problem
    assert [(c.kind, c.before, c.after) for c in found.changes] == [
        ("changed", 1, 1),
        ("added", None, 2),
        ("removed", 2, None),
    ]
    assert found.changes[0].lines == ("@@ -1,3 +1,3 @@", " x = 1", "-y = 2", "+y = 4",
                                      " z = 3")  # fmt: skip
    assert (0, 0) in found.pairs


def test_a_changed_tag_is_a_changed_cell(tmp_path: Path) -> None:
    before, after = parsed("x = 1"), parsed(cell("x = 1", "parameters"))
    found = compare_sources(*two(tmp_path, before, after), tmp_path, tmp_path)
    assert [c.lines for c in found.changes] == [
        ("@@ -1 +1,2 @@", "+[tags: parameters]", " x = 1")
    ]


def test_equal_notebooks_need_not_be_there() -> None:
    found = compare_sources(RUN, RUN, Path("no"), Path("no"))
    assert found == Sources(pairs=((1, 1),))


def test_a_notebook_that_is_gone_or_another_one_is_said(tmp_path: Path) -> None:
    records = two(tmp_path, parsed("x = 1"), parsed("x = 2"))
    (tmp_path / RUN.run / "notebook.ipynb").write_bytes(content(["swapped"]))
    found = compare_sources(*records, tmp_path, tmp_path)
    assert "cannot be compared" in found.problem
    assert RUN.run in found.problem
    (tmp_path / RUN.run / "notebook.ipynb").write_text("{")
    assert compare_sources(*records, tmp_path, tmp_path).problem


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(  # noqa: S603 -- literal arguments
        ["git", "-C", str(root), *identity, *arguments],  # noqa: S607 -- from PATH
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, str, str]:
    """Return a project within a repository, and two commits of it."""
    root = tmp_path / "repo" / "project"
    (root / "notebooks").mkdir(parents=True)
    git(root.parent, "init", "-q")
    commits = []
    for number in (1, 2):
        (root / "notebooks/nb.ipynb").write_bytes(content([f"x = {number}"]))
        (root / f"file {number}ü.txt").touch()
        (root.parent / "outside").write_text(str(number))
        git(root.parent, "add", "-A")
        git(root.parent, "commit", "-qm", "x")
        commits.append(git(root, "rev-parse", "HEAD"))
    return root, commits[0], commits[1]


def test_git_tells_what_changed_below_the_project(
    repository: tuple[Path, str, str],
) -> None:
    root, first, second = repository
    changes = changes_between(root, first, second)
    assert changes is not None
    assert changes.commits == 1
    assert changes.files == ("A file 2ü.txt", "M notebooks/nb.ipynb")
    assert changes_between(root, first, "0" * 40) is None
    assert changes_between(root.parent.parent, first, second) is None
    held = paths_at(root, first)
    assert sorted(held or ()) == ["file 1ü.txt", "notebooks/nb.ipynb"]
    assert paths_at(root, "0" * 40) is None
    assert file_at(root, first, "notebooks/nb.ipynb") == content(["x = 1"])
    assert file_at(root, first, "../outside\0") is None


@pytest.mark.parametrize(
    ("target", "held"),
    [
        pytest.param("notebooks/nb.ipynb", True, id="inside"),
        pytest.param("notebooks/../notebooks", True, id="folder"),
        pytest.param("../outside", False, id="above"),
        pytest.param("notebooks/../../outside", False, id="roundabout"),
        pytest.param("..", False, id="parent"),
        pytest.param("/etc/hosts", False, id="absolute"),
    ],
)
def test_a_link_out_of_the_project_is_no_content_of_it(
    repository: tuple[Path, str, str], target: str, *, held: bool
) -> None:
    root, *_ = repository
    (root / "link").symlink_to(target)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    assert ("link" in (paths_at(root, git(root, "rev-parse", "HEAD")) or ())) == held


def test_where_the_run_is_gone_git_has_the_notebook(
    repository: tuple[Path, str, str],
) -> None:
    root, *commits = repository

    def record(number: int) -> Record:
        source = NotebookSource(
            path="notebooks/nb.ipynb", digest=parsed(f"x = {number}").digest
        )
        made = recipe(RUN, notebook=source)
        about = replace(made.circumstances, commit=commits[number - 1])
        return of(made, circumstances=about)

    found = compare_sources(record(1), record(2), root / "runs", root)
    assert [c.lines[1:] for c in found.changes] == [("-x = 1", "+x = 2")]
