"""The private key: from the environment or a guarded file, and shown to nobody."""

import base64
import ctypes
import os
import stat
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from toolkit.errors import ToolkitError
from toolkit.reproduce.attestation.keys import BadKeyError, PublicKey, strict_base64
from toolkit.reproduce.policy import SIGNING_KEY

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PREFIX = bytes.fromhex("302e020100300506032b657004220420")  # PKCS 8 of a seed
_SIZE = 32
_MOST = 10_000  # bytes; a key is 119
_BEGIN, _END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
_EXPECTED = (
    "an Ed25519 private key without a password: PEM, or the one line between its BEGIN "
    "and END; toolkit keys new makes one"
)


@dataclass(eq=False)
class KeyFileError(ToolkitError, ValueError):
    """A private key lies where others may read it, or is not there."""

    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.path}: {self.found}; {self.expected}"


class SigningKey:
    """A private key that signs, and that neither prints nor pickles itself."""

    __slots__ = ("_key", "public")

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the signature of the message, 64 bytes."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"<signing key {self.public.id[:12]}…>"

    def __reduce__(self) -> NoReturn:
        expected = "pass the public key, and sign where the private one is"
        raise KeyFileError(path=repr(self), found="is not pickled", expected=expected)


def load_signing_key(
    root: Path, environ: MutableMapping[str, str], file: Path | None = None
) -> SigningKey:
    """Return the key to sign with, and take it out of the environment.

    Parameters
    ----------
    root : of the project, in whose clone no key may lie
    environ : of this process; no child inherits the key once it was read here
    file : the key's file, which is asked in place of the environment

    Raises
    ------
    KeyFileError : if there is no key, or its file is in the clone, is no plain file of
        this user, or can be read by others
    BadKeyError : if what is there is no Ed25519 private key
    """
    text = forget_key(environ)
    if file is not None:
        return parse_private(_guarded(file, root), where=str(file))
    if not text.strip():
        raise KeyFileError(
            path=SIGNING_KEY,
            found="is not set, and no --key names a file",
            expected="in CI, give the step the secret; toolkit keys new makes a key",
        )
    return parse_private(text, where=SIGNING_KEY)


def forget_key(environ: MutableMapping[str, str]) -> str:
    """Take the key out of the environment and return its text; empty if there is none.

    The variable is taken from this process's own, which its children inherit, and its
    bytes are overwritten: on Linux, a kernel of the same user could read them in
    ``/proc/<pid>/environ`` long after the variable was deleted.
    """
    text = environ.get(SIGNING_KEY, "")
    if environ is os.environ and text:
        libc = ctypes.CDLL(None)
        libc.getenv.restype = ctypes.c_void_p
        libc.getenv.argtypes = [ctypes.c_char_p]
        if at := libc.getenv(SIGNING_KEY.encode("ascii")):
            ctypes.memset(at, 0, len(os.fsencode(text)))
    environ.pop(SIGNING_KEY, None)
    return text


def parse_private(text: str, *, where: str) -> SigningKey:
    """Return the private key that a text holds, as PEM or as its one line.

    Raises
    ------
    BadKeyError : if it is none; the message quotes nothing of it
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 -- slow
        Ed25519PrivateKey,
    )

    body = text.strip()
    if body.startswith(_BEGIN) and body.endswith(_END):
        body = "".join(body.removeprefix(_BEGIN).removesuffix(_END).split())
    der = strict_base64(body)
    if der is None or not der.startswith(_PREFIX) or len(der) != len(_PREFIX) + _SIZE:
        found = "a public key" if "PUBLIC KEY" in text else "no such key"
        raise BadKeyError(where=where, found=found, expected=_EXPECTED)
    return SigningKey(Ed25519PrivateKey.from_private_bytes(der[len(_PREFIX) :]))


def new_key(path: Path, root: Path) -> PublicKey:
    """Make a key pair: ``path`` for its owner alone, ``path`` + ``.pub`` for all.

    Raises
    ------
    KeyFileError : if the path lies in the clone, or one of the files is there
    OSError : if they cannot be written
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 -- slow
        Ed25519PrivateKey,
    )

    _refuse_inside(path, root)
    beside = path.with_name(f"{path.name}.pub")
    for each in (path, beside):
        if os.path.lexists(each):
            raise KeyFileError(
                path=str(each),
                found="is there already",
                expected="choose another name; no key is ever overwritten",
            )
    key = Ed25519PrivateKey.generate()
    line = base64.b64encode(_PREFIX + key.private_bytes_raw()).decode("ascii")
    public = SigningKey(key).public
    _write_new(path, f"{_BEGIN}\n{line}\n{_END}\n", mode=0o600)
    _write_new(beside, public.pem, mode=0o644)
    return public


def _write_new(path: Path, text: str, *, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        os.fchmod(handle, mode)  # whatever the umask
        stream.write(text)


def _guarded(path: Path, root: Path) -> str:
    """Return the text of a file that only its owner can read."""
    _refuse_inside(path, root)
    # The file that is looked at is the one that is read; a pipe must not block.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise _not_guarded(path, "is no plain file")
        if found.st_mode & 0o077:
            mode = f"{stat.S_IMODE(found.st_mode):o}"
            raise _not_guarded(path, f"others may use it (mode {mode})")
        if found.st_uid != os.geteuid():
            raise _not_guarded(path, "belongs to another user")
        content = stream.read(_MOST)
    with suppress(UnicodeDecodeError):
        return content.decode("ascii")
    raise BadKeyError(where=str(path), found="no text", expected=_EXPECTED)


def _not_guarded(path: Path, found: str) -> KeyFileError:
    expected = f"keep it for yourself alone: chmod 600 {path}"
    return KeyFileError(path=str(path), found=found, expected=expected)


def _refuse_inside(path: Path, root: Path) -> None:
    """Refuse a key in the project, or in the clone around it, under any name."""
    clone = next((p for p in (root, *root.parents) if (p / ".git").exists()), root)
    for place in (path.absolute().parent, path.resolve().parent):
        for folder in (place, *place.parents):
            with suppress(OSError):  # it is not there, so it is not the project either
                if folder.samefile(root) or folder.samefile(clone):
                    raise KeyFileError(
                        path=str(path),
                        found="lies in the project's clone",
                        expected="keep a private key where no commit can take it, in "
                        "your home folder for instance",
                    )
