"""No word of a bundle, and none of what it signs, can be another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attested import Case, a_key, as_bytes, proof, signed_run

from toolkit.reproduce.verification.evidence import write_evidence

Change = Callable[[Any], object]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return a run that was signed by CI."""
    return signed_run(tmp_path / "runs")


def bundled(change: Change) -> Change:
    def apply(case: Case) -> None:
        plain = json.loads(case.path().read_bytes())
        change(plain)
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        case.rewrite(text.encode() + b"\n")

    return apply


def second_signature(plain: Any) -> None:  # noqa: ANN401 -- JSON
    plain["dsseEnvelope"]["signatures"].append({"keyid": "0" * 64, "sig": "AAAA"})


def key_id(value: object) -> Change:
    def change(plain: Any) -> None:  # noqa: ANN401 -- JSON
        plain["dsseEnvelope"]["signatures"][0]["keyid"] = value
        plain["verificationMaterial"]["publicKey"]["hint"] = value

    return change


BUNDLES = [
    pytest.param(second_signature, "signatures", id="second-signature"),
    pytest.param(
        lambda b: b["dsseEnvelope"]["signatures"].clear(), "signatures", id="none"
    ),
    pytest.param(
        lambda b: b["dsseEnvelope"].update(signatures=None), "signatures", id="null"
    ),
    pytest.param(
        lambda b: b["dsseEnvelope"]["signatures"][0].update(sig="AAAA"),
        "wrong signature",
        id="other-signature",
    ),
    pytest.param(
        lambda b: b["dsseEnvelope"].update(payload="e30="),
        "wrong signature",
        id="other-payload",
    ),
    pytest.param(
        lambda b: b["dsseEnvelope"].update(payload="e31="), "wrong form", id="base64"
    ),
    pytest.param(
        lambda b: b["dsseEnvelope"].update(payloadType="text/plain"),
        "wrong payload type",
        id="payload-type",
    ),
    pytest.param(
        lambda b: b.update(mediaType="x"), "wrong media type", id="media-type"
    ),
    pytest.param(lambda b: b.update(more=1), "wrong form", id="unknown-key"),
    pytest.param(lambda b: b.pop("dsseEnvelope"), "wrong form", id="no-envelope"),
    pytest.param(
        lambda b: b.update(verificationMaterial=[]), "wrong form", id="no-material"
    ),
    pytest.param(
        lambda b: b["verificationMaterial"]["publicKey"].update(hint="0" * 64),
        "wrong key id",
        id="hint",
    ),
    pytest.param(key_id("0" * 64), "wrong key id", id="another-id"),
    pytest.param(
        key_id(a_key().public.id.replace("a", "а", 1)),  # noqa: RUF001 -- Cyrillic
        "wrong key id",
        id="look-alike-id",
    ),
    pytest.param(key_id(a_key().public.id.upper()), "wrong key id", id="upper-case-id"),
    pytest.param(key_id(7), "wrong key id", id="number"),
]


@pytest.mark.parametrize(("change", "fault"), BUNDLES)
def test_a_change_of_a_bundle_is_named(case: Case, change: Change, fault: str) -> None:
    bundled(change)(case)
    assert case.faults() == {fault}


def test_another_key_under_a_trusted_id_does_not_pass(case: Case) -> None:
    case.resign(lambda _: None, seed=2)
    bundled(key_id(a_key().public.id))(case)
    assert case.faults() == {"wrong signature"}


def test_a_signature_moved_from_another_statement_does_not_pass(case: Case) -> None:
    other = json.loads(case.path("svr").read_bytes())
    signatures = other["dsseEnvelope"]["signatures"]
    bundled(lambda b: b["dsseEnvelope"].update(signatures=signatures))(case)
    assert case.faults() == {"wrong signature"}


def said(*keys: str | int, value: object) -> Change:
    def change(plain: Any) -> None:  # noqa: ANN401 -- JSON
        for key in keys[:-1]:
            plain = plain[key]
        plain[keys[-1]] = value

    return change


P = ("predicate", "buildDefinition")
M = ("predicate", "runDetails", "metadata")
STATEMENTS = [
    pytest.param(said("_type", value="x"), "wrong form", id="type"),
    pytest.param(said("predicateType", value="x"), "wrong form", id="predicate-type"),
    pytest.param(said("subject", value={}), "wrong form", id="no-subjects"),
    pytest.param(said("subject", value=[1]), "wrong form", id="odd-subject"),
    pytest.param(said("subject", value=[]), "wrong form", id="nothing"),
    pytest.param(lambda s: s["subject"].pop(0), "wrong form", id="no-record"),
    pytest.param(
        lambda s: s["subject"].append(s["subject"][0]), "wrong form", id="twice"
    ),
    pytest.param(
        lambda s: s["subject"].append({"name": "x", "digest": {"sha256": ""}}),
        "unknown file",
        id="other-file",
    ),
    pytest.param(
        lambda s: s["subject"].append(
            {"name": "rеcord.json", "digest": {"sha256": ""}}  # noqa: RUF001 -- Cyrillic
        ),
        "unknown file",
        id="look-alike-file",
    ),
    pytest.param(
        lambda s: s["subject"].append(
            {"name": "../../etc/passwd", "digest": {"sha256": ""}}
        ),
        "unknown file",
        id="path",
    ),
    pytest.param(lambda s: s["subject"].reverse(), "contradicts the record", id="row"),
    pytest.param(said("more", value=1), "contradicts the record", id="more"),
    pytest.param(
        said("subject", 0, "digest", "sha512", value=""),
        "contradicts the record",
        id="more-digests",
    ),
    pytest.param(
        said(*P, "externalParameters", "parameters", "n", value=11),
        "contradicts the record",
        id="parameter",
    ),
    pytest.param(
        said(*P, "externalParameters", "parameters", "n", value=10.0),
        "contradicts the record",
        id="parameter-type",
    ),
    pytest.param(
        said(*P, "externalParameters", "notebook", value="notebooks/other.ipynb"),
        "contradicts the record",
        id="notebook",
    ),
    pytest.param(
        said(*P, "resolvedDependencies", 0, "digest", "sha256", value="0" * 64),
        "contradicts the record",
        id="dependency",
    ),
    pytest.param(said(*M, "invocationId", value="x"), "another run", id="run"),
    pytest.param(
        said(*M, "finishedOn", value="2026-11-24T08:00:00Z"),
        "contradicts the record",
        id="finished",
    ),
    pytest.param(
        said(*M, "toolkit_signedOn", value="2026-11-23T18:00:00.000000Z"),
        "signed too early",
        id="signed-early",
    ),
    pytest.param(
        said(*M, "toolkit_signedOn", value="2026-11-24T10:00:00.000000Z"),
        "from the future",
        id="signed-late",
    ),
    pytest.param(said(*M, "toolkit_signedOn", value="soon"), "wrong form", id="soon"),
    pytest.param(
        said(*M, "toolkit_signedOn", value="2026-11-24T09:00:00"),
        "wrong form",
        id="no-zone",
    ),
    pytest.param(
        said("predicate", "runDetails", "builder", "id", value="a b"),
        "wrong form",
        id="builder",
    ),
    pytest.param(
        said("predicate", "runDetails", "builder", "id", value=7),
        "wrong form",
        id="builder-number",
    ),
    pytest.param(
        said("predicate", "runDetails", value=None), "wrong form", id="no-details"
    ),
    pytest.param(
        lambda s: s["predicate"]["runDetails"]["byproducts"].append(
            {"name": "record.json", "digest": {"sha256": ""}}
        ),
        "unknown file",
        id="byproduct",
    ),
]


@pytest.mark.parametrize(("change", "fault"), STATEMENTS)
def test_even_what_a_trusted_key_signed_must_fit_the_run(
    case: Case, change: Change, fault: str
) -> None:
    case.resign(change)
    assert case.faults() == {fault}


def test_a_key_twice_in_what_was_signed_is_named(case: Case) -> None:
    payload = as_bytes(case.statement())
    case.resign_bytes(payload.replace(b'{"_type"', b'{"subject":[],"_type"', 1))
    assert case.faults() == {"duplicate key"}


def test_another_order_of_what_was_signed_is_named(case: Case) -> None:
    plain = case.statement()
    case.resign_bytes(json.dumps(dict(reversed(plain.items()))).encode())
    assert case.faults() == {"contradicts the record"}
    assert "the order of its keys" in case.check().refused[0].found


def test_the_digest_of_a_file_that_is_not_here_is_held_against_the_record(
    case: Case,
) -> None:
    (case.folder / "tables" / "rows.csv").unlink()
    assert not case.faults()
    case.resign(said("subject", 2, "digest", "sha256", value="0" * 64))
    assert case.faults() == {"contradicts the record"}


EVIDENCE = [
    pytest.param(
        said("predicate", "properties", value=["TOOLKIT_REPRODUCED"]),
        "contradicts the evidence",
        id="properties",
    ),
    pytest.param(said("predicate", "toolkit_run", value="x"), "another run", id="run"),
    pytest.param(lambda s: s["subject"].pop(2), "wrong form", id="none"),
    pytest.param(
        said("subject", 2, "name", value="verification-x.json"),
        "missing file",
        id="other-name",
    ),
    pytest.param(
        said("predicate", "toolkit_signedOn", value="2026-11-23T19:00:00.000000Z"),
        "signed too early",
        id="before-the-verification",
    ),
]


@pytest.mark.parametrize(("change", "fault"), EVIDENCE)
def test_what_says_reproduced_must_fit_the_evidence(
    case: Case, change: Change, fault: str
) -> None:
    case.resign(change, "svr")
    assert case.faults() == {fault}


def test_evidence_that_is_gone_or_edited_is_named(case: Case) -> None:
    (path,) = case.folder.glob("verification-*.json")
    text = path.read_text()
    path.write_text(text.replace('"verifier": "0.1.0"', '"verifier": "0.1.1"'))
    assert case.faults() == {"changed file"}
    path.unlink()
    assert case.faults() == {"missing file"}


def test_evidence_that_says_differs_is_no_reproduction(case: Case) -> None:
    differs = proof(case.record, value="differs", cause="fails", why="x")
    path = write_evidence(case.folder, differs)
    case.resign(said("subject", 2, "name", value=path.name), "svr")
    assert case.faults() == {"contradicts the evidence"}
