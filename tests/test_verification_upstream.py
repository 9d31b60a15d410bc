from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sessions import CSV, SAME, a_repository, a_run, only, session_of
from verified import Fake, Quiet

from toolkit.publish.results import Column, Results, Table
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.execution.runner import Project
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RECORD
from toolkit.reproduce.verification.inquiry import Ask
from toolkit.reproduce.verification.session import Checked, Session, Terms
from toolkit.reproduce.verification.trials import Crew

TABLE = Table(
    name="t",
    title="",
    columns=(Column(name="a", kind="int64"),),
    rows=1,
    digest=bytes_digest(CSV),
    preview=((1,),),
)
Session_ = Callable[..., tuple[list[Checked], Fake]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_repository(tmp_path)


@pytest.fixture
def session(root: Path, tmp_path: Path) -> Session_:
    return session_of(root, tmp_path)


@pytest.fixture
def pair(root: Path) -> tuple[Record, Record]:
    """A run with a table, and one that used it."""
    first = a_run(root, SAME, "01-first")
    first = replace(first, results=replace(first.results, tables=(TABLE,)))
    folder = root / "runs" / first.run
    (folder / RECORD).write_bytes(first.to_json())
    second = a_run(
        root,
        SAME,
        "02-second",
        upstream={"01-first": first.run},
        upstream_results={"01-first": first.results_digest},
    )
    return first, second


def test_a_used_run_is_verified_first(
    session: Session_, pair: tuple[Record, Record], root: Path
) -> None:
    first, second = pair
    (root / "runs" / first.run / "tables").mkdir()
    (root / "runs" / first.run / "tables/t.csv").write_bytes(CSV)
    found, fake = session(second.run, first.run)
    assert [one.verdict.run for one in found] == [first.run, second.run]
    assert fake.places[-1].upstream == {"01-first": root / "runs" / first.run}


class Publishing(Fake):
    """Writes the table that the first notebook publishes."""

    def __call__(self, *arguments: object) -> object:  # type: ignore[override]
        folder = arguments[4]
        assert isinstance(folder, Path)
        (folder / "tables").mkdir()
        (folder / "tables/t.csv").write_bytes(self.content)
        return super().__call__(*arguments)  # type: ignore[arg-type]

    content = CSV


def test_tables_that_git_left_behind_are_made_again(
    pair: tuple[Record, Record], root: Path, tmp_path: Path
) -> None:
    first, second = pair
    fake = Publishing(lambda _, __: SAME)
    project = Project(root=root, runs_dir=root / "runs")
    with Crew(fake, lambda: None, jobs=2, progress=Quiet()) as crew:  # type: ignore[arg-type]
        one = Session(project, Terms(ask=Ask(vary=())), crew, tmp_path)
        (checked,) = one.verify([second.run])
        assert checked.verdict.value == "reproduced"
    used = fake.places[-1].upstream["01-first"]
    assert used.name == first.run
    assert (used / "tables/t.csv").read_bytes() == CSV
    assert Record.from_json((used / RECORD).read_bytes()) == first


def test_tables_that_do_not_come_again_are_told(
    pair: tuple[Record, Record], root: Path, tmp_path: Path
) -> None:
    _, second = pair
    fake = Publishing(lambda _, __: SAME)
    fake.content = b"a\n2\n"
    project = Project(root=root, runs_dir=root / "runs")
    with Crew(fake, lambda: None, jobs=2, progress=Quiet()) as crew:  # type: ignore[arg-type]
        one = Session(project, Terms(ask=Ask(vary=())), crew, tmp_path)
        (checked,) = one.verify([second.run])
    assert checked.verdict.value == "not checked"
    assert "which does not give its tables again" in checked.verdict.why


def test_a_used_run_with_other_results_was_tampered_with(
    session: Session_, pair: tuple[Record, Record], root: Path
) -> None:
    first, second = pair
    other = replace(first, results=Results())
    (root / "runs" / first.run / RECORD).write_bytes(other.to_json())
    verdict = only(session(second.run)[0]).verdict
    assert (verdict.value, verdict.cause) == ("differs", "tampered with")
    assert "it used other results of 01-first" in verdict.why


def test_a_used_run_that_is_not_here_is_told(
    session: Session_, pair: tuple[Record, Record], root: Path
) -> None:
    first, second = pair
    (root / "runs" / first.run / RECORD).unlink()
    verdict = only(session(second.run)[0]).verdict
    assert verdict.value == "not checked"
    assert "whose record cannot be read" in verdict.why
