"""Runs into MLflow: each once, and brought up to date when its trust has changed."""

from collections.abc import Iterable, Iterator

from toolkit.export.artefacts import Artefacts, artefacts_of, read_artefact
from toolkit.export.exported import Chosen, Effect, Exported
from toolkit.export.mlflow_remote import Remote, create, experiment_id, fill, find
from toolkit.export.mlflow_run import DIGEST, MlflowRun, mlflow_run
from toolkit.export.mlflow_server import Server
from toolkit.reproduce.digest import value_digest
from toolkit.reproduce.records.store import Store

WHOLE = "toolkit.export"  # the tag that is set last; its value says what went along
_LONG_VALUES = (2, 8)  # since when a parameter may have 6,000 characters


def export_mlflow(
    runs: Iterable[Chosen], store: Store, server: Server, *, project: str
) -> Iterator[Exported]:
    """Bring runs into MLflow, one after the other, and yield what became of each.

    A run is found again by its record's digest: what is there stays as it is, what is
    half there is completed, and where its trust has changed its tags are.

    Parameters
    ----------
    runs : to be brought
    store : where their files are
    server : that takes them
    project : name of the project; an experiment is called PROJECT/NOTEBOOK

    Raises
    ------
    ExportError : if the server does not answer or refuses
    RecordError : if a file of a run was changed after it
    """
    limit = 6000 if server.version() >= _LONG_VALUES else 500
    experiments: dict[str, str] = {}
    for chosen in runs:
        files = artefacts_of(store, chosen.record)  # before anything is sent
        told = mlflow_run(chosen, project=project, param_limit=limit)
        if told.experiment not in experiments:
            experiments[told.experiment] = experiment_id(server, told.experiment)
        experiment = experiments[told.experiment]
        there = find(server, experiment, told.tags[DIGEST])
        effect: Effect = "added" if there is None else "completed"
        there = there or create(server, experiment, told)
        if there.tags.items() >= _wanted(told, files, there, server).items():
            effect = "there already"
        else:
            _complete(server, there, told, files, store)
        yield Exported(
            run=chosen.record.run,
            level=chosen.trust.level,
            effect=effect,
            where=f"{server.url}/#/experiments/{experiment}/runs/{there.id}",
            notes=tuple(_notes(files, there, server)),
        )


def _complete(
    server: Server, there: Remote, told: MlflowRun, files: Artefacts, store: Store
) -> None:
    """Send all that a run does not hold; the tag that says so is the last thing."""
    fill(server, there, told)
    folder = there.folder(server)
    if folder is not None:
        for file in files.here:
            content = read_artefact(store, told.name, file)
            server.put_artefact(f"{folder}/{file.path}", content)
    server.post("runs/update", run_id=there.id, status=told.status, end_time=told.end)
    whole = _wanted(told, files, there, server)[WHOLE]
    server.post("runs/set-tag", run_id=there.id, key=WHOLE, value=whole)


def _wanted(
    told: MlflowRun, files: Artefacts, there: Remote, server: Server
) -> dict[str, str]:
    """Return the tags of a run that is whole."""
    goes = [] if there.folder(server) is None else files.here
    return {**told.tags, WHOLE: value_digest([[f.path, f.digest] for f in goes])}


def _notes(files: Artefacts, there: Remote, server: Server) -> Iterator[str]:
    if there.folder(server) is None:
        yield (
            f"no file went along: the server keeps files at {there.files}, and passes "
            "none on; start it with --serve-artifacts"
        )
    elif files.absent:
        names = ", ".join(files.absent)
        yield f"not here, so it did not go along: {names}"
