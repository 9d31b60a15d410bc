"""All that the checks said, and which of it the scope has not accepted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from toolkit.analysis.findings import Check, Finding, Outcome, Severity
from toolkit.analysis.sanity.rules import severity_rank
from toolkit.errors import ToolkitError
from toolkit.scope import Accepted

STALE = "DS001"


@dataclass(eq=False)
class UnacceptedFindingsError(ToolkitError, ValueError):
    """Findings of severity *error* stand, and the scope accepts none of them."""

    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        n = len(self.findings)
        head = f"data sanity: {n} error{'s' if n > 1 else ''} that nobody accepted"
        texts = [f"  {f.code} {f.place}: {f.message}" for f in self.findings]
        lines = [acceptance(f) for f in self.findings]
        return "\n".join(
            [
                f"{head}; mend the data, or accept each with a reason:",
                *texts,
                "to accept, write in scope.yaml (and say why):",
                "accepted:",
                *lines,
            ]
        )


def acceptance(finding: Finding) -> str:
    """Return the lines of scope.yaml that accept one finding."""
    place = finding.place.replace("'", "''")
    return (
        f"  - code: {finding.code}\n"
        f"    place: '{place}'\n"
        f"    reason: ''  # say why the number still means something"
    )


def _accepts(accepted: Accepted, finding: Finding) -> bool:
    return accepted.code == finding.code and accepted.place in {None, finding.place}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SanityReport:
    """The outcome of every check that ran, in the order of their codes."""

    checks: tuple[Check, ...]

    def __add__(self, other: "SanityReport") -> "SanityReport":
        """Return one report with the checks of both."""
        checks = sorted((*self.checks, *other.checks), key=lambda check: check.code)
        return SanityReport(checks=tuple(checks))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings: errors first, then by code, most rows first."""
        found = (finding for check in self.checks for finding in check.findings)
        return tuple(sorted(found, key=severity_rank))

    def summary(self) -> pd.DataFrame:
        """Return one row per finding, and one per check that found nothing.

        Returns
        -------
        DataFrame with the columns code, title, outcome, severity, place, count,
        message; the last says what was looked at when a check passed, and what
        is missing when it was not applicable
        """
        quiet = [
            (c.code, c.title, str(c.outcome), "", "", 0, c.reason)
            for c in self.checks
            if c.outcome is not Outcome.FOUND
        ]
        titles = {check.code: check.title for check in self.checks}
        loud = [
            (
                f.code,
                titles[f.code],
                str(Outcome.FOUND),
                str(f.severity),
                f.place,
                f.count,
                f.message,
            )
            for f in self.findings
        ]
        quiet.sort(key=lambda row: (row[2] == Outcome.NOT_APPLICABLE, row[0]))
        names = ["code", "title", "outcome", "severity", "place", "count", "message"]
        return pd.DataFrame([*loud, *quiet], columns=names)

    def unaccepted(self, accepted: Sequence[Accepted]) -> tuple[Finding, ...]:
        """Return the findings of severity *error* that no entry accepts."""
        return tuple(
            finding
            for finding in self.findings
            if finding.severity is Severity.ERROR
            and not any(_accepts(entry, finding) for entry in accepted)
        )

    def reason(self, finding: Finding, accepted: Sequence[Accepted]) -> str | None:
        """Return why the scope accepts a finding, or ``None`` if it does not."""
        reasons = (entry.reason for entry in accepted if _accepts(entry, finding))
        return next(reasons, None)

    def reasons(
        self, found: Sequence[Finding], accepted: Sequence[Accepted]
    ) -> tuple[str | None, ...]:
        """Return `reason` of each finding."""
        return tuple(self.reason(finding, accepted) for finding in found)

    def headline(self, accepted: Sequence[Accepted] = ()) -> str:
        """Return in one line how many findings there are, and how many errors stand.

        Examples
        --------
        >>> SanityReport(checks=()).headline()
        '0 errors, 0 open; 0 warnings, 0 notes; 0 checks passed, 0 not applicable'
        """
        severity = Counter(finding.severity for finding in self.findings)
        outcome = Counter(check.outcome for check in self.checks)
        return (
            f"{severity[Severity.ERROR]} errors, "
            f"{len(self.unaccepted(accepted))} open; "
            f"{severity[Severity.WARNING]} warnings, {severity[Severity.NOTE]} notes; "
            f"{outcome[Outcome.PASSED]} checks passed, "
            f"{outcome[Outcome.NOT_APPLICABLE]} not applicable"
        )

    def stale(self, accepted: Sequence[Accepted]) -> tuple[Finding, ...]:
        """Return a note for each accepted entry that matches no finding here.

        Ask it of the sum of all reports: an entry about the panel matches
        nothing among the tables.
        """
        return tuple(
            Finding(
                code=STALE,
                severity=Severity.NOTE,
                place=f"scope.accepted[{position}]",
                message=f"{entry.code} is accepted"
                + (f" at {entry.place}" if entry.place else "")
                + ", but no check finds it",
                advice="remove the entry: it would hide the finding if it came back",
                count=1,
            )
            for position, entry in enumerate(accepted)
            if not any(_accepts(entry, finding) for finding in self.findings)
        )

    def raise_for_errors(self, accepted: Sequence[Accepted] = ()) -> None:
        """Raise unless every finding of severity *error* is accepted.

        Raises
        ------
        UnacceptedFindingsError : with code, place and message of each, and the
            lines that would accept it
        """
        left = self.unaccepted(accepted)
        if left:
            raise UnacceptedFindingsError(findings=left)
