"""What MLflow is told of a run: plain values, from the record and its trust alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from toolkit.export.exported import Chosen
from toolkit.export.mlflow_names import (
    KEY,
    TAG,
    key_of,
    shortened,
    storable,
    value_text,
)
from toolkit.reproduce.records.record import Record, Status

DIGEST = "record.digest"  # the tag by which a run is found again
_STATUS: Mapping[Status, str] = {
    "finished": "FINISHED",
    "failed": "FAILED",
    "timed out": "KILLED",
    "kernel died": "FAILED",
    "interrupted": "KILLED",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class MlflowRun:
    """One run in MLflow's words."""

    experiment: str
    name: str
    status: str
    start: int  # milliseconds since 1970
    end: int
    params: Mapping[str, str]
    metrics: Mapping[str, float]  # all at step 0, at the end
    tags: Mapping[str, str]


def mlflow_run(chosen: Chosen, *, project: str, param_limit: int) -> MlflowRun:
    """Return what MLflow is told of a run.

    Parameters
    ----------
    chosen : the run and its trust
    project : name of the project
    param_limit : characters that the server keeps of a parameter's value
    """
    record, about = chosen.record, chosen.record.circumstances
    tags = {**dict(_tags(chosen)), **dict(_metric_tags(record))}
    return MlflowRun(
        experiment=shortened(storable(f"{project}/{record.notebook}"), KEY),
        name=shortened(storable(record.run), KEY),
        status=_STATUS[record.status],
        start=_milliseconds(about.started),
        end=_milliseconds(about.finished),
        params={
            key_of(name): shortened(storable(value_text(value)), param_limit)
            for name, value in record.recipe.parameters.items()
        },
        metrics=dict(_metrics(record)),
        tags={key: shortened(storable(text), TAG) for key, text in tags.items()},
    )


def _metrics(record: Record) -> Iterator[tuple[str, float]]:
    """Yield each number, and the ends of its interval; no metric's name has a dot."""
    for metric in record.results.metrics:
        yield metric.name, metric.value
        if metric.interval is not None:
            yield f"{metric.name}.low", metric.interval[0]
            yield f"{metric.name}.high", metric.interval[1]


def _tags(chosen: Chosen) -> Iterator[tuple[str, str]]:
    record, trust = chosen.record, chosen.trust
    recipe, about = record.recipe, record.circumstances
    environment = recipe.environment
    yield DIGEST, record.digest
    yield "record.run", record.run
    yield "record.status", record.status
    yield "results.digest", record.results_digest
    yield "recipe.digest", recipe.digest
    yield "recipe.notebook", recipe.notebook.digest
    yield "recipe.code", recipe.code or "none"
    yield "environment.lock", environment.lock or "none"
    yield "environment.python", environment.python
    yield "environment.platform", environment.platform
    yield "trust.level", trust.level
    yield "trust.quotable", "yes" if trust.quotable else "no"
    yield "trust.missing", trust.missing or "nothing"
    yield "trust.reproduced", trust.since or "no"
    yield "mlflow.source.name", recipe.notebook.path
    yield "mlflow.source.type", "NOTEBOOK"
    yield "mlflow.note.content", _note(chosen)
    if about.commit is not None:
        yield "mlflow.source.git.commit", about.commit
        yield "commit.dirty", "no" if about.dirty is False else "yes"
    if about.ci:
        yield "ci", about.ci
    if record.error is not None:
        yield "record.error", f"{record.error.ename}: {record.error.evalue}"


def _metric_tags(record: Record) -> Iterator[tuple[str, str]]:
    for metric in record.results.metrics:
        better = "" if metric.direction == "none" else f"{metric.direction} is better"
        if text := ", ".join(filter(None, (metric.unit, better))):
            yield f"metric.{metric.name}", text


def _note(chosen: Chosen) -> str:
    """Return what the run's page shows first."""
    if chosen.mark:
        return f"**{chosen.mark}.** Next: {chosen.trust.missing}"
    return f"{chosen.trust.level} on {chosen.trust.since}"


def _milliseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
