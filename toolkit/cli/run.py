"""``toolkit run``: execute notebooks, in order, and keep each run."""

import argparse
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING, Never

from toolkit.cli.output import add_format, print_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tqdm import tqdm

    from toolkit.reproduce.notebook import Cell
    from toolkit.reproduce.pipeline import Outcome, Plan
    from toolkit.reproduce.record import Record
    from toolkit.reproduce.runner import Project, Step

INTERRUPTED = 130
_TITLE = 40


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "run",
        help="execute notebooks and keep each run with its record",
        description=(
            "Execute notebooks in the order in which they need each other's results. "
            "Each run is kept in a folder of its own, whether it finishes or not. Exit "
            "codes: 0 all finished, 2 one did not or could not start, 130 interrupted."
        ),
    )
    parser.add_argument(
        "notebooks",
        nargs="*",
        type=Path,
        metavar="NOTEBOOK",
        help="notebooks, or folders of them (default: notebooks/ of the project)",
    )
    parser.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter; n=10,20,50 runs once for each value",
    )
    parser.add_argument(
        "-f",
        dest="files",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="set parameters from a YAML file; -p comes before it",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        metavar="S",
        help="seconds that a cell may take (default: no limit)",
    )
    parser.add_argument(
        "--run-timeout",
        type=_seconds,
        metavar="S",
        help="seconds that a notebook may take (default: no limit)",
    )
    parser.add_argument(
        "--junit", type=Path, metavar="FILE", help="write JUnit XML, a case a cell"
    )
    parser.add_argument(
        "--runs",
        type=Path,
        metavar="DIR",
        help="where runs are kept (default: runs/ of the project)",
    )
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Execute the notebooks; 0 if all finished.

    Raises
    ------
    ToolkitError : if something is wrong before the first notebook starts
    """
    from toolkit.cli.interrupts import orderly  # noqa: PLC0415 -- --help stays quick
    from toolkit.reproduce.pipeline import run_plan  # noqa: PLC0415
    from toolkit.reproduce.watchdog import Limits  # noqa: PLC0415

    project, planned = _planned(args)
    limits = Limits(cell_s=args.timeout, run_s=args.run_timeout)
    outcomes: list[Outcome] = []
    with orderly():
        try:
            for outcome in run_plan(planned, project, limits, _Bars()):
                outcomes.append(outcome)
                _print_failure(outcome, project)
        finally:
            _write_junit(args.junit, outcomes)
    _print_outcomes(args, outcomes, planned, project)
    if any(o.interrupted or _status(o) == "interrupted" for o in outcomes):
        return INTERRUPTED
    return 0 if all(_status(outcome) == "finished" for outcome in outcomes) else 2


def _planned(args: Namespace) -> "tuple[Project, Plan]":
    from toolkit.reproduce.arguments import (  # noqa: PLC0415
        parse_assignment,
        parse_file,
    )
    from toolkit.reproduce.pipeline import find_notebooks, plan  # noqa: PLC0415
    from toolkit.reproduce.project import RUNS, find_root  # noqa: PLC0415
    from toolkit.reproduce.runner import Project  # noqa: PLC0415

    first = args.notebooks[0] if args.notebooks else Path()
    root = find_root(first if first.is_dir() else first.parent)
    paths: list[Path] = []
    for path in args.notebooks or [_shown(root / "notebooks")]:
        paths += find_notebooks(path) if path.is_dir() or not args.notebooks else [path]
    project = Project(root=root, runs_dir=args.runs or _shown(root / RUNS))
    in_files = [
        given
        for path in args.files
        for given in parse_file(path.read_bytes(), where=str(path))
    ]
    given = [parse_assignment(text) for text in args.parameters]
    return project, plan(paths, project, given, in_files)


def _print_failure(outcome: "Outcome", project: "Project") -> None:
    from toolkit.cli.failure_text import failure_text  # noqa: PLC0415

    if outcome.record is not None:
        text = failure_text(outcome, project.runs_dir / outcome.record.run)
        if text:
            print(text, file=sys.stderr)


def _write_junit(path: Path | None, outcomes: "Sequence[Outcome]") -> None:
    if path is not None:
        from toolkit.reproduce.junit import junit_xml  # noqa: PLC0415

        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit_xml(outcomes), encoding="utf-8")


def _print_outcomes(
    args: Namespace,
    outcomes: "Sequence[Outcome]",
    planned: "Plan",
    project: "Project",
) -> None:
    if args.json:
        print_json(runs=[_plain(outcome, project) for outcome in outcomes])
        return
    from toolkit.cli.results_text import finding_counts, metric_rows  # noqa: PLC0415

    swept = len(planned.passes) > 1
    rows = []
    for outcome in outcomes:
        name = outcome.step.notebook.stem
        if swept:
            given = outcome.step.values.given.items()
            name += "".join(f" {key}={value}" for key, value in given)
        rows += [[name, *row] for row in metric_rows(outcome.record)]
    headers = ["notebook", "metric", "value", "interval", "unit"]
    if rows:
        print(table(headers, rows, markdown=args.md), end="\n\n")
    lines = [
        [
            outcome.step.notebook.stem,
            _status(outcome),
            f"{outcome.record.circumstances.seconds:.1f}" if outcome.record else "",
            finding_counts(outcome.record),
            str(project.runs_dir / outcome.record.run) if outcome.record else "",
        ]
        for outcome in outcomes
    ]
    headers = ["notebook", "status", "seconds", "findings", "run"]
    print(table(headers, lines, markdown=args.md))


def _status(outcome: "Outcome") -> str:
    if outcome.record is not None:
        return outcome.record.status
    if outcome.interrupted:
        return "not run: interrupted"
    return f"not run: needs {', '.join(outcome.blocked_by)}"


def _plain(outcome: "Outcome", project: "Project") -> dict[str, object]:
    from toolkit.publish.fields import encode  # noqa: PLC0415

    record = outcome.record
    return {
        "notebook": outcome.step.notebook.path,
        "status": record.status if record else "not run",
        "blocked_by": list(outcome.blocked_by),
        "run": record.run if record else None,
        "folder": str(project.runs_dir / record.run) if record else None,
        "parameters": encode(outcome.step.values.effective),
        "metrics": record.metrics if record else {},
        "error": encode(record.error) if record and record.error else None,
    }


def _shown(path: Path) -> Path:
    """Return a path as seen from here, where that is shorter."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        message = f"{text!r} is no number of seconds above 0"
        raise argparse.ArgumentTypeError(message)
    return seconds


class _Bars:
    """One bar a notebook, with the cell that is running; none without a terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[Never] | None = None
        self._begun = 0

    def started(self, step: "Step") -> None:
        """Draw the bar."""
        from tqdm import tqdm  # noqa: PLC0415

        self._begun = 0
        self._bar = tqdm(
            total=len(step.notebook.code),
            desc=step.notebook.stem,
            unit="cell",
            disable=None,  # where stderr is no terminal
        )

    def cell(self, cell: "Cell") -> None:
        """Show the cell's first line."""
        if self._bar is not None:
            self._bar.set_postfix_str(cell.source.strip().splitlines()[0][:_TITLE])
            self._bar.update(min(self._begun, 1))
            self._begun += 1

    def ended(self, record: "Record") -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(record.status)
            self._bar.update(int(record.status == "finished" and self._begun > 0))
            self._bar.close()
