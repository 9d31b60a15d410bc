"""Whether a statement speaks of this record and these files, in every one of its words.

Bytes and values in, the statement or a named error out: nothing here opens a file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from toolkit.publish.fields import shown
from toolkit.publish.results import Sha256
from toolkit.reproduce.attestation.bundle import parse_object
from toolkit.reproduce.attestation.faults import AttestationError, Fault
from toolkit.reproduce.attestation.signers import LEEWAY
from toolkit.reproduce.attestation.statements import (
    PREDICATES,
    STATEMENT,
    Kind,
    Signing,
    kept_files,
    provenance,
    reproduction,
)
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import METRICS, NOTEBOOK, RECORD
from toolkit.reproduce.verification.evidence import Evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run as it lies here."""

    record: Record
    digest_of: Callable[[str], Sha256 | None]  # of a file in its folder; None: not here
    evidence: Mapping[str, Evidence]  # that can be read, by file name


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A statement that holds for a run."""

    kind: Kind
    signed: datetime
    signing: Signing
    evidence: Evidence | None  # of an SVR


def check_statement(
    payload: bytes, run: Run, now: datetime, *, path: str = ""
) -> Statement:
    """Return the statement, after all that it says was held against the run.

    Parameters
    ----------
    payload : bytes under a signature that holds
    run : that it should be about
    now : in UTC

    Raises
    ------
    AttestationError : on the first thing that does not hold; it says what
    """
    said = _Said(parse_object(payload, path), path)
    said.equal(STATEMENT, "_type")
    predicate_type = said.text("predicateType")
    kind = next((k for k, uri in PREDICATES.items() if uri == predicate_type), None)
    if kind is None:
        said.refuse("wrong form", f"predicateType {shown(predicate_type)}")
    files = said.files()
    _check_run(kind, said, run)
    evidence = None if kind == "provenance" else _evidence(files, run, said)
    _check_files(kind, files, run, said)
    signing = _signing(kind, said)
    again = _again(kind, run, files, signing, evidence, said)
    if payload != again:
        other = _Said(parse_object(again, path), path)
        where = _parting(said.plain, other.plain) or "the order of its keys"
        fault: Fault = "contradicts the record"
        if kind == "svr":
            fault = "contradicts the evidence"
        said.refuse(fault, f"{where} is not what it must be for this run")
    signed = said.time(signing.on)
    _check_times(run, evidence, signed, now, said)
    return Statement(kind=kind, signed=signed, signing=signing, evidence=evidence)


class _Said:
    """What a statement says, asked by path, with errors that name it."""

    def __init__(self, plain: object, path: str) -> None:
        self.plain = plain
        self._path = path

    def refuse(self, fault: Fault, found: str) -> NoReturn:
        raise AttestationError(path=self._path, fault=fault, found=found)

    def at(self, *keys: str) -> object:
        value = self.plain
        for key in keys:
            if not isinstance(value, Mapping) or key not in value:
                self.refuse("wrong form", f"it has no {'.'.join(keys)}")
            value = value[key]
        return value

    def text(self, *keys: str) -> str:
        value = self.at(*keys)
        if not isinstance(value, str):
            self.refuse("wrong form", f"{'.'.join(keys)} is {shown(value)}")
        return value

    def equal(self, expected: str, *keys: str) -> None:
        if self.text(*keys) != expected:
            self.refuse("wrong form", f"{'.'.join(keys)} is {shown(self.at(*keys))}")

    def files(self) -> dict[str, Sha256]:
        """Return the digest of each subject by its name."""
        return self._resources(self.at("subject"), "subject")

    def byproducts(self) -> dict[str, Sha256]:
        keys = ("predicate", "runDetails", "byproducts")
        return self._resources(self.at(*keys), "byproducts")

    def _resources(self, listed: object, what: str) -> dict[str, Sha256]:
        if not isinstance(listed, list):
            self.refuse("wrong form", f"{what} is {shown(listed)}")
        found: dict[str, Sha256] = {}
        for each in listed:
            one = _Said(each, self._path)
            name = one.text("name")
            if name in found:
                self.refuse("wrong form", f"{what} names {shown(name)} twice")
            found[name] = Sha256(one.text("digest", "sha256"))
        return found

    def time(self, text: str) -> datetime:
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            when = None
        if when is None or when.tzinfo is None or not text.endswith("Z"):
            self.refuse("wrong form", f"{shown(text)} is no time in UTC")
        return when


def _check_run(kind: Kind, said: _Said, run: Run) -> None:
    keys = ("predicate", "runDetails", "metadata", "invocationId")
    about = said.text(*(keys if kind == "provenance" else ("predicate", "toolkit_run")))
    if about != run.record.run:
        found = f"it is about {shown(about)}, and lies beside {run.record.run}"
        said.refuse("another run", found)


def _check_files(
    kind: Kind, files: Mapping[str, Sha256], run: Run, said: _Said
) -> None:
    """Hold every file that a statement names against what the run has and is here."""
    if missing := [name for name in (RECORD, METRICS) if name not in files]:
        said.refuse("wrong form", f"it does not speak of {missing[0]}")
    published = kept_files(run.record)
    named = dict(files)
    if kind == "provenance":
        byproducts = said.byproducts()
        if strange := set(byproducts) - {NOTEBOOK}:
            said.refuse("unknown file", f"byproduct {min(strange)!a}")
        named |= byproducts
    allowed = {RECORD, METRICS, NOTEBOOK, *published, *run.evidence}
    for name, digest in named.items():
        if name not in allowed:
            said.refuse("unknown file", f"{name!a}, which the run cannot have")
        here = run.digest_of(name)
        if here is None and name in (RECORD, METRICS):
            said.refuse("missing file", f"{name} is not here")
        if here is not None and here != digest:
            said.refuse("changed file", f"{name} is not what was signed")
        if published.get(name, digest) != digest:
            said.refuse("contradicts the record", f"{name} has another digest there")


def _evidence(files: Mapping[str, Sha256], run: Run, said: _Said) -> Evidence:
    """Return the evidence that an SVR rests on."""
    names = [name for name in files if name.startswith("verification-")]
    if len(names) != 1:
        said.refuse("wrong form", f"it rests on {len(names)} files of evidence")
    if names[0] not in run.evidence:
        there = run.digest_of(names[0]) is not None
        fault: Fault = "changed file" if there else "missing file"
        state = "cannot be read, or was edited" if there else "is not here"
        said.refuse(fault, f"{names[0]!a} {state}")
    evidence = run.evidence[names[0]]
    if evidence.record != run.record.digest or evidence.value != "reproduced":
        found = f"{names[0]} does not say that this record was reproduced"
        said.refuse("contradicts the evidence", found)
    return evidence


def _signing(kind: Kind, said: _Said) -> Signing:
    """Return the facts that no record holds; a URI and a version are one word."""
    if kind == "provenance":
        details = ("predicate", "runDetails")
        facts = (
            said.text(*details, "metadata", "toolkit_signedOn"),
            said.text(*details, "builder", "id"),
            said.text(*details, "builder", "version", "toolkit"),
        )
    else:
        facts = (
            said.text("predicate", "toolkit_signedOn"),
            said.text("predicate", "toolkit_builder"),
            said.text("predicate", "verifier", "toolkit_version"),
        )
    for fact in facts:
        if not fact.isascii() or not fact.isprintable() or " " in fact or not fact:
            said.refuse("wrong form", f"{ascii(fact)[:60]} is no URI and no version")
    return Signing(on=facts[0], builder=facts[1], version=facts[2])


def _again(
    kind: Kind,
    run: Run,
    files: Mapping[str, Sha256],
    signing: Signing,
    evidence: Evidence | None,
    said: _Said,
) -> bytes:
    """Return the statement as it must be."""
    if kind == "svr" and evidence is not None:
        return reproduction(run.record, evidence, files, signing)
    executed = said.byproducts().get(NOTEBOOK)
    return provenance(run.record, files, signing, notebook=executed)


def _check_times(
    run: Run, evidence: Evidence | None, signed: datetime, now: datetime, said: _Said
) -> None:
    about = run.record.circumstances
    over = said.time(evidence.finished if evidence else about.finished)
    for what, when in (
        ("the run began", said.time(about.started)),
        ("it was signed", signed),
        ("what it speaks of ended", over),
    ):
        if when > now + LEEWAY:
            found = f"{what} on {when:%Y-%m-%d %H:%M}, and now is {now:%Y-%m-%d %H:%M}"
            said.refuse("from the future", found)
    if signed + LEEWAY < over:
        found = f"signed {signed:%Y-%m-%d %H:%M}, before {over:%Y-%m-%d %H:%M}"
        said.refuse("signed too early", found)


def _parting(one: object, other: object, at: str = "") -> str:
    """Return the first place where two JSON values part; empty where nowhere."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}):
            inside = f"{at}.{key}" if at else str(key)
            if key not in one or key not in other:
                return inside
            if found := _parting(one[key], other[key], inside):
                return found
        return ""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next(filter(None, (_parting(*p, f"{at}[{i}]") for i, p in pairs)), "")
    return "" if type(one) is type(other) and one == other else at
