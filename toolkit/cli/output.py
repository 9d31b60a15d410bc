"""Tables for terminals and for pull requests, and the options that choose."""

import json
import re
from argparse import ArgumentParser
from collections.abc import Sequence

SCHEMA = 1  # of the JSON that --json prints
_NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?")


def add_format(parser: ArgumentParser) -> None:
    """Add ``--json`` and ``--md``, of which one may be given."""
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--md", action="store_true", help="print Markdown")
    shape.add_argument("--json", action="store_true", help="print JSON (schema 1)")


def print_json(**content: object) -> None:
    """Print the content as JSON with the number of its schema first."""
    print(json_text(**content))


def json_text(**content: object) -> str:
    """Return the content as JSON with the number of its schema first."""
    return json.dumps({"schema": SCHEMA, **content}, indent=2, ensure_ascii=False)


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, markdown: bool
) -> str:
    """Return a table; columns of numbers stand to the right.

    Examples
    --------
    >>> print(table(["metric", "value"], [["hit_rate", "1.02"]], markdown=False))
    metric    value
    hit_rate   1.02
    """
    if markdown:
        rows = [[_escaped(cell) for cell in row] for row in rows]
    columns = list(zip(headers, *rows, strict=True))
    right = [all(not c or _NUMBER.fullmatch(c) for c in cells[1:]) for cells in columns]
    widths = [max(map(len, cells)) for cells in columns]
    lines = [
        [
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, right, strict=True)
        ]
        for row in [headers, *rows]
    ]
    if not markdown:
        return "\n".join("  ".join(line).rstrip() for line in lines)
    rule = [
        "-" * max(width - 1, 2) + (":" if is_number else "-")
        for width, is_number in zip(widths, right, strict=True)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
