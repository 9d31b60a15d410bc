"""Findings as text, JSON and GitHub annotations, and fixes as a diff."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping

from toolkit.lint.choosing import Finding
from toolkit.lint.engine import Report
from toolkit.lint.model import Rule

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def text_lines(
    report: Report, rules: Mapping[str, Rule], *, why: bool = False
) -> Iterator[str]:
    """Yield a line a finding, and one that counts them.

    Parameters
    ----------
    report : what was found
    rules : by code
    why : say of each rule why it bites, where it is first broken
    """
    told: set[str] = set()
    for finding in report.findings:
        yield f"{finding.place}: {finding.code} {finding.what}; {finding.mend}"
        if why and finding.code not in told:
            told.add(finding.code)
            yield f"    {rules[finding.code].why}"
    yield counted(report)


def counted(report: Report) -> str:
    """Return how much was found, in one line."""
    notebooks = _number(report.notebooks, "notebook")
    suppressed = f" ({len(report.suppressed)} suppressed)" if report.suppressed else ""
    unchecked = (
        f"; {_number(len(report.unchecked), 'notebook')} could not be checked"
        if report.unchecked
        else ""
    )
    if not report.findings:
        return f"nothing found in {notebooks}{suppressed}{unchecked}"
    counts = Counter(finding.severity for finding in report.findings)
    parts = ", ".join(_number(n, kind) for kind, n in sorted(counts.items()))
    mendable = sum(finding.edit is not None for finding in report.findings)
    fix = f"; --fix mends {mendable}" if mendable else ""
    return f"{parts} in {notebooks}{suppressed}{unchecked}{fix}"


def plain_report(report: Report) -> dict[str, object]:
    """Return what was found as JSON values; cells, lines and columns from 1."""
    return {
        "notebooks": report.notebooks,
        "findings": [plain_finding(finding) for finding in report.findings],
        "suppressed": [plain_finding(finding) for finding in report.suppressed],
        "unchecked": [
            {"notebook": each.path, "reason": each.reason} for each in report.unchecked
        ],
    }


def plain_finding(finding: Finding) -> dict[str, object]:
    """Return one finding as JSON values."""
    plain: dict[str, object] = {
        "notebook": finding.path,
        "cell": None if finding.cell is None else finding.cell + 1,
        "line": finding.line,
        "column": finding.column + 1,
        "file_line": finding.file_line,
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.what,
        "mend": finding.mend,
        "fixable": finding.edit is not None,
    }
    if finding.suppressed is not None:
        plain["reason"] = finding.suppressed
    return plain


def github_lines(report: Report) -> Iterator[str]:
    """Yield a workflow command a finding: an annotation of the notebook's file."""
    for finding in report.findings:
        cell = "" if finding.cell is None else f"cell {finding.cell + 1}: "
        properties = ",".join(
            (
                f"file={_property(finding.path)}",
                f"line={finding.file_line}",
                f"title={_property(f'{finding.code} {finding.name}')}",
            )
        )
        message = _escaped(f"{cell}{finding.what}; {finding.mend}")
        yield f"::{_LEVELS[finding.severity]} {properties}::{message}"
    for each in report.unchecked:
        yield f"::error file={_property(each.path)}::{_escaped(each.reason)}"


def cell_diff(path: str, cell: int, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff of one cell."""
    name = f"{path}:cell {cell + 1}"
    yield from difflib.unified_diff(
        before.split("\n"), after.split("\n"), name, name, lineterm=""
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
