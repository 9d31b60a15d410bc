"""What goes wrong with a store, told plainly, and with no word of the store's own.

A client's message may quote a header, a URL with a token or a key; ours never do.
"""

import errno
import os
import re
from dataclasses import dataclass

from toolkit.errors import ToolkitError

_CODE = re.compile(r"[A-Za-z0-9.]{2,50}")
_REFUSED = ("AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch",
            "ExpiredToken", "InvalidToken", "403", "401")  # fmt: skip
_NO_BUCKET = ("NoSuchBucket",)
_KEYS = (
    "give the right credentials by the environment (docs/ledger.md), and the right to "
    "read and write there"
)
_BY_ERRNO = {
    errno.ENOSPC: ("the disk is full", "free some space there, and call it again"),
    errno.EDQUOT: ("the quota is used up", "free some space there, and call it again"),
    errno.EROFS: ("it is read only", "choose another place for artifacts"),
    errno.ECONNREFUSED: (
        "nobody answers there",
        "see that the store runs and the address is right",
    ),
}


@dataclass(eq=False)
class StoreError(ToolkitError, OSError):
    """The store of heavy files did not do what was asked."""

    url: str  # without what is secret
    doing: str
    found: str
    todo: str

    def __str__(self) -> str:
        return f"{self.url}: {self.doing}: {self.found}; {self.todo}"


@dataclass(eq=False)
class MissingObjectError(StoreError, LookupError):
    """A file is not in the store."""


def plain_error(error: BaseException, *, url: str, doing: str) -> StoreError:
    """Return the error of a store as ours, without its text: that may hold secrets.

    Parameters
    ----------
    error : of fsspec, or of the client behind it
    url : as ``shown_url`` gives it
    doing : what was asked, in words
    """
    if isinstance(error, StoreError):
        return error
    kind = MissingObjectError if isinstance(error, FileNotFoundError) else StoreError
    found, todo = _told(error, url)
    return kind(url=url, doing=doing, found=found, todo=todo)


def shown_url(url: str) -> str:
    """Return a URL without user, password and query.

    Examples
    --------
    >>> shown_url("sftp://me:secret@host/runs?token=1")
    'sftp://host/runs'
    """
    protocol, _, rest = url.partition("://")
    place = re.split(r"[?#]", rest)[0]
    host, slash, path = place.partition("/")
    return f"{protocol}://{host.rpartition('@')[2]}{slash}{path}"


def _told(error: BaseException, url: str) -> tuple[str, str]:
    """Return what was found and what to do, by the first that fits."""
    code, name = _code(error), type(error).__name__
    number = error.errno if isinstance(error, OSError) else None
    no_bucket = code in _NO_BUCKET or "bucket does not exist" in str(error)
    protocol = url.partition("://")[0]
    cases = (
        (
            isinstance(error, ImportError),
            f"no package that knows {protocol}:// is installed",
            "add it to the project's environment (s3fs for s3://, gcsfs for gs://)",
        ),
        (
            isinstance(error, ValueError) and "rotocol" in str(error),
            "nothing knows this kind of URL",
            "write file://, s3://, gs:// or sftp://",
        ),
        (
            isinstance(error, PermissionError) or code in _REFUSED,
            f"it is refused{_in_brackets(code)}",
            _KEYS,
        ),
        ("Credentials" in name, "there are no credentials", _KEYS),
        (
            no_bucket,
            "there is no such bucket",
            "make it, or mend artifacts in pyproject.toml",
        ),
        (
            isinstance(error, FileNotFoundError),
            "it is not there",
            "push it first, from where the run was made",
        ),
        (
            isinstance(error, TimeoutError) or "Timeout" in name,
            "it answers too late",
            "see whether the store can be reached from here",
        ),
        (number in _BY_ERRNO, *_BY_ERRNO.get(number or 0, ("", ""))),
        (
            isinstance(error, ConnectionError) or "Connect" in name,
            *_BY_ERRNO[errno.ECONNREFUSED],
        ),
    )
    for fits, found, todo in cases:
        if fits:
            return found, todo
    reason = os.strerror(number) if number else ""  # the error's own may say anything
    named = reason or f"{name}{_in_brackets(code)}"
    return f"it fails ({named})", "see whether the store works, and call it again"


def _code(error: BaseException | None) -> str:
    """Return a store's own short name of what went wrong; empty if it has none."""
    while error is not None:
        response = getattr(error, "response", None)
        inner = response.get("Error") if isinstance(response, dict) else None
        code = inner.get("Code") if isinstance(inner, dict) else None
        if isinstance(code, str) and _CODE.fullmatch(code):
            return code
        error = error.__cause__
    return ""


def _in_brackets(code: str) -> str:
    return f" ({code})" if code else ""
