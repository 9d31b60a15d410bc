"""The metadata of a Workflow Run RO-Crate, as one plain value.

References
----------
RO-Crate 1.1; Workflow RO-Crate 1.0; Workflow Run Crate 0.5, which includes Process Run
Crate 0.5
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

from toolkit.export.artefacts import Artefact
from toolkit.export.crate_values import (
    given,
    is_reference,
    number,
    parameters_of,
    storable_value,
)
from toolkit.export.exported import About, Chosen
from toolkit.reproduce.records.record import Record

Entity: TypeAlias = dict[str, object]
METADATA = "ro-crate-metadata.json"
CONTEXT = (
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
)
_CRATE = "https://w3id.org/ro/crate/1.1"
_WORKFLOW = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
    (_WORKFLOW, "Workflow RO-Crate", "1.0"),
)
_BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_LANGUAGE = "https://jupyter.org/"
_PYTHON = "https://www.python.org/"
_RUN = "#run"


def crate_graph(
    chosen: Chosen, files: Sequence[Artefact], workflow: Artefact, about: About
) -> Mapping[str, object]:
    """Return the content of ``ro-crate-metadata.json``.

    Parameters
    ----------
    chosen : the run and its trust
    files : of the run, as they lie in the crate
    workflow : the notebook, as it lies in the crate: one of the files, or beside them
    about : what the project says of itself
    """
    record = chosen.record
    values = [given(n, v) for n, v in record.recipe.parameters.items()]
    numbers = [number(metric) for metric in record.results.metrics]
    inputs = list(_inputs(record))
    results = [_file(file) for file in files if file.path != workflow.path]
    main = _main(record, workflow, values, numbers)
    entities = [
        _descriptor(),
        _root(chosen, [main, *results], about),
        *map(_profile, _PROFILES),
        main,
        *_software(record),
        _action(chosen, main, [*values, *inputs], [*results, *numbers]),
        *results,
        *values,
        *numbers,
        *inputs,
        *parameters_of([*values, *numbers]),
        *_licence(about),
    ]
    return {"@context": list(CONTEXT), "@graph": storable_value(entities)}


def _descriptor() -> Entity:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": [{"@id": _CRATE}, {"@id": _WORKFLOW}],
    }


def _profile(facts: tuple[str, str, str]) -> Entity:
    id_, name, version = facts
    return {"@id": id_, "@type": "CreativeWork", "name": name, "version": version}


def _root(chosen: Chosen, parts: Sequence[Entity], about: About) -> Entity:
    record, trust = chosen.record, chosen.trust
    found = f"{trust.level} on {trust.since}" if trust.since else trust.level
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{about.name}: {record.run}",
        "description": f"One run of {record.recipe.notebook.path}, with its record. "
        f"Trust: {chosen.mark or found}.",
        "datePublished": record.circumstances.finished,
        "license": _licence_of(about),
        "conformsTo": [{"@id": id_} for id_, _, _ in _PROFILES],
        "creativeWorkStatus": chosen.mark or trust.level,
        "keywords": [f"trust: {trust.level}", f"status: {record.status}"],
        "identifier": f"sha256:{record.digest}",
        "mainEntity": _at(parts[0]),
        "mentions": {"@id": _RUN},
        "hasPart": [_at(part) for part in parts],
    }


def _main(
    record: Record, file: Artefact, values: Sequence[Entity], numbers: Sequence[Entity]
) -> Entity:
    return {
        **_file(file),
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": record.recipe.notebook.path,
        "conformsTo": {"@id": _BIOSCHEMAS},
        "version": record.circumstances.commit or record.recipe.notebook.digest,
        "programmingLanguage": {"@id": _LANGUAGE},
        "softwareRequirements": {"@id": _PYTHON},
        "input": [value["exampleOfWork"] for value in values],
        "output": [value["exampleOfWork"] for value in numbers],
    }


def _software(record: Record) -> Iterator[Entity]:
    environment = record.recipe.environment
    yield {
        "@id": _LANGUAGE,
        "@type": "ComputerLanguage",
        "name": "Jupyter Notebook",
        "url": _LANGUAGE,
    }
    lock = f"sha256:{environment.lock}" if environment.lock else "none"
    yield {
        "@id": _PYTHON,
        "@type": "SoftwareApplication",
        "name": "Python",
        "url": _PYTHON,
        "softwareVersion": environment.python,
        "operatingSystem": environment.platform,
        "description": f"with the packages of requirements.lock {lock}",
    }


def _action(
    chosen: Chosen, main: Entity, objects: Sequence[Entity], results: Sequence[Entity]
) -> Entity:
    record, about = chosen.record, chosen.record.circumstances
    done = record.status == "finished"
    word = "CompletedActionStatus" if done else "FailedActionStatus"
    action: Entity = {
        "@id": _RUN,
        "@type": "CreateAction",
        "name": f"Run {record.run}",
        "description": f"{record.status}; recipe sha256:{record.recipe.digest}; trust: "
        f"{chosen.mark or chosen.trust.level}",
        "instrument": _at(main),
        "startTime": about.started,
        "endTime": about.finished,
        "actionStatus": {"@id": f"http://schema.org/{word}"},
        "object": [_at(entity) for entity in objects],
        "result": [_at(entity) for entity in results],
    }
    if not done and record.error is not None:
        action["error"] = f"{record.error.ename}: {record.error.evalue}"
    return action


def _inputs(record: Record) -> Iterator[Entity]:
    """Yield the data that the run used; the crate holds their digests, not them."""
    digests = {**record.recipe.data, **record.trace.inputs}
    for path, digest in sorted(digests.items()):
        yield {
            "@id": f"#input/{_quoted(path)}",
            "@type": "CreativeWork",
            "name": path,
            "sha256": digest,
        }


def _file(file: Artefact) -> Entity:
    return {
        "@id": _quoted(file.path),
        "@type": "File",
        "name": file.title,
        "encodingFormat": file.media,
        "sha256": file.digest,
    }


def _licence_of(about: About) -> object:
    if about.licence is None:
        return "not stated"
    if not is_reference(about.licence):
        return about.licence
    return {"@id": f"https://spdx.org/licenses/{about.licence}"}


def _licence(about: About) -> Iterator[Entity]:
    named = _licence_of(about)
    if isinstance(named, dict):
        yield {**named, "@type": "CreativeWork", "name": about.licence}


def _at(entity: Entity) -> Entity:
    return {"@id": entity["@id"]}


def _quoted(path: str) -> str:
    """Return a path as the address that RO-Crate wants."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")
