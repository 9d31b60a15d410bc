"""``toolkit scope``: the client's page, or the questions that are still open."""

import json
from argparse import ArgumentParser, Namespace, _SubParsersAction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.scope import Draft

_SCHEMA = 1  # of the JSON that --json prints


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "scope",
        help="print what the client asked for, or what is still to be asked",
        description=(
            "Print scope.yaml as a page for the client, or the questions that it "
            "leaves open. Exit codes: 0 all is answered, 1 questions are open, "
            "2 something in it is wrong."
        ),
    )
    parser.add_argument(
        "path",
        nargs="?",
        metavar="FILE",
        help="the scope to read (default: scope.yaml here or in a folder above)",
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--md", action="store_true", help="print Markdown")
    shape.add_argument("--json", action="store_true", help="print JSON (schema 1)")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print the page; 0 if all is answered, 1 if not.

    Raises
    ------
    ScopeFileError : if there is no scope to read
    ScopeError : if there are problems in it; with ``--json`` they are printed, exit 2
    """
    from toolkit.scope import (  # noqa: PLC0415  # `toolkit --help` stays quick
        ScopeError,
        client_page,
        load_draft,
        question_page,
    )

    draft = load_draft(args.path)
    if args.json:
        print(json.dumps(_document(draft), indent=2))
    elif draft.problems:
        raise ScopeError(problems=draft.problems)
    else:
        finished = None if draft.open_questions else draft.scope
        page = client_page(finished) if finished else question_page(draft)
        print(page.to_markdown() if args.md else page.to_text())
    if draft.problems:
        return 2
    return 1 if draft.open_questions else 0


def _document(draft: "Draft") -> dict[str, object]:
    return {
        "schema": _SCHEMA,
        "name": draft.name,
        "scope": draft.scope.to_dict() if draft.scope else None,
        "open_questions": [question.to_dict() for question in draft.open_questions],
        "problems": [problem.to_dict() for problem in draft.problems],
    }
