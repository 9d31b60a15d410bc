"""``toolkit rule``: what a rule of toolkit lint looks for, why, and what to do."""

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.lint.model import Rule

NOT_CHECKED = 2


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "rule",
        help="explain a rule of toolkit lint, or list them all",
        description=(
            "Explain a rule of toolkit lint: why it bites, what to do, an example of "
            "each. Without CODE, or with the letters of a group, list them. Exit "
            "codes: 0 told, 2 there is no such rule."
        ),
    )
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="RND101, a rule's name, or a group: RND"
    )
    parser.add_argument(
        "--docs",
        type=Path,
        metavar="DIR",
        help="write a page a rule and an index into DIR; pages of rules that are gone "
        "are removed",
    )
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print the rule, or the list of rules."""
    from toolkit.lint.pages import explanation  # noqa: PLC0415 -- --help stays quick
    from toolkit.lint.registry import all_rules  # noqa: PLC0415

    rules = all_rules()
    if args.docs is not None:
        return _write(args.docs, rules)
    asked = args.code
    one = [rule for rule in rules if asked in (rule.code, rule.name)]
    found = one or [rule for rule in rules if not asked or rule.code.startswith(asked)]
    if not found:
        names = [name for rule in rules for name in (rule.code, rule.name)]
        close = get_close_matches(asked, names, n=1)
        hint = f"did you mean {close[0]}?" if close else "toolkit rule lists them"
        print(f"toolkit: rule: no rule {asked!r}; {hint}", file=sys.stderr)
        return NOT_CHECKED
    if args.json:
        print_json(rules=[_plain(rule) for rule in found])
    elif one:
        print("\n".join(explanation(one[0])))
    else:
        rows = [[rule.code, rule.name, rule.severity, rule.mend] for rule in found]
        headers = ["code", "name", "severity", "what to do"]
        print(table(headers, rows, markdown=args.md))
    return 0


def _write(folder: Path, rules: "Sequence[Rule]") -> int:
    from toolkit.lint.pages import pages  # noqa: PLC0415
    from toolkit.reproduce.whole import write_whole  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    written = pages(rules)
    for name, text in written.items():
        write_whole(folder / name, text.encode())
    for old in folder.glob("[A-Z]*[0-9].md"):
        if old.name not in written:
            old.unlink()
    print(f"{folder}: {len(rules)} rules")
    return 0


def _plain(rule: "Rule") -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "why": rule.why,
        "mend": rule.mend,
        "bad": list(rule.bad),
        "good": list(rule.good),
    }
