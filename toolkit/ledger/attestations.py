"""What an attestation beside a record says it is about."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeAlias

from toolkit.publish.fields import FieldError, parse_json, shown

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
    FieldError : if it is no Sigstore bundle with an in-toto statement, or names no
        subject

    References
    ----------
    Sigstore bundle v0.3, DSSE envelope v1, in-toto Statement v1
    """
    envelope = _mapping(parse_json(content), "dsseEnvelope")
    payload = envelope.get("payload")
    try:
        if not isinstance(payload, str):
            raise binascii.Error  # noqa: TRY301 -- one way out
        statement = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FieldError(
            at="dsseEnvelope.payload", found=shown(payload), expected="Base64"
        ) from error
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
