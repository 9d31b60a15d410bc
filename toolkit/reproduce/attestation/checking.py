"""The verdict on the signatures of a run: trusted, unknown, none, or one that fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from toolkit.reproduce.attestation.beside import (
    Attestation,
    Beside,
    Keys,
    load_attestations,
)
from toolkit.reproduce.attestation.statements import Kind
from toolkit.reproduce.records.record import Record

Verdict: TypeAlias = Literal[
    "trusted signer", "unknown signer", "not signed", "does not hold"
]
_EXIT: dict[Verdict, int] = {
    "trusted signer": 0,
    "unknown signer": 1,
    "does not hold": 1,
    "not signed": 2,
}
_SAYS: dict[Kind | None, str] = {
    "provenance": "executed",
    "svr": "reproduced",
    None: "something that cannot be checked without the key",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What the attestations of one run amount to."""

    run: str
    beside: Beside

    @property
    def verdict(self) -> Verdict:
        """One that does not hold outweighs all others: somebody changed something."""
        if self.beside.refused:
            return "does not hold"
        verdicts = [one.verdict for one in self.beside.holds]
        if "trusted signer" in verdicts:
            return "trusted signer"
        return "unknown signer" if verdicts else "not signed"

    @property
    def short(self) -> str:
        """Who says what, or what does not hold, in a few words."""
        faults = [error.fault for error in self.beside.refused]
        says = [f"{_who(one)}: {_SAYS[one.kind]}" for one in self.beside.holds]
        return ", ".join(dict.fromkeys([*faults, *says]))

    def to_dict(self) -> dict[str, object]:
        """Return the verdict as plain JSON values."""
        return {
            "run": self.run,
            "verdict": self.verdict,
            "attestations": [
                {
                    "file": Path(one.path).name,
                    "verdict": one.verdict,
                    "kind": one.kind,
                    "key": one.keyid,
                    "name": one.signer.name if one.signer else None,
                    "role": one.signer.role if one.signer else None,
                    "signed": one.statement.signing.on if one.statement else None,
                }
                for one in self.beside.holds
            ],
            "refused": [
                {"file": Path(e.path).name, "fault": e.fault, "found": e.found}
                for e in self.beside.refused
            ],
        }


def check_run(folder: Path, record: Record, keys: Keys, now: datetime) -> Checked:
    """Return what the attestations of a run amount to; parameters as there."""
    beside = load_attestations(folder, record, keys, now)
    return Checked(run=record.run, beside=beside)


def exit_code(checked: Sequence[Checked]) -> int:
    """Return 1 if a claim does not hold, else 2 if there is none to check.

    Examples
    --------
    >>> exit_code(())
    2
    """
    codes = {_EXIT[one.verdict] for one in checked} or {2}
    return 1 if 1 in codes else max(codes)


def _who(one: Attestation) -> str:
    return one.signer.name if one.signer else f"unknown key {one.keyid[:12]}…"
