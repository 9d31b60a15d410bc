"""The attestations in a run's folder: which hold, which do not, and whose they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from toolkit.publish.results import Sha256
from toolkit.reproduce.attestation.bundle import Envelope, bundle_bytes, parse_bundle
from toolkit.reproduce.attestation.faults import AttestationError
from toolkit.reproduce.attestation.holding import Run, Statement, check_statement
from toolkit.reproduce.attestation.keys import PublicKey
from toolkit.reproduce.attestation.signers import Signer, check_signer, find_signer
from toolkit.reproduce.attestation.statements import Kind
from toolkit.reproduce.attestation.trusted import TrustedKey
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.verification.evidence import evidence_name, load_evidence

ENDING = ".sigstore.json"
Verdict: TypeAlias = Literal["trusted signer", "unknown signer"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """The public keys that a signature is held against."""

    trusted: Sequence[TrustedKey] = ()
    others: Sequence[PublicKey] = ()  # held by whoever asks, not named by the project


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation:
    """A file that holds, as far as it could be checked."""

    path: str
    keyid: str
    verdict: Verdict
    statement: Statement | None  # None: nobody here has the key, nothing is believed
    signer: TrustedKey | None

    @property
    def kind(self) -> Kind | None:
        """What it states; None while that is not believed."""
        return self.statement.kind if self.statement else None

    def by_ci(self, kind: Kind) -> bool:
        """Tell whether a trusted key of CI states that."""
        trusted = self.signer is not None and self.signer.role == "ci"
        return trusted and self.kind == kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """All attestations of one run; neither kind of them: it is not signed."""

    holds: tuple[Attestation, ...] = ()
    refused: tuple[AttestationError, ...] = ()


def verify_bundle(
    content: bytes, run: Run, keys: Keys, now: datetime, *, path: str = ""
) -> Attestation:
    """Return what a bundle attests of a run.

    In this order, each on what the step before left standing: the form of the bundle,
    the signature over its very bytes, then those bytes as JSON, the run, its files,
    each other word, the times, and whether the key may say so.

    Parameters
    ----------
    content : of the file
    run : that it should be about
    keys : to check it with
    now : in UTC
    path : of the file, for the message

    Raises
    ------
    AttestationError : if anything of it does not hold
    """
    envelope = parse_bundle(content, path=path)
    signer = find_signer(envelope, keys.trusted, keys.others, path=path)
    statement = None
    if signer.key is not None:
        if signer.trusted is not None and signer.trusted.revoked is not None:
            _refuse_revoked(signer.trusted, path)
        statement = check_statement(envelope.payload, run, now, path=path)
    return _attestation(envelope, signer, statement, path)


def load_attestations(
    folder: Path, record: Record, keys: Keys, now: datetime
) -> Beside:
    """Return the attestations in the folder of a run.

    Parameters
    ----------
    folder : of the run
    record : of the run, as it lies there
    keys : to check them with
    now : in UTC
    """
    paths = sorted(folder.glob(f"*{ENDING}"))
    if not paths:
        return Beside()
    run = run_in(folder, record)
    holds, refused = [], []
    for path in paths:
        try:
            content = _content(path)
            holds.append(verify_bundle(content, run, keys, now, path=str(path)))
        except AttestationError as error:
            refused.append(error)
    return Beside(holds=tuple(holds), refused=tuple(refused))


def run_in(folder: Path, record: Record) -> Run:
    """Return a run as it lies in its folder; files are read when they are asked for."""
    evidence = {evidence_name(one): one for one in load_evidence(folder).evidence}
    return Run(record=record, digest_of=_digests(folder), evidence=evidence)


def file_name(kind: Kind, envelope: Envelope) -> str:
    """Return the name of a bundle's file: what it states, and the digest of its bytes.

    So two branches never write different content under one name.
    """
    return f"{kind}-{bytes_digest(bundle_bytes(envelope))[:16]}{ENDING}"


def _digests(folder: Path) -> Callable[[str], Sha256 | None]:
    @cache
    def digest_of(name: str) -> Sha256 | None:
        try:
            return bytes_digest((folder / name).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError):  # ValueError: no name that a file can have
            return Sha256("not readable")

    return digest_of


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        found = error.strerror or "it cannot be read"
        raise AttestationError(
            path=str(path), fault="not readable", found=found
        ) from error


def _refuse_revoked(key: TrustedKey, path: str) -> None:
    """Say that a key was revoked before anything that it signed is looked at."""
    check_signer(key, "svr", key.not_before, path=path)


def _attestation(
    envelope: Envelope, signer: Signer, statement: Statement | None, path: str
) -> Attestation:
    if statement is not None:
        if path and Path(path).name != file_name(statement.kind, envelope):
            raise AttestationError(
                path=path,
                fault="renamed",
                found="its name is not that of its content",
                expected=f"call it {file_name(statement.kind, envelope)}",
            )
        if signer.trusted is not None:
            check_signer(signer.trusted, statement.kind, statement.signed, path=path)
    return Attestation(
        path=path,
        keyid=envelope.keyid,
        verdict="unknown signer" if signer.trusted is None else "trusted signer",
        statement=statement,
        signer=signer.trusted,
    )
