"""What a delivery came to, step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from toolkit.publish.results import Metric
from toolkit.reproduce.trust import Level

Name: TypeAlias = Literal[
    "commit",  # what is checked out can be delivered at all
    "history",  # the runs that were there before hold
    "lint",
    "run",
    "verify",
    "attest",
    "ledger",
    "report",
]
State: TypeAlias = Literal[
    "done", "failed", "not checked", "interrupted", "left out", "not reached"
]
NAMES: tuple[Name, ...] = (
    "commit",
    "history",
    "lint",
    "run",
    "verify",
    "attest",
    "ledger",
    "report",
)
INTERRUPTED = 130
NOT_CHECKED = 2
_STATES: Mapping[int, State] = {
    0: "done",
    1: "failed",
    NOT_CHECKED: "not checked",
    INTERRUPTED: "interrupted",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What one step did, or why it could not."""

    name: Name
    state: State
    told: str = ""  # one sentence
    findings: tuple[str, ...] = ()  # one line each
    pages: tuple[str, ...] = ()  # several lines each

    @property
    def ends(self) -> bool:
        """Whether nothing is done after it."""
        return self.state in ("failed", "not checked", "interrupted")


def step_of(
    name: Name,
    code: int,
    told: str,
    findings: Sequence[str] = (),
    pages: Sequence[str] = (),
) -> Step:
    """Return a step that ended with an exit code.

    Examples
    --------
    >>> step_of("lint", 1, "2 warnings in 3 notebooks").state
    'failed'
    """
    return Step(
        name=name,
        state=_STATES[code],
        told=told,
        findings=tuple(findings),
        pages=tuple(pages),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class RunLine:
    """One run of the delivery, and how far it can be trusted now."""

    run: str
    notebook: str
    status: str
    executed: bool  # by this call
    why: str  # it was executed; empty if it was not
    level: Level | None  # None: it was not judged any more
    missing: str  # for the next level
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """All that a delivery did."""

    commit: str | None
    signer: str | None  # id of the public key; None: nothing was to be signed
    steps: tuple[Step, ...]  # each, in order, whether it was reached or not
    runs: tuple[RunLine, ...] = ()
    added: tuple[str, ...] = ()  # files, relative to the project

    @property
    def exit_code(self) -> int:
        """0 if all was done, else that of the step at which it ended."""
        codes = {state: code for code, state in _STATES.items()}
        return next((codes[s.state] for s in self.steps if s.ends), 0)

    @property
    def ended_at(self) -> Step | None:
        """The step after which nothing was done any more; None if all was."""
        return next((step for step in self.steps if step.ends), None)

    def to_dict(self) -> dict[str, object]:
        """Return the delivery as plain JSON values."""
        return {
            "commit": self.commit,
            "signer": self.signer,
            "exit_code": self.exit_code,
            "steps": [
                {
                    "name": step.name,
                    "state": step.state,
                    "told": step.told,
                    "findings": list(step.findings),
                    "pages": list(step.pages),
                }
                for step in self.steps
            ],
            "runs": [
                {
                    "run": line.run,
                    "notebook": line.notebook,
                    "status": line.status,
                    "executed": line.executed,
                    "why": line.why or None,
                    "level": line.level,
                    "missing": line.missing,
                    "metrics": {m.name: m.value for m in line.metrics},
                }
                for line in self.runs
            ],
            "added": list(self.added),
        }


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "run"), counted(2, "run")
    ('1 run', '2 runs')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
