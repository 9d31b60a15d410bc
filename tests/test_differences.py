"""Two runs side by side: every part that can differ is told, and nothing else."""

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import DIGEST, a_record

from notebooks import cell, content, parsed
from toolkit.publish.results import (
    Column,
    Figure,
    Metric,
    PublishedFinding,
    Results,
    Sha256,
    Table,
)
from toolkit.reproduce.differences import (
    Change,
    Differences,
    NoEarlierRunError,
    Sources,
    compare_runs,
    run_before,
)
from toolkit.reproduce.differences_cells import align, compare_sources
from toolkit.reproduce.notebook import Notebook
from toolkit.reproduce.records.history import changes_between, file_at, paths_at
from toolkit.reproduce.records.recipe import NotebookSource, Recipe, RunId
from toolkit.reproduce.records.record import CellRecord, Record
from toolkit.reproduce.records.trace import Trace

OTHER = Sha256("6" * 64)
RUN = a_record()
BOTH = Sources(pairs=((0, 0), (1, 1)))


def recipe(record: Record, **facts: object) -> Record:
    changed: Any = replace(record.recipe, digest=Sha256(""), **facts)  # type: ignore[arg-type]  # by name
    return replace(record, recipe=changed)


def of(record: Record, **facts: object) -> Record:
    changed: Any = replace(record, **facts)  # type: ignore[arg-type]  # by name
    assert isinstance(changed, Record)
    return changed


def compared(after: Record, before: Record = RUN, **facts: Any) -> Differences:  # noqa: ANN401 -- passed on
    return compare_runs(before, after, facts.pop("sources", BOTH), **facts)


def test_a_run_is_as_itself() -> None:
    found = compared(RUN)
    assert found.same
    assert found.comparable
    assert found.recipe == found.results == found.circumstances == ()
    assert [metric.same for metric in found.metrics] == [True]


ENVIRONMENT = RUN.recipe.environment


@pytest.mark.parametrize(
    ("after", "what", "values"),
    [
        pytest.param(
            recipe(RUN, parameters={"n": 20}), "parameter n", ("10", "20"), id="value"
        ),
        pytest.param(
            recipe(RUN, parameters={}), "parameter n", ("10", "none"), id="gone"
        ),
        pytest.param(
            recipe(RUN, code=None), "code", ("555555555555", "none"), id="code"
        ),
        pytest.param(
            recipe(RUN, data={"data/failures.csv": OTHER}),
            "data/failures.csv",
            ("555555555555", "666666666666"),
            id="data",
        ),
        pytest.param(
            recipe(RUN, scope=DIGEST), "scope.yaml", ("none", "555555555555"), id="s"
        ),
        pytest.param(
            recipe(RUN, environment=replace(ENVIRONMENT, python="3.12.1")),
            "python",
            ("3.11.7", "3.12.1"),
            id="python",
        ),
        pytest.param(
            recipe(RUN, environment=replace(ENVIRONMENT, lock=OTHER)),
            "requirements.lock",
            ("none", "666666666666"),
            id="lock",
        ),
        pytest.param(
            recipe(RUN, environment=replace(ENVIRONMENT, installed=OTHER)),
            "installed packages",
            ("555555555555", "666666666666"),
            id="installed",
        ),
        pytest.param(
            recipe(
                RUN,
                upstream={"01": RunId("b")},
                upstream_results={"01": OTHER},
            ),
            "upstream 01",
            ("none", "b"),
            id="upstream",
        ),
        pytest.param(
            recipe(RUN, notebook=NotebookSource(path="n.ipynb", digest=DIGEST)),
            "notebook",
            ("notebooks/02-baseline.ipynb", "n.ipynb"),
            id="notebook",
        ),
        pytest.param(
            of(RUN, trace=Trace(inputs={"a.csv": OTHER})),
            "a.csv",
            ("none", "666666666666"),
            id="input",
        ),
        pytest.param(
            of(RUN, trace=Trace(listed={"data": OTHER})),
            "listing of data",
            ("none", "666666666666"),
            id="listing",
        ),
    ],
)
def test_what_decides_a_result_is_told_and_makes_no_other_result(
    after: Record, what: str, values: tuple[str, str]
) -> None:
    found = compared(after)
    assert found.recipe == (Change(what=what, before=values[0], after=values[1]),)
    assert found.same


def test_another_run_upstream_with_the_same_results_says_so() -> None:
    one = recipe(RUN, upstream={"01": RunId("a")}, upstream_results={"01": OTHER})
    two = recipe(RUN, upstream={"01": RunId("b")}, upstream_results={"01": OTHER})
    assert [c.what for c in compared(two, one).recipe] == ["upstream 01 (same results)"]


@pytest.mark.parametrize(
    ("before", "after", "same", "difference"),
    [
        pytest.param({"value": 1.0}, {"value": 1.0}, True, 0.0, id="equal"),
        pytest.param({"value": 1.0}, {"value": 1.5}, False, 0.5, id="other"),
        pytest.param(
            {"value": 1.0, "tolerance": 0.5}, {"value": 1.5}, True, 0.5, id="within"
        ),
        pytest.param(
            {"value": 1.0}, {"value": 1.5, "tolerance": 0.5}, False, 0.5, id="lax-later"
        ),
        pytest.param({"value": 1.0}, None, False, None, id="gone"),
        pytest.param(None, {"value": 1.0}, False, None, id="new"),
    ],
)
def test_a_metric_is_held_to_the_tolerance_of_the_first(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    same: bool,
    difference: float | None,
) -> None:
    records = [
        of(RUN, results=Results(metrics=(Metric(name="m", **facts),) if facts else ()))
        for facts in (before, after)
    ]
    found = compared(records[1], records[0])
    assert found.same == same
    assert found.metrics[0].difference == difference


def results(**facts: Any) -> Record:  # noqa: ANN401 -- passed on
    return of(RUN, results=replace(RUN.results, **facts))


FIGURE = Figure(name="f", alt="a line", caption="", digest=DIGEST)
TABLE = Table(
    name="t",
    title="",
    columns=(Column(name="a", kind="int64"),),
    rows=1,
    digest=DIGEST,
    preview=((1,),),
)
FLAG = PublishedFinding(
    code="DS1",
    severity="note",
    place="x",
    message="3 rows",
    advice="",
    count=3,
    accepted=None,
)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        pytest.param(
            results(figures=(FIGURE,)),
            results(figures=(replace(FIGURE, digest=OTHER),)),
            ("figure f", "555555555555", "666666666666"),
            id="figure",
        ),
        pytest.param(
            results(tables=(TABLE,)),
            RUN,
            ("table t", "555555555555", "none"),
            id="table",
        ),
        pytest.param(
            RUN,
            results(findings=(FLAG,)),
            ("finding DS1 x", "none", "3 rows"),
            id="finding",
        ),
        pytest.param(
            results(findings=(FLAG,)),
            results(findings=(replace(FLAG, accepted="known"),)),
            ("finding DS1 x", "note, 3 concerned, open",
             "note, 3 concerned, accepted: known"),
            id="accepted",
        ),
        pytest.param(
            RUN, of(RUN, status="failed"), ("status", "finished", "failed"), id="status"
        ),
    ],
)  # fmt: skip
def test_another_result_is_told(
    before: Record, after: Record, change: tuple[str, str, str]
) -> None:
    found = compared(after, before)
    assert [(c.what, c.before, c.after) for c in found.results] == [change]
    assert not found.same
    assert compared(before, before).same


def shows(*outputs: str) -> Record:
    cells = tuple(
        CellRecord(
            index=n,
            status="finished",
            execution_count=n + 1,
            seconds=0.1,
            output=Sha256(text * 64),
            shown=text,
        )
        for n, text in enumerate(outputs)
    )
    return of(RUN, cells=cells, results=Results())


def test_what_a_cell_shows_is_a_result_of_a_notebook_that_publishes_nothing() -> None:
    found = compared(shows("a", "c"), shows("a", "b"))
    assert found.results == (Change(what="cell 2 shows", before="b", after="c"),)
    moved = Sources(pairs=((None, 0), (0, 1), (1, 2)))
    assert compared(shows("x", "a", "b"), shows("a", "b"), sources=moved).same


def test_of_nothing_nothing_can_be_said() -> None:
    empty = of(RUN, results=Results(), cells=())
    assert not compared(empty, empty).comparable
    assert compared(RUN, empty).comparable


def test_the_run_before_is_of_the_same_notebook() -> None:
    old = a_record(started="2026-11-21T00:00:00Z")
    other = a_record("01-data", started="2026-11-22T00:00:00Z")
    assert run_before(RUN, [old, other, RUN]) is old
    with pytest.raises(NoEarlierRunError, match=r"first run of notebooks/02-baseline"):
        run_before(old, [old, other, RUN])


# the notebooks' cells

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


def executed(notebook: Notebook, folder: Path, record: Record, *extra: Any) -> Record:  # noqa: ANN401 -- cells
    """Keep a run of a notebook as `toolkit run` leaves it."""
    source = NotebookSource(path="notebooks/nb.ipynb", digest=notebook.digest)
    run = folder / record.run
    run.mkdir(parents=True)
    cells = [
        *extra,
        *(
            {**plain, "outputs": [], "execution_count": 7}
            if plain["cell_type"] == "code"
            else plain
            for plain in notebook.content["cells"]
        ),
    ]
    (run / "notebook.ipynb").write_bytes(content(cells))
    return recipe(record, notebook=source)


def two(folder: Path, before: Notebook, after: Notebook) -> tuple[Record, Record]:
    later = of(RUN, run=RunId("later"))
    injected = cell("n = 3", "injected-parameters")
    return executed(before, folder, RUN), executed(after, folder, later, injected)


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


def test_recipes_are_equal_only_where_nothing_is_told() -> None:
    assert isinstance(RUN.recipe, Recipe)
    assert recipe(RUN, parameters={"n": 10}).recipe.digest == RUN.recipe.digest
