"""SHA-256 over bytes, over values and over folders; nothing here opens a file."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

from toolkit.publish.fields import encode
from toolkit.publish.results import Sha256

# What comes and goes in a folder though nobody changed anything in it.
_PASSING = re.compile(
    r"__pycache__|\.ipynb_checkpoints|\.DS_Store|\..*\.sw[a-p]|\.#.*|#.*#|.*~|\.~.*"
)


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
    text = "".join([f"{files[path]}  {path}\n" for path in sorted(files)])
    if text.isascii():  # where the order of characters is that of bytes
        return bytes_digest(text.encode())
    lines = sorted(
        (path.encode("utf-8", "surrogateescape"), files[path]) for path in files
    )
    listing = b"".join(b"%s  %s\n" % (sha.encode(), path) for path, sha in lines)
    return bytes_digest(listing)


def names_digest(names: Iterable[str]) -> Sha256:
    """Return the digest of the names that a folder holds.

    Compiled files, checkpoints and what editors leave beside a file are left out.

    Parameters
    ----------
    names : of the files and folders in it, in any order

    Examples
    --------
    >>> names_digest(["b", "a"]) == names_digest(["a", ".b.swp", "b", "__pycache__"])
    True
    """
    return value_digest(sorted(name for name in names if not _PASSING.fullmatch(name)))
