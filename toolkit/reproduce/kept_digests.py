"""The file in which digests are kept: three texts for each folder.

So packed, ten thousand of them are read and compared in two milliseconds.
"""

import json
import secrets
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias

from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest

HEX = 64  # characters of a digest
_VERSION = 1
_HEAD = f"toolkit fingerprints {_VERSION} {sys.byteorder} ".encode()
_MARKS = {
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# What toolkit run remembers; it can be removed at any time.\n",
    ".gitignore": "*\n",
}
MASK = (1 << 64) - 1  # numbers are kept modulo 2 ** 64

Stamp: TypeAlias = tuple[int, int, int, int]  # size, mtime and ctime in ns, inode
Entry: TypeAlias = tuple[Stamp, Sha256]


class Packed(NamedTuple):
    """The files of one folder, in the order in which the system lists them."""

    names: str  # with "/" between
    stamps: str  # four numbers each, in hex
    digests: str  # one after the other

    def unpack(self) -> dict[str, Entry]:
        """Return stamp and digest by name.

        Examples
        --------
        >>> pack({"a": ((0, 1, 2, 3), Sha256("5" * 64))}).unpack()["a"][0]
        (0, 1, 2, 3)
        """
        if not self.names:
            return {}
        numbers = array("Q", bytes.fromhex(self.stamps))
        fours = zip(*[iter(numbers)] * 4, strict=True)
        named = zip(self.names.split("/"), fours, split(self.digests), strict=True)
        return {name: (stamp, digest) for name, stamp, digest in named}


def pack(entries: Mapping[str, Entry | None]) -> Packed:
    """Return the entries as texts; those without a digest are left out."""
    known = {name: entry for name, entry in entries.items() if entry is not None}
    return Packed(
        names="/".join(known),
        stamps=pack_numbers([n for stamp, _ in known.values() for n in stamp]),
        digests="".join(digest for _, digest in known.values()),
    )


def pack_numbers(numbers: Sequence[int]) -> str:
    """Return numbers from 0 to ``MASK`` as one text."""
    return array("Q", numbers).tobytes().hex()


def split(digests: str) -> Iterator[Sha256]:
    """Yield the digests that stand one after the other in a text."""
    return (Sha256(digests[i : i + HEX]) for i in range(0, len(digests), HEX))


def load(cache: Path) -> dict[str, Packed]:
    """Return what is kept, by folder; nothing where there is no cache that is whole."""
    try:
        head, _, body = cache.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if head != _HEAD + bytes_digest(body).encode():
        return {}
    plain: dict[str, list[str]] = json.loads(body)
    return {folder: Packed(*texts) for folder, texts in plain.items()}


def write(cache: Path, kept: Mapping[str, Packed]) -> None:
    """Replace the cache whole.

    Raises
    ------
    OSError : if it cannot be written; what was there stays
    """
    body = json.dumps(kept, separators=(",", ":")).encode()
    with beside(cache) as (stream, path):
        stream.write(_HEAD + bytes_digest(body).encode() + b"\n" + body)
        stream.close()
        path.replace(cache)


@contextmanager
def beside(cache: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Give a fresh file beside the cache; it is gone afterwards, unless it was moved.

    The folder says of itself that it is a cache, and no matter of git's.

    Raises
    ------
    OSError : if it cannot be made
    """
    folder = cache.parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _MARKS.items():
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    path = folder / f".{cache.name}-{secrets.token_hex(6)}"
    try:
        with path.open("xb") as stream:
            yield stream, path
    finally:
        path.unlink(missing_ok=True)
