"""Whatever is changed about a signed run is found, and called by its name."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attested import (
    KEYS,
    NOW,
    Case,
    a_key,
    attest,
    proof,
    published,
    put_published,
    signed_run,
    trusted,
)

from toolkit.publish.results import Metric, Results
from toolkit.reproduce.attestation.beside import Keys
from toolkit.reproduce.attestation.trusted import Revoked
from toolkit.reproduce.records.store import METRICS, RECORD
from toolkit.reproduce.verification.evidence import write_evidence

Change = Callable[[Any], object]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return a run that was signed by CI."""
    return signed_run(tmp_path / "runs")


def test_what_nobody_touched_holds(case: Case) -> None:
    beside = case.check()
    assert not beside.refused
    assert [one.kind for one in beside.holds] == ["provenance", "svr"]
    assert {one.verdict for one in beside.holds} == {"trusted signer"}
    assert all(one.signer == trusted() for one in beside.holds)


def changed_metric(case: Case) -> None:
    (case.folder / METRICS).write_text('{\n  "hit_rate": 9.9\n}\n')


def reformatted_record(case: Case) -> None:
    plain = json.loads((case.folder / RECORD).read_bytes())
    (case.folder / RECORD).write_text(json.dumps(plain, sort_keys=True))


def no_metrics(case: Case) -> None:
    (case.folder / METRICS).unlink()


def swapped_notebook(case: Case) -> None:
    (case.folder / "notebook.ipynb").write_text('{"cells": []}\n')


def changed_table(case: Case) -> None:
    (case.folder / "tables" / "rows.csv").write_text("a\n2\n")


def unreadable_table(case: Case) -> None:
    path = case.folder / "tables" / "rows.csv"
    path.unlink()
    path.mkdir()


def attestation_of_another(case: Case) -> None:
    other = published("03-errors")
    folder = put_published(case.folder.parent, other)
    attest(folder, other)
    for path in folder.glob("*.sigstore.json"):
        path.rename(case.folder / path.name)


def truncated(case: Case) -> None:
    case.rewrite(case.path().read_bytes()[:-40])


def empty(case: Case) -> None:
    case.rewrite(b"")


def reordered(case: Case) -> None:
    plain = json.loads(case.path().read_bytes())
    case.rewrite(json.dumps(dict(reversed(plain.items()))).encode())


def twice_a_key(case: Case) -> None:
    text = case.path().read_bytes()
    case.rewrite(text.replace(b'{"dsse', b'{"mediaType":"x","dsse', 1))


def no_utf8(case: Case) -> None:
    case.rewrite(case.path().read_text().encode("utf-16"))


def a_folder(case: Case) -> None:
    path = case.path()
    path.unlink()
    path.mkdir()


def renamed(case: Case) -> None:
    case.path().rename(case.folder / "provenance-0000000000000000.sigstore.json")


def enormous(case: Case) -> None:
    case.rewrite(b" " * 4_000_001)


FILES: list[tuple[Change, str]] = [
    (changed_metric, "changed file"),
    (reformatted_record, "changed file"),
    (no_metrics, "missing file"),
    (swapped_notebook, "changed file"),
    (changed_table, "changed file"),
    (unreadable_table, "changed file"),
    (attestation_of_another, "another run"),
    (truncated, "no JSON"),
    (empty, "no JSON"),
    (reordered, "not as written"),
    (twice_a_key, "duplicate key"),
    (no_utf8, "no JSON"),
    (a_folder, "not readable"),
    (renamed, "renamed"),
    (enormous, "too large"),
]


@pytest.mark.parametrize(("change", "fault"), FILES, ids=[c.__name__ for c, _ in FILES])
def test_a_change_of_a_file_is_named(case: Case, change: Change, fault: str) -> None:
    change(case)
    assert fault in case.faults()


def test_an_edited_record_with_all_its_digests_made_anew_is_found(
    tmp_path: Path,
) -> None:
    case = signed_run(tmp_path / "runs")
    results = Results(
        metrics=(Metric(name="hit_rate", value=9.9),),
        tables=case.record.results.tables,
    )
    forged = replace(case.record, results=results)
    (case.folder / RECORD).write_bytes(forged.to_json())
    (case.folder / METRICS).write_text(json.dumps(forged.metrics))
    write_evidence(case.folder, proof(forged))
    assert Case(record=forged, folder=case.folder).faults() == {
        "changed file",
        "contradicts the evidence",
    }


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        pytest.param(
            {"revoked": Revoked(on="2026-11-24", reason="lost")}, "revoked key", id="r"
        ),
        pytest.param({"not_after": NOW}, "expired key", id="expired"),
        pytest.param(
            {"not_before": NOW + timedelta(seconds=1)}, "key not yet valid", id="early"
        ),
        pytest.param({"role": "reviewer"}, "wrong role", id="role"),
    ],
)
def test_a_key_that_may_not_sign_is_named(
    case: Case, facts: dict[str, object], fault: str
) -> None:
    assert case.faults(Keys(trusted=(trusted(**facts),))) == {fault}  # type: ignore[arg-type]  # facts are of its fields


def test_a_reviewer_may_say_that_a_run_was_reproduced(case: Case) -> None:
    (one,) = case.check(Keys(trusted=(trusted(role="reviewer"),))).holds
    assert (one.kind, one.verdict, one.by_ci("svr")) == ("svr", "trusted signer", False)


def test_an_unknown_signer_is_believed_nothing(case: Case) -> None:
    beside = case.check(Keys(trusted=(trusted(2),)))
    assert not beside.refused
    assert {(o.verdict, o.statement) for o in beside.holds} == {
        ("unknown signer", None)
    }


def test_a_key_at_hand_shows_that_an_unknown_signature_holds(case: Case) -> None:
    at_hand = Keys(trusted=(trusted(2),), others=(a_key().public,))
    holds = case.check(at_hand).holds
    assert [(o.verdict, o.kind) for o in holds] == [
        ("unknown signer", "provenance"),
        ("unknown signer", "svr"),
    ]
    assert not any(one.by_ci("provenance") for one in holds)
    changed_metric(case)
    assert case.faults(at_hand) == {"changed file"}


@pytest.mark.parametrize(
    ("now", "fault"),
    [
        pytest.param(NOW - timedelta(minutes=6), "from the future", id="signed-later"),
        pytest.param(NOW - timedelta(days=9), "from the future", id="run-later"),
    ],
)
def test_what_comes_from_the_future_is_named(case: Case, now: Any, fault: str) -> None:  # noqa: ANN401
    assert case.faults(now=now) == {fault}
    assert not case.faults(now=NOW - timedelta(minutes=4))


def test_each_message_says_where_and_what_to_do(case: Case) -> None:
    changed_metric(case)
    text = str(case.check(KEYS).refused[0])
    assert str(case.path()) in text
    assert "changed file: metrics.json is not what was signed" in text
    assert "get it back from git" in text
