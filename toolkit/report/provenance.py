"""Where each number came from: one entry a run, with the command that repeats it."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.publish.results import Sha256
from toolkit.report.latest import Latest
from toolkit.report.proof import standing
from toolkit.report.runs import Run
from toolkit.report.texts import label, text
from toolkit.reproduce.records.recipe import Environment

_SHORT = 12  # characters of a digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """One run: what it was made of and how to repeat it."""

    number: int
    notebook: str
    quotable: bool
    facts: tuple[tuple[str, str], ...]
    command: str


def build_origins(latest: Latest) -> tuple[Origin, ...]:
    """Return an entry for each run that the report shows."""
    return tuple(
        Origin(
            number=run.number,
            notebook=label(run.stem),
            quotable=run.trust.quotable,
            facts=tuple(
                (text(key), value) for key, value in _facts(run).items() if value
            ),
            command=command(run),
        )
        for run in latest.shown
    )


def command(run: Run) -> str:
    """Return the one line that produces a run's results again.

    With every parameter, defaults included, and at its commit if that holds its code.
    """
    recipe = run.record.recipe
    words = ["toolkit", "run", recipe.notebook.path]
    for name, value in sorted(recipe.parameters.items()):
        words += ["-p", f"{name}={_literal(value)}"]
    again = shlex.join(words)
    commit = run.record.circumstances.commit
    if commit is None or not run.committed:
        return again
    return f"git checkout {shlex.quote(commit)} && {again}"


def stamp(time: str) -> str:
    """Return a time of a record to the minute.

    Examples
    --------
    >>> stamp("2026-11-23T18:15:02.123456Z")
    '2026-11-23 18:15 UTC'
    """
    day, _, clock = time.partition("T")
    return f"{day} {clock[:5]} UTC"


def _facts(run: Run) -> dict[str, str]:
    recipe = run.record.recipe
    where = run.record.circumstances
    proven = standing(run.trust)
    parameters = recipe.parameters
    listed = (f"{name}={_literal(parameters[name])}" for name in sorted(parameters))
    return {
        "run_level": proven.level,
        "run_missing": "" if run.trust.quotable else proven.missing,
        "run_id": run.name,
        "run_notebook": recipe.notebook.path,
        "run_when": stamp(where.finished),
        "run_commit": _commit(where.commit, dirty=where.dirty is not False),
        "run_parameters": ", ".join(listed) or text("run_no_parameters"),
        "run_python": _python(recipe.environment),
        "run_lock": _short(recipe.environment.lock),
        "run_recipe": _short(recipe.digest),
        "run_data": _sources(recipe.data),
        "run_upstream": ", ".join(sorted(recipe.upstream.values())),
        "run_not_captured": "; ".join(where.not_captured),
        "run_notes": "; ".join(where.notes),
    }


def _commit(commit: str | None, *, dirty: bool) -> str:
    if commit is None:
        return text("run_no_commit")
    short = commit[:_SHORT]
    return text("run_dirty", commit=short) if dirty else short


def _literal(value: object) -> str:
    """Return a value as `-p` reads it back."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _python(environment: Environment) -> str:
    return f"{environment.python}, {environment.platform}"


def _sources(sources: Mapping[str, Sha256]) -> str:
    return ", ".join(f"{name} ({_short(sources[name])})" for name in sorted(sources))


def _short(digest: Sha256 | None) -> str:
    return (digest or "")[:_SHORT]
