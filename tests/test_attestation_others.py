"""Other implementations verify what we write, and we verify what they write."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from attested import Case, a_key, signed_run
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer._crypto_signer import CryptoSigner
from securesystemslib.signer._key import SSlibKey

from toolkit.reproduce.attestation.bundle import (
    PAYLOAD_TYPE,
    Envelope,
    bundle_bytes,
    pae,
    parse_bundle,
)
from toolkit.reproduce.attestation.faults import AttestationError
from toolkit.reproduce.attestation.signers import find_signer

PUBLIC = a_key().public
THEIR_KEY = SSlibKey(PUBLIC.id, "ed25519", "ed25519", {"public": PUBLIC.raw.hex()})
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return a run that was signed by CI."""
    return signed_run(tmp_path / "runs")


def test_securesystemslib_verifies_ours(case: Case) -> None:
    for kind in ("provenance", "svr"):
        bundle = json.loads(case.path(kind).read_bytes())
        envelope = TheirEnvelope.from_dict(bundle["dsseEnvelope"])
        assert list(envelope.verify([THEIR_KEY], 1)) == [PUBLIC.id]
        envelope.payload += b" "
        with pytest.raises(VerificationError):
            envelope.verify([THEIR_KEY], 1)


def test_we_verify_what_securesystemslib_signs(case: Case) -> None:
    ours = parse_bundle(case.path().read_bytes())
    theirs = TheirEnvelope(ours.payload, PAYLOAD_TYPE, {})
    theirs.sign(CryptoSigner(PRIVATE, THEIR_KEY))
    (signature,) = theirs.to_dict()["signatures"]
    case.rewrite(
        bundle_bytes(
            Envelope(
                payload=theirs.payload,
                keyid=signature["keyid"],
                signature=bytes.fromhex(theirs.signatures[PUBLIC.id].signature),
            )
        )
    )
    assert not case.faults()
    assert len(case.check().holds) == 2
    tampered = Envelope(
        payload=theirs.payload + b" ",
        keyid=PUBLIC.id,
        signature=bytes.fromhex(theirs.signatures[PUBLIC.id].signature),
    )
    with pytest.raises(AttestationError, match="wrong signature"):
        find_signer(tampered, (), (PUBLIC,))


def test_the_bytes_under_the_signature_are_the_same() -> None:
    for payload in (b"", b"{}", "ü".encode(), b"\0" * 1000):
        assert TheirEnvelope(payload, "a/b", {}).pae() == pae("a/b", payload)


def tool(
    command: str, folder: Path, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a program in a folder; no argument of it has a blank."""
    return subprocess.run(  # noqa: S603 -- a literal command
        command.split(), cwd=folder, check=False, input=given, capture_output=True
    )


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on PATH")
def test_openssl_verifies_ours(case: Case, tmp_path: Path) -> None:
    envelope = parse_bundle(case.path().read_bytes())
    (tmp_path / "pae.bin").write_bytes(envelope.signed)
    (tmp_path / "sig.bin").write_bytes(envelope.signature)
    (tmp_path / "key.pem").write_text(PUBLIC.pem)
    verify = (
        "openssl pkeyutl -verify -pubin -inkey key.pem -rawin "
        "-in pae.bin -sigfile sig.bin"
    )
    assert tool(verify, tmp_path).returncode == 0
    (tmp_path / "pae.bin").write_bytes(envelope.signed + b" ")
    assert tool(verify, tmp_path).returncode != 0


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen on PATH")
def test_ssh_keygen_signs_and_verifies_the_same_bytes_with_the_same_key(
    case: Case, tmp_path: Path
) -> None:
    envelope = parse_bundle(case.path().read_bytes())
    (tmp_path / "pae.bin").write_bytes(envelope.signed)
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_bytes(
        PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    )
    signed = tool("ssh-keygen -Y sign -q -f key -n toolkit pae.bin", tmp_path)
    assert signed.returncode == 0
    public = tool("ssh-keygen -y -f key", tmp_path).stdout
    (tmp_path / "allowed").write_bytes(b"ci " + public)
    verify = "ssh-keygen -Y verify -f allowed -I ci -n toolkit -s pae.bin.sig"
    assert tool(verify, tmp_path, envelope.signed).returncode == 0
    assert tool(verify, tmp_path, envelope.signed + b" ").returncode != 0
