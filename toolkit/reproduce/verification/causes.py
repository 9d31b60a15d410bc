"""Why a plain execution is not what the record says, where no variation tells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.reproduce.records.record import Failure, Record
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.verification.trials import Case, Trial
from toolkit.reproduce.verification.verdict import Cause, Value

_MISSING = ("FileNotFoundError", "NotADirectoryError", "IsADirectoryError")
_REFUSED = ("PermissionError",)
_UNINSTALLED = ("ModuleNotFoundError", "ImportError")
_QUOTED = re.compile(r"(?<!\w)(['\"])(.+?)\1(?!\w)")  # no apostrophe: "project's"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """What is said of a case that is not reproduced."""

    value: Value
    cause: Cause
    why: str


NOTHING = Reason(
    value="not checked",
    cause="nothing to compare",
    why="it finishes, and publishes, shows and writes nothing: no result can be held "
    "against another",
)


def failing(case: Case, trial: Trial) -> Reason:
    """Return why a plain execution does not finish, where the record says that it did.

    Parameters
    ----------
    case : whose run finished
    trial : that did not
    """
    error = trial.executed.error
    if trial.executed.status == "timed out":
        limit = error.evalue if error else "not done"
        return Reason(
            value="not checked",
            cause="took too long",
            why=f"{_where(error)}{limit}; the run itself took "
            f"{case.record.circumstances.seconds:.1f} s: give it longer (--timeout, "
            "--run-timeout)",
        )
    said = "it does not finish here" if error is None else _said(error)
    if error is not None and error.ename in _UNINSTALLED:
        return Reason(
            value="not checked",
            cause="the surroundings drifted",
            why=f"{_where(error)}{said}: what it imports is not in this environment",
        )
    if path := _lost(trial.executed.trace, error):
        return Reason(
            value="differs",
            cause="fails",
            why=f"{_where(error)}it reads {path}, which neither git nor scope.yaml "
            "brings along: only where it was run can it be read",
        )
    return Reason(
        value="differs",
        cause="fails",
        why=f"{_where(error)}{said}; the run had finished",
    )


def unfinished(record: Record, trial: Trial | None) -> Reason:
    """Return what is said of a run that did not finish.

    Parameters
    ----------
    record : of that run
    trial : the same, executed again; None if it was not
    """
    said = record.status if record.error is None else _said(record.error)
    why = f"{_where(record.error)}{said}: there are no results to reproduce"
    if trial is not None:
        why += _again(record.error, trial.executed.error)
    return Reason(value="not checked", cause="did not finish", why=why)


def unlike_record(case: Case, trials: list[Trial]) -> Reason:
    """Return why every execution agrees with the others, and none with the record."""
    changed = list(_changed_inputs(case.record.trace, trials[0].executed.trace))
    if changed:
        return Reason(
            value="differs",
            cause="the surroundings drifted",
            why=f"{', '.join(changed)} changed since the run",
        )
    times = f"{len(trials)} executions agree with each other, and not with the record"
    if case.same_surroundings:
        return Reason(
            value="differs",
            cause="tampered with",
            why=f"{times}: it was edited, or made in surroundings that it does not "
            "name",
        )
    return Reason(
        value="differs",
        cause="the surroundings drifted",
        why=f"{times}: interpreter or packages are not those of the run",
    )


def _again(before: Failure | None, after: Failure | None) -> str:
    if after is None:
        return "; executed again, it finishes: toolkit run"
    if before and (before.cell, before.ename) == (after.cell, after.ename):
        return "; it fails again in the same way"
    return f"; executed again, {_where(after)}{_said(after)}"


def _changed_inputs(before: Trace, after: Trace) -> Iterator[str]:
    for path, digest in before.inputs.items():
        if after.inputs.get(path, digest) != digest:
            yield path


def _lost(trace: Trace, error: Failure | None) -> str | None:
    """Return the file for want of which it failed, if that is what happened."""
    if error is None or error.ename not in (*_MISSING, *_REFUSED):
        return None
    named = _QUOTED.findall(error.evalue)
    return named[-1][1] if named else next(iter(trace.absent), None)


def _where(error: Failure | None) -> str:
    return "" if error is None or error.cell is None else f"cell {error.cell + 1}: "


def _said(error: Failure) -> str:
    text = f"{error.ename}: {error.evalue}".rstrip(": ")
    return text.splitlines()[0] if text else "failed"
