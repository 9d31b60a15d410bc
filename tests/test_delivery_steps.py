"""Each step of a delivery: how it fails, what stands, and that nothing comes twice."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from commits import commit, git, put
from delivered import (
    Faked,
    a_delivered_project,
    a_fresh_project,
    deliver,
    first_delivery,
    name_key,
    tree,
)

from notebooks import write
from toolkit.delivery.steps import NAMES, Delivered, Name
from toolkit.reproduce.environments.surroundings import Commit
from toolkit.reproduce.records.recipe import RunId
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RECORD, Store


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return a_fresh_project(tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return a_delivered_project(tmp_path)


def states(done: Delivered) -> dict[str, str]:
    return {step.name: step.state for step in done.steps}


def ended_at(done: Delivered, name: Name, code: int) -> str:
    """Check where a delivery ended; return all that it says about that."""
    step = done.ended_at
    assert step is not None
    assert (step.name, done.exit_code) == (name, code), step
    after = NAMES[NAMES.index(name) + 1 :]
    assert {states(done)[one] for one in after} <= {"not reached"}
    return "\n".join((step.told, *step.findings, *step.pages))


def records(root: Path) -> tuple[Record, ...]:
    return Store(root / "runs").records()


def forget_trust(root: Path) -> None:
    """Take the signatures away, so that nothing but the commit speaks for the runs."""
    for path in root.glob("runs/*/*.sigstore.json"):
        path.unlink()


def test_the_first_call_makes_runs_trusted_and_the_second_adds_nothing(
    project: Path,
) -> None:
    _, first = first_delivery()
    assert first.exit_code == 0
    assert {line.level for line in first.runs} == {"trusted"}
    assert [line.why for line in first.runs] == ["it never ran"] * 2
    names = [Path(path).name.split("-")[0] for path in first.added]
    assert names == [RECORD] * 2 + ["verification"] * 2 + ["provenance", "svr"] * 2
    before, fake = tree(project / "runs"), Faked()
    second = deliver(project, fake)
    assert (second.exit_code, second.added) == (0, ())
    assert not fake.executed
    assert not fake.verified
    assert tree(project / "runs") == before
    assert set(states(second).values()) == {"done", "left out"}  # there is no scope


def test_a_finding_of_lint_ends_it_before_anything_runs(fresh: Path) -> None:
    write(fresh / "notebooks", "03-bad", "print(undefined_name)")
    commit(fresh)
    fake = Faked()
    told = ended_at(deliver(fresh, fake), "lint", 1)
    assert "notebooks/03-bad.ipynb:cell 1:1:7: ORD" in told
    assert not fake.executed


def test_a_notebook_that_cannot_be_read_is_not_checked(fresh: Path) -> None:
    put(fresh, {"notebooks/03-bad.ipynb": b"{"})
    commit(fresh)
    assert "03-bad.ipynb" in ended_at(deliver(fresh), "lint", 2)


def test_without_notebooks_there_is_nothing_to_deliver(fresh: Path) -> None:
    shutil.rmtree(fresh / "notebooks")
    commit(fresh)
    assert "notebooks: No such file" in ended_at(deliver(fresh), "lint", 2)


def test_a_notebook_that_fails_could_not_be_checked(fresh: Path) -> None:
    done = deliver(fresh, Faked(status="failed"))
    told = ended_at(done, "run", 2)
    assert "notebooks/01-data.ipynb: failed in cell 1: E: e" in told
    assert "notebooks/02-base.ipynb: not run: needs 01-data" in told
    assert [line.level for line in done.runs] == ["exploratory", None]


def test_an_interrupted_notebook_interrupts_all(fresh: Path) -> None:
    done = deliver(fresh, Faked(status="interrupted"))
    assert done.exit_code == 130
    assert states(done)["run"] == "interrupted"
    assert [line.status for line in done.runs][1] == "not run: interrupted"


@pytest.mark.parametrize("at", ["commit", "run", "verify", "report"])
def test_ctrl_c_ends_any_step(project: Path, at: Name) -> None:
    def interrupt(name: Name) -> None:
        if name == at:
            raise KeyboardInterrupt

    done = deliver(project, Faked(on_step=interrupt))
    assert done.exit_code == 130
    assert states(done)[at] == "interrupted"
    assert not done.added


def test_a_run_that_stays_exploratory_is_not_verified(fresh: Path) -> None:
    """A file that comes into being meanwhile makes the tree dirty."""
    fake = Faked()

    def spoil(name: Name) -> None:
        if name == "run":
            put(fresh, {"left.csv": b"1"})

    fake.on_step = spoil
    told = ended_at(deliver(fresh, fake), "run", 1)
    assert "exploratory: files were not what commit" in told
    assert not fake.verified


def test_a_number_that_varies_is_not_signed(fresh: Path) -> None:
    done = deliver(fresh, Faked(varied={"02-base": 4.0}))
    told = ended_at(done, "verify", 1)
    assert "02-base: differs" in told
    assert "n: 3 → 4" in told
    assert [line.level for line in done.runs] == ["reproduced", "recorded"]
    assert not list(fresh.glob("runs/*/*.sigstore.json"))


def test_what_cannot_be_signed_is_told(project: Path) -> None:
    """Evidence that came with a commit is not signed, though its run was made here."""
    forget_trust(project)
    git_ignore = (project / ".gitignore").read_text()
    put(project, {".gitignore": f"{git_ignore}runs/*/record.json\n".encode()})
    commit(project)
    told = ended_at(deliver(project), "attest", 1)
    assert "its reproduction is not signed: verification-" in told
    assert "came with a commit" in told


def test_what_was_put_there_meanwhile_is_found(
    project: Path,
) -> None:
    """Another result of the same recipe."""

    def forge(name: Name) -> None:
        if name == "ledger":
            record = records(project)[0]
            results = replace(record.results, metrics=())
            run = RunId(f"{record.run}-2")
            twin = replace(record, run=run, results=results)
            put(project, {f"runs/{run}/{RECORD}": twin.to_json()})
            put(project, {f"runs/{run}/metrics.json": b"{}\n"})

    told = ended_at(deliver(project, Faked(on_step=forge)), "ledger", 1)
    assert "LED401 same recipe, different results" in told


def test_a_scope_that_cannot_be_used_gives_no_report(project: Path) -> None:
    def break_scope(name: Name) -> None:
        if name == "report":
            put(project, {"scope.yaml": b"question: 1\n"})

    told = ended_at(deliver(project, Faked(on_step=break_scope)), "report", 2)
    assert "scope.yaml" in told


def test_what_came_with_a_commit_does_not_stand_until_it_is_signed(
    project: Path,
) -> None:
    forget_trust(project)
    commit(project)
    fake = Faked()
    done = deliver(project, fake)
    assert fake.executed == ["01-data", "02-base"]
    assert "came with a commit, and no key of CI has signed it" in done.runs[0].why
    assert (done.exit_code, done.runs[0].level) == (0, "trusted")
    assert not deliver(project).added


def test_signed_runs_that_came_with_a_commit_stand(project: Path) -> None:
    commit(project)
    fake = Faked()
    done = deliver(project, fake)
    assert (done.exit_code, done.added, fake.executed) == (0, (), [])
    assert {line.level for line in done.runs} == {"trusted"}


@pytest.mark.slow
def test_what_rests_on_another_run_is_executed_too(project: Path) -> None:
    """The first is executed anew, to equal results; the second used the one before."""
    forget_trust(project)
    second = next(one for one in records(project) if one.notebook == "02-base")
    git_ignore = (project / ".gitignore").read_text()
    hidden = f"{git_ignore}runs/{second.run}/*\n"
    put(project, {".gitignore": hidden.encode()})
    commit(project)
    fake = Faked()
    done = deliver(project, fake)
    assert fake.executed == ["01-data", "02-base"]
    assert "used another run, which does not stand here" in done.runs[1].why
    assert {line.level for line in done.runs} == {"trusted"}


@pytest.mark.slow
def test_a_run_of_a_dirty_tree_does_not_stand(fresh: Path) -> None:
    put(fresh, {"left.csv": b"1"})
    fake = Faked()
    with pytest.MonkeyPatch.context() as patch:  # as if toolkit run had been called
        patch.setattr("toolkit.delivery.gate.find_commit", _clean(fresh))
        assert deliver(fresh, fake).exit_code == 1
    (fresh / "left.csv").unlink()
    again = Faked()
    done = deliver(fresh, again)
    assert "is exploratory (dirty tree)" in done.runs[0].why
    assert (done.exit_code, again.executed) == (0, ["01-data", "02-base"])


def _clean(root: Path) -> object:
    head = git(root, "rev-parse", "HEAD")
    return lambda _, runs: Commit(commit=head, dirty=runs != "runs")


@pytest.mark.slow
def test_only_the_notebook_that_changed_is_executed(project: Path) -> None:
    commit(project)
    write(project / "notebooks", "02-base", "from toolkit import publish", "1 + 1")
    commit(project)
    fake = Faked()
    done = deliver(project, fake)
    assert (fake.executed, done.exit_code) == (["02-base"], 0)
    assert done.runs[1].why == "notebook: its cells changed"
    assert set(fake.verified) == {"02-base"}


def test_unsigned_does_all_but_sign(fresh: Path) -> None:
    done = deliver(fresh, seed=None)
    assert (done.exit_code, done.signer) == (0, None)
    assert states(done)["attest"] == "left out"
    assert {line.level for line in done.runs} == {"reproduced"}
    assert not deliver(fresh, seed=None).added
    signed = deliver(fresh)  # by the job that holds the key, and executes nothing
    assert {Path(path).name.split("-")[0] for path in signed.added} == {
        "provenance",
        "svr",
    }


def test_another_key_that_counts_leaves_trusted_runs_alone(project: Path) -> None:
    name_key(project, seed=2, name="next")
    commit(project)
    assert not deliver(project, seed=2).added
