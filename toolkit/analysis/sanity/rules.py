"""A check as data, and how it is run: found, passed, or not applicable."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pandas as pd

from toolkit.analysis.findings import (
    MAX_EVIDENCE_ROWS,
    Check,
    Finding,
    Outcome,
    Severity,
)
from toolkit.analysis.sanity.wording import counted

Subject = TypeVar("Subject")

_ORDER = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Draft:
    """A finding before its rule lends it the code and the usual advice."""

    severity: Severity
    place: str
    message: str
    count: int
    evidence: pd.DataFrame | None = None
    advice: str = ""  # empty: the rule's


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule(Generic[Subject]):
    """One check: what it is called, what it needs, what to do when it finds.

    ``check`` returns drafts, none when the subject passes, and ``None`` when the
    subject has not got what the check needs.
    """

    code: str
    title: str
    looks_at: str  # a countable noun: "text column"
    needs: str  # completes "needs ..." when no subject has it
    advice: str
    check: Callable[[Subject], Iterable[Draft] | None]


def severity_rank(finding: Finding) -> tuple[int, str, int, str]:
    """Return the sort key: errors first, then by code, most rows first."""
    return _ORDER[finding.severity], finding.code, -finding.count, finding.place


def run_rule(
    rule: Rule[Subject], subjects: Sequence[Subject], looked_at: str = ""
) -> Check:
    """Apply one rule to each subject and say what came of it.

    ``looked_at`` names the subject where there is but one; else they are counted.
    """
    looked, drafts = 0, list[Draft]()
    for subject in subjects:
        found = rule.check(subject)
        if found is not None:
            looked += 1
            drafts.extend(found)
    if not looked:
        return Check(
            code=rule.code,
            title=rule.title,
            outcome=Outcome.NOT_APPLICABLE,
            reason=f"needs {rule.needs}",
        )
    findings = sorted((_finding(rule, d) for d in drafts), key=severity_rank)
    return Check(
        code=rule.code,
        title=rule.title,
        outcome=Outcome.FOUND if findings else Outcome.PASSED,
        reason=f"looked at {looked_at or counted(looked, rule.looks_at)}",
        findings=tuple(findings),
    )


def _finding(rule: Rule[Subject], draft: Draft) -> Finding:
    evidence = draft.evidence
    if evidence is not None:
        evidence = evidence.head(MAX_EVIDENCE_ROWS).reset_index(drop=True)
    return Finding(
        code=rule.code,
        severity=draft.severity,
        place=draft.place,
        message=draft.message,
        advice=draft.advice or rule.advice,
        count=draft.count,
        evidence=evidence,
    )
