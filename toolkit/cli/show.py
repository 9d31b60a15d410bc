"""``toolkit show``: one run, on a page."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

from toolkit.cli.output import add_format, print_json, table

if TYPE_CHECKING:
    from toolkit.reproduce.record import Record

_TITLE = 70  # characters of a title; the record has all of it


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "show",
        help="show one run: results, cells, recipe",
        description=(
            "Show a run: what it published, what became of its cells, and everything "
            "that decided its results. Exit codes: 0 shown, 2 there is none, or it "
            "cannot be read."
        ),
    )
    parser.add_argument(
        "asked",
        metavar="RUN|NOTEBOOK",
        help="a run's id or its beginning, or a notebook, of which the latest run",
    )
    parser.add_argument(
        "--runs",
        type=Path,
        metavar="DIR",
        help="the folder of runs (default: runs/ of the project)",
    )
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print the run.

    Raises
    ------
    UnknownRunError : if there is none
    RecordError : if it cannot be read
    """
    from toolkit.reproduce.project import runs_folder  # noqa: PLC0415 -- --help: quick
    from toolkit.reproduce.store import Store  # noqa: PLC0415

    store = Store(args.runs or runs_folder(Path.cwd()))
    record = store.find(args.asked)
    folder = store.folder(record.run)
    if args.json:
        print_json(folder=str(folder), record=record.to_dict())
    else:
        print("\n\n".join(_page(record, folder, markdown=args.md)))
    return 0


def _page(record: "Record", folder: Path, *, markdown: bool) -> Iterator[str]:
    from toolkit.cli.results_text import metric_rows  # noqa: PLC0415

    def titled(title: str, headers: list[str], rows: list[list[str]]) -> str:
        mark = "### " if markdown else ""
        gap = "\n\n" if markdown else "\n"
        return f"{mark}{title}{gap}{table(headers, rows, markdown=markdown)}"

    heading = f"{record.run}: {record.status}"
    yield f"## {heading}" if markdown else heading
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
    if record.error is not None:
        lines = (record.error.traceback or record.error.evalue).splitlines()
        body = "\n".join(f"    {line}" for line in lines)
        yield f"{record.error.ename}: {record.error.evalue}\n\n{body}"


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
