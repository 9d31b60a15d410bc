import json
import subprocess
from pathlib import Path

import pytest
from records import a_record, put

from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest, folder_digest
from toolkit.reproduce.project import find_root, runs_folder
from toolkit.reproduce.store import RecordError, Store, UnknownRunError

MORNING = "2026-11-23T06:00:00.000000Z"
NOON = "2026-11-23T12:00:00.000000Z"


def test_no_folder_holds_no_runs(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    assert store.records() == ()
    assert store.latest("02-baseline") is None
    with pytest.raises(UnknownRunError, match="there is none yet: toolkit run"):
        store.find("02-baseline")


def test_runs_are_listed_oldest_first(tmp_path: Path) -> None:
    late, early = a_record(started=NOON), a_record("01-data", started=MORNING)
    put(late, tmp_path)
    put(early, tmp_path)
    (tmp_path / "README.md").write_text("what lies here")
    (tmp_path / ".staging-1").mkdir()
    (tmp_path / "notes").mkdir()
    assert [record.run for record in Store(tmp_path).records()] == [early.run, late.run]


def test_one_damaged_record_does_not_hide_the_others(tmp_path: Path) -> None:
    good, bad = a_record(started=NOON), a_record(started=MORNING)
    put(good, tmp_path)
    put(bad, tmp_path).joinpath("record.json").write_text("{")
    listing = Store(tmp_path).scan()
    assert [record.run for record in listing.records] == [good.run]
    assert bad.run in str(listing.unreadable[0])


def test_the_latest_run_is_of_that_notebook_and_finished(tmp_path: Path) -> None:
    first, second = a_record(started=MORNING), a_record(started=NOON, status="failed")
    put(first, tmp_path)
    put(second, tmp_path)
    put(a_record("2-baseline", started=NOON), tmp_path)
    store = Store(tmp_path)
    assert store.latest("02-baseline") == first
    assert store.latest("02-baseline", finished=False) == second


def test_of_two_runs_in_one_second_the_later_counts(tmp_path: Path) -> None:
    late = a_record(started="2026-11-23T12:00:00.900000Z")
    early = a_record(started="2026-11-23T12:00:00.100000Z", nth=2)
    put(late, tmp_path)
    put(early, tmp_path)
    assert Store(tmp_path).latest("02-baseline") == late


def test_a_damaged_latest_run_is_not_passed_over(tmp_path: Path) -> None:
    put(a_record(started=MORNING), tmp_path)
    put(a_record(started=NOON), tmp_path).joinpath("record.json").unlink()
    with pytest.raises(RecordError, match="No such file"):
        Store(tmp_path).latest("02-baseline")


def test_a_copied_record_is_refused(tmp_path: Path) -> None:
    folder = put(a_record(), tmp_path)
    folder.rename(tmp_path / "20270101-000000-02-baseline-00000000")
    with pytest.raises(RecordError, match="the record of another run, 20261123"):
        Store(tmp_path).read("20270101-000000-02-baseline-00000000")


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("{run}", id="id"),
        pytest.param("runs/{run}/", id="folder"),
        pytest.param("20261123-12", id="beginning"),
        pytest.param("02-baseline", id="notebook"),
        pytest.param("notebooks/02-baseline.ipynb", id="path"),
    ],
)
def test_a_run_is_found_by_what_people_call_it(tmp_path: Path, asked: str) -> None:
    put(a_record(started=MORNING), tmp_path)
    latest = a_record(started=NOON, status="failed")
    put(latest, tmp_path)
    assert Store(tmp_path).find(asked.format(run=latest.run)) == latest


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        pytest.param("02-basline", "did you mean '02-baseline'", id="misspelt"),
        pytest.param("zzz", "list them: toolkit runs", id="unknown"),
        pytest.param("", "list them", id="empty"),
    ],
)
def test_an_unknown_run_is_met_with_a_suggestion(
    tmp_path: Path, asked: str, hint: str
) -> None:
    put(a_record(), tmp_path)
    with pytest.raises(UnknownRunError, match=hint):
        Store(tmp_path).find(asked)


def test_a_published_file_is_checked_against_its_record(tmp_path: Path) -> None:
    record = a_record()
    folder = put(record, tmp_path)
    (folder / "t.csv").write_bytes(b"a\n1\n")
    store = Store(tmp_path)
    assert store.read_file(record.run, "t.csv", bytes_digest(b"a\n1\n")) == b"a\n1\n"
    with pytest.raises(
        RecordError, match="was changed after the run; run the notebook"
    ):
        store.read_file(record.run, "t.csv", Sha256("0" * 64))
    with pytest.raises(RecordError, match="is not here; git keeps records"):
        store.read_file(record.run, "u.csv", Sha256("0" * 64))


def test_the_project_begins_where_its_scope_lies(tmp_path: Path) -> None:
    inner = tmp_path / "project" / "notebooks"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").touch()
    assert find_root(inner) == inner
    (tmp_path / "project" / "scope.yaml").touch()
    assert find_root(inner) == tmp_path / "project"
    assert runs_folder(inner) == tmp_path / "project" / "runs"


def test_a_folder_that_nothing_marks_is_its_own_project() -> None:
    assert find_root(Path("/")) == Path("/")


def test_a_folder_digest_is_what_the_shell_computes(tmp_path: Path) -> None:
    files = {"b.py": b"1", "a/é.py": b"2", "a.py": b""}
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    command = "find . -type f | cut -c3- | LC_ALL=C sort | xargs sha256sum | sha256sum"
    shell = subprocess.run(  # noqa: S603 -- the command is a literal
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, check=True
    )
    digests = {name: bytes_digest(content) for name, content in files.items()}
    assert folder_digest(digests) == shell.stdout.split()[0].decode()


def test_records_stay_readable_by_other_tools(tmp_path: Path) -> None:
    folder = put(a_record(), tmp_path)
    assert json.loads((folder / "record.json").read_text())["status"] == "finished"
