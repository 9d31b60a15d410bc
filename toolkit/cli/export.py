"""``toolkit export``: hand runs to MLflow, as RO-Crates, or to DVC."""

import os
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_runs_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.export.exported import Choice, Exported
    from toolkit.reproduce.records.store import Store

NOT_CHECKED = 2


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "export",
        help="hand runs to MLflow, as Workflow Run RO-Crates, or to DVC",
        description=(
            "Hand runs to other tools, each once; exporting again adds nothing. What "
            "is not at least reproduced stays, unless --all is given, and is marked "
            "there as not for quoting. Exit codes: 0 all went, 1 one that was named "
            "stays, 2 there is none, or one cannot be read or handed over."
        ),
    )
    parser.add_argument(
        "asked",
        nargs="*",
        metavar="RUN|NOTEBOOK",
        help="a run's id or its beginning, or a notebook, of which the latest run "
        "(default: every run)",
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument(
        "--mlflow", metavar="URL", help="a tracking server: http://127.0.0.1:5000"
    )
    target.add_argument(
        "--ro-crate",
        type=Path,
        metavar="DIR",
        help="a folder, in which each run gets one with its files",
    )
    target.add_argument(
        "--dvc",
        type=Path,
        metavar="DIR",
        help="a folder, for the metrics of each notebook's latest run and dvc.yaml",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="also what is not reproduced; it is marked as not for quoting",
    )
    add_runs_dir(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Export; 0 if all went.

    Raises
    ------
    ToolkitError : if a run is not there, or the other side does not take it; what went
        before is printed
    """
    from toolkit.export.exported import choose  # noqa: PLC0415 -- --help stays quick
    from toolkit.reproduce.project import runs_folder  # noqa: PLC0415
    from toolkit.reproduce.records.store import Store  # noqa: PLC0415

    store = Store(args.runs or runs_folder(Path.cwd()))
    choice = choose(store, args.asked, everything=args.all)
    for error in choice.unreadable:
        print(f"toolkit: {error}", file=sys.stderr)
    done: list[Exported] = []
    try:
        if choice.runs:
            done.extend(_export(args, choice, store))
    finally:
        _print(args, done, choice)
    if not (choice.runs or choice.left_out or choice.unreadable):
        print(f"{store.runs_dir}: nothing to export: toolkit run", file=sys.stderr)
    if args.asked and choice.left_out:
        return 1
    return NOT_CHECKED if choice.unreadable or not done else 0


def _export(args: Namespace, choice: "Choice", store: "Store") -> "Iterator[Exported]":
    """Yield what became of each run, as soon as it is known."""
    from toolkit.export.crate import export_crate  # noqa: PLC0415
    from toolkit.export.dvc import export_dvc  # noqa: PLC0415
    from toolkit.export.exported import about  # noqa: PLC0415
    from toolkit.export.mlflow import export_mlflow  # noqa: PLC0415
    from toolkit.export.mlflow_server import Server, credentials  # noqa: PLC0415
    from toolkit.reproduce.project import find_root  # noqa: PLC0415

    root = find_root(Path.cwd())
    if args.mlflow is not None:
        server = Server(url=args.mlflow, secret=credentials(os.environ))
        yield from export_mlflow(choice.runs, store, server, project=about(root).name)
    elif args.ro_crate is not None:
        for one in choice.runs:
            yield export_crate(one, store, root, args.ro_crate, about(root))
    else:
        yield from export_dvc(choice.runs, args.dvc)


def _print(args: Namespace, done: "list[Exported]", choice: "Choice") -> None:
    if args.json:
        from toolkit.publish.fields import encode  # noqa: PLC0415

        left = [{"run": c.record.run, **c.trust.to_dict()} for c in choice.left_out]
        print_json(exported=encode(done), left_out=left)
    elif done:
        headers = ["run", "trust", "export", "where"]
        rows = [[one.run, one.level, one.effect, one.where] for one in done]
        print(table(headers, rows, markdown=args.md))
    for one in done:
        for note in one.notes:
            print(f"toolkit: {one.run}: {note}", file=sys.stderr)
    if left_out := choice.left_out:
        first = left_out[0]
        more = f", and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        print(
            f"toolkit: {first.record.run}{more}: {first.mark}, so not exported; next: "
            f"{first.trust.missing}; or take them along, marked: --all",
            file=sys.stderr,
        )
