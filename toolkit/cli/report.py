"""``toolkit report``: one page for the client, from the latest runs."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from toolkit.cli.output import add_format, print_json
from toolkit.cli.planning import add_runs_dir

_NAME = "report.html"


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "report",
        help="write one HTML page from the latest finished run of each notebook",
        description=(
            "Write the latest finished run of each notebook as one HTML page that "
            "needs no script and no network, and print its path and size. Exit codes: "
            "0 it is written, 2 it cannot be."
        ),
    )
    add_runs_dir(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=f"the page to write (default: {_NAME} in the folder of runs)",
    )
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Write the page and print where it is and how large.

    Raises
    ------
    NoFinishedRunError : if there is nothing to report on
    ReportFileError : if the page cannot be written
    ScopeFileError, ScopeError : if there is no scope, or it cannot be used
    """
    from toolkit import scope  # noqa: PLC0415  # `toolkit --help` stays quick
    from toolkit.report import write_report  # noqa: PLC0415
    from toolkit.reproduce.project import runs_folder  # noqa: PLC0415

    runs = args.runs or runs_folder(Path.cwd())
    target = args.output or runs / _NAME
    size = write_report(runs, target, scope.load())
    if args.json:
        print_json(path=str(target), bytes=size)
        return 0
    shown = f"{size / 1000:,.0f} kB"
    print(f"[{target}](<{target}>), {shown}" if args.md else f"{target}, {shown}")
    return 0
