"""Evidence made in code, for the tests of what weighs it."""

from dataclasses import dataclass, replace
from datetime import datetime

from toolkit.publish.results import Sha256
from toolkit.reproduce.records.record import Record, run_id
from toolkit.reproduce.variation import NAMES

COMMIT = "3f2a9c1b7d5e48f6a0b1c2d3e4f5061728394a5b"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a verification found, with the fields that trust is derived from."""

    record: Sha256
    value: str = "reproduced"
    cause: str = ""
    variations: tuple[str, ...] = NAMES
    finished: str = "2026-11-24T08:00:00Z"


def found(run: Record, value: str = "reproduced", **facts: object) -> Found:
    """Return evidence about a run."""
    return replace(Found(record=run.digest, value=value), **facts)  # type: ignore[arg-type]  # facts are of its fields


def clean(record: Record) -> Record:
    """Return the record as if it was made at a commit, with a lock."""
    environment = replace(record.recipe.environment, lock=record.recipe.notebook.digest)
    recipe = replace(record.recipe, environment=environment, digest=Sha256(""))
    about = replace(record.circumstances, commit=COMMIT, dirty=False)
    run = run_id(datetime.fromisoformat(about.started), record.notebook, recipe.digest)
    return replace(record, run=run, recipe=recipe, circumstances=about)
