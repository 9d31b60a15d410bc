"""A place for heavy files behind a URL: files named by their content.

sha256/ab/ab12…                 a file, by its digest
runs/RUN/DIGEST.json            which files a run has, by the record's digest
"""

import secrets
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from toolkit.ledger.faults import MissingObjectError, StoreError, plain_error, shown_url
from toolkit.publish.results import Sha256
from toolkit.reproduce.fingerprints import Fingerprints

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

T = TypeVar("T")
# Where a file is there whole or not at all. Elsewhere it is written under another name
# and moved.
_WHOLE = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "memory")
_SLOWEST = 100_000  # bytes a second; below that an answer is late
_S3 = ("s3", "s3a")


class Remote:
    """Files behind a URL that fsspec knows.

    Parameters
    ----------
    url : a folder there; ``file:///srv/runs``, ``s3://bucket/folder``
    options : for fsspec; secrets come from the environment, as each store has it
    timeout_s : for an answer; a large file may take longer, at 100 kB/s

    Raises
    ------
    StoreError : if nothing that is installed knows the URL
    """

    def __init__(
        self, url: str, *, options: Mapping[str, object], timeout_s: float
    ) -> None:
        self.shown = shown_url(url)
        self._timeout_s = timeout_s
        self._protocol = url.partition("://")[0].lower()
        given = {**_defaults(self._protocol, timeout_s), **options}
        self._files, self._root = self._asked(
            "open", lambda: _filesystem(url, given), timeout_s
        )

    def has(self, path: str, size: int) -> bool:
        """Tell whether a file of that size is there."""
        try:
            found = self._call("look for", path, self._files.info)
        except MissingObjectError:
            return False
        return bool(found.get("size") == size and found.get("type") != "directory")

    def read(self, path: str) -> bytes:
        """Return a small file.

        Raises
        ------
        MissingObjectError : if it is not there
        StoreError : if it cannot be read
        """
        content: bytes = self._call("read", path, self._files.cat_file)
        return content

    def fetch(self, path: str, target: Path, *, size: int, digest: Sha256) -> None:
        """Write a file here; what was loaded is not that content, or not whole, is not.

        Raises
        ------
        StoreError : if it is not there, cannot be read, or has another digest
        """
        self._call("load", path, lambda at: self._files.get_file(at, str(target)), size)
        found = Fingerprints().digest_of(target)
        if found != digest:
            raise StoreError(
                url=self.shown,
                doing=f"loading {path}",
                found=f"it is {found[:12]}…, not what its name says: half an upload, "
                "or somebody changed it",
                todo="remove it there, and push again from where the run was made",
            )

    def write(self, path: str, source: Path, *, size: int, digest: Sha256) -> None:
        """Put a file there, whole or not at all; it is read again to see that.

        Raises
        ------
        StoreError : if it cannot be written, or comes back as something else
        """
        whole = self._protocol in _WHOLE
        at = path if whole else f".partial/{secrets.token_hex(12)}"
        try:
            self._call("prepare", at, self._make_folder)
            self._call(
                "write",
                at,
                lambda place: self._files.put_file(str(source), place),
                size,
            )
            with tempfile.TemporaryDirectory() as made:
                self.fetch(at, Path(made, "again"), size=size, digest=digest)
            if not whole:
                self._call("prepare", path, self._make_folder)
                self._call(
                    "name",
                    path,
                    lambda place: self._files.mv(self._place(at), place),
                )
        except BaseException:
            with suppress(StoreError):
                self._call("clean up", at, self._files.rm_file)
            raise

    def _make_folder(self, place: str) -> None:
        if self._protocol not in _WHOLE:  # an object store has none
            self._files.makedirs(place.rpartition("/")[0], exist_ok=True)

    def _place(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"

    def _call(
        self, doing: str, path: str, call: Callable[[str], T], size: int = 0
    ) -> T:
        seconds = self._timeout_s + size / _SLOWEST
        return self._asked(f"{doing} {path}", lambda: call(self._place(path)), seconds)

    def _asked(self, doing: str, call: Callable[[], T], seconds: float) -> T:
        """Return what a store answers in time, and its errors as ours.

        What answers too late is left to itself: no store can be made to stop.
        """
        answers: list[T] = []
        errors: list[BaseException] = []

        def ask() -> None:
            try:
                answers.append(call())
            except BaseException as error:  # noqa: BLE001 -- each store has its own
                errors.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(seconds)
        if answers:
            return answers[0]
        if errors:
            raise plain_error(errors[0], url=self.shown, doing=doing) from errors[0]
        raise StoreError(
            url=self.shown,
            doing=doing,
            found=f"no answer in {seconds:.0f} s",
            todo="see whether the store can be reached from here; nothing half is "
            "left under a final name, call it again",
        )


def _filesystem(
    url: str, options: Mapping[str, object]
) -> "tuple[AbstractFileSystem, str]":
    from fsspec.core import url_to_fs  # noqa: PLC0415 -- slow

    files, root = url_to_fs(url, **options)
    return files, root


def _defaults(protocol: str, timeout_s: float) -> dict[str, object]:
    """Return what keeps a store's own client from waiting longer than we do."""
    if protocol not in _S3:
        return {}
    half = max(1, timeout_s / 3)
    limits = {"connect_timeout": half, "read_timeout": half}
    return {
        "config_kwargs": {**limits, "retries": {"max_attempts": 1}},
        "use_listings_cache": False,
        "skip_instance_cache": True,
    }
