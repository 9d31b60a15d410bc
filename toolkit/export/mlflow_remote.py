"""One run as it stands on an MLflow server."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from toolkit.export.exported import ExportError
from toolkit.export.mlflow_run import DIGEST, MlflowRun
from toolkit.export.mlflow_server import Server, ServerError

_MISSING, _TAKEN = "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS"
_ENTRIES = 90  # of an order; at most 100 parameters, 100 tags and 1,000 metrics go
_SIZE = 500_000  # characters of JSON; an order may have 1,000,000 bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Remote:
    """A run on the server: what it is called there, and what it holds."""

    id: str
    files: str  # where its files are: "mlflow-artifacts:/1/26020b/artifacts"
    tags: Mapping[str, str]
    params: frozenset[str]
    metrics: Mapping[str, float]

    def folder(self, server: Server) -> str | None:
        """Return its folder, if the server passes files on; None if it does not."""
        there, here = urlsplit(self.files), urlsplit(server.url)
        if there.scheme != "mlflow-artifacts" or there.netloc not in ("", here.netloc):
            return None
        return there.path.strip("/")


def experiment_id(server: Server, name: str) -> str:
    """Return the id of an experiment, which is made if it is not there.

    Raises
    ------
    ExportError : if the server refuses, or somebody has deleted the experiment
    """
    try:
        answer = server.get("experiments/get-by-name", experiment_name=name)
    except ServerError as error:
        if error.code != _MISSING:
            raise
    else:
        found = _mapping(server, answer, "experiment")
        if found.get("lifecycle_stage") == "deleted":
            raise ExportError(
                where=f"{server.url}, experiment {name!r}",
                found="somebody has deleted it",
                expected="bring it back (mlflow experiments restore), or clear it away "
                "for good (mlflow gc), and export again",
            )
        return _text(server, found, "experiment_id")
    try:
        answer = server.post("experiments/create", name=name)
    except ServerError as error:
        if error.code != _TAKEN:  # somebody else made it a moment ago
            raise
        answer = server.get("experiments/get-by-name", experiment_name=name)
        answer = _mapping(server, answer, "experiment")
    return _text(server, answer, "experiment_id")


def find(server: Server, experiment: str, digest: str) -> Remote | None:
    """Return the run of a record, found by the record's digest; None if there is none.

    Raises
    ------
    ExportError : if the server refuses
    """
    answer = server.post(
        "runs/search",
        experiment_ids=[experiment],
        filter=f"tags.`{DIGEST}` = '{digest}'",
        order_by=["attributes.start_time ASC"],
        max_results=1,
    )
    runs = answer.get("runs")
    return _remote(server, runs[0]) if isinstance(runs, list) and runs else None


def create(server: Server, experiment: str, told: MlflowRun) -> Remote:
    """Make a run that is found again from now on, and still counts as running.

    Raises
    ------
    ExportError : if the server refuses
    """
    digest = {"key": DIGEST, "value": told.tags[DIGEST]}
    answer = server.post(
        "runs/create",
        experiment_id=experiment,
        run_name=told.name,
        start_time=told.start,
        tags=[digest],
    )
    return _remote(server, answer.get("run"))


def fill(server: Server, there: Remote, told: MlflowRun) -> None:
    """Tell a run what it does not hold yet; what it holds is told no second time.

    Raises
    ------
    ExportError : if the server refuses
    """
    params = [
        {"key": key, "value": value}
        for key, value in told.params.items()
        if key not in there.params
    ]
    metrics = [
        {"key": key, "value": value, "timestamp": told.end, "step": 0}
        for key, value in told.metrics.items()
        if there.metrics.get(key) != value
    ]
    tags = [
        {"key": key, "value": value}
        for key, value in told.tags.items()
        if there.tags.get(key) != value
    ]
    for kind, entries in (("params", params), ("metrics", metrics), ("tags", tags)):
        for some in batches(entries):
            server.post("runs/log-batch", run_id=there.id, **{kind: some})


def batches(
    entries: Sequence[Mapping[str, object]],
) -> Iterator[list[Mapping[str, object]]]:
    """Yield the entries in orders that the server takes, in number and in size.

    Examples
    --------
    >>> [len(some) for some in batches([{"key": "a"}] * 100)]
    [90, 10]
    """
    some: list[Mapping[str, object]] = []
    size = 0
    for entry in entries:
        length = len(json.dumps(entry))
        if some and (len(some) == _ENTRIES or size + length > _SIZE):
            yield some
            some, size = [], 0
        some.append(entry)
        size += length
    if some:
        yield some


def _remote(server: Server, run: object) -> Remote:
    info = _mapping(server, run, "info")
    data = run.get("data") if isinstance(run, dict) else None
    data = data if isinstance(data, dict) else {}  # a run just made may hold none
    metrics = {
        str(name): float(value)
        for name, value in _pairs(data, "metrics")
        if isinstance(value, int | float)
    }
    return Remote(
        id=_text(server, info, "run_id"),
        files=str(info.get("artifact_uri", "")),
        tags={name: str(value) for name, value in _pairs(data, "tags")},
        params=frozenset(name for name, _ in _pairs(data, "params")),
        metrics=metrics,
    )


def _pairs(data: Mapping[str, object], kind: str) -> Iterator[tuple[str, object]]:
    entries = data.get(kind)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and "key" in entry:
            yield str(entry["key"]), entry.get("value", "")


def _mapping(server: Server, answer: object, key: str) -> Mapping[str, object]:
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, dict):
        raise _unlike(server, key)
    return value


def _text(server: Server, answer: Mapping[str, object], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise _unlike(server, key)
    return value


def _unlike(server: Server, key: str) -> ExportError:
    return ExportError(
        where=server.url,
        found=f"its answer holds no {key!r}",
        expected="is it an MLflow server, and of which version?",
    )
