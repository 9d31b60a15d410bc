"""Which cells, files and lines a change is about: the words of ``toolkit why``."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import value_digest
from toolkit.reproduce.execution.runner import Project, Step
from toolkit.reproduce.notebook import INJECTED, Notebook, NotebookError, parse_notebook
from toolkit.reproduce.pipeline.freshness import Change
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import NOTEBOOK
from toolkit.reproduce.sources import code_files

_MOST = 3  # names that a line bears
_GIT_TIMEOUT_S = 30


def told(change: Change, record: Record, step: Step, project: Project) -> Change:
    """Return a change in more words, where more can be found out.

    Parameters
    ----------
    change : as :func:`toolkit.reproduce.pipeline.freshness.changes` gives it
    record : of the run that it is a change since
    step : notebook and values as they are now
    project : where they belong
    """
    if change.what == "code":
        files = changed_code(project.root, record, step.path.resolve().parent)
        return replace(change, found=f"{listed(files)} changed") if files else change
    if change.what == "notebook":
        cells = _cells(project.runs_dir / record.run / NOTEBOOK, record, step.notebook)
        return replace(change, found=cells) if cells else change
    if change.what in record.trace.inputs:
        name = change.what.rpartition("/")[2]
        naming = [c.index + 1 for c in step.notebook.code if name in c.source]
        if naming:
            found = f"{change.found}, named in {_numbered(naming)}"
            return replace(change, found=found)
    return change


def changed_code(root: Path, record: Record, notebooks: Path) -> tuple[str, ...]:
    """Return the files of the project's code that changed since a run, if git knows.

    Where the run's own commit does not say all, because files were not committed or
    there is no git, those are returned that were written after the run began.

    Parameters
    ----------
    root : of the project
    record : of the run
    notebooks : the notebook's folder
    """
    now = code_files(root, notebooks)
    about = record.circumstances
    began = datetime.fromisoformat(about.started).timestamp()
    later = {path for path, real in now.items() if os.stat(real).st_mtime > began}  # noqa: PTH116
    if about.commit is None:
        return tuple(sorted(later))
    since = _git(root, "diff", "--name-only", "--relative", "-z", about.commit, "--")
    others = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    if since is None or others is None:
        return tuple(sorted(later))
    differ = {path for path in (*since, *others) if path in now}
    gone = {p for p in since if p.endswith(".py") and not (root / p).exists()}
    if about.dirty:
        return tuple(sorted((differ & later) or differ | gone))
    return tuple(sorted(differ | gone))


def listed(names: Sequence[str]) -> str:
    """Return names as words, and how many more there are.

    Examples
    --------
    >>> listed(["a.py", "b.py"]), listed(["a", "b", "c", "d"])
    ('a.py and b.py', 'a, b, c and 1 more')
    """
    if len(names) > _MOST:
        return f"{', '.join(names[:_MOST])} and {len(names) - _MOST} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _cells(executed: Path, record: Record, notebook: Notebook) -> str:
    """Return which cells changed since a run; "" if its notebook does not say."""
    try:
        plain = json.loads(executed.read_bytes())
        cells = [cell for cell in plain["cells"] if not _is_injected(cell)]
        content = json.dumps({**plain, "cells": cells}).encode()
        before = parse_notebook(content, path=notebook.path)
    except (OSError, ValueError, KeyError, TypeError, NotebookError):
        return ""
    if before.digest != record.recipe.notebook.digest:  # it was changed, too
        return ""
    changed: list[int] = []
    new: list[int] = []
    gone = 0
    matcher = SequenceMatcher(None, _keys(before), _keys(notebook), autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            both = min(end - start, last - first)
            changed += range(first + 1, first + both + 1)
            new += range(first + both + 1, last + 1)
            gone += end - start - both
    words = [f"{_numbered(changed)} changed"] if changed else []
    words += [f"{_numbered(new)} {'is' if len(new) == 1 else 'are'} new"] if new else []
    words += [f"{gone} cell{'s'[: gone > 1]} gone"] if gone else []
    return ", ".join(words)


def _keys(notebook: Notebook) -> list[Sha256]:
    return [
        value_digest([cell.kind, cell.source.rstrip("\n"), sorted(cell.tags)])
        for cell in notebook.cells
    ]


def _is_injected(cell: Mapping[str, Any]) -> bool:
    return INJECTED in cell["metadata"].get("tags", [])


def _numbered(cells: Iterable[int]) -> str:
    numbers = [str(number) for number in cells]
    return f"cell{'s'[: len(numbers) > 1]} {listed(numbers)}"


def _git(root: Path, *arguments: str) -> list[str] | None:
    """Return the paths that git lists; None where it knows nothing of it."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 -- with checked arguments
            ["git", "--no-optional-locks", "-C", str(root), *arguments],  # noqa: S607 -- from PATH
            capture_output=True,
            check=False,
            env=clean,
            timeout=_GIT_TIMEOUT_S,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    return [os.fsdecode(path) for path in done.stdout.split(b"\0") if path]
