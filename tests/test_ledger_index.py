import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledgers import a_run, checked, commit, git, put_evidence, put_run, told

from toolkit.ledger.check import kept_index
from toolkit.ledger.index import BrokenIndexError, Index
from toolkit.ledger.watching import Seen, changed_runs, look, settled

RUNS = [a_run(f"0{n}-a", seed=n) for n in range(1, 6)]
OLD_NS = 10**18


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for record in RUNS:
        put_evidence(put_run(tmp_path / "runs", record), record)
    commit(tmp_path)
    settle(tmp_path)
    return tmp_path


def settle(project: Path) -> None:
    """Wait until a change of any file would have another time stamp."""
    newest = max(path.stat().st_ctime_ns for path in project.rglob("*"))
    while time.time_ns() - newest < 150_000_000:
        time.sleep(0.02)


def cache(project: Path) -> Path:
    return project / ".cache" / "toolkit" / "ledger.sqlite"


def test_what_did_not_change_is_not_read_again(project: Path) -> None:
    assert [checked(project, cache(project)).read for _ in range(3)] == [5, 0, 0]


def test_one_change_costs_one_reading(project: Path) -> None:
    checked(project, cache(project))
    path = project / "runs" / RUNS[2].run / "metrics.json"
    path.write_text('{"hit_rate": 2.0}')
    outcome = checked(project, cache(project))
    assert outcome.read == 1
    assert outcome.findings == checked(project).findings != ()


def test_a_change_of_equal_size_and_restored_time_is_seen(project: Path) -> None:
    checked(project, cache(project))
    path = project / "runs" / RUNS[0].run / "record.json"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"1.02", b"1.92"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert ("LED201", f"{RUNS[0].run}/record.json") in told(
        checked(project, cache(project))
    )


def test_a_file_that_was_just_written_is_read_again(project: Path) -> None:
    path = project / "runs" / RUNS[0].run / "record.json"
    for value in (b"1.12", b"1.22", b"1.32", b"1.02"):
        content = path.read_bytes()
        path.write_bytes(
            content[: content.index(b"1.")]
            + value
            + content[content.index(b"1.") + 4 :]
        )
        assert checked(project, cache(project)).findings == checked(project).findings


def test_what_is_new_and_what_is_gone_is_seen(project: Path) -> None:
    checked(project, cache(project))
    new = a_run("09-new")
    put_run(project / "runs", new)
    assert checked(project, cache(project)).runs == 6
    shutil.rmtree(project / "runs" / new.run)
    assert checked(project, cache(project)).runs == 5
    shutil.rmtree(project / "runs" / RUNS[0].run)
    assert told(checked(project, cache(project))) == [("LED101", RUNS[0].run)]
    put_evidence(put_run(project / "runs", RUNS[0]), RUNS[0])
    assert checked(project, cache(project)).findings == ()


def test_heavy_files_left_without_a_record_cost_no_reading(project: Path) -> None:
    folder = project / "runs" / RUNS[0].run
    (folder / "notebook.ipynb").write_text("{}")
    for path in folder.glob("*.json"):
        path.unlink()
    settle(project)
    assert [checked(project, cache(project)).read for _ in range(2)] == [5, 0]


def test_a_new_commit_is_looked_at_alone(project: Path) -> None:
    checked(project, cache(project))
    record = replace(RUNS[1], status="failed")
    folder = project / "runs" / RUNS[1].run
    put_run(project / "runs", new := a_run("09-new"))
    commit(project)
    checked(project, cache(project))
    shutil.rmtree(project / "runs" / new.run)
    (folder / "record.json").write_bytes(record.to_json())
    commit(project)
    outcome = checked(project, cache(project))
    assert outcome.findings == checked(project).findings
    assert {("LED101", new.run), ("LED203", f"{RUNS[1].run}/record.json")} <= set(
        told(outcome)
    )


def test_another_branch_has_another_history(project: Path) -> None:
    git(project, "checkout", "-q", "-b", "side")
    put_run(project / "runs", a_run("09-new"))
    commit(project)
    assert checked(project, cache(project)).findings == ()
    git(project, "checkout", "-q", "main")
    outcome = checked(project, cache(project))
    assert (outcome.runs, outcome.findings) == (5, ())
    assert checked(project, cache(project), history=False).findings == ()
    git(project, "checkout", "-q", "side")
    assert checked(project, cache(project)).findings == ()


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_index_hides_nothing(project: Path, seed: int) -> None:
    path = project / "runs" / RUNS[0].run / "metrics.json"
    path.write_text('{"hit_rate": 2.0}')
    draw = random.Random(seed)  # noqa: S311
    expected = checked(project, cache(project), history=False).findings
    content = bytearray(cache(project).read_bytes())
    if draw.random() < 0.2:
        del content[draw.randrange(len(content)) :]
    for _ in range(draw.randrange(1, 20)):
        if content:
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    cache(project).write_bytes(content)
    assert checked(project, cache(project), history=False).findings == expected


def test_an_index_of_another_version_is_built_anew(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(project, cache(project))
    monkeypatch.setattr("toolkit.ledger.index._SEAL", b"toolkit ledger 0")
    assert [checked(project, cache(project)).read for _ in range(2)] == [5, 0]


def test_a_part_that_was_altered_is_refused(tmp_path: Path) -> None:
    index = Index(tmp_path / "x.sqlite")
    with index.changing() as parts:
        parts.put("kind", "name", b"content")
    base = sqlite3.connect(tmp_path / "x.sqlite")
    base.execute("UPDATE parts SET content = ?", (b"another",))
    base.commit()
    base.close()
    with pytest.raises(BrokenIndexError), index.reading() as parts:
        parts.get("kind", "name")
    index.close()


def test_an_index_that_cannot_be_written_is_none(project: Path) -> None:
    (project / ".cache").write_text("in the way")
    assert [checked(project, cache(project)).read for _ in range(2)] == [5, 5]


def test_two_at_once_find_the_same(project: Path) -> None:
    (project / "runs" / RUNS[0].run / "metrics.json").write_text("{}")
    expected = checked(project).findings
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            cache(project).unlink(missing_ok=True)
            done = pool.map(lambda _: checked(project, cache(project)), range(4))
            assert {one.findings for one in done} == {expected}


def test_two_processes_at_once_find_the_same(project: Path) -> None:
    (project / "runs" / RUNS[0].run / "metrics.json").write_text("{}")
    command = [sys.executable, "-m", "toolkit", "-C", str(project), "ledger", "check"]
    left_out = ("CI", "GITHUB_ACTIONS", "GITLAB_CI")
    environment = {k: v for k, v in os.environ.items() if k not in left_out}
    (project / "pyproject.toml").touch()
    processes = [
        subprocess.Popen(  # noqa: S603
            [*command, "--json"], stdout=subprocess.PIPE, env=environment
        )
        for _ in range(2)
    ]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [1, 1]
    first, second = (json.loads(output)["findings"] for output in outputs)
    assert first == second != []
    assert cache(project).is_file()


def test_in_ci_every_file_is_read(tmp_path: Path) -> None:
    assert kept_index(tmp_path, {}) == tmp_path / ".cache" / "toolkit" / "ledger.sqlite"
    assert kept_index(tmp_path, {"GITHUB_ACTIONS": "true", "CI": "true"}) is None
    assert kept_index(tmp_path, {"GITLAB_CI": "true"}) is None


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1),
            st.binary(min_size=32, max_size=32),
        )
    )
)
def test_what_was_seen_comes_back(runs: list[tuple[str, bytes]]) -> None:
    seen = Seen([run for run, _ in runs], b"".join(stamp for _, stamp in runs))
    assert Seen.from_bytes(seen.to_bytes()) == seen


def test_only_what_was_left_alone_is_relied_on(project: Path) -> None:
    runs = project / "runs"
    _, stamps = look(runs, RUNS[0].run)
    assert settled(stamps, stamps, time.time_ns()) == stamps
    assert settled(stamps, stamps[::-1], time.time_ns()) == bytes(len(stamps))
    racy = (runs / RUNS[0].run / "record.json").stat().st_ctime_ns
    assert settled(stamps, stamps, racy) == bytes(len(stamps))
    paths, _ = look(runs, RUNS[0].run)
    assert RUNS[0].run in changed_runs(runs, [Seen(paths, bytes(len(stamps)))])
