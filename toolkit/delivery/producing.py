"""The steps that execute: what changed, and under variation what is not reproduced."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from toolkit.delivery.standing import OwnRuns
from toolkit.delivery.steps import (
    INTERRUPTED,
    NOT_CHECKED,
    Name,
    Step,
    counted,
    step_of,
)
from toolkit.reproduce.execution import runner
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.levels import Levels
from toolkit.reproduce.pipeline.plans import (
    Outcome,
    Run,
    find_notebooks,
    plan,
    run_plan,
)
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.variation import NAMES as VARIATIONS
from toolkit.reproduce.verification.inquiry import Ask
from toolkit.reproduce.verification.session import Checked, Session, Terms
from toolkit.reproduce.verification.text import page, title
from toolkit.reproduce.verification.trials import Crew
from toolkit.reproduce.verification.verdict import exit_code


class Progress(Protocol):
    """Is told how a delivery goes on."""

    def begins(self, name: Name) -> None:
        """Take note that a step begins."""

    def ended(self, step: Step) -> None:
        """Take note that it ended."""

    def executed(self, outcome: Outcome) -> None:
        """Take note of what became of a notebook."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hands:
    """Who executes, who looks on, and whose clock it is."""

    run: Run
    bars: runner.Progress
    crew: Callable[[], Crew]
    progress: Progress
    clock: Callable[[], datetime]  # in UTC


def outcomes_of(
    project: runner.Project, limits: Limits, hands: Hands, own: OwnRuns
) -> Iterator[Outcome]:
    """Execute the notebooks whose runs do not stand; yield what became of each.

    Raises
    ------
    ToolkitError : if something is wrong before the first notebook starts
    """
    planned = plan(find_notebooks(project.root / "notebooks"), project)
    for outcome in run_plan(planned, project, limits, hands.bars, hands.run, cache=own):
        yield outcome
        hands.progress.executed(outcome)


def run_step(outcomes: Sequence[Outcome], levels: Levels) -> Step:
    """Return what the executions came to.

    Parameters
    ----------
    outcomes : of every notebook
    levels : of all runs, the new ones too
    """
    executed = [o for o in outcomes if o.record is not None and not o.unchanged]
    unchanged = sum(outcome.unchanged for outcome in outcomes)
    told = f"{len(executed)} executed, {unchanged} unchanged"
    if any(o.interrupted or status(o) == "interrupted" for o in outcomes):
        return step_of("run", INTERRUPTED, told)
    if bad := [_unfinished(one) for one in outcomes if status(one) != "finished"]:
        return step_of("run", NOT_CHECKED, told, bad)
    records = [one.record for one in outcomes if one.record is not None]
    loose = [one for one in records if levels.trust(one).level == "exploratory"]
    return step_of("run", 1 if loose else 0, told, why_no_higher(loose, levels))


def verified(
    project: runner.Project, runs: Sequence[str], limits: Limits, hands: Hands
) -> Iterator[Checked]:
    """Verify runs under every variation; yield what became of each."""
    ask = Ask(vary=VARIATIONS, runs=1, stored=False)
    terms = Terms(ask=ask, cell_s=limits.cell_s, run_s=limits.run_s)
    with (
        tempfile.TemporaryDirectory(
            prefix="toolkit-ci-", ignore_cleanup_errors=True
        ) as home,
        hands.crew() as crew,
    ):
        yield from Session(project, terms, crew, Path(home).resolve()).verify(runs)


def verify_step(
    checked: Sequence[Checked], records: Sequence[Record], levels: Levels
) -> Step:
    """Return what the verifications came to.

    Parameters
    ----------
    checked : one for each run that was verified
    records : all runs of the delivery
    levels : of all runs, with the new evidence
    """
    if not checked:
        return step_of("verify", 0, "nothing to verify: every run is reproduced")
    verdicts = [one.verdict for one in checked]
    bad = [verdict for verdict in verdicts if verdict.value != "reproduced"]
    good = len(verdicts) - len(bad)
    told = f"{good} of {counted(len(verdicts), 'run')} reproduced"
    findings = [one.warning for one in checked if one.warning]
    if code := exit_code(verdicts):
        pages = list(map(page, bad))
        return step_of("verify", code, told, [*map(title, bad), *findings], pages)
    low = [one for one in records if not levels.trust(one).quotable]
    findings += why_no_higher(low, levels)
    return step_of("verify", NOT_CHECKED if low else 0, told, findings)


def status(outcome: Outcome) -> str:
    """Return how a notebook ended, or why it was not executed."""
    if outcome.record is not None:
        return outcome.record.status
    if outcome.interrupted:
        return "not run: interrupted"
    return f"not run: needs {', '.join(outcome.blocked_by)}"


def why_no_higher(records: Sequence[Record], levels: Levels) -> list[str]:
    """Return of each run why it is not worth more, and what would lift it."""
    return [
        f"{record.run}: {trust.level}: {reason.found}; {reason.advice}"
        for record in records
        for trust in (levels.trust(record),)
        for reason in trust.reasons
    ]


def _unfinished(outcome: Outcome) -> str:
    told = f"{outcome.step.notebook.path}: {status(outcome)}"
    record = outcome.record
    if record is None or record.error is None:
        return told
    where = "" if record.error.cell is None else f" in cell {record.error.cell + 1}"
    return f"{told}{where}: {record.error.ename}: {record.error.evalue}"
