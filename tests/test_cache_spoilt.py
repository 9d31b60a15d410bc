import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from caching import Executor, go, three_notebooks

from toolkit.reproduce.execution.runner import Project
from toolkit.reproduce.fingerprints import Fingerprints
from toolkit.reproduce.pipeline.cache import Cache
from toolkit.reproduce.pipeline.plans import plan
from toolkit.reproduce.records.store import Store


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return three_notebooks(tmp_path)


def test_a_failed_run_never_stands(project: Project) -> None:
    failing = Executor("failed")
    go(project, run=failing)
    assert failing.executed == ["01-a", "02-b"]
    assert go(project)[0] == ["01-a", "02-b", "03-c"]
    assert go(project)[0] == []
    go(project, run=Executor("failed"), force=True)  # the same recipe fails now
    assert go(project)[0] == ["01-a", "02-b"]
    assert go(project)[0] == []


def test_an_interrupted_run_takes_nothing_back(project: Project) -> None:
    go(project)
    go(project, run=Executor("interrupted"), force=True)
    assert go(project)[0] == []


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda f: (f / "notebook.ipynb").unlink(), id="notebook-gone"),
        pytest.param(
            lambda f: (f / "metrics.json").write_text("{}"), id="metrics-edited"
        ),
        pytest.param(
            lambda f: (f / "record.json").write_text("{"), id="record-damaged"
        ),
        pytest.param(
            lambda f: (f / "record.json").write_text(
                (f / "record.json").read_text().replace("4.0", "5.0")
            ),
            id="record-edited",
        ),
        pytest.param(
            lambda f: (f / "record.json").write_text('{"recipe": {"parameters": NaN}}'),
            id="record-of-nonsense",
        ),
    ],
)
def test_a_spoilt_run_does_not_stand(
    project: Project, spoil: Callable[[Path], None]
) -> None:
    _, outcomes = go(project)
    record = outcomes[1].record
    assert record is not None
    spoil(project.runs_dir / record.run)
    assert go(project)[0] == ["02-b"]


def test_a_notebook_of_that_name_elsewhere_has_runs_of_its_own(
    project: Project,
) -> None:
    go(project)
    (project.root / "other").mkdir()
    path = project.root / "notebooks" / "02-b.ipynb"
    path.rename(project.root / "other" / "02-b.ipynb")
    planned = plan([project.root / "other" / "02-b.ipynb"], project)
    cache = Cache(project, Fingerprints(), {})
    assert cache.judge(planned.passes[0][0], {}).record is None


def test_two_at_once_do_not_disturb_each_other(project: Project) -> None:
    failures: list[BaseException] = []

    def often() -> None:
        try:
            for _ in range(5):
                go(project)
        except BaseException as error:  # noqa: BLE001 -- told in the main thread
            failures.append(error)

    threads = [threading.Thread(target=often) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert go(project)[0] == []
    assert Store(project.runs_dir).scan().unreadable == ()


def test_a_folder_of_runs_that_cannot_be_written_stands_all_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first = go(project)
    go(project, "n=2")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Store, "show", refuse)
    executed, third = go(project)
    assert executed == []
    assert [o.record for o in third] == [o.record for o in first]
