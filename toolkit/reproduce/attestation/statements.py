"""What is signed: in-toto Statements about a record, built from it alone.

A statement is a function of the record, of the files that were there, and of the few
facts in :class:`Signing`; so a verifier builds it again and compares all of it.

References
----------
in-toto Statement v1; SLSA provenance v1; Simple Verification Result v0.2
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import canonical_json, value_digest
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import METRICS, NOTEBOOK, RECORD
from toolkit.reproduce.verification.evidence import Evidence
from toolkit.reproduce.verification.integrity import FILES, published_files

Kind: TypeAlias = Literal["provenance", "svr"]
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATES: Mapping[Kind, str] = {
    "provenance": "https://slsa.dev/provenance/v1",
    "svr": "https://in-toto.io/attestation/svr/v0.2",
}
BUILD_TYPE = "urn:toolkit:notebook-run:v1"
VERIFIER = "urn:toolkit:verify:v1"
REPRODUCED = "TOOLKIT_REPRODUCED"
VARIED = "TOOLKIT_VARIED_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signing:
    """What no record says: when it was signed, where, and by which version."""

    on: str  # "2026-11-24T08:00:00.000000Z"
    builder: str  # URI of what executed
    version: str  # "0.1.0", of the toolkit


def provenance(
    record: Record,
    files: Mapping[str, Sha256],
    signing: Signing,
    *,
    notebook: Sha256 | None = None,
) -> bytes:
    """Return the statement that a record was made by an execution here.

    Parameters
    ----------
    record : of the run
    files : digest by path in the run's folder; ``record.json`` and ``metrics.json``,
        and what it published as far as it is there
    signing : the facts beside the record
    notebook : digest of the executed notebook, if it is there
    """
    recipe, about = record.recipe, record.circumstances
    definition = {
        "buildType": BUILD_TYPE,
        "externalParameters": {
            "notebook": recipe.notebook.path,
            "parameters": recipe.parameters,
        },
        "internalParameters": {
            "recipe": recipe.digest,
            "python": recipe.environment.python,
            "platform": recipe.environment.platform,
            "upstream": recipe.upstream,
        },
        "resolvedDependencies": list(_dependencies(record)),
    }
    byproducts = [] if notebook is None else [_resource(NOTEBOOK, "sha256", notebook)]
    details = {
        "builder": {"id": signing.builder, "version": {"toolkit": signing.version}},
        "metadata": {
            "invocationId": record.run,
            "startedOn": about.started,
            "finishedOn": about.finished,
            "toolkit_signedOn": signing.on,
            "toolkit_ci": about.ci,
        },
        "byproducts": byproducts,
    }
    predicate = {"buildDefinition": definition, "runDetails": details}
    return _statement("provenance", files, predicate)


def reproduction(
    record: Record,
    evidence: Evidence,
    files: Mapping[str, Sha256],
    signing: Signing,
) -> bytes:
    """Return the statement that a record was executed again and came out equal.

    Parameters
    ----------
    record : of the run
    evidence : that says *reproduced* of it
    files : digest by path in the run's folder, the evidence's file among them
    signing : the facts beside them
    """
    predicate = {
        "verifier": {"id": VERIFIER, "toolkit_version": signing.version},
        "timeCreated": evidence.finished,
        "properties": [REPRODUCED, *map(varied, sorted(evidence.variations))],
        "toolkit_run": record.run,
        "toolkit_evidence": evidence.digest,
        "toolkit_builder": signing.builder,
        "toolkit_signedOn": signing.on,
    }
    return _statement("svr", files, predicate)


def varied(name: str) -> str:
    """Return the property that says that something was varied.

    Examples
    --------
    >>> varied("hash-seed")
    'TOOLKIT_VARIED_HASH_SEED'
    """
    return VARIED + name.upper().replace("-", "_")


def kept_files(record: Record) -> dict[str, Sha256]:
    """Return what a run keeps beside its record: digest by path in its folder."""
    written = {f"{FILES}/{path}": sha for path, sha in record.trace.written.items()}
    return {**published_files(record.results), **written}


def _statement(
    kind: Kind, files: Mapping[str, Sha256], predicate: Mapping[str, object]
) -> bytes:
    first = [name for name in (RECORD, METRICS) if name in files]
    names = [*first, *sorted(set(files) - set(first))]
    return canonical_json(
        {
            "_type": STATEMENT,
            "subject": [_resource(name, "sha256", files[name]) for name in names],
            "predicateType": PREDICATES[kind],
            "predicate": predicate,
        }
    )


def _dependencies(record: Record) -> Iterator[Mapping[str, object]]:
    """Yield what decided the results, under the names that in-toto has for digests."""
    recipe = record.recipe
    yield {
        **_resource(recipe.notebook.path, "sha256", recipe.notebook.digest),
        "annotations": {"of": "the canonical JSON of the source cells"},
    }
    if record.circumstances.commit is not None:
        yield _resource("commit", "gitCommit", record.circumstances.commit)
    if recipe.code is not None:
        yield _resource("code", "dirHash", recipe.code)
    for source, digest in sorted(recipe.data.items()):
        yield _resource(source, _kind_of(source, record), digest)
    if recipe.scope is not None:
        yield _resource("scope.yaml", "sha256", recipe.scope)
    if recipe.environment.lock is not None:
        yield _resource("requirements.lock", "sha256", recipe.environment.lock)
    yield {
        **_resource("installed", "sha256", recipe.environment.installed),
        "annotations": {"of": "the canonical JSON of the sorted name==version lines"},
    }
    for notebook, digest in sorted(recipe.upstream_results.items()):
        yield {
            **_resource(f"results of {notebook}", "sha256", digest),
            "annotations": {"run": recipe.upstream.get(notebook, "")},
        }
    yield {
        **_resource("inputs", "sha256", value_digest(record.trace.inputs)),
        "annotations": {"of": "the canonical JSON of trace.inputs in record.json"},
    }


def _kind_of(source: str, record: Record) -> str:
    """Tell a file from a folder by what the run read; unread data may be either."""
    if record.trace.inputs.get(source) == record.recipe.data[source]:
        return "sha256"
    folder = f"{source.rstrip('/')}/"
    if any(path.startswith(folder) for path in record.trace.inputs):
        return "dirHash"
    return "sha256OrDirHash"


def _resource(name: str, algorithm: str, digest: str) -> dict[str, object]:
    return {"name": name, "digest": {algorithm: digest}}
