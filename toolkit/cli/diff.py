"""``toolkit diff``: two runs side by side."""

import os
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_runs_dir

if TYPE_CHECKING:
    from toolkit.reproduce.differences import (
        CellChange,
        Change,
        Differences,
        MetricChange,
    )
    from toolkit.reproduce.records.record import Record
    from toolkit.reproduce.records.store import Store

SAME, DIFFERENT, NOT_COMPARED = 0, 1, 2
_COLOURS = {"-": "31", "+": "32", "@": "36"}
_WIDTH = 60  # characters of a value; --json has all of them


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "diff",
        help="hold two runs against each other",
        description=(
            "Hold two runs against each other: parameters, code, data, environment, "
            "results, and the notebooks' cells. Exit codes: 0 same results, 1 other "
            "results, 2 they cannot be compared."
        ),
    )
    parser.add_argument(
        "before",
        metavar="RUN|NOTEBOOK",
        help="a run's id or its beginning, or a notebook, of which the latest run",
    )
    parser.add_argument(
        "after",
        nargs="?",
        metavar="RUN|NOTEBOOK",
        help="another one (default: the first is held against the run before it of "
        "the same notebook)",
    )
    add_runs_dir(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print what is not the same.

    Raises
    ------
    UnknownRunError : if a run is not there
    NoEarlierRunError : if one is to be held against the run before it: there is none
    RecordError : if one cannot be read
    """
    from toolkit.reproduce.differences import compare_runs  # noqa: PLC0415 -- slow
    from toolkit.reproduce.differences_cells import compare_sources  # noqa: PLC0415
    from toolkit.reproduce.project import find_root, runs_folder  # noqa: PLC0415
    from toolkit.reproduce.records.history import changes_between  # noqa: PLC0415
    from toolkit.reproduce.records.store import Store  # noqa: PLC0415

    runs_dir = args.runs or runs_folder(Path.cwd())
    root = find_root(runs_dir if runs_dir.is_dir() else Path.cwd())
    before, after = _chosen(Store(runs_dir), args.before, args.after)
    commits = [record.circumstances.commit for record in (before, after)]
    both = commits[0] is not None and commits[1] is not None
    found = compare_runs(
        before,
        after,
        compare_sources(before, after, runs_dir, root),
        changes_between(root, str(commits[0]), str(commits[1])) if both else None,
    )
    if args.json:
        print_json(**_plain(found))
    else:
        print("\n\n".join(_page(found, markdown=args.md)))
    if not found.comparable:
        print(
            f"toolkit: {before.run} and {after.run}: neither published or showed "
            "anything; there is nothing to compare",
            file=sys.stderr,
        )
        return NOT_COMPARED
    return SAME if found.same else DIFFERENT


def _chosen(store: "Store", before: str, after: str | None) -> "tuple[Record, Record]":
    from toolkit.reproduce.differences import run_before  # noqa: PLC0415

    first = store.find(before)
    if after is not None:
        return first, store.find(after)
    return run_before(first, store.records()), first


def _page(found: "Differences", *, markdown: bool) -> Iterator[str]:
    heading = f"{found.before.run} → {found.after.run}: {_outcome(found)}"
    yield f"## {heading}" if markdown else heading
    parts = (
        ("What decided them", found.recipe),
        ("Results", found.results),
        ("Circumstances", found.circumstances),
    )
    for title, changes in parts[:1]:
        yield from _changes(title, changes, markdown=markdown)
    if found.commits is not None and found.commits.files:
        count = found.commits.commits
        title = f"Files, in {count} commit{'' if count == 1 else 's'}"
        rows = [line.split(" ", 1) for line in found.commits.files]
        yield _titled(title, ["change", "file"], rows, markdown=markdown)
    if found.metrics:
        headers = ["metric", "before", "after", "difference", "unit", ""]
        rows = [_metric_row(metric) for metric in found.metrics]
        yield _titled("Metrics", headers, rows, markdown=markdown)
    for title, changes in parts[1:]:
        yield from _changes(title, changes, markdown=markdown)
    if found.sources.problem:
        yield found.sources.problem
    for change in found.sources.changes:
        yield _cell_text(change, markdown=markdown)


def _outcome(found: "Differences") -> str:
    if not found.comparable:
        return "nothing to compare"
    return "same results" if found.same else "other results"


def _changes(
    title: str, changes: "Sequence[Change]", *, markdown: bool
) -> Iterator[str]:
    if changes:
        rows = [[c.what, _cut(c.before), _cut(c.after)] for c in changes]
        yield _titled(title, ["what", "before", "after"], rows, markdown=markdown)


def _titled(
    title: str, headers: Sequence[str], rows: Sequence[list[str]], *, markdown: bool
) -> str:
    mark, gap = ("### ", "\n\n") if markdown else ("", "\n")
    return f"{mark}{title}{gap}{table(headers, rows, markdown=markdown)}"


def _metric_row(metric: "MetricChange") -> list[str]:
    values = metric.before, metric.after
    note = ""
    if metric.difference is not None and metric.same and values[0] != values[1]:
        note = f"within {metric.tolerance:g}"
    elif metric.same:
        note = "same"
    return [
        metric.name,
        *("" if value is None else repr(value) for value in values),
        f"{metric.difference:+.4g}" if metric.difference else "",
        metric.unit,
        note,
    ]


def _cell_text(change: "CellChange", *, markdown: bool) -> str:
    numbers = [n + 1 for n in (change.before, change.after) if n is not None]
    named = " → ".join(map(str, dict.fromkeys(numbers)))
    title = f"Cell {named}: {change.kind}"
    if markdown:
        body = "\n".join(change.lines)
        return f"### {title}\n\n```diff\n{body}\n```"
    return "\n".join([title, *(f"    {_coloured(line)}" for line in change.lines)])


def _coloured(line: str) -> str:
    colour = _COLOURS.get(line[:1])
    if colour is None or not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return line
    return f"\x1b[{colour}m{line}\x1b[0m"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def _plain(found: "Differences") -> dict[str, object]:
    from toolkit.publish.fields import encode  # noqa: PLC0415

    metrics = [
        {
            "name": metric.name,
            "before": metric.before,
            "after": metric.after,
            "difference": metric.difference,
            "unit": metric.unit,
            "tolerance": metric.tolerance,
            "same": metric.same,
        }
        for metric in found.metrics
    ]
    return {
        "before": found.before.run,
        "after": found.after.run,
        "same": found.same if found.comparable else None,
        "recipe": encode(found.recipe),
        "metrics": metrics,
        "results": encode(found.results),
        "circumstances": encode(found.circumstances),
        "commits": encode(found.commits) if found.commits else None,
        "cells": encode(found.sources.changes),
        "problem": found.sources.problem or None,
    }
