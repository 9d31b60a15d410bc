"""Keys: what is none is refused, and the private one is shown to nobody."""

import base64
import copy
import os
import pickle
from pathlib import Path

import pytest
from attested import a_key

from toolkit.reproduce.attestation.keys import (
    PREFIX,
    BadKeyError,
    PublicKey,
    parse_public,
)
from toolkit.reproduce.attestation.private import (
    KeyFileError,
    load_signing_key,
    new_key,
    parse_private,
)
from toolkit.reproduce.policy import SIGNING_KEY

PUBLIC = a_key().public
P = 2**255 - 19


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a project in a subfolder of a clone."""
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    root = tmp_path / "clone" / "project"
    root.mkdir()
    return root


def test_a_pair_signs_and_is_read_back(clone: Path, tmp_path: Path) -> None:
    path = tmp_path / "ci.key"
    public = new_key(path, clone)
    assert path.stat().st_mode & 0o777 == 0o600
    assert parse_public(path.with_name("ci.key.pub").read_text(), where="") == public
    one_line = path.read_text().splitlines()[1]
    for key in (
        load_signing_key(clone, {}, path),
        load_signing_key(clone, {SIGNING_KEY: path.read_text()}),
        load_signing_key(clone, {SIGNING_KEY: f" {one_line}\n"}),
    ):
        assert key.public == public
        assert public.verifies(key.sign(b"x"), b"x")
        assert not public.verifies(key.sign(b"x"), b"y")
    with pytest.raises(KeyFileError, match="is there already"):
        new_key(path, clone)


def test_reading_the_key_takes_it_out_of_the_environment(clone: Path) -> None:
    line = base64.b64encode(
        bytes.fromhex("302e020100300506032b657004220420") + bytes([1]) * 32
    ).decode()
    environ = {SIGNING_KEY: line, "PATH": "/bin"}
    key = load_signing_key(clone, environ)
    assert environ == {"PATH": "/bin"}
    secret = line[-20:]
    assert secret not in repr(key) + str(key) + f"{key!s} {key!r}"
    for leak in (pickle.dumps, copy.deepcopy):
        with pytest.raises(KeyFileError, match="is not pickled"):
            leak(key)


@pytest.mark.parametrize("where", [".", "..", "../sub"])
def test_no_key_lies_in_the_clone(clone: Path, where: str) -> None:
    folder = clone / where
    folder.mkdir(exist_ok=True)
    with pytest.raises(KeyFileError, match="lies in the project's clone"):
        new_key(folder / "ci.key", clone)
    assert not (folder / "ci.key").exists()


def test_a_link_brings_no_key_into_the_clone(clone: Path, tmp_path: Path) -> None:
    new_key(tmp_path / "ci.key", clone)
    (clone / "link").symlink_to(tmp_path / "ci.key")
    (tmp_path / "out").symlink_to(clone)
    with pytest.raises(KeyFileError, match="lies in the project's clone"):
        load_signing_key(clone, {}, clone / "link")
    (clone / "inside").touch(mode=0o600)
    (tmp_path / "outside").symlink_to(clone / "inside")
    with pytest.raises(KeyFileError, match="lies in the project's clone"):
        load_signing_key(clone, {}, tmp_path / "outside")
    with pytest.raises(KeyFileError, match="lies in the project's clone"):
        new_key(tmp_path / "out" / "other.key", clone)


def test_a_key_has_its_mode_whatever_the_umask(clone: Path, tmp_path: Path) -> None:
    before = os.umask(0o277)
    try:
        new_key(tmp_path / "ci.key", clone)
    finally:
        os.umask(before)
    assert (tmp_path / "ci.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622, 0o601])
def test_a_key_that_others_may_use_is_refused(
    clone: Path, tmp_path: Path, mode: int
) -> None:
    new_key(tmp_path / "ci.key", clone)
    (tmp_path / "ci.key").chmod(mode)
    with pytest.raises(KeyFileError, match=rf"others may use it \(mode {mode:o}\)"):
        load_signing_key(clone, {}, tmp_path / "ci.key")


def test_a_key_is_a_plain_file_of_its_user(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(KeyFileError, match="is no plain file"):
        load_signing_key(clone, {}, tmp_path / "pipe")
    new_key(tmp_path / "ci.key", clone)
    monkeypatch.setattr(os, "geteuid", lambda: -1)
    with pytest.raises(KeyFileError, match="belongs to another user"):
        load_signing_key(clone, {}, tmp_path / "ci.key")


SECRET = "hunter2hunter2hunter2"  # noqa: S105 -- to see that it is quoted nowhere


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n-----END",
        f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{SECRET}\n-----END",
        f"{SECRET}é",
        PUBLIC.pem,
    ],
)
def test_what_is_no_private_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(BadKeyError) as raised:
        parse_private(text, where=SIGNING_KEY)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_without_a_key_the_message_says_where_it_belongs(
    clone: Path, tmp_path: Path
) -> None:
    with pytest.raises(KeyFileError, match="TOOLKIT_SIGNING_KEY: is not set"):
        load_signing_key(clone, {SIGNING_KEY: " "})
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "bytes").chmod(0o600)
    with pytest.raises(BadKeyError, match="no text"):
        load_signing_key(clone, {}, tmp_path / "bytes")


def spki(raw: bytes) -> str:
    return base64.b64encode(PREFIX + raw).decode()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", "no public key", id="empty"),
        pytest.param("ssh-ed25519 AAAA me", "no public key", id="ssh"),
        pytest.param(f"{PUBLIC.line} {PUBLIC.line}", "no public key", id="two"),
        pytest.param("-----BEGIN PRIVATE KEY-----", "a private key", id="private"),
        pytest.param(PUBLIC.line[:-4], "another kind", id="short"),
        pytest.param(base64.b64encode(bytes(44)).decode(), "another kind", id="other"),
        pytest.param(spki(bytes(32)), "any signature holds", id="small-order"),
        pytest.param(spki(b"\1" + bytes(31)), "any signature", id="neutral"),
        pytest.param(spki(b"\1" + bytes(30) + b"\x80"), "any signature", id="sign-bit"),
        pytest.param(spki(P.to_bytes(32, "little")), "any signature", id="prime"),
        pytest.param(
            spki(
                bytes.fromhex(
                    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
                )
            ),
            "any signature",
            id="order-eight",
        ),
    ],
)
def test_what_is_no_public_key_is_refused(text: str, found: str) -> None:
    with pytest.raises(BadKeyError, match=found):
        parse_public(text, where="x")


def test_a_key_of_small_order_would_hold_for_forged_signatures() -> None:
    """The reason why they are refused: nobody signed this."""
    forged = b"\1" + bytes(63)
    assert PublicKey(b"\1" + bytes(31)).verifies(forged, b"anything")


def test_a_key_that_is_no_point_holds_for_nothing() -> None:
    assert not PublicKey(b"\2" + bytes(31)).verifies(bytes(64), b"")
