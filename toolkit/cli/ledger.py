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

NOT_CHECKED = 2


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
    _add_gc(parts)
    _add_transfer(parts, "push", "put the heavy files of runs into the store")
    _add_transfer(parts, "pull", "get the heavy files of runs back from the store")


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


def _add_gc(parts: "_SubParsersAction[ArgumentParser]") -> None:
    parser = parts.add_parser(
        "gc",
        help="drop heavy files of older runs, never records",
        description=(
            "Drop executed notebooks, tables, figures and files of older runs. "
            "Records, metrics, verifications and attestations stay, and so does all "
            "of the latest runs of each notebook, of runs that others use, and of runs "
            "whose parts contradict each other."
        ),
    )
    parser.add_argument(
        "--keep",
        type=_at_least_one,
        default=1,
        metavar="N",
        help="runs of each notebook that count as the latest (default: 1)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would go; drop nothing"
    )
    add_runs_dir(parser)
    parser.set_defaults(run=_gc)


def _add_transfer(
    parts: "_SubParsersAction[ArgumentParser]", name: str, text: str
) -> None:
    parser = parts.add_parser(
        name,
        help=text,
        description=(
            f"{text[0].upper()}{text[1:]}: where pyproject.toml says, [tool.toolkit."
            "ledger] artifacts. Each file is named by its content, and held against "
            "the record. Exit codes: 0 done, 2 not all of it."
        ),
    )
    parser.add_argument("wanted", nargs="+", metavar="RUN", help="id or notebook")
    add_runs_dir(parser)
    parser.set_defaults(run=_transfer, verb=name)


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


def _gc(args: Namespace) -> int:
    """Print what goes, and why the rest stays."""
    from toolkit.ledger.collecting import collect, plan_collection  # noqa: PLC0415
    from toolkit.reproduce.project import runs_folder  # noqa: PLC0415

    runs_dir = args.runs or runs_folder(Path.cwd())
    collection = plan_collection(runs_dir, keep=args.keep)
    if not args.dry_run:
        collect(runs_dir, collection)
    verb = "would drop" if args.dry_run else "dropped"
    for heavy in collection.dropped:
        files = _count(len(heavy.paths), "file")
        print(f"{verb} {heavy.run}: {files}, {heavy.size:,} bytes")
    for run, reason in collection.kept.items():
        print(f"kept {run}: {reason}")
    runs = _count(len(collection.dropped), "run")
    print(f"{runs}, {collection.size:,} bytes {verb}", file=sys.stderr)
    return 0


def _transfer(args: Namespace) -> int:
    """Push or pull each run; 2 if one could not be."""
    from toolkit.errors import ToolkitError  # noqa: PLC0415
    from toolkit.ledger.remote import Remote  # noqa: PLC0415
    from toolkit.ledger.settings import load_settings, no_place  # noqa: PLC0415
    from toolkit.ledger.transfer import pull, push  # noqa: PLC0415
    from toolkit.reproduce.project import RUNS, find_root  # noqa: PLC0415
    from toolkit.reproduce.records.store import Store  # noqa: PLC0415

    root = find_root(Path.cwd())
    store = Store(args.runs or root / RUNS)
    settings = load_settings(root)
    if settings.artifacts is None:
        raise no_place()
    remote = Remote(
        settings.artifacts, options=settings.options, timeout_s=settings.timeout_s
    )
    failed = False
    for wanted in args.wanted:
        try:
            record = store.find(wanted)
            moving = push if args.verb == "push" else pull
            moved = moving(record, store.folder(record.run), remote)
        except ToolkitError as error:
            print(f"toolkit: {error}", file=sys.stderr)
            failed = True
        else:
            files = _count(moved.files, "file")
            print(f"{moved.run}: {files}, {moved.moved} moved, {moved.size:,} bytes")
    return NOT_CHECKED if failed else 0


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


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
