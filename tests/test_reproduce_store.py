import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from records import a_record, put

from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest, folder_digest
from toolkit.reproduce.project import find_root, runs_folder
from toolkit.reproduce.records.recipe import RunId
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import (
    EVIDENCE,
    RecordError,
    Store,
    UnknownRunError,
)
from toolkit.reproduce.whole import write_whole

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
    with pytest.raises(
        RecordError, match="the record of another run, 20261123"
    ) as caught:
        Store(tmp_path).read("20270101-000000-02-baseline-00000000")
    assert caught.value.edited


def edited(record: Record, change: Callable[[dict[str, Any]], None]) -> bytes:
    plain = json.loads(record.to_json())
    change(plain)
    return json.dumps(plain).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda p: p["results"]["metrics"][0].update(value=2.0),
            "digest: .* it was edited",
            id="metric",
        ),
        pytest.param(
            lambda p: p["recipe"]["parameters"].update(n=11),
            "recipe.digest: .* it was edited",
            id="parameter",
        ),
        pytest.param(lambda p: p.pop("digest"), "digest: found None", id="no-digest"),
    ],
)
def test_an_edited_record_is_told_from_an_unreadable_one(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    record = a_record()
    file = put(record, tmp_path) / "record.json"
    file.write_bytes(edited(record, change))
    with pytest.raises(RecordError, match=said) as caught:
        Store(tmp_path).read(record.run)
    assert caught.value.edited
    file.write_bytes(b"{")
    with pytest.raises(RecordError) as caught:
        Store(tmp_path).read(record.run)
    assert not caught.value.edited
    file.write_bytes(edited(record, lambda p: p.update(schema=99)))
    with pytest.raises(RecordError) as caught:
        Store(tmp_path).read(record.run)
    assert not caught.value.edited


@pytest.mark.parametrize(
    "run",
    [
        pytest.param("20261123-181500-02-baseline-00000000", id="recipe"),
        pytest.param("20261123-181500-01-data-{digest}", id="notebook"),
        pytest.param("20261123-181500-02-baseline-{digest}-x", id="more"),
    ],
)
def test_a_run_whose_id_does_not_fit_its_recipe_was_edited(
    tmp_path: Path, run: str
) -> None:
    record = a_record()
    run = run.format(digest=record.recipe.digest[:8])
    put(replace(record, run=RunId(run)), tmp_path)
    with pytest.raises(RecordError, match="id does not fit its recipe, 02") as caught:
        Store(tmp_path).read(run)
    assert caught.value.edited


def test_a_second_run_of_the_same_second_fits_its_recipe(tmp_path: Path) -> None:
    record = a_record("my notebook (2)", nth=2)
    put(record, tmp_path)
    assert Store(tmp_path).read(record.run) == record


def test_evidence_lies_beside_the_record_and_is_listed_oldest_first(
    tmp_path: Path,
) -> None:
    record = a_record()
    folder = put(record, tmp_path)
    store = Store(tmp_path)
    assert store.evidence(record.run) == ()
    for when in ("20261201T000000Z", "20261124T000000Z"):
        (folder / EVIDENCE.format(when)).write_text("{}")
    assert [path.name for path in store.evidence(record.run)] == [
        "verification-20261124T000000Z.json",
        "verification-20261201T000000Z.json",
    ]
    assert store.evidence("20270101-000000-none-00000000") == ()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(OSError, match="No such file"):
        write_whole(tmp_path / "none" / "a.json", b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        write_whole(tmp_path / "folder", b"")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "folder"]


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left, fresh = tmp_path / ".partial-0", tmp_path / ".partial-1"
    left.write_text("half")
    fresh.write_text("somebody else is writing")
    os.utime(left, (0, 0))
    write_whole(tmp_path / "a", b"")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".partial-1", "a"]


def test_a_killed_writer_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0" * 2**16)
    source = (
        "import itertools, sys; from pathlib import Path\n"
        "from toolkit.reproduce.whole import write_whole\n"
        "print(flush=True)\n"
        "for n in itertools.count(1):\n"
        "    write_whole(Path(sys.argv[1]), b'%d' % (n % 10) * 2**16)\n"
    )
    for _ in range(3):
        with subprocess.Popen(  # noqa: S603 -- literal arguments
            [sys.executable, "-c", source, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(random.random() / 20)  # noqa: S311 -- any moment
            process.kill()
        content = path.read_bytes()
        assert len(content) == 2**16
        assert content == content[:1] * 2**16


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
