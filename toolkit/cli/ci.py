"""``toolkit ci``: all that CI does with a commit, as one command."""

import os
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table

if TYPE_CHECKING:
    from toolkit.delivery.delivering import Order
    from toolkit.delivery.producing import Hands
    from toolkit.delivery.steps import Delivered, Name, RunLine, Step
    from toolkit.reproduce.execution.runner import Project
    from toolkit.reproduce.pipeline.plans import Outcome
    from toolkit.reproduce.verification.trials import Crew

NOT_CHECKED = 2
_REPORT = "report.html"
_SUMMARY = "GITHUB_STEP_SUMMARY"  # where GitHub wants the job's summary appended
_MOST_JOBS = 4


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "ci",
        help="do all that CI does with a commit: lint, run, verify, attest, report",
        description=(
            "Take a clean commit, lint its notebooks, run what changed, verify it "
            "under variation, sign it, check the ledger and write the report. The "
            "first step that fails is the last. Done again on the same commit, it adds "
            "nothing. Exit codes: 0 all done, 1 something does not hold, 2 something "
            "could not be done or checked, or the commit was refused; 130 interrupted."
        ),
    )
    signing = parser.add_mutually_exclusive_group()
    signing.add_argument(
        "--key", type=Path, metavar="FILE", help="the private key, mode 600, elsewhere"
    )
    signing.add_argument(
        "--unsigned",
        action="store_true",
        help="do all but sign: where no secret is, as for a pull request",
    )
    parser.add_argument(
        "--summary",
        type=Path,
        metavar="FILE",
        help="write what was done there, as Markdown; GitHub's job summary has it too",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=f"the report's page (default: {_REPORT} in the folder of runs)",
    )
    _add_limits(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def _add_limits(parser: ArgumentParser) -> None:
    for option, what in (("--timeout", "a cell"), ("--run-timeout", "a notebook")):
        parser.add_argument(
            option,
            type=_above_zero(float),
            metavar="S",
            help=f"seconds that {what} may take (default: as run and verify have it)",
        )
    parser.add_argument(
        "--jobs",
        type=_above_zero(int),
        metavar="N",
        help=f"executions at once of a verification (default: the processors, at most "
        f"{_MOST_JOBS})",
    )


def run(args: Namespace, hands: "Hands | None" = None) -> int:
    """Deliver; 0 if all was done.

    Parameters
    ----------
    args : of the command line
    hands : execute and look on; kernels and a terminal do if they are left out
    """
    from toolkit.cli.interrupts import orderly  # noqa: PLC0415 -- --help stays quick
    from toolkit.delivery.delivering import Delivery, refused  # noqa: PLC0415
    from toolkit.errors import ToolkitError  # noqa: PLC0415

    try:
        order = _order(args)  # takes the key away before any child is started
    except ToolkitError as error:
        done = refused(error)
    else:
        with orderly():
            done = Delivery(order, hands or _hands(args, order)).deliver()
    written = _write_summary(args, done)
    _print(args, done)
    return done.exit_code or (0 if written else NOT_CHECKED)


def _order(args: Namespace) -> "Order":
    """Return what is to be done.

    Raises
    ------
    KeyFileError, BadKeyError : if there is no key to sign with
    """
    from toolkit.delivery.delivering import Order  # noqa: PLC0415
    from toolkit.delivery.signing import Pen  # noqa: PLC0415
    from toolkit.reproduce.attestation.attesting import builder_id  # noqa: PLC0415
    from toolkit.reproduce.attestation.private import (  # noqa: PLC0415
        KeyFileError,
        forget_key,
        load_signing_key,
    )
    from toolkit.reproduce.execution.watchdog import Limits  # noqa: PLC0415
    from toolkit.reproduce.project import RUNS, find_root  # noqa: PLC0415

    root = find_root(Path.cwd())
    pen = None
    if args.unsigned:
        forget_key(os.environ)
    else:
        try:
            key = load_signing_key(root, os.environ, args.key)
        except KeyFileError as error:
            way = f"{error.expected}; or sign nothing: toolkit ci --unsigned"
            raise replace(error, expected=way) from error
        pen = Pen(key=key, builder=builder_id(os.environ))
    return Order(
        root=root,
        report=(args.output or root / RUNS / _REPORT).absolute(),
        environ=os.environ,
        pen=pen,
        limits=Limits(cell_s=args.timeout, run_s=args.run_timeout),
    )


def _hands(args: Namespace, order: "Order") -> "Hands":
    """Return what executes by kernels, and tells a terminal."""
    from toolkit.cli.bars import Bars  # noqa: PLC0415
    from toolkit.delivery.producing import Hands  # noqa: PLC0415
    from toolkit.reproduce.execution.runner import Project, run_notebook  # noqa: PLC0415
    from toolkit.reproduce.project import RUNS  # noqa: PLC0415

    project = Project(root=order.root, runs_dir=order.root / RUNS)
    return Hands(
        run=run_notebook,
        bars=Bars(),
        crew=lambda: _crew(args),
        progress=Lines(project),
        clock=lambda: datetime.now(UTC),
    )


def _crew(args: Namespace) -> "Crew":
    from toolkit.cli.verify_progress import Progress  # noqa: PLC0415
    from toolkit.reproduce.execution.executing import execute_in, stop_all  # noqa: PLC0415
    from toolkit.reproduce.verification.trials import Crew  # noqa: PLC0415

    jobs = args.jobs or min(os.cpu_count() or 1, _MOST_JOBS)
    return Crew(execute_in, stop_all, jobs=jobs, progress=Progress(sys.stderr))


class Lines:
    """Tells each step on stderr as it ends, and each notebook that fails.

    Parameters
    ----------
    project : whose runs they are
    """

    def __init__(self, project: "Project") -> None:
        self._project = project

    def begins(self, name: "Name") -> None:
        """Say nothing: most steps are over at once, the others have their bars."""

    def ended(self, step: "Step") -> None:
        """Say what the step came to."""
        told = f": {step.told}" if step.told else ""
        print(f"toolkit: {step.name} {step.state}{told}", file=sys.stderr, flush=True)

    def executed(self, outcome: "Outcome") -> None:
        """Say why a notebook did not finish."""
        from toolkit.cli.failure_text import failure_text  # noqa: PLC0415

        if outcome.record is not None:
            folder = self._project.runs_dir / outcome.record.run
            if text := failure_text(outcome, folder):
                print(text, file=sys.stderr)


def _write_summary(args: Namespace, done: "Delivered") -> bool:
    """Write the summary where it is wanted; tell, and return False, if it cannot be."""
    from toolkit.delivery.summary import summary  # noqa: PLC0415

    text, written = summary(done), True
    for path, mode in ((os.environ.get(_SUMMARY), "a"), (args.summary, "w")):
        if not path:
            continue
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            with Path(path).open(mode, encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            print(f"toolkit: {path}: no summary, {error.strerror}", file=sys.stderr)
            written = False
    return written


def _print(args: Namespace, done: "Delivered") -> None:
    if args.json:
        print_json(**done.to_dict())
    elif args.md:
        from toolkit.delivery.summary import summary  # noqa: PLC0415

        print(summary(done), end="")
    else:
        _print_text(done)


def _print_text(done: "Delivered") -> None:
    rows = [[step.name, step.state, step.told] for step in done.steps]
    print(table(["step", "state", "what was done"], rows, markdown=False))
    if done.runs:
        lines = list(map(_row, done.runs))
        headers = ["notebook", "this call", "trust", "run"]
        print(f"\n{table(headers, lines, markdown=False)}")
    for step in done.steps:
        for text in (*step.findings, *step.pages):
            print(f"\n{text}" if "\n" in text else text, file=sys.stderr)
    told = "\n".join(done.added) or "nothing was added"
    print(f"\n{told}")


def _row(line: "RunLine") -> list[str]:
    did = "unchanged" if not line.executed else line.status
    return [line.notebook, did if line.run else line.status, line.level or "", line.run]


def _above_zero(kind: type[float]) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value

    return number
