"""Who signed an envelope, by the bytes under the signature and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from toolkit.reproduce.attestation.bundle import Envelope
from toolkit.reproduce.attestation.faults import AttestationError
from toolkit.reproduce.attestation.keys import PublicKey
from toolkit.reproduce.attestation.statements import Kind
from toolkit.reproduce.attestation.trusted import Role, TrustedKey

ROLES: dict[Kind, tuple[Role, ...]] = {"provenance": ("ci",), "svr": ("ci", "reviewer")}
LEEWAY = timedelta(minutes=5)  # by which the clocks of two machines may differ


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """Whose signature it is."""

    key: PublicKey | None  # None: nobody here has the key, so it was not checked
    trusted: TrustedKey | None  # None: not one that the project names


def find_signer(
    envelope: Envelope,
    trusted: Sequence[TrustedKey],
    others: Sequence[PublicKey] = (),
    *,
    path: str = "",
) -> Signer:
    """Return the owner of the key for which the signature holds.

    Every key is tried; the key id in the envelope is only a hint. A revoked or expired
    key is found, too: what it signed is refused by :func:`check_signer`.

    Parameters
    ----------
    envelope : of a bundle
    trusted : that the project names
    others : that somebody holds against it, and that the project does not name

    Raises
    ------
    AttestationError : if the signature does not hold, though its key is here, or holds
        for another key than it says
    """
    by_key = {one.key: one for one in trusted}
    for key in dict.fromkeys((*by_key, *others)):
        if key.verifies(envelope.signature, envelope.signed):
            if key.id != envelope.keyid:
                found = f"it says {envelope.keyid[:12]}… and is that of {key.id[:12]}…"
                raise AttestationError(path=path, fault="wrong key id", found=found)
            return Signer(key=key, trusted=by_key.get(key))
        if key.id == envelope.keyid:
            named = by_key[key].name if key in by_key else f"{key.id[:12]}…"
            found = (
                f"it is not that of the key {named!r}, or what it signed was changed"
            )
            raise AttestationError(path=path, fault="wrong signature", found=found)
    return Signer(key=None, trusted=None)


def check_signer(
    key: TrustedKey, kind: Kind, signed: datetime, *, path: str = ""
) -> None:
    """Check that a trusted key may sign such a statement at such a time.

    Parameters
    ----------
    key : whose signature holds
    kind : of the statement
    signed : when, as the signed bytes say

    Raises
    ------
    AttestationError : if it may not
    """
    if key.revoked is not None:
        raise AttestationError(
            path=path,
            fault="revoked key",
            found=f"{key.name!r} was revoked on {key.revoked.on}: {key.revoked.reason}",
            expected="let CI sign the run again, with the key that it has now",
        )
    if key.role not in ROLES[kind]:
        raise AttestationError(
            path=path,
            fault="wrong role",
            found=f"{key.name!r} is the key of a {key.role}",
            expected=f"a {kind} is signed by a key of role {' or '.join(ROLES[kind])}",
        )
    if signed < key.not_before:
        raise AttestationError(
            path=path,
            fault="key not yet valid",
            found=f"signed {signed:%Y-%m-%d}, and {key.name!r} is valid from "
            f"{key.not_before:%Y-%m-%d}",
        )
    if signed >= key.not_after:
        raise AttestationError(
            path=path,
            fault="expired key",
            found=f"signed {signed:%Y-%m-%d}, and {key.name!r} expired "
            f"{key.not_after:%Y-%m-%d}",
            expected="let CI sign the run again, with the key that it has now",
        )
