"""The step that looks at the notebooks before any of them is executed."""

from collections.abc import Mapping
from pathlib import Path

from toolkit.delivery.steps import NOT_CHECKED, Step, step_of
from toolkit.lint.engine import Linter
from toolkit.lint.rendering import counted


def lint_notebooks(folder: Path, environ: Mapping[str, str]) -> Step:
    """Return what is found in the notebooks of a folder; nothing is remembered.

    Raises
    ------
    NothingToLintError : if there is none
    PolicyError : if the project's configuration cannot be meant
    """
    report = Linter(environ=environ, cached=False).lint([folder])
    findings = [
        f"{one.place}: {one.code} {one.what}; {one.mend}" for one in report.findings
    ]
    findings += [each.reason for each in report.unchecked]
    code = NOT_CHECKED if report.unchecked else 0
    return step_of("lint", 1 if report.failing else code, counted(report), findings)
