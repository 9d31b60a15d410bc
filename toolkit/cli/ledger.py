"""``toolkit ledger``: check the history of runs, and care for what is heavy in it."""

import os
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_runs_dir

if TYPE_CHECKING:
    from toolkit.ledger.check import Outcome


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb, what it can do, and their options."""
    parser = subparsers.add_parser(
        "ledger",
        help="check the history of runs, and care for its heavy files",
        description=(
            "The folder of runs is an append-only history: records, metrics, "
            "verifications and attestations stay as git first got them; what is heavy "
            "(executed notebooks, tables, figures, files) may go and come back."
        ),
    )
    parts = parser.add_subparsers(metavar="WHAT", title="what to do", required=True)
    _add_check(parts)


def _add_check(parts: "_SubParsersAction[ArgumentParser]") -> None:
    parser = parts.add_parser(
        "check",
        help="find what is missing, altered, orphaned or contradicting",
        description=(
            "Find what is missing, altered, orphaned or contradicting, each with a "
            "code (docs/ledger.md). Exit codes: 0 all holds, 1 something does not, 2 "
            "there is nothing, or not all could be checked."
        ),
    )
    parser.add_argument(
        "--no-history",
        dest="history",
        action="store_false",
        help="do not hold the files against what git first got",
    )
    parser.add_argument(
        "--no-index",
        dest="index",
        action="store_false",
        help="read every file, as CI does, and keep no index",
    )
    add_runs_dir(parser)
    add_format(parser)
    parser.set_defaults(run=_check)


def _check(args: Namespace) -> int:
    """Print what is found; 0 if nothing."""
    from toolkit.ledger.check import check, kept_index  # noqa: PLC0415 -- --help: quick
    from toolkit.ledger.settings import load_settings  # noqa: PLC0415
    from toolkit.reproduce.project import RUNS, find_root  # noqa: PLC0415

    root = find_root(Path.cwd())
    outcome = check(
        args.runs or root / RUNS,
        now=datetime.now(UTC),
        cache=kept_index(root, os.environ) if args.index else None,
        history=args.history,
        accepted=load_settings(root).accepted,
    )
    if args.json:
        print_json(
            runs=outcome.runs,
            read=outcome.read,
            findings=[one.to_dict() for one in outcome.findings],
            accepted=[{**one.to_dict(), "why": why} for one, why in outcome.accepted],
        )
    elif args.md:
        rows = [[f.place, f.code, f.kind.name, f.found] for f in outcome.findings]
        print(table(["place", "code", "name", "found"], rows, markdown=True))
    else:
        _print(outcome)
    return outcome.exit_code


def _print(outcome: "Outcome") -> None:
    for finding in outcome.findings:
        print(finding)
    for finding, why in outcome.accepted:
        print(f"accepted: {finding.place}: {finding.code} {finding.kind.name}: {why}")
    told = _count(len(outcome.findings), "finding") if outcome.findings else "all hold"
    if not outcome.runs:
        told = "nothing to check: toolkit run"
    print(f"{_count(outcome.runs, 'run')}, {told}", file=sys.stderr)


def _count(number: int, what: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> _count(1, "run"), _count(2, "run")
    ('1 run', '2 runs')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
