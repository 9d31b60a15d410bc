"""The check of a whole ledger: what is missing, altered, orphaned, contradicting."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.ledger.attestations import AttestationReader, read_statement
from toolkit.ledger.checking import Checking
from toolkit.ledger.finding import Finding
from toolkit.ledger.index import CACHE, BrokenIndexError, Index, discard
from toolkit.ledger.settings import Accepted
from toolkit.reproduce.environments.surroundings import find_ci


@dataclass(eq=False)
class NoLedgerError(ToolkitError, LookupError):
    """There is no folder of runs."""

    path: str

    def __str__(self) -> str:
        return f"{self.path}: is no folder; run a notebook first: toolkit run"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a check found."""

    runs: int  # with those that are lost
    read: int  # runs that were read; of the others the index knew
    findings: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, str], ...] = ()  # with the reasons

    @property
    def exit_code(self) -> int:
        """0 if all holds, 1 if not, 2 if there is nothing, or not all was checked."""
        if any(not finding.kind.unchecked for finding in self.findings):
            return 1
        return 2 if self.findings or not self.runs else 0


def check(
    runs_dir: Path,
    *,
    now: datetime,
    cache: Path | None,
    history: bool = True,
    accepted: Sequence[Accepted] = (),
    read_attestation: AttestationReader = read_statement,
) -> Outcome:
    """Check every run of a folder, and the whole of them.

    Parameters
    ----------
    runs_dir : usually ``runs`` in the project's root
    now : in UTC; nothing can have happened later
    cache : of the index; None: every file is read
    history : hold the files against what git first got
    accepted : findings that are known
    read_attestation : gives what an attestation is about

    Raises
    ------
    NoLedgerError : if there is no such folder
    """
    if not runs_dir.is_dir():
        raise NoLedgerError(path=str(runs_dir))
    checking = Checking(
        runs_dir, now=now, history=history, read_attestation=read_attestation
    )
    runs, read, findings = _checked(checking, cache)
    reasons = {
        finding: one.why
        for finding in findings
        for one in accepted
        if one.covers(finding)
    }
    return Outcome(
        runs=runs,
        read=read,
        findings=tuple(sorted(f for f in findings if f not in reasons)),
        accepted=tuple(sorted(reasons.items())),
    )


def kept_index(root: Path, environ: Mapping[str, str]) -> Path | None:
    """Return where a project's index lies; None in CI, where every file is read.

    Parameters
    ----------
    root : of the project
    environ : environment variables of this process
    """
    in_ci = find_ci(environ) is not None or environ.get("GITLAB_CI") == "true"
    return None if in_ci else root.resolve() / CACHE


def _checked(
    checking: Checking, cache: Path | None
) -> tuple[int, int, Sequence[Finding]]:
    """Check with the index; with a new one if it is broken, else with none."""
    for path in (cache, cache):
        try:
            with closing(Index(path)) as index:
                return checking.by(index)
        except (sqlite3.OperationalError, OSError):  # it cannot be written, or is held
            break
        except (BrokenIndexError, sqlite3.DatabaseError):
            if path is not None:
                discard(path)
    with closing(Index(None)) as index:
        return checking.by(index)
