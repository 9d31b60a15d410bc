"""Verify runs one after the other, each after those whose results it used."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from toolkit import __version__
from toolkit.errors import ToolkitError
from toolkit.reproduce.environments.building import (
    Interpreter,
    MissingEnvironmentError,
    default_cache,
    interpreter_for,
)
from toolkit.reproduce.environments.lock import LOCK
from toolkit.reproduce.environments.surroundings import find_ci, find_commit
from toolkit.reproduce.execution.executing import Place
from toolkit.reproduce.execution.runner import Project
from toolkit.reproduce.outputs.project import load_output_rules
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RecordError, Store
from toolkit.reproduce.verification.engine import judge
from toolkit.reproduce.verification.evidence import Evidence, write_evidence
from toolkit.reproduce.verification.inquiry import Ask
from toolkit.reproduce.verification.integrity import contradictions
from toolkit.reproduce.verification.source import (
    DriftError,
    Source,
    find_source,
    source_files,
)
from toolkit.reproduce.verification.trials import Bench, Case, Crew, limits_of
from toolkit.reproduce.verification.upstreams import Upstreams
from toolkit.reproduce.verification.verdict import Cause, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """How a session verifies."""

    ask: Ask
    cell_s: float | None = None  # limits; None: ten times what the run took
    run_s: float | None = None
    keep: bool = True  # write evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A verdict, and where it is kept."""

    verdict: Verdict
    path: Path | None  # of the evidence
    warning: str = ""  # why it is not kept


class Session:
    """Verifies runs; all that it executes is gone when its folder is.

    Parameters
    ----------
    project : whose runs they are
    terms : how to verify
    crew : executes
    home : existing folder, empty, for all that is made meanwhile
    """

    def __init__(self, project: Project, terms: Terms, crew: Crew, home: Path) -> None:
        self._project = project
        self._terms = terms
        self._crew = crew
        self._home = home
        self._store = Store(project.runs_dir)
        self._upstreams = Upstreams(self._store, home / "upstream", self._bench)
        self._begun = 0

    def verify(self, runs: Sequence[str]) -> Iterator[Checked]:
        """Yield what became of each run, those that others used before these.

        Parameters
        ----------
        runs : ids
        """
        readable, broken = [], []
        for run in dict.fromkeys(runs):
            try:
                readable.append(self._store.read(run))
            except RecordError as error:
                broken.append(_unreadable(run, error))
        for verdict in broken:
            yield Checked(verdict=verdict, path=None)
        for record in _ordered(readable):
            yield self._checked(record)

    def _checked(self, record: Record) -> Checked:
        self._crew.progress.verifying(record)
        try:
            verdict, bench = self._verdict(record)
        finally:
            self._crew.progress.ended()
        if bench is None:
            return Checked(verdict=verdict, path=None)
        if verdict.value == "reproduced":
            self._upstreams.keep(record, bench.trials[0].executed.folder)
        if verdict.value == "not checked" or not self._terms.keep:
            return Checked(verdict=verdict, path=None)
        folder = self._store.folder(record.run)
        try:
            path = write_evidence(folder, self._evidence(bench.case, verdict))
        except OSError as error:
            reason = error.strerror or str(error)
            warning = f"{folder}: the verdict is not kept, as nothing can be written "
            return Checked(
                verdict=verdict, path=None, warning=f"{warning}there ({reason})"
            )
        return Checked(verdict=verdict, path=path)

    def _verdict(self, record: Record) -> tuple[Verdict, Bench | None]:
        """Return the verdict, and the executions if there were any."""
        folder = self._store.folder(record.run)
        if found := contradictions(record, folder):
            return _refused(record, "tampered with", found), None
        try:
            bench = self._bench(record)
        except DriftError as error:
            cause: Cause = "the surroundings drifted"
            cause = "tampered with" if error.tampered else cause
            return _refused(record, cause, error.found), None
        except MissingEnvironmentError as error:
            return _refused(record, "the surroundings drifted", (str(error),)), None
        except ToolkitError as error:
            return _refused(record, "cannot be run", (str(error),)), None
        try:
            return judge(bench, self._terms.ask), bench
        except ToolkitError as error:
            return _refused(record, "cannot be run", (str(error),)), None

    def _bench(self, record: Record) -> Bench:
        """Return what executes a record's recipe.

        Raises
        ------
        DriftError : if its files are not here any more
        MissingEnvironmentError : if its environment is not
        """
        self._begun += 1
        home = self._home / str(self._begun)
        home.mkdir()
        source = find_source(record, self._project.root.resolve(), home / "source")
        lock = source.root / LOCK
        interpreter = interpreter_for(
            record.recipe.environment,
            lock.read_bytes() if lock.is_file() else None,
            cache=default_cache(os.environ),
        )
        return Bench(self._case(record, source, interpreter), self._crew, home)

    def _case(self, record: Record, source: Source, interpreter: Interpreter) -> Case:
        hidden = [self._project.runs_dir.resolve()]
        if source.commit is not None:
            hidden.append(self._project.root.resolve())
        rules = load_output_rules(source.root)
        return Case(
            record=record,
            folder=self._store.folder(record.run),
            notebook=source.notebook,
            values=source.values,
            place=Place(
                root=source.root,
                notebook=record.recipe.notebook.path,
                python=interpreter.python,
                upstream=self._upstreams.folders(record),
                hidden=tuple(hidden),
                supplied=source.supplied,
            ),
            environment=interpreter.environment,
            commit=source.commit,
            files=source_files(source.root, record.recipe.notebook.path),
            limits=limits_of(record, self._terms.cell_s, self._terms.run_s),
            rules=rules,
            notes=(*source.notes, *interpreter.notes, *rules.notes),
        )

    def _evidence(self, case: Case, verdict: Verdict) -> Evidence:
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        return Evidence(
            run=case.record.run,
            record=case.record.digest,
            results=case.record.results_digest,
            verdict=verdict,
            environment=case.environment,
            source=case.commit,
            verifier=__version__,
            commit=find_commit(self._project.root).commit,
            ci=find_ci(os.environ),
            finished=now.replace("+00:00", "Z"),
        )


def _ordered(records: Sequence[Record]) -> Iterator[Record]:
    """Yield each record after those that it used, otherwise in their order."""
    waiting = {record.run: record for record in records}

    def visit(record: Record) -> Iterator[Record]:
        for run in record.recipe.upstream.values():
            if run in waiting:
                yield from visit(waiting.pop(run))
        yield record

    while waiting:
        yield from visit(waiting.pop(next(iter(waiting))))


def _unreadable(run: str, error: RecordError) -> Verdict:
    return Verdict(
        run=run,
        notebook="",
        value="differs" if error.edited else "not checked",
        cause="tampered with" if error.edited else "not readable",
        why=str(error),
    )


def _refused(record: Record, cause: Cause, found: Sequence[str]) -> Verdict:
    """Return the verdict on what need not be executed, or cannot be."""
    return Verdict(
        run=record.run,
        notebook=record.recipe.notebook.path,
        value="differs" if cause == "tampered with" else "not checked",
        cause=cause,
        why="; ".join(found),
    )
