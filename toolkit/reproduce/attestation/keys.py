"""Public keys: one text each, one id each, and whether a signature is theirs.

References
----------
RFC 8032 (Ed25519), RFC 8410 (its SubjectPublicKeyInfo)
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import NewType

from toolkit.errors import ToolkitError

KeyId = NewType("KeyId", str)
PREFIX = bytes.fromhex("302a300506032b6570032100")  # DER of all but the 32 bytes
_SIZE = 32
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
_EXPECTED = (
    "an Ed25519 public key: PEM, or the one line between its BEGIN and END; "
    "toolkit keys new writes it beside the private key, with the ending .pub"
)
# Whoever trusts a key of small order trusts everybody: any signature holds for it.
_PRIME = 2**255 - 19
_ORDER_8 = int("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16)
_SMALL = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})


@dataclass(eq=False)
class BadKeyError(ToolkitError, ValueError):
    """A text is no key; it is never quoted, for it may be a private one."""

    where: str
    found: str
    expected: str = _EXPECTED

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; expected {self.expected}"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key, as the 32 bytes of RFC 8032."""

    raw: bytes

    @property
    def der(self) -> bytes:
        """The key as SubjectPublicKeyInfo."""
        return PREFIX + self.raw

    @property
    def id(self) -> KeyId:
        """SHA-256 of the DER: ``openssl pkey -pubin -outform DER | sha256sum``."""
        return KeyId(hashlib.sha256(self.der).hexdigest())

    @property
    def line(self) -> str:
        """The DER in base64: the one line of its PEM."""
        return base64.b64encode(self.der).decode("ascii")

    @property
    def pem(self) -> str:
        """The key as openssl reads it."""
        return f"{_BEGIN}\n{self.line}\n{_END}\n"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether this key's owner signed the message."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- slow
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PublicKey,
        )

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):  # ValueError: no point of the curve
            return False
        return True


def parse_public(text: str, *, where: str) -> PublicKey:
    """Return the public key that a text holds, as PEM or as its one line.

    Parameters
    ----------
    text : as openssl writes it, or as ``trusted-keys.yaml`` holds it
    where : the file or the field, for the message

    Raises
    ------
    BadKeyError : if it is none, another kind, or one for which any signature holds
    """
    if "PRIVATE KEY" in text:
        raise BadKeyError(
            where=where, found="a private key, which belongs nowhere here"
        )
    lines = text.split()
    body = text.strip()
    if body.startswith(_BEGIN) and body.endswith(_END):
        body = "".join(body.removeprefix(_BEGIN).removesuffix(_END).split())
    elif len(lines) != 1:
        raise BadKeyError(where=where, found="no public key")
    der = strict_base64(body)
    if der is None:
        raise BadKeyError(where=where, found="no public key")
    if not der.startswith(PREFIX) or len(der) != len(PREFIX) + _SIZE:
        raise BadKeyError(where=where, found="a key of another kind")
    key = PublicKey(der[len(PREFIX) :])
    height = int.from_bytes(key.raw, "little") & (2**255 - 1)
    if height >= _PRIME or height in _SMALL:
        raise BadKeyError(where=where, found="a key for which any signature holds")
    return key


def strict_base64(text: str) -> bytes | None:
    """Return what a base64 text holds; None unless it is the one text of those bytes.

    Examples
    --------
    >>> strict_base64("QQ=="), strict_base64("QR=="), strict_base64("QQ")
    (b'A', None, None)
    """
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return content if base64.b64encode(content).decode("ascii") == text else None
