"""``toolkit run``: execute notebooks, in order, and keep each run."""

import argparse
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.bars import Bars
from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_selection, cache_of, planned_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.reproduce.execution.runner import Project
    from toolkit.reproduce.pipeline.plans import Outcome, Plan

INTERRUPTED = 130


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "run",
        help="execute notebooks and keep each run with its record",
        description=(
            "Execute notebooks in the order in which they need each other's results. "
            "Each run is kept in a folder of its own, whether it finishes or not. A "
            "notebook of which nothing changed since its last run is not executed: "
            "that run is shown. Exit codes: 0 all finished, 2 one did not or could not "
            "start, 130 interrupted."
        ),
    )
    add_selection(parser)
    parser.add_argument(
        "--force",
        action="store_true",
        help="execute them also where nothing changed",
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
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Execute the notebooks; 0 if all finished.

    Raises
    ------
    ToolkitError : if something is wrong before the first notebook starts
    """
    from toolkit.cli.interrupts import orderly  # noqa: PLC0415 -- --help stays quick
    from toolkit.reproduce.execution.watchdog import Limits  # noqa: PLC0415
    from toolkit.reproduce.pipeline.plans import run_plan  # noqa: PLC0415

    project, planned = planned_of(args)
    limits = Limits(cell_s=args.timeout, run_s=args.run_timeout)
    outcomes: list[Outcome] = []
    with orderly():
        try:
            bars, cache = Bars(), None if args.force else cache_of(project)
            for outcome in run_plan(planned, project, limits, bars, cache=cache):
                outcomes.append(outcome)
                _print_failure(outcome, project)
        finally:
            _write_junit(args.junit, outcomes)
    _print_outcomes(args, outcomes, planned, project)
    _print_uncommitted(outcomes, project)
    if any(o.interrupted or _status(o) == "interrupted" for o in outcomes):
        return INTERRUPTED
    finished = (
        o.record is not None and o.record.status == "finished" for o in outcomes
    )
    return 0 if all(finished) else 2


def _print_failure(outcome: "Outcome", project: "Project") -> None:
    from toolkit.cli.failure_text import failure_text  # noqa: PLC0415

    if outcome.record is not None:
        text = failure_text(outcome, project.runs_dir / outcome.record.run)
        if text:
            print(text, file=sys.stderr)


def _write_junit(path: Path | None, outcomes: "Sequence[Outcome]") -> None:
    if path is not None:
        from toolkit.reproduce.pipeline.junit import junit_xml  # noqa: PLC0415

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
            _seconds_of(outcome),
            finding_counts(outcome.record),
            str(project.runs_dir / outcome.record.run) if outcome.record else "",
        ]
        for outcome in outcomes
    ]
    headers = ["notebook", "status", "seconds", "findings", "run"]
    print(table(headers, lines, markdown=args.md))


def _status(outcome: "Outcome") -> str:
    if outcome.unchanged:
        return "unchanged"
    if outcome.record is not None:
        return outcome.record.status
    if outcome.interrupted:
        return "not run: interrupted"
    return f"not run: needs {', '.join(outcome.blocked_by)}"


def _seconds_of(outcome: "Outcome") -> str:
    if outcome.record is None or outcome.unchanged:
        return ""
    return f"{outcome.record.circumstances.seconds:.1f}"


def _plain(outcome: "Outcome", project: "Project") -> dict[str, object]:
    from toolkit.publish.fields import encode  # noqa: PLC0415

    record = outcome.record
    return {
        "notebook": outcome.step.notebook.path,
        "status": record.status if record else "not run",
        "executed": record is not None and not outcome.unchanged,
        "unchanged": outcome.unchanged,
        "blocked_by": list(outcome.blocked_by),
        "run": record.run if record else None,
        "folder": str(project.runs_dir / record.run) if record else None,
        "parameters": encode(outcome.step.values.effective),
        "metrics": record.metrics if record else {},
        "error": encode(record.error) if record and record.error else None,
    }


def _print_uncommitted(outcomes: "Sequence[Outcome]", project: "Project") -> None:
    """Say which runs stand, but cannot count, though their files are committed now."""
    from toolkit.reproduce.environments.surroundings import find_commit  # noqa: PLC0415

    standing = [o.record for o in outcomes if o.unchanged and o.record is not None]
    dirty = [record.run for record in standing if record.circumstances.dirty]
    if dirty and find_commit(project.root).dirty is False:
        text = f"made before its files were committed: {', '.join(dirty)}; for runs"
        print(f"toolkit: {text} that count: toolkit run --force", file=sys.stderr)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        message = f"{text!r} is no number of seconds above 0"
        raise argparse.ArgumentTypeError(message)
    return seconds
