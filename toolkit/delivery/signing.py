"""The step that signs, and then looks whether that made the runs trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.delivery.gate import Origin
from toolkit.delivery.steps import Step, counted, step_of
from toolkit.reproduce.attestation.attesting import (
    NotSignedError,
    Signer,
    attest_run,
)
from toolkit.reproduce.attestation.beside import Keys
from toolkit.reproduce.attestation.checking import check_run
from toolkit.reproduce.attestation.private import SigningKey
from toolkit.reproduce.attestation.trusted import load_trusted
from toolkit.reproduce.levels import Levels
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.verification.evidence import load_evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Pen:
    """What signs: a key, and the CI job that holds it."""

    key: SigningKey
    builder: str  # URI


def sign_runs(
    records: Sequence[Record],
    levels: Levels,
    runs_dir: Path,
    *,
    pen: Pen,
    origin: Origin,
    now: datetime,
) -> tuple[Step, tuple[Path, ...]]:
    """Sign those runs that are not trusted yet; return the step, and the new files.

    Parameters
    ----------
    records : of the delivery
    levels : how far they can be trusted
    runs_dir : where they lie
    pen : signs
    origin : tells what came with the commit, which is not signed
    now : in UTC

    Raises
    ------
    OSError : if a file cannot be written; none is half written
    """
    by = Signer(
        key=pen.key,
        builder=pen.builder,
        now=now,
        committed=origin.paths,
        root=origin.root,
    )
    written: list[Path] = []
    refused: list[NotSignedError] = []
    for record in records:
        trust = levels.trust(record)
        if trust.level == "trusted":
            continue
        folder = runs_dir / record.run
        done = attest_run(folder, record, load_evidence(folder).evidence, trust, by)
        written += done.written
        refused += done.refused
    if refused:
        told = f"{counted(len(refused), 'statement')} not signed"
        return step_of("attest", 1, told, list(map(str, refused))), tuple(written)
    keys = Keys(trusted=load_trusted(origin.root))
    findings = []
    for record in records:
        checked = check_run(runs_dir / record.run, record, keys, now)
        if checked.verdict != "trusted signer":
            errors = [str(error) for error in checked.beside.refused]
            findings += errors or [f"{record.run}: {checked.verdict}"]
    told = f"{counted(len(written), 'statement')} signed"
    if not written:
        told = "nothing to sign: every run is signed"
    return step_of("attest", 1 if findings else 0, told, findings), tuple(written)
