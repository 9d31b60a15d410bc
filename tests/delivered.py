"""A small project under git, and its delivery by a kernel that is made up."""

import atexit
import base64
import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attested import a_key
from commits import commit, git
from fake_kernels import FakeKernel
from fake_kernels import Quiet as QuietBars
from ledgers import results_output
from verified import Quiet

from notebooks import cell, write
from toolkit.delivery.delivering import Delivery, Order
from toolkit.delivery.producing import Hands
from toolkit.delivery.signing import Pen
from toolkit.delivery.steps import Delivered, Name, Step
from toolkit.publish.results import Metric
from toolkit.reproduce.attestation.trusted import TrustedKey
from toolkit.reproduce.attestation.trusting import trust_key
from toolkit.reproduce.environments import listing
from toolkit.reproduce.environments.lock import LOCK
from toolkit.reproduce.execution.executing import Executed, Place, Told, execute_in
from toolkit.reproduce.execution.prepared import Execution, Prepared, Surround
from toolkit.reproduce.execution.runner import Progress, Project, run_notebook
from toolkit.reproduce.execution.runner import Step as Notebook
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import Cell
from toolkit.reproduce.notebook import Notebook as Source
from toolkit.reproduce.parameters.values import Values
from toolkit.reproduce.pipeline.plans import Outcome
from toolkit.reproduce.records.record import Record, Status
from toolkit.reproduce.verification.trials import Crew

RAW = "data/raw.csv"
ENVIRON = {"PATH": "/usr/bin:/bin"}
PYPROJECT = """\
[tool.toolkit]
inputs = ["data/raw.csv"]

[tool.toolkit.lint]
ignore = { NET203 = "the toolkit is installed as a link, which no lock names" }
"""
IGNORED = """\
.cache/
data/raw.csv
runs/report.html
runs/*/*
!runs/*/record.json
!runs/*/metrics.json
!runs/*/verification-*.json
!runs/*/*.sigstore.json
"""


@functools.cache
def described() -> Mapping[str, Any]:
    """Return what is installed here; it is asked for often."""
    return listing.describe()


@functools.cache
def _kept() -> Path:
    """Return a folder that is gone when the tests are over."""
    folder = tempfile.TemporaryDirectory(prefix="delivered-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@functools.cache
def _made() -> Path:
    return a_project(_kept() / "made")


@functools.cache
def first_delivery() -> tuple[Path, Delivered]:
    """Return a project that was delivered, not to be changed, and how that went."""
    root = copy(_made(), _kept() / "once")
    return root, deliver(root, Faked(reads=RAW))


def copy(root: Path, to: Path) -> Path:
    """Return a copy of a project."""
    return Path(shutil.copytree(root, to))


def a_fresh_project(folder: Path) -> Path:
    """Return a project in a folder, as it was committed."""
    return copy(_made(), folder / "project")


def a_delivered_project(folder: Path) -> Path:
    """Return one that was delivered and signed, and of which nothing is committed."""
    return copy(first_delivery()[0], folder / "project")


@functools.cache
def a_lock() -> str:
    """Return a lock of what is installed here; its hashes are made up."""
    installed: Mapping[str, Sequence[str | None]] = described()["installed"]
    return "".join(
        f"{name}=={each[0]} --hash=sha256:{'0' * 64}\n"
        for name, each in sorted(installed.items())
        if len(each) == 1 or each[1] is None
    )


def a_project(root: Path) -> Path:
    """Make a project of two notebooks, of which the second needs the first; commit."""
    root.mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / LOCK).write_text(a_lock())
    (root / ".gitignore").write_text(IGNORED)
    (root / "data").mkdir()
    (root / "data" / "a.csv").write_text("a\n1\n")
    (root / "data" / "raw.csv").write_text("1\n")  # beside git
    folder = root / "notebooks"
    parameters = cell("n: int = 3  # rows", "parameters")
    shows = "from toolkit import publish\n\npublish.metric('n', n)"
    write(folder, "01-data", parameters, shows)
    uses = "from toolkit import publish, upstream\n\nrows = upstream.load('01-data')"
    write(folder, "02-base", uses, "publish.metric('m', rows.metrics['n'])")
    name_key(root)
    git(root, "init", "-q", "-b", "main", "--template=")
    commit(root)
    return root


def private_line(seed: int = 1) -> str:
    """Return a private key as CI's variable has it."""
    prefix = bytes.fromhex("302e020100300506032b657004220420")
    return base64.b64encode(prefix + bytes([seed]) * 32).decode("ascii")


def name_key(root: Path, seed: int = 1, name: str = "ci") -> None:
    """Let the project name a key of CI."""
    key = TrustedKey(
        name=name,
        key=a_key(seed).public,
        role="ci",
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
        not_after=datetime(2126, 1, 1, tzinfo=UTC),
    )
    trust_key(root, key)


@dataclass
class Faked:
    """Executes by a kernel that says what it is told to, and keeps what it was told."""

    values: Mapping[str, float] = field(default_factory=dict)  # by notebook's stem
    varied: Mapping[str, float] = field(default_factory=dict)  # where all is varied
    status: Status = "finished"
    reads: str = ""  # a file of the project
    executed: list[str] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)
    environs: list[Mapping[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    on_step: Callable[[Name], None] = lambda _: None

    def run(
        self,
        step: Notebook,
        project: Project,
        upstream: Mapping[str, Record],
        limits: Limits,
        progress: Progress,
    ) -> Record:
        """Execute a notebook and keep the run."""
        stem = step.notebook.stem
        self.executed.append(stem)
        kernel = self._kernel(stem, self.values)
        record = run_notebook(step, project, upstream, limits, progress, kernel)
        self.environs.append(dict(os.environ))
        return record

    def execute(
        self,
        notebook: Source,
        values: Values,
        place: Place,
        told: Told,
        folder: Path,
        on_cell: Callable[[Cell], None],
    ) -> Executed:
        """Execute a notebook once more."""
        self.verified.append(notebook.stem)
        shown = self.varied if told.variation.names else {}
        kernel = self._kernel(notebook.stem, {**self.values, **shown})
        done = execute_in(notebook, values, place, told, folder, on_cell, kernel)
        self.environs.append(dict(os.environ))
        return done

    def hands(self) -> Hands:
        """Return what a delivery is done with."""
        return Hands(
            run=self.run,
            bars=QuietBars(),
            crew=lambda: Crew(self.execute, lambda: None, jobs=1, progress=Quiet()),
            progress=Looker(self),
            clock=lambda: datetime.now(UTC),
        )

    def _kernel(self, stem: str, values: Mapping[str, float]) -> FakeKernel:
        metric = Metric(name="n", value=values.get(stem, 3.0))
        return Reading(self.reads, results_output(metric), status=self.status)


class Reading(FakeKernel):
    """Reads a file of its copy of the project."""

    def __init__(self, path: str, *outputs: dict[str, Any], status: Status) -> None:
        super().__init__(*outputs, status=status)
        self._path = path

    def __call__(
        self,
        notebook: Source,
        prepared: Prepared,
        surround: Surround,
        on_cell: Callable[[int, Cell], None],
    ) -> Execution:
        on_cell(0, notebook.code[0])
        if self._path:
            (surround.cwd.parent / self._path).read_bytes()
        return super().__call__(notebook, prepared, surround, on_cell)


@dataclass
class Looker:
    """Looks on for a fake."""

    fake: Faked

    def begins(self, name: Name) -> None:
        """Do what a test wants to happen there."""
        self.fake.on_step(name)

    def ended(self, step: Step) -> None:
        """Keep the step."""
        self.fake.steps.append(step)

    def executed(self, outcome: Outcome) -> None:
        """Take note of nothing."""


def deliver(
    root: Path,
    fake: Faked | None = None,
    *,
    seed: int | None = 1,
    environ: Mapping[str, str] = ENVIRON,
) -> Delivered:
    """Deliver the project; without a seed nothing is signed."""
    pen = None if seed is None else Pen(key=a_key(seed), builder="urn:x:ci")
    order = Order(
        root=root, report=root / "runs" / "report.html", environ=environ, pen=pen
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "describe", described)
        return Delivery(order, (fake or Faked()).hands()).deliver()


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
