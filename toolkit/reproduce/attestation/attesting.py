"""Signing: which runs may be attested here, and the files that say so."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit import __version__
from toolkit.errors import ToolkitError
from toolkit.publish.results import Sha256
from toolkit.reproduce.attestation.beside import (
    Attestation,
    Keys,
    file_name,
    load_attestations,
    run_in,
)
from toolkit.reproduce.attestation.bundle import (
    PAYLOAD_TYPE,
    Envelope,
    bundle_bytes,
    pae,
)
from toolkit.reproduce.attestation.holding import Run
from toolkit.reproduce.attestation.private import SigningKey
from toolkit.reproduce.attestation.statements import (
    Kind,
    Signing,
    kept_files,
    provenance,
    reproduction,
)
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import METRICS, NOTEBOOK, RECORD
from toolkit.reproduce.trust import Trust, proof_of
from toolkit.reproduce.verification.evidence import Evidence, evidence_name
from toolkit.reproduce.whole import write_whole

UNNAMED = "urn:toolkit:builder:unnamed"


@dataclass(eq=False)
class NotSignedError(ToolkitError, ValueError):
    """Something may not be signed here, or not any more."""

    run: str
    what: str  # "execution", "reproduction"
    found: str
    expected: str
    elsewhere: bool = False  # it came with a commit

    def __str__(self) -> str:
        return (
            f"{self.run}: its {self.what} is not signed: {self.found}; {self.expected}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """Who signs, where and when."""

    key: SigningKey
    builder: str
    now: datetime
    # Paths of the project that a commit holds: what others made. None: sign those, too.
    committed: Container[str] | None = None
    root: Path

    def made_elsewhere(self, path: Path) -> bool:
        """Tell whether a file came with a commit, and was not made in this checkout."""
        if self.committed is None:
            return False
        try:
            inside = path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return False
        return inside in self.committed


@dataclass(frozen=True, kw_only=True, slots=True)
class Attested:
    """What became of one run that was to be signed."""

    run: str
    written: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()  # there already, by this key
    refused: tuple[NotSignedError, ...] = ()


def attest_run(
    folder: Path, record: Record, evidence: Sequence[Evidence], trust: Trust, by: Signer
) -> Attested:
    """Sign what can be said of a run: executed here, and reproduced here.

    A second call with the same key adds nothing.

    Parameters
    ----------
    folder : of the run
    record : as it lies there
    evidence : what verifications found of it
    trust : the run's; an exploratory one is not signed
    by : who signs

    Raises
    ------
    OSError : if a file cannot be written; none is half written
    """
    run = run_in(folder, record)
    keys = Keys(others=(by.key.public,))
    there = load_attestations(folder, record, keys, by.now).holds
    written: list[Path] = []
    kept: list[Path] = []
    refused: list[NotSignedError] = []
    for kind, proof in _wanted(record, evidence):
        if path := _there(kind, there, evidence):
            kept.append(Path(path))
            continue
        try:
            _check(folder, record, proof, trust, by)
            files, executed = _files(run, record, proof)
        except NotSignedError as error:
            refused.append(error)
            continue
        signing = Signing(on=_iso(by.now), builder=by.builder, version=__version__)
        payload = (
            provenance(record, files, signing, notebook=executed)
            if proof is None
            else reproduction(record, proof, files, signing)
        )
        written.append(_write(folder, kind, payload, by.key))
    return Attested(
        run=record.run,
        written=tuple(written),
        kept=tuple(kept),
        refused=tuple(refused),
    )


def builder_id(environ: Mapping[str, str]) -> str:
    """Return the URI of the CI job that executes; an own one where there is none.

    Examples
    --------
    >>> builder_id({})
    'urn:toolkit:builder:unnamed'
    """
    uri = UNNAMED
    if environ.get("GITHUB_ACTIONS") == "true" and environ.get("GITHUB_WORKFLOW_REF"):
        server = environ.get("GITHUB_SERVER_URL", "")
        uri = f"{server}/{environ['GITHUB_WORKFLOW_REF']}"
    elif environ.get("GITLAB_CI") and environ.get("CI_PROJECT_URL"):
        runner = environ.get("CI_RUNNER_ID", "0")
        uri = f"{environ['CI_PROJECT_URL']}/-/runners/{runner}"
    fits = uri.isascii() and uri.isprintable() and " " not in uri
    return uri if fits else UNNAMED


def sign(payload: bytes, key: SigningKey) -> Envelope:
    """Return the envelope of a payload, signed."""
    signature = key.sign(pae(PAYLOAD_TYPE, payload))
    return Envelope(payload=payload, keyid=key.public.id, signature=signature)


def _wanted(
    record: Record, evidence: Sequence[Evidence]
) -> Iterator[tuple[Kind, Evidence | None]]:
    """Yield what there is to be signed."""
    yield "provenance", None
    proof = proof_of(record, evidence)
    if isinstance(proof, Evidence):
        yield "svr", proof


def _there(
    kind: Kind, there: Sequence[Attestation], evidence: Sequence[Evidence]
) -> str | None:
    """Return the file in which this key said that already, and nothing refuted it."""
    for one in there:
        proof = one.statement.evidence if one.statement else None
        if one.kind == kind and (proof is None or _stands(proof, evidence)):
            return one.path
    return None


def _stands(proof: Evidence, evidence: Sequence[Evidence]) -> bool:
    """Tell whether no later evidence about the same record refutes a proof."""
    return not any(
        one.record == proof.record
        and one.value == "differs"
        and one.finished > proof.finished
        for one in evidence
    )


def _check(
    folder: Path, record: Record, proof: Evidence | None, trust: Trust, by: Signer
) -> None:
    """Check that this is a run, or a verification, that was made here and counts."""
    what = "execution" if proof is None else "reproduction"
    if trust.level == "exploratory":
        raise NotSignedError(
            run=record.run,
            what=what,
            found=f"it is exploratory ({trust.short})",
            expected=trust.missing,
        )
    name = RECORD if proof is None else evidence_name(proof)
    if by.made_elsewhere(folder / name):
        again = "run" if proof is None else "verify"
        raise NotSignedError(
            run=record.run,
            what=what,
            found=f"{name} came with a commit, so it was not made here",
            expected=f"let CI make its own: toolkit {again} "
            f"{record.recipe.notebook.path}",
            elsewhere=True,
        )


def _files(
    run: Run, record: Record, proof: Evidence | None
) -> tuple[dict[str, Sha256], Sha256 | None]:
    """Return the digests of what is there, after they were held against the record."""
    names = [RECORD, METRICS]
    expected: dict[str, Sha256] = {}
    if proof is None:
        expected = kept_files(record)
    else:
        names.append(evidence_name(proof))
    found: dict[str, Sha256] = {}
    for name in (*names, *expected):
        digest = run.digest_of(name)
        if digest is None and name in names:
            raise _unfit(record, f"{name} is not here")
        if digest is not None and expected.get(name, digest) != digest:
            raise _unfit(record, f"{name} was changed after the run")
        if digest is not None:
            found[name] = digest
    return found, run.digest_of(NOTEBOOK)


def _unfit(record: Record, found: str) -> NotSignedError:
    expected = f"run it again: toolkit run {record.recipe.notebook.path}"
    return NotSignedError(
        run=record.run, what="execution", found=found, expected=expected
    )


def _write(folder: Path, kind: Kind, payload: bytes, key: SigningKey) -> Path:
    envelope = sign(payload, key)
    path = folder / file_name(kind, envelope)
    write_whole(path, bundle_bytes(envelope))
    return path


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")
