"""Why a run did not finish, from what its cell and its kernel left behind."""

import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.reproduce.execution.watchdog import Expired, Limits
from toolkit.reproduce.records.record import Failure, Status

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LAST_LINES = 20
_ADVICE: Mapping[str, str] = {
    "StdinNotImplementedError": "a headless run has no keyboard: make it a parameter",
    "SystemExit": "a run counts only if it reaches its last cell: raise an exception "
    "that says why, or let the notebook end",
    "ModuleNotFoundError": "add it to pyproject.toml and the lock, or mend the name",
    "NameError": "it may be defined in a cell further down, or in one that is gone: in "
    "JupyterLab, restart the kernel and run all cells",
    "MemoryError": "read fewer rows or columns, or use a machine with more memory",
    "CellTimeout": "give it longer (--timeout), or smaller parameters",
    "RunTimeout": "give it longer (--run-timeout), or smaller parameters",
    "KernelDied": "see kernel.log in the run's folder",
    "KeyboardInterrupt": "run it again",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a run stopped."""

    cell: int | None
    source: str
    outputs: Sequence[Mapping[str, Any]]
    log: str  # what the kernel's process wrote


def failure_of(
    status: Status,
    place: Place,
    expired: Expired | None,
    limits: Limits,
    exit_code: int | None,
) -> Failure | None:
    """Return the failure that a status, its place and the kernel's end amount to.

    Parameters
    ----------
    status : of the run; there is no failure if it finished
    place : cell, source and outputs at which it stopped
    expired : the limit that passed
    limits : of the run
    exit_code : of the kernel, negative for a signal; None if nobody knows
    """
    if status == "finished":
        return None
    ename, evalue, traceback = _raised(place)
    if status == "timed out":
        name, seconds = ("RunTimeout", limits.run_s)
        if expired == "cell":
            name, seconds = ("CellTimeout", limits.cell_s)
        ename, evalue = name, f"not done after {seconds:g} s"
    elif status == "kernel died":
        ename, evalue, traceback = "KernelDied", _death(exit_code), _tail(place.log)
    elif status == "interrupted":
        ename, evalue = "KeyboardInterrupt", "the run was stopped from outside"
    return Failure(
        cell=place.cell,
        source=place.source,
        ename=ename,
        evalue=evalue,
        traceback=traceback,
    )


def advice_for(failure: Failure) -> str:
    """Return one thing to do next.

    Examples
    --------
    >>> advice_for(Failure(cell=0, source="", ename="X", evalue="", traceback=""))
    'mend the cell, or the code it calls, and run it again'
    """
    return _ADVICE.get(
        failure.ename, "mend the cell, or the code it calls, and run it again"
    )


def _raised(place: Place) -> tuple[str, str, str]:
    errors = [o for o in place.outputs if o.get("output_type") == "error"]
    if not errors:
        return "", "", ""
    lines = _plain("\n".join(errors[-1]["traceback"]))
    return errors[-1]["ename"], _plain(errors[-1]["evalue"]), lines


def _death(exit_code: int | None) -> str:
    if exit_code is None:
        return "the kernel ended before its first cell"
    if exit_code >= 0:
        return f"the kernel ended itself with exit code {exit_code} (os._exit, exit())"
    name = signal.Signals(-exit_code).name
    reason = {
        "SIGKILL": "often by the system, for want of memory: read less, or use a "
        "machine with more",
        "SIGSEGV": "a fault in compiled code: update the package that the cell calls",
        "SIGABRT": "a fault in compiled code: update the package that the cell calls",
    }.get(name, "from outside")
    return f"the kernel was ended by {name}, {reason}"


def _tail(text: str) -> str:
    return _plain("\n".join(text.splitlines()[-_LAST_LINES:]))


def _plain(text: str) -> str:
    return _COLOURS.sub("", text)
