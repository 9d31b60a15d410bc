"""``toolkit runs``: list what was run."""

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_runs_dir

if TYPE_CHECKING:
    from toolkit.reproduce.records.record import Record
    from toolkit.reproduce.trust import Trust

NOT_CHECKED = 2
_SHOWN_METRICS = 3


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "runs",
        help="list the runs",
        description=(
            "List the runs, oldest first, with the trust that each deserves: "
            "exploratory, recorded, reproduced or trusted, and what is missing for the "
            "next. A record or evidence that cannot be read is told on stderr, the "
            "others are listed. Exit codes: 0 all could be read, 2 not."
        ),
    )
    parser.add_argument(
        "notebook", nargs="?", metavar="NOTEBOOK", help="only the runs of this one"
    )
    add_runs_dir(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print the list; 2 if a record cannot be read."""
    from toolkit.reproduce.levels import load_levels  # noqa: PLC0415 -- --help: quick
    from toolkit.reproduce.project import runs_folder  # noqa: PLC0415
    from toolkit.reproduce.records.record import notebook_stem  # noqa: PLC0415
    from toolkit.reproduce.records.store import Store  # noqa: PLC0415

    runs_dir = args.runs or runs_folder(Path.cwd())
    listing = Store(runs_dir).scan()
    levels = load_levels(runs_dir, listing.records)
    wanted = None if args.notebook is None else notebook_stem(args.notebook)
    records = [
        (record, levels.trust(record))
        for record in listing.records
        if wanted in (None, record.notebook)
    ]
    for error in (*listing.unreadable, *levels.unreadable):
        print(f"toolkit: {error}", file=sys.stderr)
    if args.json:
        unreadable = [{"path": e.path, "found": e.found} for e in listing.unreadable]
        print_json(runs=[_plain(*pair) for pair in records], unreadable=unreadable)
    elif records:
        headers = ["run", "trust", "what is missing", "seconds", "commit", "metrics"]
        print(table(headers, [_row(*pair) for pair in records], markdown=args.md))
    else:
        print("no runs yet: toolkit run", file=sys.stderr)
    return NOT_CHECKED if listing.unreadable or levels.unreadable else 0


def _row(record: "Record", trust: "Trust") -> list[str]:
    from toolkit.publish.display import number_text  # noqa: PLC0415

    about = record.circumstances
    metrics = [f"{name}={number_text(x)}" for name, x in record.metrics.items()]
    more = ["…"] if len(metrics) > _SHOWN_METRICS else []
    return [
        record.run,
        trust.level,
        trust.short,
        f"{about.seconds:.1f}",
        (about.commit or "")[:8] + ("+" if about.dirty else ""),
        " ".join(metrics[:_SHOWN_METRICS] + more),
    ]


def _plain(record: "Record", trust: "Trust") -> dict[str, object]:
    about = record.circumstances
    return {
        "run": record.run,
        "notebook": record.recipe.notebook.path,
        "status": record.status,
        "started": about.started,
        "seconds": about.seconds,
        "commit": about.commit,
        "dirty": about.dirty,
        "recipe": record.recipe.digest,
        "metrics": record.metrics,
        **trust.to_dict(),
    }
