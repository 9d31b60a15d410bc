"""Heavy files of runs, pushed to a store and pulled from it."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from toolkit.errors import ToolkitError
from toolkit.ledger.faults import MissingObjectError, StoreError
from toolkit.ledger.heavy import FOLDERS, heavy_files, missing, recorded_digests
from toolkit.ledger.remote import Remote
from toolkit.publish.fields import FieldError, decode, encode, parse_json, shown
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.fingerprints import Fingerprints
from toolkit.reproduce.records.record import Record, json_text
from toolkit.reproduce.records.store import NOTEBOOK
from toolkit.reproduce.verification.integrity import contradictions


@dataclass(eq=False)
class TransferError(ToolkitError, ValueError):
    """The heavy files of a run cannot be pushed or pulled as they are."""

    run: str
    found: str
    todo: str

    def __str__(self) -> str:
        return f"{self.run}: {self.found}; {self.todo}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One heavy file."""

    sha256: Sha256
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The heavy files of one run."""

    schema: Literal[1] = field(default=1)
    run: str
    record: Sha256  # digest of the record
    files: Mapping[str, Listed]  # by path in the run's folder

    def __post_init__(self) -> None:
        for path, one in self.files.items():
            plain = PurePosixPath(path)
            inside = path == NOTEBOOK or plain.parts[:1] in {(n,) for n in FOLDERS}
            if not inside or ".." in plain.parts or str(plain) != path:
                raise FieldError(
                    at="files", found=shown(path), expected="a heavy file of a run"
                )
            if len(one.sha256) != len(bytes_digest(b"")) or not one.sha256.isalnum():
                raise FieldError(
                    at=path, found=shown(one.sha256), expected="a SHA-256 in hex"
                )


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What a push or pull did for one run."""

    run: str
    files: int  # of the run, in the store
    moved: int  # the others were there already
    size: int  # bytes that were moved


def push(record: Record, folder: Path, remote: Remote) -> Moved:
    """Put the heavy files of a run into the store; what is there already stays.

    The list of the files comes last: a push that was broken off is none, and the next
    one goes on.

    Raises
    ------
    TransferError : if not all of them are here, or one is not as the record says; then
        nothing is pushed
    StoreError : if the store fails
    """
    manifest = _manifest(record, folder)
    content = json_text(encode(manifest)).encode()
    place = _place(record)
    try:
        known = remote.read(place)
    except MissingObjectError:
        known = b""
    if known not in (b"", content):
        raise TransferError(
            run=record.run,
            found="the store lists other files for it, another executed notebook maybe",
            todo="pull those, and compare; nothing was changed there",
        )
    moved = size = 0
    for path, one in manifest.files.items():
        at = _object(one.sha256)
        if not remote.has(at, one.size):
            remote.write(at, folder / path, size=one.size, digest=one.sha256)
            moved, size = moved + 1, size + one.size
    if not known:
        with tempfile.TemporaryDirectory() as made:
            source = Path(made, "manifest")
            source.write_bytes(content)
            digest = bytes_digest(content)
            remote.write(place, source, size=len(content), digest=digest)
    return Moved(run=record.run, files=len(manifest.files), moved=moved, size=size)


def pull(record: Record, folder: Path, remote: Remote) -> Moved:
    """Get the heavy files of a run back; each is what the record says, or is not here.

    Raises
    ------
    TransferError : if what the store lists is not of this record, or does not agree
        with it; then nothing here is changed
    StoreError : if the store fails; then nothing here is changed
    """
    manifest = _listed(record, remote)
    absent = {p: one for p, one in manifest.files.items() if not _is(folder / p, one)}
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=folder.parent) as made:
        staged = Path(made)
        for path, one in absent.items():
            target = staged / path
            target.parent.mkdir(parents=True, exist_ok=True)
            at = _object(one.sha256)
            remote.fetch(at, target, size=one.size, digest=one.sha256)
        told = contradictions(record, staged, history=False)
        if told:
            raise TransferError(
                run=record.run,
                found=f"what the store has is not of this record: {told[0]}",
                todo="nothing was taken; push again from where the run was made",
            )
        for path in absent:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(staged / path, folder / path)
    size = sum(one.size for one in absent.values())
    return Moved(
        run=record.run, files=len(manifest.files), moved=len(absent), size=size
    )


def _manifest(record: Record, folder: Path) -> Manifest:
    """Return the list of what is here, which is all that the record names."""
    told = contradictions(record, folder, history=False)
    absent = missing(folder, record)
    heavy = heavy_files(folder)
    links = [path for path in heavy.paths if (folder / path).is_symlink()]
    found = [
        *told,
        *(f"{p} is not here" for p in absent),
        *(f"{p} is a link" for p in links),
    ]
    if NOTEBOOK not in heavy.paths:
        found.append(f"{NOTEBOOK} is not here")
    if found:
        raise TransferError(
            run=record.run,
            found=found[0],
            todo="nothing was pushed; push from where the run was made",
        )
    digests = Fingerprints()
    listed = {
        path: Listed(
            sha256=digests.digest_of(folder / path),
            size=(folder / path).stat().st_size,
        )
        for path in heavy.paths
    }
    return Manifest(run=record.run, record=record.digest, files=listed)


def _listed(record: Record, remote: Remote) -> Manifest:
    """Return what the store has of a run, held against the record."""
    place = _place(record)
    try:
        content = remote.read(place)
    except MissingObjectError as error:
        raise StoreError(
            url=remote.shown,
            doing=f"reading {place}",
            found="the store has nothing of this run",
            todo="push it from where it was made: toolkit ledger push RUN",
        ) from error
    try:
        manifest = decode(Manifest, parse_json(content))
    except FieldError as error:
        raise _foreign(record, f"its list cannot be read ({error})") from error
    if (manifest.run, manifest.record) != (record.run, record.digest):
        raise _foreign(record, "its list is of another record")
    for path, digest in recorded_digests(record).items():
        if path not in manifest.files:
            raise _foreign(record, f"its list lacks {path}")
        if manifest.files[path].sha256 != digest:
            raise _foreign(record, f"its {path} is not that of the record")
    return manifest


def _foreign(record: Record, found: str) -> TransferError:
    todo = "nothing was taken; remove it there, and push again"
    return TransferError(run=record.run, found=f"in the store, {found}", todo=todo)


def _is(path: Path, listed: Listed) -> bool:
    try:
        return not path.is_symlink() and (
            Fingerprints().digest_of(path) == listed.sha256
        )
    except OSError:
        return False


def _object(digest: Sha256) -> str:
    return f"sha256/{digest[:2]}/{digest}"


def _place(record: Record) -> str:
    return f"runs/{record.run}/{record.digest}.json"
