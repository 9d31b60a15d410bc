import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from caching import Executor, go, three_notebooks

from notebooks import write
from toolkit.reproduce.execution.runner import Progress, Project, Step
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.fingerprints import CACHE
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import Store


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return three_notebooks(tmp_path)


def test_nothing_changed_executes_nothing(project: Project) -> None:
    executed, first = go(project)
    assert executed == ["01-a", "02-b", "03-c"]
    executed, second = go(project)
    assert executed == []
    assert [o.record for o in second] == [o.record for o in first]


def test_what_was_digested_is_remembered(project: Project) -> None:
    time.sleep(0.3)  # a further change would have another time stamp now
    go(project)
    assert (project.root / CACHE).exists()


class Editing(Executor):
    """Somebody edits the code while the first notebook is executed."""

    def __call__(
        self,
        step: Step,
        project: Project,
        upstream: Mapping[str, Record],
        limits: Limits,
        progress: Progress,
    ) -> Record:
        record = super().__call__(step, project, upstream, limits, progress)
        (project.root / "lib.py").write_text("x = 2")
        return record


def test_an_edit_meanwhile_counts_for_the_next_notebook(project: Project) -> None:
    go(project)
    (project.root / "data" / "a.csv").write_text("1235")
    assert go(project, run=Editing())[0] == ["01-a", "02-b", "03-c"]


def test_force_executes_all(project: Project) -> None:
    go(project)
    assert go(project, force=True)[0] == ["01-a", "02-b", "03-c"]


def touch(root: Path) -> None:
    for path in root.rglob("*"):
        if path.is_file() and "runs" not in path.parts:
            os.utime(path)


def replace_by_copy(root: Path) -> None:
    path = root / "data" / "a.csv"
    copy = path.with_suffix(".new")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def edit_of(path: str, text: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        (root / path).write_text(text)

    return edit


@pytest.mark.parametrize(
    ("change", "executed"),
    [
        pytest.param(touch, [], id="touched"),
        pytest.param(replace_by_copy, [], id="replaced-by-the-same"),
        pytest.param(edit_of("README.md", "x"), [], id="unread-file"),
        pytest.param(edit_of("data/a.csv", "12345"), ["01-a", "03-c"], id="input"),
        pytest.param(edit_of("data/a.csv", "1235"), ["01-a"], id="same-results"),
        pytest.param(edit_of("data/b.csv", "2"), ["02-b"], id="other-input"),
        pytest.param(edit_of("lib.py", "x = 2"), ["01-a", "02-b", "03-c"], id="code"),
        pytest.param(
            lambda root: write(root / "notebooks", "02-b", "3"), ["02-b"], id="cells"
        ),
    ],
)
def test_only_what_changed_and_what_depends_on_it_is_executed(
    project: Project, change: Callable[[Path], None], executed: list[str]
) -> None:
    go(project)
    change(project.root)
    assert go(project)[0] == executed
    assert go(project)[0] == []


def test_what_is_changed_back_needs_no_execution(project: Project) -> None:
    _, first = go(project)
    edit_of("data/a.csv", "12345")(project.root)
    go(project)
    edit_of("data/a.csv", "1234")(project.root)
    executed, third = go(project)
    assert executed == []
    assert [o.record for o in third] == [o.record for o in first]
    latest = Store(project.runs_dir).latest("03-c")
    assert latest == first[-1].record  # as it was shown last
    assert Store(project.runs_dir).records()[-1] in [o.record for o in first]


def test_a_sweep_executes_each_value_once(project: Project) -> None:
    executed, _ = go(project, "n=1,2")
    assert executed == ["01-a", "02-b", "03-c", "01-a"]  # 03-c: the same results
    assert go(project, "n=1,2")[0] == []
    assert go(project, "n=2")[0] == []
    assert go(project)[0] == []
    assert go(project, "n=3")[0] == ["01-a"]
