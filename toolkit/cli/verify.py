"""``toolkit verify``: execute runs again, and say whether their results come out."""

import argparse
import os
import sys
import tempfile
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_runs_dir

if TYPE_CHECKING:
    from toolkit.reproduce.execution.runner import Project
    from toolkit.reproduce.verification.session import Checked, Terms
    from toolkit.reproduce.verification.trials import Execute

INTERRUPTED = 130
NOT_CHECKED = 2
_MOST_JOBS = 4
_FIRST_CELL_S = 600.0  # of a notebook that never ran: an endless loop shall end


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "verify",
        help="execute runs again, under variation, and say whether their numbers come "
        "out again",
        description=(
            "Execute runs again at their commit, with their environment, plainly and "
            "with all varied that must not matter, and compare. A notebook that never "
            "ran is run first. Exit codes: 0 all reproduced, 1 one differs, 2 none "
            "differs and one could not be checked, or there is none; 130 interrupted."
        ),
    )
    parser.add_argument(
        "asked",
        nargs="*",
        metavar="RUN|NOTEBOOK",
        help="a run's id or its beginning, or a notebook, of which the latest run",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="the latest finished run of each notebook",
    )
    varied = parser.add_mutually_exclusive_group()
    varied.add_argument(
        "--vary",
        type=_names,
        metavar="NAME,…",
        help="vary these only: hash-seed,clock (default: all)",
    )
    varied.add_argument(
        "--no-vary",
        dest="vary",
        action="store_const",
        const=(),
        help="execute plainly only",
    )
    parser.add_argument(
        "--runs",
        type=_count,
        default=1,
        metavar="K",
        help="plain executions, each with a varied one (default: 1)",
    )
    parser.add_argument(
        "--stored",
        action="store_true",
        help="compare the outputs stored in the notebook as well",
    )
    _add_limits(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def _add_limits(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--timeout",
        type=_seconds,
        metavar="S",
        help="seconds that a cell may take (default: 60, or 10 times what it took)",
    )
    parser.add_argument(
        "--run-timeout",
        type=_seconds,
        metavar="S",
        help="seconds that an execution may take (default: 120, or 10 times)",
    )
    parser.add_argument(
        "--jobs",
        type=_count,
        metavar="N",
        help=f"executions at once (default: the processors, at most {_MOST_JOBS})",
    )
    parser.add_argument(
        "--no-keep", action="store_true", help="write no evidence beside the records"
    )
    parser.add_argument(
        "--github",
        action="store_true",
        help="print annotations (default where GITHUB_ACTIONS is true)",
    )
    add_runs_dir(parser, "--dir")


def run(args: Namespace, execute: "Execute | None" = None) -> int:
    """Verify; 0 if all is reproduced.

    Parameters
    ----------
    args : of the command line
    execute : executes a notebook once; a kernel does if it is left out

    Raises
    ------
    ToolkitError : if what was asked for is not there
    """
    from toolkit.cli.interrupts import orderly  # noqa: PLC0415 -- --help stays quick

    if not args.asked and not args.all:
        print("toolkit: verify: name runs or notebooks, or --all", file=sys.stderr)
        return NOT_CHECKED
    try:
        with orderly():
            project, checked = _checked(args, execute)
    except KeyboardInterrupt:
        return INTERRUPTED
    _print(args, checked, project)
    from toolkit.reproduce.verification.verdict import exit_code  # noqa: PLC0415

    return exit_code([one.verdict for one in checked])


def _checked(
    args: Namespace, execute: "Execute | None"
) -> "tuple[Project, Sequence[Checked]]":
    from toolkit.cli.verify_choice import chosen_runs, project_of  # noqa: PLC0415
    from toolkit.cli.verify_progress import Progress  # noqa: PLC0415
    from toolkit.reproduce.execution.executing import execute_in, stop_all  # noqa: PLC0415
    from toolkit.reproduce.execution.watchdog import Limits  # noqa: PLC0415
    from toolkit.reproduce.verification.session import (  # noqa: PLC0415
        Checked,
        Session,
    )
    from toolkit.reproduce.verification.trials import Crew  # noqa: PLC0415

    project = project_of(args.asked, args.dir)
    first = Limits(cell_s=args.timeout or _FIRST_CELL_S, run_s=args.run_timeout)
    runs, refused = chosen_runs(args.asked, project, every=args.all, limits=first)
    jobs = args.jobs or min(os.cpu_count() or 1, _MOST_JOBS)
    progress = Progress(sys.stderr)
    checked = [Checked(verdict=verdict, path=None) for verdict in refused]
    with (
        tempfile.TemporaryDirectory(
            prefix="toolkit-verify-", ignore_cleanup_errors=True
        ) as home,
        Crew(execute or execute_in, stop_all, jobs=jobs, progress=progress) as crew,
    ):
        session = Session(project, _terms(args), crew, Path(home).resolve())
        for one in session.verify(runs):
            checked.append(one)
            if one.warning:
                print(f"toolkit: {one.warning}", file=sys.stderr)
    return project, checked


def _terms(args: Namespace) -> "Terms":
    from toolkit.reproduce.variation import NAMES  # noqa: PLC0415
    from toolkit.reproduce.verification.inquiry import Ask  # noqa: PLC0415
    from toolkit.reproduce.verification.session import Terms  # noqa: PLC0415

    vary = NAMES if args.vary is None else args.vary
    return Terms(
        ask=Ask(vary=vary, runs=args.runs, stored=args.stored),
        cell_s=args.timeout,
        run_s=args.run_timeout,
        keep=not args.no_keep,
    )


def _print(args: Namespace, checked: "Sequence[Checked]", project: "Project") -> None:
    from toolkit.reproduce.verification.text import (  # noqa: PLC0415
        annotation,
        page,
        read_for_annotation,
    )

    verdicts = [one.verdict for one in checked]
    if args.json:
        print_json(verdicts=[_plain(one) for one in checked])
    elif not checked:
        print(f"{project.runs_dir}: nothing to verify yet: toolkit run")
    else:
        headers = ["run", "verdict", "cause", "seconds", "executions"]
        rows = [_row(one) for one in checked]
        print(table(headers, rows, markdown=args.md))
        for verdict in verdicts:
            if verdict.value != "reproduced" or verdict.notes:
                text = page(verdict)
                print(f"\n```\n{text}\n```" if args.md else f"\n{text}")
    if args.github or os.environ.get("GITHUB_ACTIONS") == "true":
        stream = sys.stderr if args.json else sys.stdout
        for verdict in verdicts:
            if text := annotation(verdict, read_for_annotation(verdict, project.root)):
                print(text, file=stream)


def _row(one: "Checked") -> list[str]:
    verdict = one.verdict
    value = "could not be checked" if verdict.value == "not checked" else verdict.value
    return [
        verdict.run or verdict.notebook,
        value,
        verdict.short,
        f"{verdict.seconds:.1f}",
        str(len(verdict.executions)),
    ]


def _plain(one: "Checked") -> dict[str, object]:
    from toolkit.publish.fields import encode  # noqa: PLC0415

    plain = encode(one.verdict)
    assert isinstance(plain, dict)  # noqa: S101 -- a dataclass becomes a dict
    return {**plain, "evidence": str(one.path) if one.path else None}


def _names(text: str) -> tuple[str, ...]:
    from toolkit.reproduce.variation import NAMES  # noqa: PLC0415

    known = f"there is: {', '.join(NAMES)}"
    asked = [name.strip() for name in text.split(",") if name.strip()]
    for name in asked:
        if name not in NAMES:
            close = get_close_matches(name, NAMES, n=1)
            hint = f"did you mean {close[0]!r}?" if close else known
            message = f"nothing is called {name!r}; {hint}"
            raise argparse.ArgumentTypeError(message)
    if not asked:
        message = f"{text!r} names nothing; {known}"
        raise argparse.ArgumentTypeError(message)
    return tuple(name for name in NAMES if name in asked)


def _number(text: str, kind: Callable[[str], float], what: str) -> float:
    try:
        number = kind(text)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        message = f"{text!r} is no {what} above 0"
        raise argparse.ArgumentTypeError(message)
    return number


def _count(text: str) -> int:
    return int(_number(text, int, "whole number"))


def _seconds(text: str) -> float:
    return _number(text, float, "number of seconds")
