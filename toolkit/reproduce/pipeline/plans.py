"""Several notebooks in the order in which they need each other's results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import ToolkitError
from toolkit.reproduce.execution.runner import Progress, Project, Step, run_notebook
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import Notebook, NotebookError
from toolkit.reproduce.parameters.arguments import combine
from toolkit.reproduce.parameters.overwriting import check_overwritten
from toolkit.reproduce.parameters.schema import read_schema
from toolkit.reproduce.parameters.values import Given, resolve
from toolkit.reproduce.pipeline.cache import Cache
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import Store
from toolkit.reproduce.sources import load_notebook

Run: TypeAlias = Callable[
    [Step, Project, Mapping[str, Record], Limits, Progress], Record
]


@dataclass(eq=False)
class NeedError(ToolkitError, LookupError):
    """A notebook needs another one that is not there, or needs itself."""

    notebook: str
    need: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.notebook}: needs {self.need!r}, {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What will be executed: nothing has started yet, and every value fits."""

    passes: tuple[tuple[Step, ...], ...]  # one for each combination of a sweep
    earlier: Mapping[str, Record]  # runs of needed notebooks that are not in the plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one notebook in one pass."""

    step: Step
    record: Record | None  # None if it was not run
    blocked_by: tuple[str, ...] = ()  # notebooks that it needs and that did not finish
    interrupted: bool = False  # the run was stopped before it
    unchanged: bool = False  # not executed: the record is of an earlier run


def find_notebooks(folder: Path) -> tuple[Path, ...]:
    """Return the notebooks of a folder, by name.

    Raises
    ------
    NotebookError : if there are none
    """
    found = tuple(sorted(p for p in folder.glob("*.ipynb") if p.name[0] != "."))
    if not found:
        raise NotebookError(
            path=str(folder),
            found="holds no notebooks",
            expected="name one: toolkit run path/to/notebook.ipynb",
        )
    return found


def plan(
    paths: Sequence[Path],
    project: Project,
    given: Sequence[Given] = (),
    files: Sequence[Given] = (),
) -> Plan:
    """Return what is to be executed, in order; what can be foreseen fails here.

    Parameters
    ----------
    paths : of the notebooks
    project : where they belong
    given, files : parameter values of the command line, and of files

    Raises
    ------
    NotebookError, ParametersCellError : of a notebook
    NeedError : if a needed notebook is neither there nor has run, or needs itself
    UnknownParameterError, MissingParameterError, ParameterValueError,
    StaleDefaultError, ArgumentError, OverwrittenParameterError : of a value
    """
    ordered = _ordered(paths, project)
    schemas = [read_schema(notebook) for _, notebook in ordered]
    passes = tuple(
        tuple(
            Step(path=path, notebook=notebook, values=resolve(schema, values))
            for (path, notebook), schema in zip(ordered, schemas, strict=True)
        )
        for values in combine(schemas, given, files)
    )
    for step in passes[0]:
        check_overwritten(step.notebook, step.values.given)
    return Plan(passes=passes, earlier=_earlier(ordered, project))


def run_plan(
    planned: Plan,
    project: Project,
    limits: Limits,
    progress: Progress,
    run: Run = run_notebook,
    *,
    cache: Cache | None = None,
) -> Iterator[Outcome]:
    """Execute a plan; yield what became of each notebook as it ends.

    A notebook whose needs did not finish is not run, the others are. After an
    interrupt nothing more is. Where an earlier run stands, its record is yielded.

    Parameters
    ----------
    planned : as :func:`plan` made it
    project : where the notebooks belong
    limits : of time
    progress : is told how it goes
    run : executes one notebook
    cache : knows which earlier runs stand; without it everything is executed
    """
    interrupted = False
    for steps in planned.passes:
        records = dict(planned.earlier)
        for step in steps:
            needs = step.notebook.needs
            missing = tuple(need for need in needs if need not in records)
            if missing or interrupted:
                yield Outcome(
                    step=step, record=None, blocked_by=missing, interrupted=interrupted
                )
                continue
            upstream = {need: records[need] for need in needs}
            standing = None if cache is None else cache.standing(step, upstream)
            record = standing or run(step, project, upstream, limits, progress)
            if cache is not None and standing is None:
                cache.look_again()
            interrupted = record.status == "interrupted"
            if record.status == "finished":
                records[step.notebook.stem] = record
            yield Outcome(step=step, record=record, unchanged=standing is not None)
    if cache is not None:
        cache.save()


def _ordered(
    paths: Sequence[Path], project: Project
) -> Sequence[tuple[Path, Notebook]]:
    """Return the notebooks in the order of execution; each can be executed here."""
    notebooks: dict[str, tuple[Path, Notebook]] = {}
    for path in paths:
        notebook = load_notebook(path, root=project.root)
        if notebook.stem in notebooks:
            raise NotebookError(
                path=str(path),
                found=f"has the name of {notebooks[notebook.stem][0]}",
                expected="runs are told apart by it: name each notebook once",
            )
        notebooks[notebook.stem] = (path, notebook)
    order = _order({stem: notebook for stem, (_, notebook) in notebooks.items()})
    return [notebooks[stem] for stem in order]


def _order(notebooks: Mapping[str, Notebook]) -> list[str]:
    """Return the names, each after those that it needs, otherwise by name."""
    ordered: list[str] = []

    def visit(stem: str, path: tuple[str, ...]) -> None:
        if stem in path:
            circle = " → ".join((*path[path.index(stem) :], stem))
            raise NeedError(
                notebook=notebooks[path[-1]].path,
                need=stem,
                found=f"which needs it in turn ({circle})",
                expected="take one of these calls of upstream out",
            )
        if stem in notebooks and stem not in ordered:
            for need in notebooks[stem].needs:
                visit(need, (*path, stem))
            ordered.append(stem)

    for stem in sorted(notebooks):
        visit(stem, ())
    return ordered


def _earlier(
    ordered: Sequence[tuple[Path, Notebook]], project: Project
) -> Mapping[str, Record]:
    """Return the latest finished run of each need that is not in the plan."""
    planned = {notebook.stem for _, notebook in ordered}
    store = Store(project.runs_dir)
    earlier = {}
    for path, notebook in ordered:
        for need in notebook.needs:
            if need in planned or need in earlier:
                continue
            record = store.latest(need)
            if record is None:
                raise _unmet(path, notebook, need)
            earlier[need] = record
    return earlier


def _unmet(path: Path, notebook: Notebook, need: str) -> NeedError:
    beside = path.with_name(f"{need}.ipynb")
    names = [p.stem for p in path.parent.glob("*.ipynb")]
    close = get_close_matches(need, names, n=1)
    if beside.exists():
        found, expected = "which has no finished run", f"toolkit run {beside} {path}"
    else:
        found = "and there is no such notebook beside it"
        expected = f"did you mean {close[0]!r}?" if close else f"there is: {names}"
    return NeedError(notebook=notebook.path, need=need, found=found, expected=expected)
