"""Whatever bytes they are given, parser and verifier refuse them by their one error."""

import json
from copy import deepcopy
from typing import Any

import pytest
from attested import KEYS, NOW, Case, a_key, as_bytes, signed_run
from hypothesis import given
from hypothesis import strategies as st

from toolkit.reproduce.attestation.attesting import sign
from toolkit.reproduce.attestation.beside import run_in, verify_bundle
from toolkit.reproduce.attestation.bundle import bundle_bytes, parse_bundle
from toolkit.reproduce.attestation.faults import AttestationError
from toolkit.reproduce.attestation.holding import Run
from toolkit.reproduce.attestation.statements import Kind

KINDS = st.sampled_from(["provenance", "svr"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return a run that was signed by CI."""
    return signed_run(tmp_path_factory.mktemp("fuzz") / "runs")


@pytest.fixture(scope="module")
def run(case: Case) -> Run:
    """Return it as it lies there."""
    return run_in(case.folder, case.record)


def refused(content: bytes, run: Run) -> None:
    """See that bytes verify as nothing."""
    with pytest.raises(AttestationError) as raised:
        verify_bundle(content, run, KEYS, NOW)
    assert str(raised.value)


def places(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Return the path of every value in a JSON document."""
    inner: list[tuple[object, ...]] = []
    if isinstance(value, dict):
        inner = [p for key, item in value.items() for p in places(item, (*at, key))]
    elif isinstance(value, list):
        inner = [p for i, item in enumerate(value) for p in places(item, (*at, i))]
    return [at, *inner]


def put(document: Any, at: tuple[Any, ...], value: object) -> Any:  # noqa: ANN401 -- JSON
    """Return a document with another value in a place."""
    if not at:
        return value
    changed = deepcopy(document)
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return changed


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_from_nowhere_verify(content: bytes) -> None:
    with pytest.raises(AttestationError):
        parse_bundle(content)


@given(JSON)
def test_no_json_from_nowhere_verifies(plain: object) -> None:
    with pytest.raises(AttestationError):
        parse_bundle(json.dumps(plain).encode())


@given(data=st.data(), kind=KINDS)
def test_no_changed_byte_verifies(
    case: Case, run: Run, data: st.DataObject, kind: Kind
) -> None:
    content = bytearray(case.path(kind).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
    if bytes(content) != case.path(kind).read_bytes():
        refused(bytes(content), run)


@given(data=st.data(), kind=KINDS)
def test_no_part_and_no_mixture_verifies(
    case: Case, run: Run, data: st.DataObject, kind: Kind
) -> None:
    content = case.path(kind).read_bytes()
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(0, len(content)))
    mixed = content[:begin] + content[end:]
    if mixed != content:
        refused(mixed, run)


@given(data=st.data(), value=JSON, kind=KINDS)
def test_no_other_value_anywhere_in_a_bundle_verifies(
    case: Case, run: Run, data: st.DataObject, value: object, kind: Kind
) -> None:
    plain = json.loads(case.path(kind).read_bytes())
    at = data.draw(st.sampled_from(places(plain)))
    changed = put(plain, at, value)
    text = json.dumps(changed, sort_keys=True, separators=(",", ":"))
    content = text.encode() + b"\n"
    if content != case.path(kind).read_bytes():
        refused(content, run)


@given(data=st.data(), value=JSON, kind=KINDS)
def test_no_other_word_of_a_statement_verifies_though_it_is_signed(
    case: Case, run: Run, data: st.DataObject, value: object, kind: Kind
) -> None:
    """A trusted key says what the record says, or nothing; but for four facts."""
    plain = case.statement(kind)
    at = data.draw(st.sampled_from(places(plain)))
    changed = put(plain, at, value)
    if not isinstance(changed, dict) or as_bytes(changed) == as_bytes(plain):
        return
    content = bundle_bytes(sign(as_bytes(changed), a_key()))
    free = {"id", "toolkit", "toolkit_version", "toolkit_builder"}
    if at and at[-1] in free and isinstance(value, str):
        return
    if at and at[-1] == "byproducts" and value == []:  # it was not there: no claim
        return
    refused(content, run)


@given(st.binary(max_size=300) | JSON.map(lambda x: json.dumps(x).encode()))
def test_no_other_payload_verifies_though_it_is_signed(
    run: Run, payload: bytes
) -> None:
    refused(bundle_bytes(sign(payload, a_key())), run)
