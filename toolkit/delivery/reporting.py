"""The step that writes the report, and leaves alone one that would be the same."""

import tempfile
from pathlib import Path

from toolkit import scope
from toolkit.delivery.steps import Step, step_of
from toolkit.report import write_report
from toolkit.reproduce.policy import SCOPE
from toolkit.reproduce.project import RUNS
from toolkit.reproduce.whole import write_whole


def update_report(root: Path, target: Path) -> tuple[Step, bool]:
    """Write the report if it would differ; return the step, and whether it did.

    Parameters
    ----------
    root : of the project
    target : the page

    Raises
    ------
    ScopeError : if the scope cannot be used
    ReportFileError, NoFinishedRunError : as :func:`.write_report`
    OSError : if the page cannot be written
    """
    if not (root / SCOPE).is_file():
        told = f"no {SCOPE}: there is no client to report to"
        return Step(name="report", state="left out", told=told), False
    found = scope.load(root / SCOPE)
    with tempfile.TemporaryDirectory(prefix="toolkit-ci-") as folder:
        page = Path(folder, "report.html")
        size = write_report(root / RUNS, page, found)
        content = page.read_bytes()
    kilobytes = f"{size / 1000:,.0f} kB"
    if target.is_file() and target.read_bytes() == content:
        return step_of("report", 0, f"{target} is up to date, {kilobytes}"), False
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, content)
    return step_of("report", 0, f"{target}, {kilobytes}"), True
