"""The step that looks whether the runs hold: those that were there, and the new."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from toolkit.delivery.steps import NOT_CHECKED, Name, Step, counted, step_of
from toolkit.errors import ToolkitError
from toolkit.ledger.check import Outcome, check
from toolkit.ledger.settings import load_settings
from toolkit.reproduce.attestation.faults import AttestationError
from toolkit.reproduce.project import RUNS

_OF_KEYS = ("revoked key", "expired key", "key not yet valid", "wrong role")
_BROKEN = "LED206"  # an attestation that does not hold


def check_history(
    name: Name, root: Path, unreadable: Sequence[ToolkitError], now: datetime
) -> Step:
    """Return what the ledger's check and the attestations' signatures say.

    An attestation whose key counts no more is no fault of the ledger: nothing was
    altered, and its run is only trusted no longer.

    Parameters
    ----------
    name : of the step
    root : of the project
    unreadable : what the judge of the runs could not read
    now : in UTC

    Raises
    ------
    LedgerSettingsError : if pyproject.toml says something that cannot be meant
    """
    runs_dir = root / RUNS
    if not runs_dir.is_dir():
        return step_of(name, 0, "no run yet")
    # No index: whoever could write it would decide what is found.
    outcome = check(
        runs_dir, now=now, cache=None, accepted=load_settings(root).accepted
    )
    broken = tuple(_signatures(outcome, unreadable))
    findings = [f"{RUNS}/{one}" for one in outcome.findings]
    if name == "ledger":  # told once
        findings += [f"accepted: {one}: {why}" for one, why in outcome.accepted]
    code = 1 if broken else outcome.exit_code
    if code == NOT_CHECKED and not outcome.findings:  # there is no run, so none is bad
        code = 0
    found = len(outcome.findings) + len(broken)
    told = counted(found, "finding") if found else "all hold"
    told = f"{counted(outcome.runs, 'run')}, {told}"
    return step_of(name, code, told, [*findings, *map(str, broken)])


def _signatures(
    outcome: Outcome, unreadable: Sequence[ToolkitError]
) -> Iterator[AttestationError]:
    """Yield the attestations that were altered; the ledger looks at no signature."""
    accepted = {one.run for one, _ in outcome.accepted if one.code == _BROKEN}
    for error in unreadable:
        if not isinstance(error, AttestationError) or error.fault in _OF_KEYS:
            continue
        if Path(error.path).parent.name not in accepted:
            yield error
