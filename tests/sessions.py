"""Runs of a repository, and their verification by executions that are made up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from records import put
from verified import Behaviour, Came, Fake, Quiet, put_run, renamed

from toolkit.publish.results import Sha256
from toolkit.reproduce.environments.surroundings import find_commit
from toolkit.reproduce.execution.runner import Project
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.sources import code_digest
from toolkit.reproduce.verification.inquiry import Ask
from toolkit.reproduce.verification.session import Checked, Session, Terms
from toolkit.reproduce.verification.trials import Crew

SAME = Came(metrics={"accuracy": (1, 0.9)})
CSV = b"a\n1\n"
Session_ = Callable[..., tuple[list[Checked], Fake]]


def a_repository(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").touch()
    (root / "metrics.py").write_text("def f(): return 1\n")
    return root


def session_of(root: Path, tmp_path: Path) -> Session_:
    def verify(
        *runs: str, behaviour: Behaviour = lambda _, __: SAME, ask: Ask | None = None
    ) -> tuple[list[Checked], Fake]:
        fake = Fake(behaviour)
        home = tmp_path / "home"
        home.mkdir()
        project = Project(root=root, runs_dir=root / "runs")
        with Crew(fake, lambda: None, jobs=2, progress=Quiet()) as crew:
            terms = Terms(ask=ask or Ask(vary=()))
            return list(Session(project, terms, crew, home).verify(runs)), fake

    return verify


def a_run(root: Path, came: Came = SAME, name: str = "nb", **recipe: object) -> Record:
    """A run of the project as it is now, at its commit if there is one."""
    record = put_run(root, came, name)
    return rerecorded(root, record, **recipe)


def rerecorded(root: Path, record: Record, **recipe: object) -> Record:
    before = root / "runs" / record.run
    for path in before.iterdir():
        path.unlink()
    before.rmdir()
    about = find_commit(root)
    facts: dict[str, object] = {"code": code_digest(root, root / "notebooks")} | recipe
    made = renamed(
        replace(
            record,
            recipe=replace(record.recipe, digest=Sha256(""), **facts),  # type: ignore[arg-type]  # by name
            circumstances=replace(
                record.circumstances, commit=about.commit, dirty=about.dirty
            ),
        )
    )
    put(made, root / "runs")
    return made


def only(found: Sequence[Checked]) -> Checked:
    (one,) = found
    return one
