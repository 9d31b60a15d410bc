"""One run's folder, read: what belongs in git, and whether it holds together."""

import stat
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import ToolkitError
from toolkit.ledger.attestations import ENDING, AttestationReader, read_statement
from toolkit.ledger.entries import Entry, belongs_in_git, is_time
from toolkit.publish.fields import FieldError, parse_json
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record, json_text
from toolkit.reproduce.records.store import METRICS, RECORD
from toolkit.reproduce.verification.evidence import Evidence
from toolkit.reproduce.verification.integrity import contradictions

BlobDigest: TypeAlias = Callable[[bytes], str]
Found: TypeAlias = tuple[str, str, str]  # place in the folder, code, what
_SCHEMA = "schema"


class Reader:
    """Reads one folder after the other.

    Parameters
    ----------
    runs_dir : the folder of runs
    blob_digest : gives git's digest of a file's content
    read_attestation : gives what an attestation is about
    """

    def __init__(
        self,
        runs_dir: Path,
        blob_digest: BlobDigest,
        read_attestation: AttestationReader = read_statement,
    ) -> None:
        self._runs_dir = runs_dir
        self._blob_digest = blob_digest
        self._read_attestation = read_attestation

    def read(self, run: str) -> Entry | None:
        """Return the entry of a run; None if its folder holds nothing of a run."""
        folder = self._runs_dir / run
        contents, found = _contents(folder)
        if not contents and not found:
            return None
        record, told = _record(run, contents)
        found += told
        times: list[tuple[str, str]] = []
        if record is None:
            if RECORD not in {*contents, *(name for name, _, _ in found)}:
                found += _without_record(contents)
        else:
            found += _beside(record, folder, contents)
            times += _times(record)
        found += self._attested(record, folder, contents)
        for name, evidence, wrong in _verifications(contents):
            found += wrong
            if evidence is not None:
                times.append((name, evidence.finished))
                found += _about(name, evidence, record)
        bad_times = [
            (n, "LED602", f"{t!r} is no time") for n, t in times if not is_time(t)
        ]
        found += bad_times
        return _entry(run, record)._replace(
            times=[(f"{run}/{name}", time) for name, time in times if is_time(time)],
            blobs={name: self._blob_digest(c) for name, c in contents.items()},
            own=[(f"{run}/{n}" if n else run, *rest) for n, *rest in found],
        )

    def _attested(
        self, record: Record | None, folder: Path, contents: dict[str, bytes]
    ) -> Iterator[Found]:
        """Yield what is wrong with the attestations."""
        for name in sorted(n for n in contents if n.endswith(ENDING)):
            try:
                subjects = self._read_attestation(contents[name]).subjects
            except ToolkitError as error:
                yield name, "LED206", str(error)
                continue
            if record is None:
                continue
            digests = set(subjects.values())
            if not digests & {record.digest, bytes_digest(contents[RECORD])}:
                yield name, "LED303", f"no subject of it is the record of {record.run}"
                continue
            for subject, digest in subjects.items():
                content = contents.get(subject) or _heavy(folder, subject)
                if content is not None and bytes_digest(content) != digest:
                    yield (
                        name,
                        "LED402",
                        f"it attests {subject} as {digest[:12]}…, not as it is here",
                    )


def _entry(run: str, record: Record | None) -> Entry:
    """Return what is known of a record, or of what lies where one should be."""
    if record is None:
        return Entry(run)
    return Entry(
        run,
        recipe=record.recipe.digest,
        results=record.results_digest,
        record=record.digest,
        finished=record.status == "finished",
        uses=sorted(set(record.recipe.upstream.values())),
    )


def _contents(folder: Path) -> tuple[dict[str, bytes], list[Found]]:
    """Return the files that belong in git, and which of them cannot be read."""
    contents: dict[str, bytes] = {}
    found: list[Found] = []
    try:
        paths = sorted(path for path in folder.iterdir() if belongs_in_git(path.name))
    except OSError as error:
        return {}, [("", "LED201", f"cannot be read ({error.strerror})")]
    for path in paths:
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                found.append((path.name, _code(path.name), "is no file of its own"))
                continue
            contents[path.name] = path.read_bytes()
        except OSError as error:
            why = f"cannot be read ({error.strerror})"
            found.append((path.name, _code(path.name), why))
    return contents, found


def _code(name: str) -> str:
    """Return the code of what cannot be read."""
    if name.endswith(ENDING):
        return "LED206"
    return "LED205" if name.startswith("verification-") else "LED201"


def _record(run: str, contents: dict[str, bytes]) -> tuple[Record | None, list[Found]]:
    """Return the record, if it can be read, and what is wrong with it."""
    if RECORD not in contents:
        return None, []
    content = contents[RECORD]
    try:
        plain = parse_json(content)
        record = Record.from_dict(plain)
    except FieldError as error:
        code = "LED702" if error.at == _SCHEMA else "LED201"
        return None, [(RECORD, code, str(error))]
    except (ToolkitError, ValueError, RecursionError) as error:
        return None, [(RECORD, "LED201", str(error))]
    found = list(_other_bytes(RECORD, content, plain))
    if record.run != run:
        found.append((RECORD, "LED304", f"it is the record of {record.run}"))
    return record, found


def _other_bytes(name: str, content: bytes, plain: object) -> Iterator[Found]:
    """Yield that a file's text is not the one text that its values have."""
    written = json_text(plain).encode("utf-8", "surrogatepass")
    if written != content:
        at = next(
            (
                i
                for i, (a, b) in enumerate(zip(content, written, strict=False))
                if a != b
            ),
            min(len(content), len(written)),
        )
        line = content[:at].count(b"\n") + 1
        yield name, "LED202", f"line {line} is not as it was written"


def _without_record(contents: dict[str, bytes]) -> Iterator[Found]:
    for name in contents:
        yield name, "LED301", f"there is no {RECORD} beside it"


def _beside(
    record: Record, folder: Path, contents: dict[str, bytes]
) -> Iterator[Found]:
    """Yield where a record and what lies beside it do not agree."""
    about = record.circumstances
    told: tuple[str, ...] = ()
    if is_time(about.started):
        told = contradictions(record, folder, history=False)
        yield from (("", "LED402", sentence) for sentence in told)
    if METRICS not in contents:
        yield METRICS, "LED102", "is not here, and every run has one"
    elif not any(METRICS in sentence for sentence in told):
        yield from _other_bytes(METRICS, contents[METRICS], record.metrics)


def _times(record: Record) -> Iterator[tuple[str, str]]:
    yield RECORD, record.circumstances.started
    yield RECORD, record.circumstances.finished


def _verifications(
    contents: dict[str, bytes],
) -> Iterator[tuple[str, Evidence | None, list[Found]]]:
    """Yield each verification that can be read, and what is wrong with each."""
    for name, content in contents.items():
        if not name.startswith("verification-") or name.endswith(ENDING):
            continue
        try:
            evidence = Evidence.from_json(content)
        except FieldError as error:
            code = "LED702" if error.at == _SCHEMA else "LED205"
            yield name, None, [(name, code, str(error))]
        except (ToolkitError, ValueError, RecursionError) as error:
            yield name, None, [(name, "LED205", str(error))]
        else:
            yield name, evidence, list(_named(name, content, evidence))


def _named(name: str, content: bytes, evidence: Evidence) -> Iterator[Found]:
    yield from _other_bytes(name, content, evidence.to_dict())
    if not is_time(evidence.finished):
        return
    when = datetime.fromisoformat(evidence.finished)
    own = f"verification-{when:%Y%m%dT%H%M%SZ}-{evidence.digest[:8]}.json"
    if name != own:
        yield name, "LED205", f"its content has another name, {own}"


def _about(name: str, evidence: Evidence, record: Record | None) -> Iterator[Found]:
    """Yield where a verification is not of this record."""
    if record is None:
        return
    if evidence.run != record.run:
        yield name, "LED302", f"it is of {evidence.run}"
    elif evidence.record != record.digest:
        yield (
            name,
            "LED302",
            "it verified another record than this one: one of them was edited",
        )
    elif evidence.results != record.results_digest:
        yield (
            name,
            "LED403",
            f"the results {evidence.results[:12]}… are not the record's",
        )


def _heavy(folder: Path, name: str) -> bytes | None:
    """Return a file of a run that an attestation names; None if it is not here."""
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        return path.read_bytes() if inside and path.is_file() else None
    except (OSError, ValueError):
        return None
