"""Runs on disk that were signed, for the tests of what checks that."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from evidence import clean
from records import a_record, put

from toolkit.publish.results import Metric, Results, Table
from toolkit.reproduce.attestation.attesting import Signer, attest_run, sign
from toolkit.reproduce.attestation.beside import (
    Beside,
    Keys,
    file_name,
    load_attestations,
)
from toolkit.reproduce.attestation.bundle import bundle_bytes, parse_bundle
from toolkit.reproduce.attestation.private import SigningKey
from toolkit.reproduce.attestation.statements import Kind
from toolkit.reproduce.attestation.trusted import Role, TrustedKey
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record, json_text
from toolkit.reproduce.records.store import METRICS
from toolkit.reproduce.trust import Trust
from toolkit.reproduce.variation import NAMES
from toolkit.reproduce.verification.evidence import (
    Evidence,
    load_evidence,
    write_evidence,
)
from toolkit.reproduce.verification.verdict import Verdict

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CSV = b"a\n1\n"
RECORDED = Trust(level="recorded")


@cache
def a_key(seed: int = 1) -> SigningKey:
    """Return a private key, always the same one of a number."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    return SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def trusted(seed: int = 1, role: Role = "ci", **facts: object) -> TrustedKey:
    """Return a public key as a project names it."""
    key = TrustedKey(
        name=f"key-{seed}",
        key=a_key(seed).public,
        role=role,
        not_before=NOW - timedelta(days=1),
        not_after=NOW + timedelta(days=1),
    )
    return replace(key, **facts)  # type: ignore[arg-type]  # facts are of its fields


KEYS = Keys(trusted=(trusted(),))


def proof(record: Record, **verdict: object) -> Evidence:
    """Return evidence that says that a record was reproduced."""
    facts = {"value": "reproduced", "varied": NAMES} | verdict
    return Evidence(
        run=record.run,
        record=record.digest,
        results=record.results_digest,
        verdict=Verdict(run=record.run, notebook=record.recipe.notebook.path, **facts),  # type: ignore[arg-type]  # facts are of its fields
        environment=record.recipe.environment,
        source=None,
        verifier="0.1.0",
        commit=None,
        ci=None,
        finished="2026-11-23T20:00:00.000000Z",
    )


def published(notebook: str = "02-baseline", **facts: str) -> Record:
    """Return the record of a clean run with a metric and a table."""
    table = Table(
        name="rows",
        title="Rows",
        columns=(),
        rows=1,
        digest=bytes_digest(CSV),
        preview=(),
    )
    results = Results(metrics=(Metric(name="hit_rate", value=1.02),), tables=(table,))
    return clean(a_record(notebook, results=results, **facts))  # type: ignore[arg-type]  # of its arguments


def put_published(runs: Path, record: Record) -> Path:
    """Write a run with all that it published, and the evidence; return its folder."""
    folder = put(record, runs)
    (folder / METRICS).write_text(json_text(record.metrics))
    (folder / "tables").mkdir()
    (folder / "tables" / "rows.csv").write_bytes(CSV)
    (folder / "notebook.ipynb").write_text("{}\n")
    write_evidence(folder, proof(record))
    return folder


def signer(seed: int = 1, now: datetime = NOW) -> Signer:
    """Return one who signs whatever there is."""
    return Signer(key=a_key(seed), builder="urn:x:ci", now=now, root=Path("/nowhere"))


def attest(folder: Path, record: Record, seed: int = 1, now: datetime = NOW) -> None:
    """Sign a run as CI does."""
    evidence = load_evidence(folder).evidence
    done = attest_run(folder, record, evidence, RECORDED, signer(seed, now))
    assert not done.refused


@dataclass(frozen=True)
class Case:
    """A run that was signed."""

    record: Record
    folder: Path

    def path(self, kind: Kind = "provenance") -> Path:
        """Return the one bundle of a kind."""
        (path,) = self.folder.glob(f"{kind}-*.sigstore.json")
        return path

    def check(self, keys: Keys = KEYS, now: datetime = NOW) -> Beside:
        """Return what the attestations amount to."""
        return load_attestations(self.folder, self.record, keys, now)

    def faults(self, keys: Keys = KEYS, now: datetime = NOW) -> set[str]:
        """Return the names of what does not hold."""
        return {error.fault for error in self.check(keys, now).refused}

    def statement(self, kind: Kind = "provenance") -> dict[str, object]:
        """Return what was signed."""
        envelope = parse_bundle(self.path(kind).read_bytes())
        plain: dict[str, object] = json.loads(envelope.payload)
        return plain

    def rewrite(self, content: bytes, kind: Kind = "provenance") -> None:
        """Put other bytes into the file of a bundle, under its name."""
        self.path(kind).write_bytes(content)

    def resign(
        self,
        change: Callable[[dict[str, object]], object],
        kind: Kind = "provenance",
        seed: int = 1,
    ) -> None:
        """Change what is said, and sign that anew with a key."""
        plain = self.statement(kind)
        change(plain)
        self.resign_bytes(as_bytes(plain), kind, seed)

    def resign_bytes(
        self, payload: bytes, kind: Kind = "provenance", seed: int = 1
    ) -> None:
        """Sign other bytes, and give the file its right name."""
        envelope = sign(payload, a_key(seed))
        self.path(kind).unlink()
        path = self.folder / file_name(kind, envelope)
        path.write_bytes(bundle_bytes(envelope))


def as_bytes(plain: Mapping[str, object]) -> bytes:
    """Return JSON as a statement has it."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def signed_run(runs: Path, record: Record | None = None) -> Case:
    """Write a run and sign it."""
    record = record or published()
    folder = put_published(runs, record)
    attest(folder, record)
    return Case(record=record, folder=folder)
