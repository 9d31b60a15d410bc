"""What an attestation beside a record says it is about."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeAlias

from toolkit.publish.fields import FieldError, parse_json, shown
from toolkit.reproduce.attestation.bundle import parse_bundle

ENDING = ".sigstore.json"


class Attested(Protocol):
    """An attestation, as far as the ledger looks at it."""

    @property
    def subjects(self) -> Mapping[str, str]:
        """SHA-256 of each thing that the statement is about, by its name."""


AttestationReader: TypeAlias = Callable[[bytes], Attested]


class Statement:
    """The statement in a Sigstore bundle, its signatures not looked at."""

    def __init__(self, subjects: Mapping[str, str]) -> None:
        self.subjects = subjects


def read_statement(content: bytes) -> Statement:
    """Return what a bundle says it is about; whether a key signed it is not asked.

    Raises
    ------
    AttestationError : if it is no Sigstore bundle as ours are written
    FieldError : if there is no in-toto statement in it, or it names no subject

    References
    ----------
    Sigstore bundle v0.3, DSSE envelope v1, in-toto Statement v1
    """
    statement = parse_bundle(content).payload
    subjects = dict(_subjects(parse_json(statement)))
    if not subjects:
        raise FieldError(at="subject", found="none", expected="one at least")
    return Statement(subjects)


def _subjects(statement: object) -> Iterator[tuple[str, str]]:
    listed = statement.get("subject") if isinstance(statement, Mapping) else None
    for subject in listed if isinstance(listed, list) else ():
        name = subject.get("name") if isinstance(subject, Mapping) else None
        digest = _mapping(subject, "digest").get("sha256")
        if not isinstance(name, str) or not isinstance(digest, str):
            raise FieldError(
                at="subject", found=shown(subject), expected="a name and a sha256"
            )
        yield name, digest


def _mapping(value: object, key: str) -> Mapping[str, object]:
    inner = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(inner, Mapping):
        raise FieldError(at=key, found=shown(inner), expected="a mapping")
    return inner
