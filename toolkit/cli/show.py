"""``toolkit show``: one run, on a page."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table
from toolkit.cli.planning import add_runs_dir

if TYPE_CHECKING:
    from toolkit.reproduce.records.record import Record
    from toolkit.reproduce.records.trace import Trace
    from toolkit.reproduce.trust import EvidenceLike, Trust

_TITLE = 70  # characters of a title; the record has all of it
_MOST = 20  # lines of one kind; the record has all of them


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "show",
        help="show one run: results, cells, recipe",
        description=(
            "Show a run: how far it can be trusted and why, what it published, what "
            "became of its cells, everything that decided its results, and what it was "
            "seen to do. Exit codes: 0 shown, 2 there is none, or it cannot be read."
        ),
    )
    parser.add_argument(
        "asked",
        metavar="RUN|NOTEBOOK",
        help="a run's id or its beginning, or a notebook, of which the latest run",
    )
    add_runs_dir(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print the run.

    Raises
    ------
    UnknownRunError : if there is none
    RecordError : if it cannot be read
    """
    from toolkit.reproduce.levels import load_levels  # noqa: PLC0415 -- --help: quick
    from toolkit.reproduce.project import runs_folder  # noqa: PLC0415
    from toolkit.reproduce.records.store import Store  # noqa: PLC0415

    store = Store(args.runs or runs_folder(Path.cwd()))
    record = store.find(args.asked)
    folder = store.folder(record.run)
    levels = load_levels(store.runs_dir, store.records())
    trust, evidence = levels.trust(record), levels.evidence(record)
    if args.json:
        print_json(
            folder=str(folder),
            record=record.to_dict(),
            trust=trust.to_dict(),
            verifications=[_verification(one) for one in evidence],
        )
        return 0
    parts = [
        *_page(record, folder, trust, markdown=args.md),
        *_seen(record.trace, evidence, markdown=args.md),
        *_failure(record),
    ]
    print("\n\n".join(parts))
    return 0


def _titled(
    title: str, headers: list[str], rows: list[list[str]], *, markdown: bool
) -> str:
    mark = "### " if markdown else ""
    gap = "\n\n" if markdown else "\n"
    return f"{mark}{title}{gap}{table(headers, rows, markdown=markdown)}"


def _page(
    record: "Record", folder: Path, trust: "Trust", *, markdown: bool
) -> Iterator[str]:
    from toolkit.cli.results_text import metric_rows  # noqa: PLC0415

    titled = partial(_titled, markdown=markdown)
    heading = f"{record.run}: {record.status}, {trust.level}"
    yield f"## {heading}" if markdown else heading
    yield titled("Trust", ["what", "why"], list(_trust_rows(trust)))
    yield table(["what", "value"], list(_facts(record, folder)), markdown=markdown)
    results = record.results
    if metrics := list(metric_rows(record)):
        yield titled("Metrics", ["metric", "value", "interval", "unit"], metrics)
    if results.findings:
        rows = [
            [f.severity, f.code, f.place, f.message, f.accepted or ""]
            for f in results.findings
        ]
        headers = ["severity", "code", "place", "message", "accepted"]
        yield titled("Findings", headers, rows)
    files = [[f"tables/{t.name}.csv", t.title, f"{t.rows}"] for t in results.tables]
    files += [
        [
            f"figures/{f.name}.svg",
            shorten(f.caption or f.alt, _TITLE, placeholder=" …"),
            "",
        ]
        for f in results.figures
    ]
    if files:
        yield titled("Files", ["file", "title", "rows"], files)
    cells = [
        [
            str(cell.index + 1),
            cell.status,
            "" if cell.seconds is None else f"{cell.seconds:.2f}",
            cell.raised or "",
        ]
        for cell in record.cells
    ]
    yield titled("Cells", ["cell", "status", "seconds", "raised"], cells)


def _failure(record: "Record") -> Iterator[str]:
    if record.error is not None:
        lines = (record.error.traceback or record.error.evalue).splitlines()
        body = "\n".join(f"    {line}" for line in lines)
        yield f"{record.error.ename}: {record.error.evalue}\n\n{body}"


def _trust_rows(trust: "Trust") -> Iterator[list[str]]:
    yield ["level", trust.level]
    if trust.since:
        count = len(trust.variations)
        yield ["reproduced", f"{trust.since[:10]}, under {count} variations"]
    for reason in trust.reasons:
        yield ["because", reason.found]
    if trust.missing:
        yield ["next", trust.missing]
    for sentence in trust.unseen:
        yield ["not seen", sentence]


def _seen(
    trace: "Trace", evidence: Sequence["EvidenceLike"], *, markdown: bool
) -> Iterator[str]:
    rows = [
        [kind, line]
        for kind, lines in _trace_lines(trace).items()
        for line in _cut(lines)
    ]
    if rows:
        yield _titled("Trace", ["what", "seen"], rows, markdown=markdown)
    if evidence:
        headers = ["verified", "verdict", "cause", "variations"]
        checks = [
            [one.finished, one.value, one.cause, ", ".join(one.variations) or "none"]
            for one in evidence
        ]
        yield _titled("Verifications", headers, checks, markdown=markdown)


def _trace_lines(trace: "Trace") -> dict[str, list[str]]:
    undeclared = set(trace.undeclared)
    outside = {path for path in trace.inputs if path.startswith("/")}
    return {
        "input": [
            f"{path} {digest[:12]}{' (in no scope)' if path in undeclared else ''}"
            for path, digest in trace.inputs.items()
            if path not in outside
        ],
        "outside": [f"{path} {trace.inputs[path][:12]}" for path in sorted(outside)],
        "listed": [f"{path} {digest[:12]}" for path, digest in trace.listed.items()],
        "not there": list(trace.absent),
        "kept": [f"files/{path} {d[:12]}" for path, d in trace.written.items()],
        "module": list(trace.modules),
        "process": list(trace.processes),
        "network": list(trace.network),
        "variable": [
            f"{name}{' (not set)' if value is None else ''}"
            for name, value in trace.environment.items()
        ],
        "enforced": list(trace.enforced),
    }


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST
    return lines if more <= 0 else [*lines[:_MOST], f"… and {more} more: --json"]


def _verification(one: "EvidenceLike") -> dict[str, object]:
    return {
        "finished": one.finished,
        "value": one.value,
        "cause": one.cause,
        "variations": list(one.variations),
    }


def _facts(record: "Record", folder: Path) -> Iterator[list[str]]:
    recipe, about = record.recipe, record.circumstances
    yield ["folder", str(folder)]
    yield ["notebook", f"{recipe.notebook.path} {recipe.notebook.digest[:12]}"]
    for name, value in recipe.parameters.items():
        yield ["parameter", f"{name} = {_value(value)}"]
    yield ["recipe", recipe.digest]
    yield ["code", recipe.code or "none"]
    for name, digest in _sorted({"scope.yaml": recipe.scope, **recipe.data}):
        yield ["data", f"{name} {digest[:12]}"]
    for name, run in recipe.upstream.items():
        yield ["upstream", f"{name}: {run}"]
    environment = recipe.environment
    lock = environment.lock[:12] if environment.lock else "none"
    yield ["environment", f"Python {environment.python}, {environment.platform}"]
    yield ["lock", lock]
    state = {True: " (dirty)", False: "", None: ""}[about.dirty]
    yield ["commit", f"{about.commit or 'none'}{state}"]
    yield ["started", f"{about.started}, {about.seconds:.1f} s"]
    if about.ci:
        yield ["ci", about.ci]
    for note in about.notes:
        yield ["note", note]
    for missing in about.not_captured:
        yield ["not captured", missing]


def _value(value: object) -> str:
    if isinstance(value, Mapping) and set(value) == {"expression"}:
        return str(value["expression"])
    return repr(value)


def _sorted(digests: Mapping[str, str | None]) -> list[tuple[str, str]]:
    return [(name, digest) for name, digest in digests.items() if digest]
