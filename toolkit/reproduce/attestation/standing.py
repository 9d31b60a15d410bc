"""What a run's attestations make of its trust, and what is missing for that."""

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.reproduce.attestation.beside import Attestation, Beside
from toolkit.reproduce.attestation.statements import Kind
from toolkit.reproduce.trust import Reason
from toolkit.reproduce.variation import NAMES

_SAYS: dict[Kind, str] = {
    "provenance": "that CI executed it",
    "svr": "that CI executed it again, under every variation",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Whether a run is attested, and why not."""

    attested: bool = False
    lacking: tuple[Reason, ...] = ()


def standing_of(run: str, beside: Beside, *, named: bool) -> Standing:
    """Return what the attestations of a run prove.

    Attested is a run of which a trusted key of CI says both that it was executed there,
    and that it was executed again, under every variation, with equal results.

    Parameters
    ----------
    run : its id
    beside : all attestations in its folder
    named : the project names a key at all
    """
    missing = [kind for kind in _SAYS if not _said(kind, beside.holds)]
    if not missing:
        return Standing(attested=True)
    return Standing(lacking=tuple(_lacking(run, missing, beside, named=named)))


def _said(kind: Kind, holds: tuple[Attestation, ...]) -> bool:
    return any(one.by_ci(kind) and _whole(one) for one in holds)


def _whole(one: Attestation) -> bool:
    """Tell whether an SVR rests on a verification that varied everything."""
    evidence = one.statement.evidence if one.statement else None
    return evidence is None or set(NAMES) <= set(evidence.variations)


def _lacking(
    run: str, missing: list[Kind], beside: Beside, *, named: bool
) -> Iterator[Reason]:
    if not named:
        yield Reason(
            short="not attested",
            found="the project names no key whose signature counts",
            advice="make one and name it: toolkit keys new, toolkit keys trust",
        )
        return
    for error in beside.refused:
        yield Reason(
            short=error.fault,
            found=f"an attestation does not hold: {error.found}",
            advice=f"toolkit attest --check {run}",
        )
    unknown = [one for one in beside.holds if one.verdict == "unknown signer"]
    if unknown:
        yield Reason(
            short="unknown signer",
            found=f"the project does not name the key {unknown[0].keyid[:12]}…",
            advice="let CI sign it",
        )
    if not beside.refused and not unknown:
        said = " and ".join(_SAYS[kind] for kind in missing)
        yield Reason(
            short="not attested",
            found=f"no key of CI has signed {said}",
            advice="let CI verify and sign it",
        )
