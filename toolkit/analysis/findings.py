"""What a check can say: found, passed, or not applicable, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

MAX_EVIDENCE_ROWS = 10


class Severity(StrEnum):
    """How much a finding matters; only an *error* stops the pipeline."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Outcome(StrEnum):
    """What came of one check; *not applicable* is no pass."""

    FOUND = "found"
    PASSED = "passed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Finding:
    """One thing that is wrong, or looks wrong, with its evidence and a way out."""

    code: str  # stable, documented, never reused: "DS101"
    severity: Severity
    place: str  # table or table.column: "failures.datetime"
    message: str  # one sentence, with the numbers
    advice: str  # what to do about it
    count: int  # rows (or events, days, columns) concerned
    evidence: pd.DataFrame | None = None  # at most MAX_EVIDENCE_ROWS rows


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Check:
    """The outcome of one check, with its findings or the reason for their absence."""

    code: str
    title: str
    outcome: Outcome
    reason: str = ""  # why it was not applicable, or what it looked at when it passed
    findings: Sequence[Finding] = field(default=())
