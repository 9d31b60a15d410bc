"""Images as what they show: their bytes without dates, programs and compression."""

import base64
import binascii
import hashlib
import re
import struct
import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DRAWN = (b"IHDR", b"PLTE", b"tRNS")
_SOME = 1 << 20
_SHOWN = 40  # digits of a digest: longer than any that ids in scripts are drawn from
_DROPPED = frozenset({0xE1, 0xED, 0xFE})  # Exif and XMP, Photoshop's, comments
_SCAN = 0xDA
_PDF_DATES = re.compile(rb"/(CreationDate|ModDate)\s?(?:\([^)]{0,60}\)|<[^>]{0,120}>)")
_PDF_ID = re.compile(rb"/ID\s?\[[^\]]{0,300}\]")
_PDF_TABLE = re.compile(rb"(?:^|[\r\n])xref[\r\n][\d\s nf]*(?=trailer)")
_PDF_START = re.compile(rb"startxref\s+\d+")
DATA_URI = re.compile(
    r"data:(?P<mime>image/[\w.+-]+|application/pdf);base64,(?P<data>(?:[A-Za-z0-9+/=\s]+|\\\n)+)"
)


def image_text(mime: str, content: bytes) -> str:
    """Return one line for an image: its kind, its size and the digest of its content.

    Of PNG the pixels count, of JPEG and PDF all but dates and other metadata, of any
    other kind all bytes.
    """
    kind = mime.rpartition("/")[2]
    pixels = _png(content) if kind == "png" else None
    if pixels is not None:
        return f"<image png {pixels}>"
    if kind in ("jpeg", "jpg"):
        content = b"".join(_jpeg(content))
    elif kind == "pdf":
        content = _pdf(content)
    return f"<image {kind} {hashlib.sha256(content).hexdigest()[:_SHOWN]}>"


def decoded(data: str) -> bytes:
    """Return the bytes of a payload in base64; of any other text, its own."""
    try:
        return base64.b64decode(
            "".join(data.replace("\\\n", "").split()), validate=True
        )
    except (binascii.Error, ValueError):
        return data.encode("utf-8", "surrogatepass")


def without_data_uris(text: str) -> str:
    """Return markup whose embedded images are told in a few words each."""
    if ";base64," not in text:
        return text

    def told(match: re.Match[str]) -> str:  # without < and >: it is an attribute's
        return image_text(match["mime"], decoded(match["data"])).strip("<>")

    return DATA_URI.sub(told, text)


def _png(content: bytes) -> str | None:
    """Return size and digest of a PNG's pixels; None if it is damaged."""
    if not content.startswith(_SIGNATURE):
        return None
    digest, unpacked, size = hashlib.sha256(), zlib.decompressobj(), ""
    try:
        for kind, data in _chunks(content):
            if kind in _DRAWN:
                digest.update(kind + data)
            if kind == b"IHDR":
                size = "{}x{}".format(*struct.unpack(">II", data[:8]))
            if kind == b"IDAT":
                _unpack(unpacked, data, digest)
    except (zlib.error, struct.error):
        return None
    return f"{size} {digest.hexdigest()[:_SHOWN]}" if unpacked.eof and size else None


def _unpack(unpacked: "zlib._Decompress", data: bytes, digest: "hashlib._Hash") -> None:
    """Digest what is packed, some at a time: it may be far larger than its file."""
    while data:
        digest.update(unpacked.decompress(data, _SOME))
        data = unpacked.unconsumed_tail


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at + 8 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += length + 12


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Yield the segments that are drawn; all bytes if it is damaged."""
    at = 2
    yield content[:at]
    while at + 4 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 -- a marker
        kind = content[at + 1]
        if kind == _SCAN:
            break
        (length,) = struct.unpack_from(">H", content, at + 2)
        if kind not in _DROPPED:
            yield content[at : at + 2 + length]
        at += 2 + length
    yield content[at:]


def _pdf(content: bytes) -> bytes:
    content = _PDF_DATES.sub(rb"/\1", content)
    content = _PDF_TABLE.sub(b"\n", _PDF_ID.sub(b"", content))
    return _PDF_START.sub(b"", content)
