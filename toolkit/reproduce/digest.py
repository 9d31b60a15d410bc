"""SHA-256 over bytes, over values and over folders; nothing here opens a file."""

import hashlib
import json
from collections.abc import Mapping

from toolkit.publish.fields import encode
from toolkit.publish.results import Sha256


def bytes_digest(content: bytes) -> Sha256:
    """Return the SHA-256 of the bytes, in hex.

    Examples
    --------
    >>> bytes_digest(b"")[:12]
    'e3b0c44298fc'
    """
    return Sha256(hashlib.sha256(content).hexdigest())


def canonical_json(value: object) -> bytes:
    """Return a value's one JSON text: sorted keys, no blanks, UTF-8, no NaN.

    Examples
    --------
    >>> canonical_json({"b": 0.1, "a": None})
    b'{"a":null,"b":0.1}'
    """
    text = json.dumps(
        encode(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return text.encode("utf-8", "surrogatepass")


def value_digest(value: object) -> Sha256:
    """Return the SHA-256 of a value's canonical JSON.

    Examples
    --------
    >>> value_digest({"a": 1, "b": 2}) == value_digest({"b": 2, "a": 1})
    True
    """
    return bytes_digest(canonical_json(value))


def folder_digest(files: Mapping[str, Sha256]) -> Sha256:
    """Return the digest of a folder from those of its files.

    Parameters
    ----------
    files : digest by path, relative to the folder, with ``/``

    References
    ----------
    in-toto attestation, DigestSet ``dirHash``: the same as
    ``find . -type f | cut -c3- | LC_ALL=C sort | xargs -r sha256sum | sha256sum``

    Examples
    --------
    >>> folder_digest({"b": bytes_digest(b""), "a": bytes_digest(b"")})[:12]
    'f87e14d51c60'
    """
    lines = sorted(
        (path.encode("utf-8", "surrogateescape"), files[path]) for path in files
    )
    listing = b"".join(b"%s  %s\n" % (sha.encode(), path) for path, sha in lines)
    return bytes_digest(listing)
