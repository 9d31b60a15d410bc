"""What was read of notebooks before: kept while nothing that decided it changed.

A reading is kept by the notebook's path and bytes, the rules' own sources, the names
that the project and its lock define, and each source of the project that a rule asked
for. The project's configuration is none of it: it chooses among readings.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from toolkit import lint, reproduce
from toolkit.lint.hits import Reading
from toolkit.lint.surroundings import source
from toolkit.publish.fields import FieldError, decode, encode
from toolkit.publish.results import Sha256
from toolkit.reproduce import kept_digests
from toolkit.reproduce.digest import bytes_digest, value_digest
from toolkit.reproduce.environments.surroundings import find_ci
from toolkit.reproduce.project import MARKS

CACHE = Path(".cache", "toolkit", "lint")
_HEAD = b"toolkit lint 1 "
_RULES = ("notebook.py", "diagnosis", "environments")  # of reproduce: what rules ask


class Kept(NamedTuple):
    """A notebook's reading, and what it was made of."""

    key: str
    files: Mapping[str, str]  # digest of each source of the project that was read
    reading: str  # as JSON


class Readings:
    """The readings of one project's notebooks.

    Parameters
    ----------
    root : of the project
    environ : environment variables of this process: in CI nothing is remembered
    """

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        in_ci = find_ci(environ) is not None or environ.get("GITLAB_CI") == "true"
        project = any((root / mark).exists() for mark in MARKS)
        self._root = root
        self._path = None if in_ci or not project else root / CACHE
        self._kept = {} if self._path is None else _load(self._path)
        self._learned = False

    def find(
        self,
        path: str,
        key: str,
        paths: Mapping[str, str],
        known: "dict[str, tuple[str, Sha256]]",
    ) -> Reading | None:
        """Return a notebook's reading, if all that it was made of is as it was.

        Parameters
        ----------
        path : of the notebook, in the project
        key : digest of what decides a reading
        paths : the project's sources
        known : what was read of them before
        """
        kept = self._kept.get(path)
        if kept is None or kept.key != key:
            return None
        for name, digest in kept.files.items():
            if name not in paths or source(paths[name], known)[1] != digest:
                return None
        try:
            return decode(Reading, json.loads(kept.reading))
        except FieldError:
            return None  # of another version

    def keep(
        self, path: str, key: str, files: Mapping[str, Sha256], reading: Reading
    ) -> None:
        """Remember a notebook's reading."""
        text = json.dumps(encode(reading), separators=(",", ":"))
        self._kept[path] = Kept(key, dict(files), text)
        self._learned = True

    def save(self) -> None:
        """Write what was learned; a cache that cannot be written is none."""
        if self._path is None or not self._learned:
            return
        there = _load(self._path) | self._kept  # with what others learned meanwhile
        kept = {p: k for p, k in there.items() if (self._root / p).exists()}
        body = json.dumps(kept, separators=(",", ":")).encode()
        with suppress(OSError), kept_digests.beside(self._path) as (stream, path):
            stream.write(_HEAD + bytes_digest(body).encode() + b"\n" + body)
            stream.close()
            path.replace(self._path)
        self._learned = False


def reading_key(path: str, content: bytes, around: Sha256, codes: Iterable[str]) -> str:
    """Return the digest of what decides a reading, but for the project's sources."""
    parts = (rules_digest(), *codes, around, bytes_digest(content), path)
    text = "\n".join(parts)
    return bytes_digest(text.encode("utf-8", "surrogatepass"))


@cache
def rules_digest() -> Sha256:
    """Return the digest of this package and of what it asks, and of Python's version.

    Trees of another version of Python are other trees.
    """
    home = Path(*reproduce.__path__)
    files = list(Path(*lint.__path__).rglob("*.py"))
    for part in _RULES:
        files += [home / part] if part.endswith(".py") else (home / part).glob("*.py")
    digests = [bytes_digest(file.read_bytes()) for file in sorted(files)]
    return value_digest([sys.version, *digests])


def _load(path: Path) -> dict[str, Kept]:
    try:
        head, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if head != _HEAD + bytes_digest(body).encode():
        return {}
    plain: dict[str, list[str]] = json.loads(body)
    return {name: Kept._make(parts) for name, parts in plain.items()}
