"""Which runs ``toolkit verify`` is about; a notebook that never ran is run first."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.bars import Bars

if TYPE_CHECKING:
    from toolkit.reproduce.execution.runner import Project
    from toolkit.reproduce.execution.watchdog import Limits
    from toolkit.reproduce.verification.verdict import Verdict


def project_of(asked: Sequence[str], runs_dir: Path | None) -> "Project":
    """Return the project of what was asked for: of its first notebook, or of here."""
    from toolkit.reproduce.execution.runner import Project  # noqa: PLC0415
    from toolkit.reproduce.project import RUNS, find_root  # noqa: PLC0415

    start = next((path for path in map(Path, asked) if _is_notebook(path)), Path())
    root = find_root(start if start.is_dir() else start.parent)
    return Project(root=root, runs_dir=runs_dir or root / RUNS)


def chosen_runs(
    asked: Sequence[str], project: "Project", *, every: bool, limits: "Limits"
) -> "tuple[tuple[str, ...], tuple[Verdict, ...]]":
    """Return the ids of the runs to verify, and the verdict on what has none.

    Parameters
    ----------
    asked : runs, notebooks, or folders of notebooks
    project : where they belong
    every : the latest finished run of each notebook, and what cannot be read, as well
    limits : of the execution of a notebook that never ran

    Raises
    ------
    UnknownRunError : if a run is not there, and no notebook has its name
    """
    runs: list[str] = []
    refused: list[Verdict] = []
    for name in asked:
        if _is_notebook(Path(name)):
            for notebook in _notebooks(Path(name)):
                _choose(notebook, project, limits, runs, refused)
        else:
            runs.append(_found(name, project))
    if every:
        runs += _latest(project)
    return tuple(dict.fromkeys(runs)), tuple(refused)


def _notebooks(path: Path) -> Sequence[Path]:
    from toolkit.reproduce.pipeline.plans import find_notebooks  # noqa: PLC0415

    return find_notebooks(path) if path.is_dir() else [path]


def _found(name: str, project: "Project") -> str:
    from toolkit.reproduce.records.store import RecordError, Store  # noqa: PLC0415

    try:
        return Store(project.runs_dir).find(name).run
    except RecordError as error:  # told as a verdict, with the others
        return Path(error.path).parent.name


def _choose(
    notebook: Path,
    project: "Project",
    limits: "Limits",
    runs: "list[str]",
    refused: "list[Verdict]",
) -> None:
    """Add a notebook's latest run, or one that is made now, or why there is none."""
    from toolkit.errors import ToolkitError  # noqa: PLC0415
    from toolkit.reproduce.records.store import RecordError, Store  # noqa: PLC0415
    from toolkit.reproduce.verification.verdict import Verdict  # noqa: PLC0415

    inside = _inside(notebook, project.root)
    try:
        record = Store(project.runs_dir).latest(notebook.stem, finished=False)
        if record is not None and record.recipe.notebook.path == inside:
            runs.append(record.run)
        else:
            runs += _run_now(notebook, project, limits)
    except RecordError as error:
        runs.append(Path(error.path).parent.name)
    except ToolkitError as error:
        refused.append(
            Verdict(
                run="",
                notebook=inside,
                value="not checked",
                cause="cannot be run",
                why=str(error),
            )
        )


def _run_now(notebook: Path, project: "Project", limits: "Limits") -> Iterator[str]:
    """Run a notebook, and those that it needs and that never ran."""
    from toolkit.reproduce.pipeline.plans import plan, run_plan  # noqa: PLC0415

    print(f"toolkit: {notebook} never ran: running it first", file=sys.stderr)
    for outcome in run_plan(plan([notebook], project), project, limits, Bars()):
        if outcome.record is not None:
            if outcome.record.status == "interrupted":
                raise KeyboardInterrupt
            yield outcome.record.run


def _latest(project: "Project") -> Iterator[str]:
    from toolkit.reproduce.records.store import Store  # noqa: PLC0415

    listing = Store(project.runs_dir).scan()
    yield from (Path(error.path).parent.name for error in listing.unreadable)
    latest = {
        record.recipe.notebook.path: record.run
        for record in listing.records
        if record.status == "finished"
    }
    yield from latest.values()


def _is_notebook(path: Path) -> bool:
    """Whether a path names a notebook or a folder of them, and not a run's folder."""
    if path.is_dir():
        return any(path.glob("*.ipynb")) and not (path / "record.json").exists()
    return path.suffix == ".ipynb" and path.is_file()


def _inside(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.as_posix()
