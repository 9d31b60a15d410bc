"""Evidence: a verdict kept beside the record that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from toolkit.errors import ToolkitError
from toolkit.publish.fields import FieldError, Json, decode, encode, parse_json, shown
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import value_digest
from toolkit.reproduce.records.recipe import Environment, RunId
from toolkit.reproduce.records.record import json_text
from toolkit.reproduce.verification.verdict import Verdict
from toolkit.reproduce.whole import write_whole


@dataclass(eq=False)
class EvidenceError(ToolkitError, ValueError):
    """A file of evidence cannot be read, or says what it did not say when written."""

    path: str
    found: str
    expected: str = "remove it and verify the run again; it counts for nothing"

    def __str__(self) -> str:
        return f"{self.path}: {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One verification of one record: written once, never changed.

    Raises
    ------
    FieldError : if it is about another run than its verdict, or says that nothing was
        checked: that proves nothing
    """

    schema: Literal[1] = field(default=1)
    run: RunId
    record: Sha256  # digest of the record that was verified
    results: Sha256  # digest of the results that it claims
    verdict: Verdict
    environment: Environment  # of the executions
    source: str | None  # commit whose files were executed; None: the work tree
    verifier: str  # "0.1.0", of the toolkit
    commit: str | None  # where the verifier's project stood
    ci: str | None
    finished: str  # "2026-11-23T18:15:00.123456Z"

    def __post_init__(self) -> None:
        if self.verdict.run != self.run:
            raise FieldError(
                at="verdict.run", found=shown(self.verdict.run), expected=self.run
            )
        if self.verdict.value == "not checked":
            raise FieldError(
                at="verdict.value",
                found="'not checked'",
                expected="a verdict: nothing is evidence of nothing",
            )

    @property
    def value(self) -> str:
        """``reproduced`` or ``differs``."""
        return self.verdict.value

    @property
    def cause(self) -> str:
        """Why it differs, in a few words; empty if it was reproduced."""
        return self.verdict.short

    @property
    def variations(self) -> tuple[str, ...]:
        """What was varied."""
        return self.verdict.varied

    @property
    def digest(self) -> Sha256:
        """Digest of the whole, which stands at its end."""
        return value_digest(self)

    def to_dict(self) -> Mapping[str, Json]:
        """Return the evidence as plain JSON values: schema first, digest last."""
        plain = encode(self)
        assert isinstance(plain, Mapping)  # noqa: S101 -- a dataclass becomes a dict
        return {**plain, "digest": self.digest}

    def to_json(self) -> bytes:
        """Return the bytes of its file."""
        return json_text(self.to_dict()).encode("utf-8", "surrogatepass")

    @classmethod
    def from_json(cls, text: str | bytes) -> "Evidence":
        """Return the evidence that a file holds.

        Raises
        ------
        FieldError : on a version, key or value that this version does not know, or a
            digest that is not that of the rest: it was edited
        """
        plain = parse_json(text)
        rest = dict(plain) if isinstance(plain, Mapping) else plain
        digest = rest.pop("digest", None) if isinstance(rest, dict) else None
        evidence = decode(cls, rest)
        if digest != evidence.digest:
            raise FieldError(
                at="digest",
                found=shown(digest),
                expected=f"{evidence.digest[:12]}…, the digest of the rest: it was "
                "edited",
            )
        return evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What lies beside a record: the evidence, and what cannot be read."""

    evidence: tuple[Evidence, ...]  # oldest first
    unreadable: tuple[EvidenceError, ...]


def write_evidence(folder: Path, evidence: Evidence) -> Path:
    """Write evidence into the folder of its run, whole or not at all.

    Parameters
    ----------
    folder : of the run
    evidence : about that run

    Returns
    -------
    path of the file

    Raises
    ------
    OSError : if it cannot be written
    """
    path = folder / evidence_name(evidence)
    write_whole(path, evidence.to_json())
    return path


def evidence_name(evidence: Evidence) -> str:
    """Return the name of the file that holds the evidence: when, and its content."""
    when = datetime.fromisoformat(evidence.finished)
    return f"verification-{when:%Y%m%dT%H%M%SZ}-{evidence.digest[:8]}.json"


def load_evidence(folder: Path) -> Found:
    """Return the evidence in the folder of a run.

    That which is about another run, was edited, or is of another version is told, and
    counts for nothing.
    """
    evidence, unreadable = [], []
    for path in sorted(folder.glob("verification-*.json")):
        try:
            evidence.append(_read(path, folder.name))
        except EvidenceError as error:
            unreadable.append(error)
    evidence.sort(key=lambda one: (one.finished, one.digest))
    return Found(evidence=tuple(evidence), unreadable=tuple(unreadable))


def _read(path: Path, run: str) -> Evidence:
    try:
        evidence = Evidence.from_json(path.read_bytes())
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise EvidenceError(path=str(path), found=reason) from error
    except ToolkitError as error:
        raise EvidenceError(path=str(path), found=str(error)) from error
    if evidence.run != run:
        found = f"is about another run, {evidence.run}"
        raise EvidenceError(path=str(path), found=found)
    return evidence
