"""Records made in code, for the tests of what reads them."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from toolkit.publish.results import Metric, Results, Sha256
from toolkit.reproduce.records.recipe import Environment, NotebookSource, Recipe
from toolkit.reproduce.records.record import (
    CellRecord,
    Circumstances,
    Record,
    Status,
    run_id,
)
from toolkit.reproduce.records.store import RECORD

DIGEST = Sha256("5" * 64)
STARTED = "2026-11-23T18:15:00.000000Z"
RECIPE = Recipe(
    notebook=NotebookSource(path="notebooks/02-baseline.ipynb", digest=DIGEST),
    parameters={"n": 10},
    code=DIGEST,
    data={"data/failures.csv": DIGEST},
    scope=None,
    environment=Environment(
        lock=None, python="3.11.7", platform="linux-x86_64", installed=DIGEST
    ),
    upstream={},
    upstream_results={},
)
CIRCUMSTANCES = Circumstances(
    started=STARTED,
    finished=STARTED,
    seconds=0.0,
    commit=None,
    dirty=None,
    ci=None,
    not_captured=("network",),
)


def a_record(
    notebook: str = "02-baseline",
    *,
    started: str = STARTED,
    status: Status = "finished",
    results: Results | None = None,
    nth: int = 1,
) -> Record:
    """Return a record of a run that started then."""
    source = NotebookSource(path=f"notebooks/{notebook}.ipynb", digest=DIGEST)
    recipe = replace(RECIPE, notebook=source)
    when = datetime.fromisoformat(started)
    return Record(
        run=run_id(when, notebook, recipe.digest, nth=nth),
        status=status,
        recipe=recipe,
        results=results or Results(metrics=(Metric(name="hit_rate", value=1.02),)),
        cells=(CellRecord(index=1, status="finished", execution_count=1, seconds=0.1),),
        error=None,
        circumstances=replace(CIRCUMSTANCES, started=started),
    )


def fitting(record: Record) -> Record:
    """Return the record with the id that its recipe gives it."""
    started = datetime.fromisoformat(record.circumstances.started)
    run = run_id(started, record.notebook, record.recipe.digest)
    return replace(record, run=run)


def put(record: Record, runs_dir: Path) -> Path:
    """Write a record where a store finds it; return its folder."""
    folder = runs_dir / record.run
    folder.mkdir(parents=True)
    (folder / RECORD).write_bytes(record.to_json())
    return folder
