"""Rules and projects for tests of the linter."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from notebooks import content
from toolkit.lint.engine import Linter, Report
from toolkit.lint.model import Edit, Hit, Rule, Subject
from toolkit.lint.suppression import RULES


def _words(subject: Subject) -> Iterator[Hit]:
    for cell in subject.notebook.code:
        lines = cell.source.split("\n")
        for number, line in enumerate(lines, 1):
            column = line.find("bad()")
            if column >= 0:
                mended = line.replace("bad()", "good()", 1)
                after = "\n".join([*lines[: number - 1], mended, *lines[number:]])
                edit = Edit(cell=cell.index, before=cell.source, after=after)
                yield Hit(
                    cell=cell.index,
                    line=number,
                    column=column,
                    what="bad() is called",
                    edit=edit if "unsafe" not in line else None,
                )


def _project(subject: Subject) -> Iterator[Hit]:
    for step in subject.program.steps():
        if step.source.file is not None and "bad" in step.uses:
            yield Hit(cell=None, what=f"{step.source.file} calls bad()")


def _broken(subject: Subject) -> Iterator[Hit]:
    if any("broken" in cell.source for cell in subject.notebook.code):
        message = "a rule's own fault"
        raise ZeroDivisionError(message)
    yield from ()


def rule(code: str, name: str, check: Callable[[Subject], Iterable[Hit]]) -> Rule:
    return Rule(
        code=code,
        name=name,
        severity="note" if code.endswith("2") else "error",
        why="It is bad.",
        mend="Call good().",
        bad=("bad()",),
        good=("good()",),
        check=check,
    )


FAKES = (
    rule("BAD101", "bad-call", _words),
    rule("BAD102", "bad-project", _project),
    rule("BAD201", "broken-rule", _broken),
    *RULES,
)


def project(folder: Path, *cells: str, table: str = "") -> Path:
    """Make a project of one notebook; return the notebook."""
    text = f"[tool.toolkit.lint]\n{table}\n"
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    path = folder / "notebooks" / "nb.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content(cells))
    return path


def linted(*paths: Path) -> Report:
    """Return what the fake rules find."""
    return Linter(environ={}, rules=FAKES).lint(paths)


def codes(report: Report) -> list[str]:
    """Return the codes of a report's findings."""
    return [finding.code for finding in report.findings]
