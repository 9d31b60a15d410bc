"""What can be said of a run before anything is executed: whether its parts agree."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.publish.fields import encode, parse_json, shown
from toolkit.publish.results import Results, Sha256
from toolkit.reproduce.execution.harvest import harvest
from toolkit.reproduce.notebook import INJECTED, parse_notebook
from toolkit.reproduce.outputs.cells import executed_digest
from toolkit.reproduce.records.history import file_at, first_commit_of
from toolkit.reproduce.records.record import Record, run_id
from toolkit.reproduce.records.store import METRICS, NOTEBOOK, RECORD
from toolkit.reproduce.sources import data_digest

FILES = "files"  # of a run's folder: what its notebook wrote


def contradictions(
    record: Record, folder: Path, *, history: bool = True
) -> tuple[str, ...]:
    """Return what in a run's folder says otherwise than its record, one sentence each.

    Nothing is said of files that are not there: git keeps neither tables nor figures.

    Parameters
    ----------
    record : as it lies in the folder
    folder : of the run
    history : also ask git, which costs two processes; False where that was done
    """
    found = [*_in_itself(record), *_in_metrics(record, folder / METRICS)]
    notebook = folder / NOTEBOOK
    if notebook.is_file():
        found += _in_notebook(record, notebook)
    found += _in_files(record, folder)
    if history:
        found += _in_history(folder)
    return tuple(found)


def _in_itself(record: Record) -> Iterator[str]:
    """Yield where a record contradicts itself, although its digests are right."""
    started = datetime.fromisoformat(record.circumstances.started)
    own = run_id(started, record.notebook, record.recipe.digest)
    if record.run != own and not record.run.startswith(f"{own}-"):
        yield (
            f"the run is called {record.run}, and its record tells of {own}: it was "
            "copied from another run, or edited"
        )
    bad = [cell.index + 1 for cell in record.cells if cell.status != "finished"]
    broken = [
        cell.index + 1
        for cell in record.cells
        if cell.status in ("failed", "interrupted")
    ]
    if record.status == "finished" and (broken or record.error is not None):
        where = f"cell {broken[0]} {_status(record, broken[0])}" if broken else "failed"
        yield f"the record says that the run finished, and that {where}"
    if record.status == "failed" and not bad and record.error is None:
        yield "the record says that the run failed, and that every cell finished"


def _status(record: Record, number: int) -> str:
    status = next(c.status for c in record.cells if c.index + 1 == number)
    return "failed" if status == "failed" else "was interrupted"


def _in_metrics(record: Record, path: Path) -> Iterator[str]:
    try:
        content = path.read_bytes()
    except OSError:
        return
    try:
        metrics = parse_json(content)
    except ToolkitError as error:
        yield f"{METRICS} cannot be read ({error})"
        return
    said = dict(metrics) if isinstance(metrics, Mapping) else {}
    recorded = record.metrics
    for name in dict.fromkeys([*recorded, *said]):
        if said.get(name) != recorded.get(name):
            yield (
                f"{METRICS} says {name} = {_number(said, name)}, the record "
                f"{_number(recorded, name)}"
            )


def _number(metrics: Mapping[Any, object], name: str) -> str:
    return shown(metrics[name]) if name in metrics else "nothing"


def _in_notebook(record: Record, path: Path) -> Iterator[str]:
    """Yield where the executed notebook is not that of the record."""
    try:
        content = json.loads(path.read_bytes())
        cells = list(content["cells"])
        injected = [c for c in cells if INJECTED in _tags(c)]
        rest = [c for c in cells if INJECTED not in _tags(c)]
        source = json.dumps({**content, "cells": rest}).encode()
        notebook = parse_notebook(source, path=record.recipe.notebook.path)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        yield f"{NOTEBOOK} cannot be read ({error})"
        return
    if notebook.digest != record.recipe.notebook.digest:
        yield f"{NOTEBOOK} holds other cells than the notebook that was run"
        return
    yield from _in_parameters(record, content, injected)
    status = _mapping(_mapping(content.get("metadata")).get("toolkit")).get("status")
    if status is not None and status != record.status:
        yield f"{NOTEBOOK} says {status!r}, the record {record.status!r}"
    yield from _in_results(record, cells)
    if record.executed not in (None, executed_digest(content["cells"])):
        yield f"{NOTEBOOK} was changed after the run"


def _in_parameters(
    record: Record, content: Mapping[str, Any], injected: list[Any]
) -> Iterator[str]:
    papermill = _mapping(_mapping(content.get("metadata")).get("papermill"))
    given = _mapping(papermill.get("parameters")) if injected else {}
    recorded = encode(record.recipe.parameters)
    for name, value in given.items():
        if _mapping(recorded).get(name) != value:
            yield (
                f"{NOTEBOOK} was executed with {name} = {shown(value)}, the record "
                f"says {shown(_mapping(recorded).get(name))}"
            )


def _in_results(record: Record, cells: list[Any]) -> Iterator[str]:
    paths = published_files(record.results)
    try:
        found = harvest(cells, paths.get)
    except (AttributeError, TypeError, LookupError) as error:
        yield f"{NOTEBOOK} cannot be read ({error})"
        return
    if record.status != "finished" or found.results == record.results:
        return
    shown_, claimed = _by_name(found.results), _by_name(record.results)
    for key in dict.fromkeys([*claimed, *shown_]):
        kind, name = key
        if shown_.get(key) == claimed.get(key):
            continue
        here, there = (
            getattr(side.get(key), "value", "another" if key in side else "nothing")
            for side in (shown_, claimed)
        )
        said = f"{here!r}, the record {there!r}" if kind == "metric" else f"{here}"
        yield f"{NOTEBOOK} shows for {kind} {name} {said}"


def _by_name(results: Results) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    found |= {("metric", metric.name): metric for metric in results.metrics}
    found |= {("table", table.name): table for table in results.tables}
    found |= {("figure", figure.name): figure for figure in results.figures}
    for finding in results.findings:
        found["finding", f"{finding.code} {finding.place}"] = finding
    return found


def published_files(results: Results) -> dict[str, Sha256]:
    """Return the digest of each file that a run published, by path in its folder."""
    tables = {f"tables/{t.name}.csv": t.digest for t in results.tables}
    return {**tables, **{f"figures/{f.name}.svg": f.digest for f in results.figures}}


def _in_files(record: Record, folder: Path) -> Iterator[str]:
    written = {f"{FILES}/{p}": sha for p, sha in record.trace.written.items()}
    for path, digest in {**published_files(record.results), **written}.items():
        file = folder / path
        try:
            if file.is_file() and data_digest(file) != digest:
                yield f"{path} was changed after the run"
        except ToolkitError as error:
            yield str(error)


def _in_history(folder: Path) -> Iterator[str]:
    """Yield that git first got another record of this run than what lies here."""
    first = first_commit_of(folder, RECORD)
    content = None if first is None else file_at(folder, first, RECORD)
    if content is not None and content != (folder / RECORD).read_bytes():
        yield f"the record is not the one that commit {str(first)[:8]} brought"


def _tags(cell: Mapping[str, Any]) -> list[Any]:
    tags = _mapping(cell.get("metadata")).get("tags")
    return tags if isinstance(tags, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
