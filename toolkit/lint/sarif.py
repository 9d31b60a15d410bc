"""Findings as SARIF 2.1.0, the form that code scanning takes.

References
----------
OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from toolkit.lint.choosing import Finding
from toolkit.lint.engine import Report
from toolkit.lint.model import Rule

VERSION = "2.1.0"
_ROOT = "SRCROOT"


def sarif_log(
    report: Report, rules: Sequence[Rule], *, version: str
) -> dict[str, object]:
    """Return what was found as one SARIF log with one run.

    A line of it is one of the notebook's file; the cell is the logical location.
    Suppressed findings are there with their reason; a notebook that could not be
    checked is a notification, and the run was no success then.

    Parameters
    ----------
    report : what was found
    rules : all of them, in order
    version : of this program
    """
    positions = {rule.code: i for i, rule in enumerate(rules)}
    findings = (*report.findings, *report.suppressed)
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": "toolkit lint",
                "semanticVersion": version,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "where it was called"}}},
        "invocations": [_invocation(report)],
        "results": [_result(finding, positions) for finding in findings],
    }
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": VERSION,
        "runs": [run],
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why} {rule.mend}"},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, positions: Mapping[str, int]) -> dict[str, object]:
    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.path),
            "region": {"startLine": finding.file_line},
        }
    }
    message = f"{finding.what}; {finding.mend}"
    if finding.cell is not None:
        name = f"cell {finding.cell + 1}"
        where = f"line {finding.line} column {finding.column + 1}"
        location["logicalLocations"] = [
            {"name": name, "fullyQualifiedName": f"{name}, {where}", "kind": "module"}
        ]
        message = f"{name} {where}: {message}"
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": positions[finding.code],
        "level": finding.severity,
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {"toolkitLint/v1": finding.mark},
    }
    if finding.suppressed is not None:
        reason = {"kind": "inSource", "justification": finding.suppressed}
        result["suppressions"] = [reason]
    return result


def _artifact(path: str) -> dict[str, str]:
    if path.startswith("/"):
        return {"uri": f"file://{quote(path)}"}
    return {"uri": quote(path), "uriBaseId": _ROOT}


def _invocation(report: Report) -> dict[str, object]:
    return {
        "executionSuccessful": not report.unchecked,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": each.reason},
                "locations": [
                    {"physicalLocation": {"artifactLocation": _artifact(each.path)}}
                ],
            }
            for each in report.unchecked
        ],
    }
