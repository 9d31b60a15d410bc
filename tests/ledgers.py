"""Ledgers made in code: runs with their evidence, and the git around them."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from records import a_record, fitting
from verified import NOTEBOOK, Came, record_of

from toolkit.ledger.check import Outcome, check
from toolkit.publish.fields import encode
from toolkit.publish.results import MIME, Column, Figure, Metric, Results, Sha256, Table
from toolkit.reproduce.attestation.bundle import Envelope, bundle_bytes
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record, json_text, run_id
from toolkit.reproduce.records.store import METRICS, RECORD
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.variation import NAMES
from toolkit.reproduce.verification.evidence import Evidence, write_evidence
from toolkit.reproduce.verification.verdict import Verdict

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
COMMITTED = "2026-11-24T12:00:00Z"


def a_run(
    notebook: str = "02-baseline",
    *,
    started: str = "2026-11-23T18:15:00.000000Z",
    metric: float = 1.02,
    used: Sequence[Record] = (),
    seed: int = 0,
) -> Record:
    """Return the record of a run; runs of one notebook, seed and use share a recipe."""
    record = a_record(notebook, started=started)
    recipe = replace(
        record.recipe,
        parameters={"seed": seed},
        upstream={one.recipe.notebook.path: one.run for one in used},
        upstream_results={o.recipe.notebook.path: o.results_digest for o in used},
        digest=Sha256(""),
    )
    results = Results(metrics=(Metric(name="hit_rate", value=metric),))
    about = replace(record.circumstances, finished=started)
    return fitting(replace(record, recipe=recipe, results=results, circumstances=about))


def put_run(runs_dir: Path, record: Record, run: str = "") -> Path:
    """Write a record and its metrics; return the folder."""
    folder = runs_dir / (run or record.run)
    folder.mkdir(parents=True)
    (folder / RECORD).write_bytes(record.to_json())
    (folder / METRICS).write_text(json_text(record.metrics))
    return folder


def evidence_of(record: Record, finished: str = "2026-11-24T08:00:00Z") -> Evidence:
    """Return what a verification says that reproduced a run."""
    path = record.recipe.notebook.path
    return Evidence(
        run=record.run,
        record=record.digest,
        results=record.results_digest,
        verdict=Verdict(
            run=record.run, notebook=path, value="reproduced", varied=NAMES
        ),
        environment=record.recipe.environment,
        source=None,
        verifier="0.1.0",
        commit=None,
        ci=None,
        finished=finished,
    )


def put_evidence(folder: Path, record: Record) -> Path:
    """Write a verification beside its record."""
    return write_evidence(folder, evidence_of(record))


def put_statement(folder: Path, **subjects: str) -> Path:
    """Write a bundle about subjects, which nobody signed."""
    listed = [{"name": n, "digest": {"sha256": d}} for n, d in subjects.items()]
    statement = json.dumps({"_type": "…", "subject": listed}).encode()
    envelope = Envelope(payload=statement, keyid="0" * 64, signature=bytes(64))
    content = bundle_bytes(envelope)
    path = folder / f"{bytes_digest(content)[:8]}.sigstore.json"
    path.write_bytes(content)
    return path


def git(root: Path, *arguments: str, when: str = COMMITTED) -> str:
    """Run git with settings of its own."""
    mine = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    name = {"NAME": "A", "EMAIL": "a@example.org", "DATE": when}
    people = {
        f"GIT_{w}_{k}": v for w in ("AUTHOR", "COMMITTER") for k, v in name.items()
    }
    off = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(  # noqa: S603
        ["git", "-C", str(root), *arguments],  # noqa: S607
        check=True,
        capture_output=True,
        env={**mine, **people, **off},
        text=True,
    )
    return done.stdout.strip()


def commit(root: Path, message: str = "runs: Keep", when: str = COMMITTED) -> str:
    """Commit all that lies below; return the commit."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", message, when=when)
    return git(root, "rev-parse", "HEAD")


def checked(root: Path, cache: Path | None = None, *, history: bool = True) -> Outcome:
    """Check the ledger of a project."""
    return check(root / "runs", now=NOW, cache=cache, history=history)


def told(outcome: Outcome) -> list[tuple[str, str]]:
    """Return code and place of each finding."""
    return [(one.code, one.place) for one in outcome.findings]


def whole_run(runs_dir: Path, started: str = "2026-11-23T18:15:00.000000Z") -> Record:
    """Write a run with a notebook, a table, a figure and a file; return it."""
    results = Results(metrics=METRIC, tables=(TABLE,), figures=(FIGURE,))
    record = record_of(Came())
    about = replace(record.circumstances, started=started, finished=started)
    record = replace(
        record,
        run=run_id(
            datetime.fromisoformat(started), record.notebook, record.recipe.digest
        ),
        results=results,
        trace=Trace(written={"out/model.bin": bytes_digest(b"model")}),
        circumstances=about,
    )
    folder = put_run(runs_dir, record)
    for path, content in HEAVY.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return record


def _executed() -> bytes:
    shown = [results_output(r) for r in (*METRIC, TABLE, FIGURE)]
    cells = [
        {
            "cell_type": "code",
            "metadata": {"tags": []},
            "source": each.source,
            "outputs": shown if each.index == 1 else [],
            "execution_count": each.index + 1,
        }
        for each in NOTEBOOK.cells
    ]
    status = {"toolkit": {"schema": 1, "status": "finished"}}
    plain = {"cells": cells, "metadata": status, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(plain).encode()


def results_output(result: Metric | Table | Figure) -> dict[str, object]:
    """Return the cell output that claims a result."""
    plain = encode(result)
    assert isinstance(plain, dict)
    claim = {MIME.format(result.kind): {"schema": 1, **plain}}
    return {"output_type": "display_data", "metadata": {}, "data": claim}


CSV = b"a\n1\n"
METRIC = (Metric(name="accuracy", value=0.9),)
TABLE = Table(
    name="t",
    title="",
    columns=(Column(name="a", kind="int64"),),
    rows=1,
    digest=bytes_digest(CSV),
    preview=((1,),),
)
FIGURE = Figure(name="f", alt="a line", caption="", digest=bytes_digest(b"<svg/>"))
HEAVY = {
    "notebook.ipynb": _executed(),
    "tables/t.csv": CSV,
    "figures/f.svg": b"<svg/>",
    "files/out/model.bin": b"model",
}
