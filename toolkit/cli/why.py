"""``toolkit why``: what changed since a notebook's last run, in one line."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_selection, cache_of, planned_of

if TYPE_CHECKING:
    from toolkit.reproduce.execution.runner import Project, Step
    from toolkit.reproduce.pipeline.cache import Cache
    from toolkit.reproduce.pipeline.freshness import Change
    from toolkit.reproduce.pipeline.plans import Plan
    from toolkit.reproduce.records.record import Record

UNCHANGED, CHANGED, NOT_SAID = 0, 1, 2
_MOST = 4  # changes that a line bears; --json has all of them


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answer:
    """What is to be said of one notebook."""

    step: "Step"
    record: "Record | None"  # the run that it was held against
    changes: "tuple[Change, ...]"

    @property
    def stands(self) -> bool:
        return self.record is not None and not self.changes


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "why",
        help="say in one line what changed since a notebook's last run",
        description=(
            "Say in one line what changed since a notebook's last run, and so why "
            "toolkit run would execute it. Exit codes: 0 nothing changed, 1 something "
            "did, 2 it cannot be said: it never ran."
        ),
    )
    add_selection(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print a line a notebook; 0 if nothing changed, 1 if something did.

    Raises
    ------
    ToolkitError : if something is wrong with a notebook or a value
    """
    asked = [_found(path) for path in args.notebooks]
    args.notebooks = _with_needs(asked)
    project, planned = planned_of(args)
    cache = cache_of(project)
    wanted = {path.resolve() for path in asked}
    answers = [
        answer
        for answer in _answers(planned, project, cache)
        if not wanted or _is_wanted(answer.step.path, wanted)
    ]
    cache.save()
    if args.json:
        print_json(notebooks=[_plain(answer) for answer in answers])
    elif args.md:
        rows = [[_name(answer, planned), _sentence(answer)] for answer in answers]
        print(table(["notebook", "since its last run"], rows, markdown=True))
    else:
        for answer in answers:
            print(f"{_name(answer, planned)}: {_sentence(answer)}")
    if any(answer.record is None for answer in answers):
        return NOT_SAID
    return UNCHANGED if all(answer.stands for answer in answers) else CHANGED


def _found(path: Path) -> Path:
    """Return the notebook that is meant by its name alone, too."""
    from toolkit.reproduce.project import find_root  # noqa: PLC0415 -- --help: quick

    if path.exists() or path.name != str(path):
        return path
    named = find_root(Path.cwd()) / "notebooks" / f"{path.name}.ipynb"
    return named if named.exists() else path


def _with_needs(paths: Sequence[Path]) -> list[Path]:
    """Return the notebooks, and those beside them that they need."""
    from toolkit.reproduce.sources import load_notebook  # noqa: PLC0415

    found = list(paths)
    for path in found:  # it grows meanwhile
        if path.is_file():
            beside = (
                path.with_name(f"{need}.ipynb")
                for need in load_notebook(path, root=path.parent).needs
            )
            known = {each.resolve() for each in found}
            folders = {each for each in known if each.is_dir()}
            for need in beside:
                place = need.resolve()
                if need.exists() and place not in known and place.parent not in folders:
                    found.append(need)
                    known.add(place)
    return found


def _is_wanted(path: Path, wanted: set[Path]) -> bool:
    return not wanted.isdisjoint((path.resolve(), path.resolve().parent))


def _answers(planned: "Plan", project: "Project", cache: "Cache") -> Iterator[_Answer]:
    """Yield an answer a step, those of needed notebooks first."""
    from toolkit.reproduce.pipeline.freshness import Change  # noqa: PLC0415
    from toolkit.reproduce.pipeline.reasons import told  # noqa: PLC0415

    for steps in planned.passes:
        records = dict(planned.earlier)
        stale: set[str] = set()
        for step in steps:
            needs = step.notebook.needs
            upstream = {need: records[need] for need in needs if need in records}
            judged = cache.judge(step, upstream)
            first = [need for need in needs if need in stale]
            whats = {f"upstream {need}" for need in first}
            record, changes = judged.record, judged.changes
            if record is not None:
                kept = (change for change in changes if change.what not in whats)
                changes = tuple(told(each, record, step, project) for each in kept)
            changes += tuple(
                Change(what=f"upstream {need}", found="would be executed first")
                for need in first
            )
            stem = step.notebook.stem
            if record is not None and record.status == "finished":
                records[stem] = record
            answer = _Answer(step=step, record=record, changes=changes)
            if not answer.stands:
                stale.add(stem)
            yield answer


def _name(answer: _Answer, planned: "Plan") -> str:
    given = answer.step.values.given if len(planned.passes) > 1 else {}
    values = "".join(f" {name}={value}" for name, value in given.items())
    return f"{answer.step.notebook.stem}{values}"


def _sentence(answer: _Answer) -> str:
    if answer.record is None:
        return "it never ran"
    if answer.changes:
        texts = [str(change) for change in answer.changes]
        more = len(texts) - _MOST
        texts[_MOST:] = [f"and {more} more"] if more > 0 else []
        return f"{'; '.join(texts)} (since {answer.record.run})"
    network = ", ".join(answer.record.trace.network)
    note = f"; it asked for {network}, which nobody looked at again" if network else ""
    return f"nothing changed: {answer.record.run} stands{note}"


def _plain(answer: _Answer) -> dict[str, object]:
    from toolkit.publish.fields import encode  # noqa: PLC0415

    return {
        "notebook": answer.step.notebook.path,
        "parameters": encode(answer.step.values.effective),
        "run": answer.record.run if answer.record else None,
        "unchanged": answer.stands,
        "changes": encode(answer.changes),
    }
