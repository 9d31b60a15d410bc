"""Sigstore bundles v0.3 with one DSSE envelope: bytes in, bytes out.

References
----------
DSSE 1.0 (protocol.md: PAE; envelope.md); Sigstore bundle v0.3 with a managed key, of
which it holds the id and never the key
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from toolkit.publish.fields import FieldError, parse_json, shown
from toolkit.reproduce.attestation.faults import AttestationError, Fault
from toolkit.reproduce.attestation.keys import strict_base64

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MOST = 4_000_000  # bytes; one of ours has five thousand
_KEY_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """What was signed, by whom as it says, and the signature."""

    payload: bytes
    keyid: str  # a hint
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The bytes under the signature."""
        return pae(PAYLOAD_TYPE, self.payload)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding, which is what a key signs.

    Examples
    --------
    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def bundle_bytes(envelope: Envelope) -> bytes:
    """Return the one text of a bundle: one line, sorted keys."""
    plain = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {
            "publicKey": {"hint": envelope.keyid},
            "tlogEntries": [],
        },
        "dsseEnvelope": {
            "payload": _base64(envelope.payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [
                {"keyid": envelope.keyid, "sig": _base64(envelope.signature)}
            ],
        },
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def parse_bundle(content: bytes, *, path: str = "") -> Envelope:
    """Return the envelope of a bundle that :func:`bundle_bytes` could have written.

    Nothing of it is believed yet: see ``verifying``.

    Parameters
    ----------
    content : all bytes of the file
    path : of the file, for the message

    Raises
    ------
    AttestationError : if it is anything else; it says what
    """
    if len(content) > _MOST:
        found = f"{len(content)} bytes"
        raise AttestationError(path=path, fault="too large", found=found)
    plain = parse_object(content, path)
    form = _Form(path)
    outer = form.mapping(plain, "mediaType", "verificationMaterial", "dsseEnvelope")
    form.equal(outer["mediaType"], MEDIA_TYPE, "wrong media type")
    material = form.mapping(outer["verificationMaterial"], "publicKey", "tlogEntries")
    hint = form.mapping(material["publicKey"], "hint")["hint"]
    form.equal(material["tlogEntries"], [], "wrong form")
    dsse = form.mapping(outer["dsseEnvelope"], "payload", "payloadType", "signatures")
    form.equal(dsse["payloadType"], PAYLOAD_TYPE, "wrong payload type")
    signatures = dsse["signatures"]
    if not isinstance(signatures, list) or len(signatures) != 1:
        count = len(signatures) if isinstance(signatures, list) else "no list of"
        raise AttestationError(
            path=path,
            fault="signatures",
            found=f"{count} signatures",
            expected="exactly one: whoever adds another proves nothing",
        )
    signature = form.mapping(signatures[0], "keyid", "sig")
    envelope = Envelope(
        payload=form.content(dsse["payload"]),
        keyid=form.key_id(signature["keyid"]),
        signature=form.content(signature["sig"]),
    )
    form.equal(hint, envelope.keyid, "wrong key id")
    if bundle_bytes(envelope) != content:
        found = "the same content in another order, or with other blanks"
        raise AttestationError(path=path, fault="not as written", found=found)
    return envelope


def parse_object(content: bytes, path: str) -> object:
    """Return the JSON that bytes hold, with each key once.

    Raises
    ------
    AttestationError : if they hold none
    """
    try:
        return parse_json(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise AttestationError(path=path, fault="no JSON", found="no UTF-8") from error
    except FieldError as error:
        fault: Fault = "no JSON"
        if error.expected == "each key once":
            fault = "duplicate key"
        raise AttestationError(path=path, fault=fault, found=error.found) from error


class _Form:
    """Refuses what a bundle of ours does not have."""

    def __init__(self, path: str) -> None:
        self._path = path

    def mapping(self, value: object, *keys: str) -> Mapping[str, object]:
        expected = f"expected the keys {', '.join(keys)}"
        if not isinstance(value, Mapping):
            self._refuse("wrong form", shown(value), expected)
        if sorted(value) != sorted(keys):
            self._refuse("wrong form", f"the keys {shown(sorted(value))}", expected)
        return value

    def equal(self, value: object, expected: object, fault: Fault) -> None:
        if type(value) is not type(expected) or value != expected:
            self._refuse(fault, shown(value), f"expected {expected!r}")

    def key_id(self, value: object) -> str:
        if not isinstance(value, str) or not _KEY_ID.fullmatch(value):
            found = ascii(value)[:80]  # letters that only look alike are told apart
            self._refuse("wrong key id", found, "expected 64 digits, 0-9 and a-f")
        return value

    def content(self, value: object) -> bytes:
        content = strict_base64(value) if isinstance(value, str) else None
        if content is None:
            self._refuse("wrong form", shown(value), "expected base64")
        return content

    def _refuse(self, fault: Fault, found: str, expected: str) -> NoReturn:
        raise AttestationError(
            path=self._path, fault=fault, found=found, expected=expected
        )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
