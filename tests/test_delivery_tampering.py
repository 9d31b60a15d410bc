"""One byte changed anywhere, and what a stranger's pull request can bring."""

import shutil
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from attested import proof
from commits import commit, git, put
from delivered import (
    ENVIRON,
    RAW,
    Faked,
    a_delivered_project,
    a_fresh_project,
    copy,
    deliver,
    name_key,
    private_line,
)

from toolkit import cli
from toolkit.delivery.steps import Delivered
from toolkit.publish.results import Metric, Results
from toolkit.reproduce.policy import SIGNING_KEY
from toolkit.reproduce.records.record import Record, json_text
from toolkit.reproduce.records.store import METRICS, NOTEBOOK, RECORD, Store
from toolkit.reproduce.verification.evidence import write_evidence

PULL_REQUEST = {**ENVIRON, "GITHUB_EVENT_NAME": "pull_request"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return a_delivered_project(tmp_path)


def said(done: Delivered) -> str:
    step = done.ended_at
    assert step is not None
    return "\n".join((step.told, *step.findings))


def flip(path: Path, at: int = 0) -> None:
    """Change one byte of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("committed", [False, True], ids=["kept", "committed"])
def test_one_byte_of_any_file_of_a_run_ends_the_next_call(
    project: Path, *, committed: bool
) -> None:
    if committed:
        commit(project)
    folder = next((project / "runs").glob("*-01-data-*"))
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 6
    for name in names[::2] if committed else names:
        path = folder / name
        before = path.read_bytes()
        flip(path, len(before) // 2)
        fake = Faked()
        done = deliver(project, fake)
        assert done.ended_at is not None, name
        assert (done.ended_at.name, done.exit_code) == ("history", 1), name
        assert folder.name in said(done)
        assert name in said(done), said(done)
        assert not fake.executed
        path.write_bytes(before)


@pytest.mark.parametrize(
    "name",
    [
        "notebooks/01-data.ipynb",
        "data/a.csv",
        "trusted-keys.yaml",
        "requirements.lock",
        "pyproject.toml",
    ],
)
def test_one_byte_of_what_git_tracks_ends_it_at_once(project: Path, name: str) -> None:
    flip(project / name)
    fake = Faked()
    done = deliver(project, fake)
    assert (done.exit_code, done.steps[0].state) == (2, "not checked")
    assert said(done).startswith(f"{name}: not what commit")
    assert not fake.executed


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_one_byte_of_data_beside_git_has_it_executed_anew(project: Path) -> None:
    """Nobody said that it must not change; the old numbers are not its numbers."""
    flip(project / RAW)
    fake = Faked(reads=RAW)
    done = deliver(project, fake)
    assert fake.executed == ["01-data", "02-base"]
    assert done.runs[0].why.startswith(RAW)


def test_a_run_that_is_gone_is_missed_once_git_had_it(project: Path) -> None:
    commit(project)
    folder = next((project / "runs").glob("*-01-data-*"))
    shutil.rmtree(folder)
    assert f"{folder.name}: LED101 a lost run" in said(deliver(project))


@pytest.mark.slow
def test_an_attestation_of_a_key_that_counts_no_more_is_no_tampering(
    project: Path,
) -> None:
    (project / "trusted-keys.yaml").unlink()
    name_key(project, seed=2, name="next")
    commit(project)
    done = deliver(project, seed=2)
    assert (done.exit_code, len(done.runs)) == (0, 2)
    assert "came with a commit, and no key of CI has signed it" in done.runs[0].why
    assert {line.level for line in done.runs} == {"trusted"}


def forged(record: Record, runs: Path) -> Record:
    """Write the run that a stranger wishes for: a better number, all digests right."""
    results = Results(metrics=(Metric(name="n", value=99.0),))
    unsaid = {f.name: None for f in fields(record) if f.name == "executed"}
    made = replace(record, results=results, **unsaid)  # type: ignore[arg-type]  # of it
    folder = runs / made.run
    folder.mkdir(parents=True)
    (folder / RECORD).write_bytes(made.to_json())
    (folder / METRICS).write_text(json_text(made.metrics))
    write_evidence(folder, proof(made))
    return made


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Delivered]:
    """Return a stranger's clone as the pull request's job leaves it."""
    root = a_fresh_project(tmp_path_factory.mktemp("proposed"))
    return root, deliver(root, seed=None, environ=PULL_REQUEST)


@pytest.fixture(scope="module")
def forks(
    proposed: tuple[Path, Delivered], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Record]:
    """Return a stranger's clone, with a forged run in its latest commit."""
    root = copy(proposed[0], tmp_path_factory.mktemp("forks") / "project")
    record = next(r for r in Store(root / "runs").records() if r.notebook == "01-data")
    notebook = (root / "runs" / record.run / NOTEBOOK).read_bytes()
    shutil.rmtree(root / "runs")
    made_up = forged(record, root / "runs")
    put(root, {f"runs/{record.run}/{NOTEBOOK}": notebook})
    git(root, "add", "-f", "runs")
    commit(root)
    return root, made_up


@pytest.fixture
def fork(forks: tuple[Path, Record], tmp_path: Path) -> tuple[Path, Record]:
    return copy(forks[0], tmp_path / "fork"), forks[1]


def test_a_pull_request_gets_reproduced_at_most(
    proposed: tuple[Path, Delivered],
) -> None:
    root, done = proposed
    assert (done.exit_code, done.signer) == (0, None)
    assert {line.level for line in done.runs} == {"reproduced"}
    assert not list(root.glob("runs/*/*.sigstore.json"))
    refused = deliver(root, environ=PULL_REQUEST)  # as if it had got the key
    assert (refused.exit_code, refused.added) == (2, ())
    # Its own key, which it names itself, is for the review to see; no other counts.
    assert deliver(root, seed=2).exit_code == 2


def without_a_flaw(root: Path, record: Record) -> Path:
    """Forge the executed notebook, too, so that all parts agree with each other."""
    path = root / "runs" / record.run / NOTEBOOK
    text = path.read_text()
    assert text.count('"value": 3.0') == 1
    path.write_text(text.replace('"value": 3.0', '"value": 99.0'))
    git(root, "commit", "-q", "-a", "-m", "forged")
    return root


@pytest.mark.parametrize("seed", [None, 1], ids=["unsigned", "signed"])
def test_a_forged_run_is_found_before_anything_is_executed(
    fork: tuple[Path, Record], seed: int | None
) -> None:
    root, record = fork
    fake = Faked()
    done = deliver(root, fake, seed=seed)
    assert done.ended_at is not None
    assert (done.ended_at.name, done.exit_code) == ("history", 1)
    assert record.run in said(done)
    assert not fake.executed


def test_a_forged_run_without_a_flaw_is_not_signed_but_contradicted(
    fork: tuple[Path, Record],
) -> None:
    """After the merge, on main, in the one job that holds the key."""
    root, record = fork
    main = without_a_flaw(root, record)
    done = deliver(main)
    assert "came with a commit" in done.runs[0].why
    assert {m.value for line in done.runs for m in line.metrics} == {3.0}
    assert not list((main / "runs" / record.run).glob("*.sigstore.json"))
    assert len(list(main.glob("runs/*/*.sigstore.json"))) == 4
    assert "LED401 same recipe, different results" in said(done)


@pytest.mark.slow
def test_nor_does_the_job_sign_it_that_executes_nothing(
    fork: tuple[Path, Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, record = fork
    main = without_a_flaw(root, record)
    fake = Faked()
    deliver(main, fake, seed=None)  # the job before it, which holds no key
    assert fake.executed == ["01-data", "02-base"]
    monkeypatch.chdir(main)
    monkeypatch.setenv(SIGNING_KEY, private_line())
    assert cli.main(["attest", "--all"]) == 0
    signed = {path.parent.name for path in main.glob("runs/*/*.sigstore.json")}
    assert len(signed) == 2
    assert record.run not in signed
