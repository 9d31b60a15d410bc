"""``toolkit lint``: what will not reproduce, found without running it."""

import os
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.lint.configuration import Configuration
    from toolkit.lint.engine import Linter, Report

QUIET, FOUND, NOT_CHECKED = 0, 1, 2
_FORMATS = ("text", "json", "sarif", "github")


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "lint",
        help="say what in notebooks will not reproduce, without running them",
        description=(
            "Say what in notebooks will not reproduce, without running them. toolkit "
            "rule CODE explains a finding; '# noqa: CODE reason' on its line says why "
            "it does not hold there; [tool.toolkit.lint] in pyproject.toml chooses. "
            "Exit codes: 0 nothing found, 1 something was of severity warning or "
            "error (--fail-on chooses), 2 a notebook could not be checked, or there "
            "was none."
        ),
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="notebooks, or folders of them (default: notebooks/ of the project)",
    )
    for option, text in (
        ("--select", "look for these alone: codes or groups, RND101,ORD"),
        ("--ignore", "do not look for these"),
    ):
        parser.add_argument(option, type=_codes, default=(), metavar="CODES", help=text)
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "note"),
        help="the least severity that makes the exit code 1 (default: warning, or "
        "what the project says)",
    )
    _add_outputs(parser)
    parser.set_defaults(run=run)


def _add_outputs(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--fix", action="store_true", help="mend what can be mended safely"
    )
    parser.add_argument(
        "--diff",
        action="store_true",
        help="show what --fix changes; without --fix nothing is written",
    )
    parser.add_argument(
        "--why", action="store_true", help="say of each rule why it bites"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument(
        "--format", choices=_FORMATS, default="text", help="default: text"
    )
    shape.add_argument(
        "--json", dest="format", action="store_const", const="json", help="print JSON"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write there instead of printing"
    )
    parser.add_argument(
        "--no-cache", action="store_true", help="look at every notebook anew"
    )


def run(args: Namespace) -> int:
    """Lint; 0 if nothing was found, 1 if something was, 2 if it cannot be said.

    Raises
    ------
    ToolkitError : if there is no notebook, or a configuration cannot be meant
    """
    from toolkit.lint.engine import Linter  # noqa: PLC0415 -- --help stays quick
    from toolkit.lint.registry import all_rules  # noqa: PLC0415
    from toolkit.reproduce.project import find_root  # noqa: PLC0415

    paths = args.paths or [_from_here(find_root(Path.cwd()) / "notebooks")]

    def narrow(configuration: "Configuration") -> "Configuration":
        return configuration.narrowed(args.select, args.ignore, args.fail_on)

    _check_codes((*args.select, *args.ignore))
    linter = Linter(
        environ=os.environ,
        narrow=narrow,
        cached=not args.no_cache,
        rules=all_rules(),
    )
    if args.fix or args.diff:
        _mend(linter, paths, args)
    report = linter.lint(paths)
    _print(report, args)
    for each in report.unchecked:
        print(f"toolkit: {each.reason}", file=sys.stderr)
    if report.failing:
        return FOUND
    return NOT_CHECKED if report.unchecked else QUIET


def _mend(linter: "Linter", paths: "Sequence[Path]", args: Namespace) -> None:
    """Mend notebook by notebook; what cannot be checked is told by the lint after."""
    from toolkit.lint.engine import content_of  # noqa: PLC0415
    from toolkit.lint.fixing import mend, write_mended  # noqa: PLC0415
    from toolkit.lint.hits import RuleError  # noqa: PLC0415
    from toolkit.lint.rendering import cell_diff  # noqa: PLC0415
    from toolkit.reproduce.notebook import NotebookError  # noqa: PLC0415

    for path in linter.notebooks(paths):
        try:
            mended = mend(linter, path, content_of(path))
        except (NotebookError, RuleError):
            continue
        if args.diff:
            for cell, (before, after) in mended.cells.items():
                print("\n".join(cell_diff(str(path), cell, before, after)))
        if args.fix and mended.cells:
            write_mended(path, mended)
            print(f"{path}: {mended.count} mended", file=sys.stderr)


def _print(report: "Report", args: Namespace) -> None:
    import json  # noqa: PLC0415

    from toolkit import __version__  # noqa: PLC0415
    from toolkit.lint import rendering  # noqa: PLC0415
    from toolkit.lint.registry import all_rules, rules_by_code  # noqa: PLC0415
    from toolkit.lint.sarif import sarif_log  # noqa: PLC0415

    if args.format == "text":
        text = "\n".join(rendering.text_lines(report, rules_by_code(), why=args.why))
    elif args.format == "github":
        text = "\n".join(rendering.github_lines(report))
    elif args.format == "sarif":
        log = sarif_log(report, all_rules(), version=__version__)
        text = json.dumps(log, indent=2, ensure_ascii=False)
    else:
        text = json_text(**rendering.plain_report(report))
    if args.output is not None:
        args.output.write_text(f"{text}\n", "utf-8")
    elif text:
        print(text)


def _check_codes(codes: "Sequence[str]") -> None:
    """Refuse codes that no rule's begins with.

    Raises
    ------
    UnknownCodeError : on the first
    """
    from toolkit.lint.configuration import UnknownCodeError, unknown  # noqa: PLC0415
    from toolkit.lint.registry import rules_by_code  # noqa: PLC0415

    for code in codes:
        if expected := unknown(code, tuple(rules_by_code())):
            raise UnknownCodeError(code=code, expected=expected)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip().upper() for code in text.split(",") if code.strip())


def _from_here(path: Path) -> Path:
    """Return a path as it is typed from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
