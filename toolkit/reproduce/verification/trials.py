"""The executions of a verification: several at once, all of them ended by Ctrl-C."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from toolkit.reproduce.digest import value_digest
from toolkit.reproduce.execution.executing import Executed, Place, Told
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import Cell, Notebook
from toolkit.reproduce.outputs.cells import DEFAULT, Rules
from toolkit.reproduce.parameters.values import Values
from toolkit.reproduce.records.recipe import Environment
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.verification.verdict import Tried

SHORTEST_S = 60.0  # a limit is never less: machines differ
SLOWER = 10.0  # times the recorded seconds, before an execution takes too long


class Execute(Protocol):
    """Executes a notebook once; :func:`.execute_in` does."""

    def __call__(
        self,
        notebook: Notebook,
        values: Values,
        place: Place,
        told: Told,
        folder: Path,
        on_cell: Callable[[Cell], None],
    ) -> Executed:
        """Return all that the execution gave."""


class Progress(Protocol):
    """Is told how a verification goes on; from several threads."""

    def verifying(self, record: Record) -> None:
        """Take note that a run begins to be verified."""

    def executing(self, told: Sequence[Told]) -> None:
        """Take note that executions begin, at once."""

    def cell(self, told: Told, cell: Cell) -> None:
        """Take note that a cell of one of them begins."""

    def ended(self) -> None:
        """Take note that the run is verified."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A run, and all that it takes to execute its recipe again."""

    record: Record
    folder: Path  # of the run
    notebook: Notebook
    values: Values
    place: Place
    environment: Environment  # of the interpreter that executes it
    commit: str | None  # whose files are executed; None: the work tree
    files: Mapping[str, str]  # the project's sources by path, for the diagnosis
    limits: Limits
    rules: Rules = DEFAULT  # what the project leaves out of outputs
    notes: tuple[str, ...] = ()

    @property
    def same_surroundings(self) -> bool:
        """Whether interpreter and packages are those of the record."""
        return self.environment == self.record.recipe.environment


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One execution that was made."""

    told: Told
    executed: Executed
    seconds: float

    def tried(self, *, parted: bool) -> Tried:
        """Return what a verdict keeps of it."""
        return Tried(
            variations=tuple(sorted(self.told.variation.names)),
            status=self.executed.status,
            seconds=round(self.seconds, 3),
            results=value_digest(self.executed.results),
            until=self.told.until,
            parted=parted,
        )


class Crew:
    """Executes, at most so many at once.

    Used as a context: an exception, Ctrl-C above all, ends what is being executed.

    Parameters
    ----------
    execute : executes once
    stop : ends every execution, from any thread
    jobs : executions at once
    progress : is told
    """

    def __init__(
        self,
        execute: Execute,
        stop: Callable[[], None],
        *,
        jobs: int,
        progress: Progress,
    ) -> None:
        self.jobs = jobs
        self.progress = progress
        self._execute = execute
        self._stop = stop
        self._pool = ThreadPoolExecutor(max_workers=jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, case: Case, told: Told, folder: Path) -> "Future[Trial]":
        """Execute once, when there is room."""
        return self._pool.submit(self._once, case, told, folder)

    def _once(self, case: Case, told: Told, folder: Path) -> Trial:
        began = time.monotonic()
        executed = self._execute(
            case.notebook,
            case.values,
            case.place,
            told,
            folder,
            lambda cell: self.progress.cell(told, cell),
        )
        return Trial(told=told, executed=executed, seconds=time.monotonic() - began)


class Bench:
    """The executions of one case, each with a folder of its own.

    Parameters
    ----------
    case : what is executed
    crew : who executes it
    home : existing folder for the results
    """

    def __init__(self, case: Case, crew: Crew, home: Path) -> None:
        self.case = case
        self.crew = crew
        self.trials: list[Trial] = []  # in the order of their begin
        self._home = home
        self._begun = 0

    def execute(self, *told: Told) -> tuple[Trial, ...]:
        """Execute in parallel; return when all have ended.

        Raises
        ------
        KeyboardInterrupt : if one of them was stopped from outside
        """
        self.crew.progress.executing(told)
        futures = [self._begin(one) for one in told]
        trials = tuple(future.result() for future in futures)
        self.trials.extend(trials)
        if any(trial.executed.status == "interrupted" for trial in trials):
            raise KeyboardInterrupt
        return trials

    def _begin(self, told: Told) -> "Future[Trial]":
        self._begun += 1
        folder = self._home / f"{self._begun:03}"
        folder.mkdir(parents=True)
        return self.crew.begin(self.case, told, folder)


def limits_of(record: Record, cell_s: float | None, run_s: float | None) -> Limits:
    """Return the time limits of an execution: ten times what the record took.

    Parameters
    ----------
    record : of the run
    cell_s, run_s : what was asked for instead
    """
    longest = max((cell.seconds or 0.0 for cell in record.cells), default=0.0)
    whole = record.circumstances.seconds
    return Limits(
        cell_s=cell_s or max(SHORTEST_S, SLOWER * longest),
        run_s=run_s or max(2 * SHORTEST_S, SLOWER * whole),
    )
