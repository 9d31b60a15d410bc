import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import a_record

from toolkit.errors import ToolkitError
from toolkit.publish.fields import FieldError
from toolkit.publish.results import Sha256
from toolkit.reproduce.comparison.sides import Difference
from toolkit.reproduce.diagnosis import Suspect
from toolkit.reproduce.levels import load_levels
from toolkit.reproduce.records.recipe import RunId
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RECORD
from toolkit.reproduce.variation import NAMES
from toolkit.reproduce.verification.evidence import (
    Evidence,
    load_evidence,
    write_evidence,
)
from toolkit.reproduce.verification.verdict import (
    Cause,
    Tried,
    Value,
    Verdict,
    exit_code,
)

RECORD_ = a_record()
TEXT = st.text(max_size=20)
CELL = st.none() | st.integers(0, 9)


def evidence(
    record: Record = RECORD_,
    finished: str = "2026-11-24T08:00:00.000000Z",
    **verdict: Any,  # noqa: ANN401 -- fields of a verdict
) -> Evidence:
    given_ = {"value": "reproduced", "varied": NAMES} | verdict
    return Evidence(
        run=record.run,
        record=record.digest,
        results=record.results_digest,
        verdict=Verdict(run=record.run, notebook="notebooks/a.ipynb", **given_),
        environment=record.recipe.environment,
        source=None,
        verifier="0.1.0",
        commit=None,
        ci=None,
        finished=finished,
    )


DIFFERENCES = st.builds(
    Difference,
    kind=st.sampled_from(["metric", "table", "figure", "finding", "output", "cell"]),
    name=TEXT,
    cell=CELL,
    before=TEXT,
    after=TEXT,
    how_much=TEXT,
    decides=st.booleans(),
)
SUSPECTS = st.builds(
    Suspect,
    cell=CELL,
    file=st.none() | TEXT,
    line=st.integers(1, 99),
    source=TEXT,
    why=TEXT,
    advice=TEXT,
)
TRIED = st.builds(
    Tried,
    variations=st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
    status=st.sampled_from(["finished", "failed", "timed out"]),
    seconds=st.floats(0, 1e6),
    results=st.just(Sha256("1" * 64)),
    until=CELL,
    parted=st.booleans(),
)
DIFFERING = st.fixed_dictionaries(
    {
        "value": st.just("differs"),
        "cause": st.sampled_from(["variation", "not deterministic", "fails"]),
        "why": TEXT,
        "differences": st.lists(DIFFERENCES, max_size=3).map(tuple),
        "cell": CELL,
        "names": st.lists(TEXT, max_size=3).map(tuple),
        "culprits": st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
        "suspects": st.lists(SUSPECTS, max_size=2).map(tuple),
        "executions": st.lists(TRIED, max_size=3).map(tuple),
        "notes": st.lists(TEXT, max_size=2).map(tuple),
    }
)


@given(verdict=DIFFERING)
def test_what_is_written_is_read_back(verdict: Mapping[str, Any]) -> None:
    one = evidence(**verdict)
    assert Evidence.from_json(one.to_json()) == one


def test_the_schema_comes_first_and_the_digest_last() -> None:
    plain = json.loads(evidence().to_json())
    assert next(iter(plain)) == "schema"
    assert list(plain)[-1] == "digest"


def changed(**content: object) -> bytes:
    return json.dumps(json.loads(evidence().to_json()) | content).encode()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        pytest.param(changed(results="0" * 64), "it was edited", id="edited"),
        pytest.param(changed(digest="0" * 64), "it was edited", id="digest"),
        pytest.param(changed(digest=None), "it was edited", id="no digest"),
        pytest.param(changed(schema=2), "found 2, expected 1", id="version"),
        pytest.param(changed(trusted=True), "unknown key 'trusted'", id="key"),
        pytest.param(changed(finished=3), "finished", id="type"),
        pytest.param(b"", "no JSON", id="empty"),
        pytest.param(b"[]", "a mapping", id="list"),
        pytest.param(evidence().to_json()[:-20], "no JSON", id="truncated"),
    ],
)
def test_what_was_not_written_so_is_refused(content: bytes, match: str) -> None:
    with pytest.raises(FieldError, match=match):
        Evidence.from_json(content)


@given(content=st.binary(max_size=200))
def test_garbage_is_refused_by_an_error_of_ours(content: bytes) -> None:
    with pytest.raises(ToolkitError):
        Evidence.from_json(content)


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_no_changed_byte_is_believed(at: int, byte: int) -> None:
    """A change is refused, or it changed nothing but the layout."""
    before = evidence()
    content = bytearray(before.to_json())
    content[at % len(content)] = byte
    with suppress(ToolkitError):
        assert Evidence.from_json(bytes(content)) == before


def test_nothing_is_no_evidence() -> None:
    with pytest.raises(FieldError, match="nothing is evidence of nothing"):
        evidence(value="not checked", cause="did not finish")


def test_evidence_is_about_the_run_of_its_verdict() -> None:
    with pytest.raises(FieldError, match=r"verdict\.run"):
        replace(evidence(), run=a_record("03-other").run)


@pytest.mark.parametrize(
    ("value", "cause"), [("reproduced", "fails"), ("differs", ""), ("not checked", "")]
)
def test_only_what_is_reproduced_has_no_cause(value: Value, cause: Cause) -> None:
    with pytest.raises(FieldError, match=r"verdict\.cause"):
        Verdict(run="r", notebook="", value=value, cause=cause)


def test_the_worst_verdict_decides_the_exit_code() -> None:
    good = evidence().verdict
    bad = evidence(value="differs", cause="fails").verdict
    unknown = Verdict(run="r", notebook="", value="not checked", cause="not readable")
    assert [
        exit_code(each)
        for each in ([], [good], [good, unknown], [unknown, bad], [bad, good])
    ] == [2, 0, 2, 1, 1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / RECORD_.run
    path.mkdir()
    (path / RECORD).write_bytes(RECORD_.to_json())
    return path


def test_evidence_lies_beside_its_record(folder: Path) -> None:
    later = evidence(finished="2026-12-01T08:00:00.000000Z")
    paths = [write_evidence(folder, each) for each in (later, evidence())]
    assert paths[1].name.startswith("verification-20261124T080000Z-")
    assert load_evidence(folder).evidence == (evidence(), later)
    assert sorted(folder.iterdir()) == sorted([folder / RECORD, *paths])


def test_evidence_that_was_edited_counts_for_nothing(folder: Path) -> None:
    path = write_evidence(folder, evidence(value="differs", cause="fails"))
    path.write_text(path.read_text().replace('"differs"', '"reproduced"'))
    found = load_evidence(folder)
    assert not found.evidence
    assert path.name in str(found.unreadable[0])


def test_evidence_about_another_run_counts_for_nothing(folder: Path) -> None:
    write_evidence(folder, evidence(a_record("03-other")))
    (error,) = load_evidence(folder).unreadable
    assert "is about another run" in str(error)


def test_a_folder_without_evidence_has_none(tmp_path: Path) -> None:
    assert load_evidence(tmp_path).evidence == ()


def test_evidence_lifts_the_trust_in_a_run(tmp_path: Path) -> None:
    """A clean run of a commit, with a lock, that was reproduced under variation."""
    record = a_record()
    recipe = replace(
        record.recipe,
        environment=replace(record.recipe.environment, lock=Sha256("1" * 64)),
        digest=Sha256(""),
    )
    about = replace(record.circumstances, commit="c" * 40, dirty=False)
    run = RunId(f"{record.run[:-8]}{recipe.digest[:8]}")
    clean = replace(record, recipe=recipe, circumstances=about, run=run)
    folder = tmp_path / clean.run
    folder.mkdir()
    (folder / RECORD).write_bytes(clean.to_json())
    assert load_levels(tmp_path, [clean]).trust(clean).level == "recorded"
    write_evidence(folder, evidence(clean))
    assert load_levels(tmp_path, [clean]).trust(clean).level == "reproduced"
