import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from ledgers import (
    NOW,
    a_run,
    checked,
    commit,
    git,
    put_evidence,
    put_run,
    put_statement,
    told,
)

from toolkit.ledger.check import NoLedgerError, check
from toolkit.ledger.finding import KINDS
from toolkit.ledger.settings import Accepted
from toolkit.publish.results import Metric, Results
from toolkit.reproduce.digest import bytes_digest

FIRST = a_run("01-sanity")
SECOND = a_run("02-baseline", used=[FIRST])
THIRD = a_run("03-errors", used=[SECOND])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose three runs, one verification and one attestation git has."""
    for record in (FIRST, SECOND, THIRD):
        folder = put_run(tmp_path / "runs", record)
    put_evidence(tmp_path / "runs" / SECOND.run, SECOND)
    attest(folder)
    commit(tmp_path)
    return tmp_path


def attest(folder: Path) -> Path:
    content = (folder / "record.json").read_bytes()
    return put_statement(folder, **{"record.json": bytes_digest(content)})


def test_a_ledger_as_it_was_committed_holds(project: Path) -> None:
    outcome = checked(project)
    assert outcome.findings == ()
    assert (outcome.runs, outcome.read, outcome.exit_code) == (3, 3, 0)


def test_an_edit_that_was_committed_is_not_what_git_first_got(project: Path) -> None:
    metrics = (Metric(name="hit_rate", value=9.9),)
    edited = replace(SECOND, results=Results(metrics=metrics))
    (project / "runs" / SECOND.run / "record.json").write_bytes(edited.to_json())
    (project / "runs" / SECOND.run / "metrics.json").write_text(
        '{\n  "hit_rate": 9.9\n}\n'
    )
    for path in (project / "runs").glob("*/verification-*"):
        path.unlink()
    put_evidence(project / "runs" / SECOND.run, edited)
    commit(project, "runs: Mend a number")
    assert {code for code, _ in told(checked(project))} >= {"LED102", "LED203"}
    assert told(checked(project, history=False)) == []


def test_a_run_that_a_merge_dropped_is_missed(project: Path) -> None:
    git(project, "checkout", "-q", "-b", "side")
    commit(project, "nothing")
    git(project, "checkout", "-q", "main")
    new = a_run("04-new")
    put_run(project / "runs", new)
    commit(project)
    git(project, "merge", "-q", "--no-commit", "--no-ff", "side")
    shutil.rmtree(project / "runs" / new.run)
    commit(project, "Merge side")
    assert told(checked(project)) == [("LED101", new.run)]


def test_runs_of_two_branches_merge_and_hold(project: Path) -> None:
    for branch, notebook in (("one", "04-one"), ("two", "05-two")):
        git(project, "checkout", "-q", "-b", branch, "main")
        put_run(project / "runs", a_run(notebook))
        commit(project)
    git(project, "merge", "-q", "--no-edit", "one")
    assert (checked(project).runs, checked(project).findings) == (5, ())


def test_a_record_is_not_younger_than_the_commit_that_brought_it(
    tmp_path: Path,
) -> None:
    put_run(tmp_path / "runs", a_run(started="2026-11-24T18:15:00.000000Z"))
    commit(tmp_path, when="2026-11-24T18:00:00Z")
    assert [code for code, _ in told(checked(tmp_path))] == ["LED602"]


def test_without_git_what_is_here_is_checked_and_the_rest_said(tmp_path: Path) -> None:
    put_run(tmp_path / "runs", FIRST)
    outcome = checked(tmp_path)
    assert (told(outcome), outcome.exit_code) == ([("LED701", "")], 2)
    assert checked(tmp_path, history=False).exit_code == 0


def test_a_shallow_clone_says_that_it_does_not_know(project: Path) -> None:
    put_run(project / "runs", a_run("04-new"))
    commit(project)
    clone = project / "clone"
    git(project, "clone", "-q", "--depth", "1", project.as_uri(), str(clone))
    outcome = checked(clone, clone / ".cache" / "ledger.sqlite")
    assert (told(outcome), outcome.exit_code) == ([("LED701", "")], 2)
    shutil.rmtree(clone / "runs" / FIRST.run)
    assert ("LED101", FIRST.run) in told(checked(clone, clone / ".cache" / "x.sqlite"))


def test_an_empty_ledger_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    assert checked(tmp_path, history=False).exit_code == 2
    with pytest.raises(NoLedgerError, match=r"is no folder; run a notebook first"):
        checked(tmp_path / "elsewhere")


def test_what_the_project_accepts_is_listed_with_its_reason(project: Path) -> None:
    shutil.rmtree(project / "runs" / THIRD.run)
    known = [
        Accepted(code="LED101", run=THIRD.run, why="its schema is gone"),
        Accepted(code="LED101", run=FIRST.run, why="of another"),
    ]
    outcome = check(project / "runs", now=NOW, cache=None, accepted=known)
    ((finding, why),) = outcome.accepted
    assert (finding.run, why) == (THIRD.run, "its schema is gone")
    assert (outcome.findings, outcome.exit_code) == ((), 0)


def test_what_was_yet_to_come_has_come(project: Path) -> None:
    put_run(project / "runs", a_run("04-new", started="2026-11-25T12:06:00.000000Z"))
    cache = project / ".cache" / "ledger.sqlite"
    assert len(checked(project, cache).findings) == 1
    later = NOW + timedelta(days=1)
    assert check(project / "runs", now=later, cache=cache).findings == ()
    assert len(checked(project, cache).findings) == 1


def test_each_finding_says_where_what_and_what_to_do(project: Path) -> None:
    shutil.rmtree(project / "runs" / THIRD.run)
    (finding,) = checked(project).findings
    head = git(project, "rev-parse", "HEAD")[:12]
    assert str(finding) == (
        f"{THIRD.run}: LED101 a lost run: commit {head} "
        "brought its record, and it is not here any more; get it back from git: git "
        "checkout COMMIT -- PLACE"
    )
    assert finding.to_dict()["name"] == KINDS["LED101"].name


def test_each_code_is_explained() -> None:
    page = (Path(__file__).parents[1] / "docs" / "ledger.md").read_text("utf-8")
    for code, kind in KINDS.items():
        assert f"| {code} | {kind.name}" in page
