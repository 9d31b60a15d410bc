import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from records import put
from sessions import CSV, SAME, a_repository, a_run, only, rerecorded, session_of
from verified import Fake, record_of, renamed

from notebooks import cell, write
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.environments.surroundings import load_surroundings
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RECORD
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.sources import data_digest, load_notebook
from toolkit.reproduce.tracing.watch import SEEN
from toolkit.reproduce.verification.session import Checked

Session_ = Callable[..., tuple[list[Checked], Fake]]


def git(root: Path, *arguments: str) -> None:
    named = ("-c", "user.name=n", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(root), *named, *arguments], check=True)  # noqa: S603, S607


def committed(root: Path) -> None:
    if not (root / ".git").exists():
        git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_repository(tmp_path)


@pytest.fixture
def session(root: Path, tmp_path: Path) -> Session_:
    return session_of(root, tmp_path)


def test_a_clean_run_is_executed_at_its_commit(root: Path, session: Session_) -> None:
    write(root / "notebooks", "nb", "n = 1", "m = n + 1", "print(m)")
    committed(root)
    record = a_run(root)
    assert record.circumstances.dirty is False
    (root / "metrics.py").write_text("def f(): return 2\n")
    write(root / "notebooks", "nb", "n = 2")
    committed(root)
    found, fake = session(record.run)
    assert only(found).verdict.value == "reproduced"
    (place,) = fake.places
    assert place.root != root
    assert root in place.hidden


def test_a_dirty_run_is_executed_in_the_work_tree(
    root: Path, session: Session_
) -> None:
    write(root / "notebooks", "nb", "n = 1", "m = n + 1", "print(m)")
    committed(root)
    (root / "metrics.py").write_text("def f(): return 2\n")
    record = a_run(root)
    assert record.circumstances.dirty is True
    found, fake = session(record.run)
    assert only(found).verdict.value == "reproduced"
    assert fake.places[0].root == root
    assert root not in fake.places[0].hidden


def test_a_commit_that_is_gone_is_told(root: Path, session: Session_) -> None:
    write(root / "notebooks", "nb", "n = 1", "m = n + 1", "print(m)")
    committed(root)
    record = a_run(root)
    lost = replace(record.circumstances, commit="0" * 40)
    (root / "runs" / record.run / RECORD).write_bytes(
        replace(record, circumstances=lost).to_json()
    )
    found, _ = session(record.run)
    assert only(found).verdict.value == "reproduced"
    assert "took the work tree, as its commit is not here" in str(
        only(found).verdict.notes
    )


def test_a_commit_with_another_notebook_was_tampered_with(
    root: Path, session: Session_
) -> None:
    write(root / "notebooks", "nb", "n = 7")
    committed(root)
    write(root / "notebooks", "nb", "n = 1", "m = n + 1", "print(m)")
    record = a_run(root)
    clean = replace(record.circumstances, dirty=False)
    (root / "runs" / record.run / RECORD).write_bytes(
        replace(record, circumstances=clean).to_json()
    )
    verdict = only(session(record.run)[0]).verdict
    assert (verdict.value, verdict.cause) == ("differs", "tampered with")
    assert "is not the notebook that was run" in verdict.why


def drifted_code(root: Path) -> None:
    (root / "metrics.py").write_text("def f(): return 2\n")


def drifted_data(root: Path) -> None:
    (root / "data.csv").write_bytes(b"a\n2\n")


def lost_data(root: Path) -> None:
    (root / "data.csv").unlink()


def lost_notebook(root: Path) -> None:
    (root / "notebooks/nb.ipynb").unlink()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (drifted_code, "the project's code is not the one that was run"),
        (drifted_data, "data.csv was changed since the run"),
        (lost_data, "data.csv is not here"),
        (lost_notebook, "the work tree has no notebooks/nb.ipynb"),
    ],
)
def test_what_drifted_is_named(
    root: Path, session: Session_, change: Callable[[Path], None], match: str
) -> None:
    (root / "data.csv").write_bytes(CSV)
    trace = Trace(inputs={"data.csv": bytes_digest(CSV)})
    record = a_run(root, replace(SAME, trace=trace))
    change(root)
    verdict = only(session(record.run)[0]).verdict
    assert (verdict.value, verdict.cause) == ("not checked", "the surroundings drifted")
    assert match in verdict.why


def test_outputs_kept_by_other_rules_say_nothing(root: Path, session: Session_) -> None:
    record = a_run(root, replace(SAME, metrics={}))
    older = replace(record, output_rules=0)
    (root / "runs" / record.run / RECORD).write_bytes(older.to_json())
    verdict = only(session(record.run)[0]).verdict
    assert (verdict.value, verdict.cause) == ("not checked", "the surroundings drifted")
    assert "kept by rules 0, and this version compares by rules 1" in verdict.why


def test_declared_data_that_was_not_read_may_change(
    root: Path, session: Session_
) -> None:
    """Where all reads were seen, they count, and not what the scope declares."""
    (root / "data.csv").write_bytes(CSV)
    data = {"data.csv": data_digest(root / "data.csv")}
    seen = replace(SAME, trace=Trace(enforced=(SEEN,)))
    record = a_run(root, seen, data=data)
    drifted_data(root)
    assert only(session(record.run)[0]).verdict.value == "reproduced"


def test_declared_data_that_no_commit_holds_is_brought_along(
    root: Path, session: Session_
) -> None:
    (root / ".gitignore").write_text("data/\n")
    (root / "pyproject.toml").write_text('[tool.toolkit]\ninputs = ["data"]\n')
    write(root / "notebooks", "nb", "n = 1", "m = n + 1", "print(m)")
    committed(root)
    (root / "data").mkdir()
    (root / "data/a.csv").write_bytes(CSV)
    trace = Trace(inputs={"data/a.csv": bytes_digest(CSV)})
    record = a_run(root, replace(SAME, trace=trace))
    found, fake = session(record.run)
    assert only(found).verdict.value == "reproduced"
    assert fake.places[0].supplied == {"data": root / "data"}


def test_changed_data_that_no_commit_holds_drifted(
    root: Path, session: Session_
) -> None:
    (root / ".gitignore").write_text("data.csv\n")
    (root / "pyproject.toml").write_text('[tool.toolkit]\ninputs = ["data.csv"]\n')
    write(root / "notebooks", "nb", "n = 1", "m = n + 1", "print(m)")
    committed(root)
    (root / "data.csv").write_bytes(b"a\n2\n")
    trace = Trace(inputs={"data.csv": bytes_digest(CSV)})
    record = a_run(root, replace(SAME, trace=trace))
    verdict = only(session(record.run)[0]).verdict
    assert verdict.cause == "the surroundings drifted"
    assert "data.csv was changed since the run" in verdict.why


def test_other_surroundings_without_a_lock_cannot_be_built(
    root: Path, session: Session_
) -> None:
    environment = replace(load_surroundings(root).environment, python="3.11.0")
    record = a_run(root, environment=environment)
    verdict = only(session(record.run)[0]).verdict
    assert (verdict.value, verdict.cause) == ("not checked", "the surroundings drifted")
    assert "Python 3.11.0" in verdict.why


def with_parameters(root: Path, **recorded: object) -> Record:
    cells = (cell("n: int = 1\nm = n", "parameters"), "print(n)")
    path = write(root / "notebooks", "nb", *cells)
    notebook = load_notebook(path, root=root)
    made = record_of(SAME, notebook)
    environment = load_surroundings(root).environment
    recipe = replace(
        made.recipe, parameters=recorded, environment=environment, digest=Sha256("")
    )
    record = renamed(replace(made, recipe=recipe))
    put(record, root / "runs")
    return rerecorded(root, record)


def test_the_recorded_parameters_are_given(root: Path, session: Session_) -> None:
    record = with_parameters(root, n=5, m=7)
    assert only(session(record.run)[0]).verdict.value == "reproduced"


@pytest.mark.parametrize(
    ("recorded", "match"),
    [
        ({"n": "x", "m": 1}, "the record's parameters do not fit"),
        ({"n": 5, "m": 7, "k": 1}, "the record's parameter 'k' is none of it"),
        ({"n": 1}, "are not all of those that it declares"),
    ],
)
def test_parameters_that_the_notebook_does_not_have_were_tampered_with(
    root: Path, session: Session_, recorded: dict[str, object], match: str
) -> None:
    record = with_parameters(root, **recorded)
    verdict = only(session(record.run)[0]).verdict
    assert (verdict.value, verdict.cause) == ("differs", "tampered with")
    assert match in verdict.why


def test_evidence_says_where_it_was_made(root: Path, session: Session_) -> None:
    write(root / "notebooks", "nb", "n = 1", "m = n + 1", "print(m)")
    committed(root)
    record = a_run(root)
    path = only(session(record.run)[0]).path
    assert path is not None
    plain = json.loads(path.read_bytes())
    assert plain["source"] == plain["commit"] == record.circumstances.commit
    assert plain["environment"]["python"] == record.recipe.environment.python


def test_a_project_whose_own_rules_cannot_be_read_is_told(
    root: Path, session: Session_
) -> None:
    one, two = a_run(root), a_run(root, SAME, "two")
    (root / "pyproject.toml").write_text("[tool.toolkit.outputs]\nignore = 3\n")
    found, _ = session(one.run, two.run)
    assert {each.verdict.cause for each in found} == {"cannot be run"}
    assert "pyproject.toml" in found[0].verdict.why
