"""A project with one published run, for the tests of what leaves it."""

import shutil
from dataclasses import replace
from pathlib import Path

from evidence import COMMIT, clean
from records import CIRCUMSTANCES, RECIPE, put

from notebooks import write
from toolkit.export.exported import About, Chosen, choose
from toolkit.publish.results import Column, Figure, Metric, Results, Sha256, Table
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.recipe import NotebookSource, RunId
from toolkit.reproduce.records.record import (
    CellRecord,
    Failure,
    Record,
    Status,
    json_text,
)
from toolkit.reproduce.records.store import Store
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.sources import load_notebook
from toolkit.reproduce.variation import NAMES
from toolkit.reproduce.verification.evidence import Evidence, write_evidence
from toolkit.reproduce.verification.verdict import Verdict

ABOUT = About(name="pumps", licence="BSD-3-Clause")
CSV = b"city,hires\nBern,12\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>\n"
METRICS = (
    Metric(name="hit_rate", value=1.02, unit="failures a day", interval=(0.9, 1.1)),
    Metric(name="third", value=1 / 3, direction="none"),
    Metric(name="tiny", value=5e-324, direction="lower"),
    Metric(name="huge", value=1.7976931348623157e308),
)
FINISHED = "2026-11-23T18:16:00.500000Z"
CELL = CellRecord(index=0, status="finished", execution_count=1, seconds=0.5)
PARAMETERS = {
    "n": 10,
    "größe": "übergroß",
    "ratio": 0.1,
    "quick": True,
    "days": [1, 2],
    "none": None,
    "twice": {"expression": "2 * n"},
}


def a_run(
    root: Path,
    parameters: object = None,
    metrics: tuple[Metric, ...] = METRICS,
    status: Status = "finished",
    error: Failure | None = None,
) -> Record:
    """Write a notebook, and a clean run of it with a table, a figure and a file."""
    path = write(root / "notebooks", "02-baseline", "n = 10", "m = n + 1")
    digest = load_notebook(path, root=root).digest
    (root / "pyproject.toml").write_text(
        '[project]\nname = "pumps"\nlicense = "BSD-3-Clause"\n'
    )
    given = PARAMETERS if parameters is None else parameters
    recipe = replace(
        RECIPE,
        notebook=NotebookSource(path="notebooks/02-baseline.ipynb", digest=digest),
        parameters=given,  # type: ignore[arg-type]  # whatever a test wants
        digest=Sha256(""),
    )
    table = Table(
        name="cities",
        title="Cities",
        columns=(Column(name="city", kind="str"),),
        rows=1,
        digest=bytes_digest(CSV),
        preview=(),
    )
    figure = Figure(
        name="map", alt="A map of Bern", caption="", digest=bytes_digest(SVG)
    )
    record = clean(
        Record(
            run=RunId(""),
            status=status,
            recipe=recipe,
            results=Results(metrics=metrics, tables=(table,), figures=(figure,)),
            cells=(CELL,),
            error=error,
            trace=Trace(written={"out/a b.txt": bytes_digest(b"kept")}),
            circumstances=replace(CIRCUMSTANCES, finished=FINISHED),
        )
    )
    shutil.rmtree(root / "runs" / record.run, ignore_errors=True)
    folder = put(record, root / "runs")
    for name, content in {
        "metrics.json": json_text(record.metrics).encode(),
        "notebook.ipynb": path.read_bytes(),
        "tables/cities.csv": CSV,
        "figures/map.svg": SVG,
        "files/out/a b.txt": b"kept",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return record


def reproduce(root: Path, record: Record) -> Path:
    """Write evidence that a run was reproduced under every variation."""
    verdict = Verdict(
        run=record.run, notebook=record.notebook, value="reproduced", varied=NAMES
    )
    evidence = Evidence(
        run=record.run,
        record=record.digest,
        results=record.results_digest,
        verdict=verdict,
        environment=record.recipe.environment,
        source=COMMIT,
        verifier="0.1.0",
        commit=COMMIT,
        ci=None,
        finished="2026-11-24T08:00:00.000000Z",
    )
    return write_evidence(root / "runs" / record.run, evidence)


def chosen_of(root: Path) -> Chosen:
    """Return the project's only run, whatever its trust."""
    (chosen,) = choose(Store(root / "runs"), (), everything=True).runs
    return chosen
