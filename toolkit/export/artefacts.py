"""The files of a run that can go along: small ones, and what it published."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import (
    EVIDENCE,
    METRICS,
    NOTEBOOK,
    RECORD,
    RecordError,
    Store,
)

_SMALL = (RECORD, METRICS, EVIDENCE.format("*"), "*.sigstore.json", NOTEBOOK)
_MEDIA = {
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".csv": "text/csv",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Artefact:
    """A file of a run, as it is now."""

    path: str  # in the run's folder, with "/"
    title: str
    digest: Sha256

    @property
    def media(self) -> str:
        """Its media type, by its ending."""
        return _MEDIA.get(PurePosixPath(self.path).suffix, "application/octet-stream")


@dataclass(frozen=True, kw_only=True, slots=True)
class Artefacts:
    """The files of a run that are here, and those that are not."""

    here: tuple[Artefact, ...]
    absent: tuple[str, ...]


def artefacts_of(store: Store, record: Record) -> Artefacts:
    """Return the files of a run; what it published must be what the record says.

    Raises
    ------
    RecordError : if a table, a figure or a written file was changed after the run
    """
    folder = store.folder(record.run)
    here = [
        Artefact(
            path=path.name,
            title=_TITLES.get(path.name, "attestation or verification"),
            digest=bytes_digest(path.read_bytes()),
        )
        for pattern in _SMALL
        for path in sorted(folder.glob(pattern))
    ]
    absent = [NOTEBOOK] if not (folder / NOTEBOOK).is_file() else []
    for published in _published(record):
        try:
            store.read_file(record.run, published.path, published.digest)
        except RecordError as error:
            if error.edited:
                raise
            absent.append(published.path)
        else:
            here.append(published)
    return Artefacts(here=tuple(here), absent=tuple(absent))


def read_artefact(store: Store, run: str, artefact: Artefact) -> bytes:
    """Return the bytes of a run's file.

    Raises
    ------
    RecordError : if it is no longer what it was a moment ago
    """
    return store.read_file(run, artefact.path, artefact.digest)


def is_inside(path: str) -> bool:
    """Tell whether a path stays in its folder, whatever a record says.

    Examples
    --------
    >>> is_inside("a/b.csv"), is_inside("../b.csv"), is_inside("/b.csv")
    (True, False, False)
    """
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not Path(path).is_absolute()


_TITLES = {
    RECORD: "record",
    METRICS: "published numbers",
    NOTEBOOK: "executed notebook",
}


def _published(record: Record) -> Iterator[Artefact]:
    for table in record.results.tables:
        path, title = f"tables/{table.name}.csv", table.title or table.name
        yield Artefact(path=path, title=title, digest=table.digest)
    for figure in record.results.figures:
        path = f"figures/{figure.name}.svg"
        yield Artefact(path=path, title=figure.alt, digest=figure.digest)
    for name, digest in sorted(record.trace.written.items()):
        if is_inside(name):
            yield Artefact(path=f"files/{name}", title=name, digest=digest)
