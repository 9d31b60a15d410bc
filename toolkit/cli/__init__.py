"""The command line: parse, call one verb, print, exit code.

0 the claim holds, 1 it does not, 2 it could not be checked. A verb's module is imported
when the verb is called, so that ``toolkit --help`` imports none.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module

from toolkit import __version__
from toolkit.errors import ToolkitError

NOT_CHECKED = 2
_SIGNING_KEY = "TOOLKIT_SIGNING_KEY"
_SIGN = ("attest", "ci")  # they take the key themselves, before any child is started
VERBS = (
    ("run", "toolkit.cli.run", "execute notebooks and keep each run with its record"),
    ("runs", "toolkit.cli.runs", "list the runs"),
    (
        "why",
        "toolkit.cli.why",
        "say in one line what changed since a notebook's last run",
    ),
    (
        "verify",
        "toolkit.cli.verify",
        (
            "execute runs again, under variation, and say whether their numbers come "
            "out again"
        ),
    ),
    (
        "lint",
        "toolkit.cli.lint",
        "say what in notebooks will not reproduce, without running them",
    ),
    ("rule", "toolkit.cli.rule", "explain a rule of toolkit lint, or list them all"),
    (
        "attest",
        "toolkit.cli.attest",
        "sign runs that were executed here, or check who signed them",
    ),
    (
        "keys",
        "toolkit.cli.keys",
        "make a key that signs, and name those that count",
    ),
    (
        "ledger",
        "toolkit.cli.ledger",
        "check the history of runs, and care for its heavy files",
    ),
    (
        "ci",
        "toolkit.cli.ci",
        "do all that CI does with a commit: lint, run, verify, attest, report",
    ),
    ("show", "toolkit.cli.show", "show one run: results, cells, recipe"),
    ("diff", "toolkit.cli.diff", "hold two runs against each other"),
    ("params", "toolkit.cli.params", "list the parameters that a notebook declares"),
    (
        "scope",
        "toolkit.cli.scope",
        "print what the client asked for, or what is still to be asked",
    ),
    (
        "report",
        "toolkit.cli.report",
        "write one HTML page from the latest finished run of each notebook",
    ),
    (
        "export",
        "toolkit.cli.export",
        "hand runs to MLflow, as Workflow Run RO-Crates, or to DVC",
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code.

    Parameters
    ----------
    argv : arguments without the program's name; those of the process if left out
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    args = _parser(arguments).parse_args(arguments)
    run: Callable[[Namespace], int] = args.run  # each subparser sets its own
    _forget_key(arguments)
    try:
        if args.directory is not None:
            os.chdir(args.directory)
        return run(args)
    except ToolkitError as error:
        print(f"toolkit: {error}", file=sys.stderr)
    except OSError as error:
        if error.filename is None:  # nobody foresaw it, so it is no message
            raise
        print(f"toolkit: {error.filename}: {error.strerror}", file=sys.stderr)
    return NOT_CHECKED


def _forget_key(arguments: Sequence[str]) -> None:
    """Let no verb hold the signing key but those that sign; kernels could read it."""
    if _SIGNING_KEY in os.environ and _verb(arguments) not in _SIGN:
        from toolkit.reproduce.attestation.private import (  # noqa: PLC0415 -- slow
            forget_key,
        )

        forget_key(os.environ)


def _parser(arguments: Sequence[str]) -> ArgumentParser:
    parser = ArgumentParser(
        prog="toolkit",
        description="Parameterized notebooks whose numbers can be produced again.",
        epilog="Exit codes: 0 the claim holds, 1 it does not, 2 it could not be "
        "checked. More: toolkit VERB --help",
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {__version__}"
    )
    parser.add_argument(
        "-C", dest="directory", metavar="DIR", help="work as if started in DIR"
    )
    chosen = _verb(arguments)
    names = [name for name, _, _ in VERBS]
    if chosen is not None and chosen not in names:
        close = get_close_matches(chosen, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"verbs: {', '.join(names)}"
        parser.error(f"no verb {chosen!r}; {hint}")
    subparsers = parser.add_subparsers(metavar="VERB", title="verbs", required=True)
    for name, module, text in VERBS:
        if name == chosen:
            import_module(module).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=text, add_help=False)
    return parser


def _verb(arguments: Sequence[str]) -> str | None:
    """Return the first argument that is no option of the program itself."""
    left = iter(arguments)
    for argument in left:
        if argument == "-C":
            next(left, None)
        elif not argument.startswith("-"):
            return argument
    return None
