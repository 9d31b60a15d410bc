"""A run is trusted where CI says both of it, and told what is missing elsewhere."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from attested import (
    KEYS,
    NOW,
    RECORDED,
    a_key,
    attest,
    proof,
    published,
    put_published,
    signed_run,
    signer,
    trusted,
)
from evidence import found

from toolkit.reproduce.attestation.attesting import attest_run, builder_id
from toolkit.reproduce.attestation.beside import Keys
from toolkit.reproduce.attestation.checking import check_run
from toolkit.reproduce.attestation.statements import varied
from toolkit.reproduce.attestation.trusted import TRUSTED
from toolkit.reproduce.attestation.trusting import trust_key
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.levels import load_levels
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import METRICS
from toolkit.reproduce.trust import Trust, trust_of
from toolkit.reproduce.variation import NAMES
from toolkit.reproduce.verification.evidence import write_evidence


def trust_in(runs: Path, record: Record, *others: Record) -> Trust:
    return load_levels(runs, [record, *others], NOW).trust(record)


def test_a_run_that_ci_executed_and_reproduced_is_trusted(tmp_path: Path) -> None:
    case = signed_run(tmp_path / "runs")
    trust_key(tmp_path, trusted())
    trust = trust_in(tmp_path / "runs", case.record)
    assert (trust.level, trust.reasons) == ("trusted", ())


@pytest.mark.parametrize(
    ("key", "kinds", "short", "found_"),
    [
        pytest.param(None, "", "not attested", "names no key", id="no-keys"),
        pytest.param(2, "", "unknown signer", "does not name the key", id="unknown"),
        pytest.param(1, "svr", "not attested", "executed it again", id="no-svr"),
        pytest.param(1, "provenance", "not attested", "executed it", id="no-run"),
    ],
)
def test_what_is_missing_is_told(
    tmp_path: Path, key: int | None, kinds: str, short: str, found_: str
) -> None:
    case = signed_run(tmp_path / "runs")
    if key is not None:
        trust_key(tmp_path, trusted(key))
    if kinds:
        case.path(kinds).unlink()  # type: ignore[arg-type]  # one of them
    trust = trust_in(tmp_path / "runs", case.record)
    assert (trust.level, trust.short) == ("reproduced", short)
    assert found_ in trust.reasons[0].found


def test_what_does_not_hold_is_told_and_counts_for_nothing(tmp_path: Path) -> None:
    case = signed_run(tmp_path / "runs")
    trust_key(tmp_path, trusted())
    (case.folder / METRICS).write_text("{}")
    levels = load_levels(tmp_path / "runs", [case.record], NOW)
    trust = levels.trust(case.record)
    assert (trust.level, trust.short) == ("reproduced", "changed file")
    assert len(levels.unreadable) == 2
    assert trust.missing == f"toolkit attest --check {case.record.run}"


def test_junk_beside_what_holds_is_told_and_takes_nothing_away(tmp_path: Path) -> None:
    case = signed_run(tmp_path / "runs")
    trust_key(tmp_path, trusted())
    (case.folder / "x.sigstore.json").write_text("{}")
    levels = load_levels(tmp_path / "runs", [case.record], NOW)
    assert levels.trust(case.record).level == "trusted"
    assert [str(error) for error in levels.unreadable if "wrong form" in str(error)]


def test_a_reviewer_lifts_no_run(tmp_path: Path) -> None:
    case = signed_run(tmp_path / "runs")
    trust_key(tmp_path, trusted(role="reviewer"))
    assert trust_in(tmp_path / "runs", case.record).level == "reproduced"


def test_a_signed_verification_that_varied_less_lifts_no_run(tmp_path: Path) -> None:
    """Else unsigned evidence beside it would pass as what CI saw."""
    case = signed_run(tmp_path / "runs")
    trust_key(tmp_path, trusted())
    (full,) = case.folder.glob("verification-*.json")
    less = proof(case.record, varied=NAMES[1:])
    path = write_evidence(case.folder, less)
    digest = bytes_digest(path.read_bytes())

    def change(plain: Any) -> None:  # noqa: ANN401 -- JSON
        plain["subject"][2] = {"name": path.name, "digest": {"sha256": digest}}
        plain["predicate"]["properties"].remove(varied(NAMES[0]))
        plain["predicate"]["toolkit_evidence"] = less.digest

    case.resign(change, "svr")
    assert not case.check().refused
    assert full.exists()
    trust = trust_in(tmp_path / "runs", case.record)
    assert (trust.level, trust.short) == ("reproduced", "not attested")


def test_a_file_of_keys_that_cannot_be_read_trusts_nobody(tmp_path: Path) -> None:
    case = signed_run(tmp_path / "runs")
    (tmp_path / TRUSTED).write_text("keys: [")
    levels = load_levels(tmp_path / "runs", [case.record], NOW)
    assert levels.trust(case.record).level == "reproduced"
    assert TRUSTED in str(levels.unreadable[0])


def test_a_trusted_run_rests_on_trusted_runs_only() -> None:
    record = published()
    below = Trust(level="reproduced")
    used = {"01-data": below}
    trust = trust_of(record, (found(record),), attested=True, upstream=used)
    assert (trust.level, trust.short) == ("reproduced", "needs 01-data")
    used = {"01-data": replace(below, level="trusted")}
    trust = trust_of(record, (found(record),), attested=True, upstream=used)
    assert trust.level == "trusted"


def test_signing_again_adds_nothing(tmp_path: Path) -> None:
    case = signed_run(tmp_path / "runs")
    before = sorted(case.folder.iterdir())
    done = attest_run(
        case.folder, case.record, [proof(case.record)], RECORDED, signer()
    )
    assert sorted(case.folder.iterdir()) == before
    assert (len(done.kept), done.written, done.refused) == (2, (), ())
    attest(case.folder, case.record, seed=2)
    assert len(list(case.folder.glob("*.sigstore.json"))) == 4


def test_a_reproduction_is_signed_again_only_if_it_was_refuted(tmp_path: Path) -> None:
    case = signed_run(tmp_path / "runs")
    later = replace(proof(case.record), finished="2026-11-23T21:00:00.000000Z")
    refuted = replace(
        proof(case.record, value="differs", cause="fails", why="x"),
        finished="2026-11-23T20:30:00.000000Z",
    )
    for evidence, count in (((later,), 1), ((refuted, later), 2)):
        for one in evidence:
            write_evidence(case.folder, one)
        attest(case.folder, case.record)
        assert len(list(case.folder.glob("svr-*"))) == count


@pytest.mark.parametrize(
    ("trust", "committed", "found_"),
    [
        pytest.param(
            Trust(level="exploratory"), None, "it is exploratory", id="exploratory"
        ),
        pytest.param(RECORDED, "record.json", "came with a commit", id="committed"),
    ],
)
def test_what_was_not_made_here_is_not_signed(
    tmp_path: Path, trust: Trust, committed: str | None, found_: str
) -> None:
    record = published()
    folder = put_published(tmp_path / "runs", record)
    paths = None if committed is None else {f"runs/{record.run}/{committed}"}
    by = replace(signer(), committed=paths, root=tmp_path)
    done = attest_run(folder, record, [], trust, by)
    (error,) = done.refused
    assert found_ in error.found
    assert not list(folder.glob("*.sigstore.json"))


def test_evidence_that_came_with_a_commit_is_not_signed(tmp_path: Path) -> None:
    record = published()
    folder = put_published(tmp_path / "runs", record)
    (evidence,) = folder.glob("verification-*.json")
    committed = {f"runs/{record.run}/{evidence.name}"}
    by = replace(signer(), committed=committed, root=tmp_path)
    done = attest_run(folder, record, [proof(record)], RECORDED, by)
    assert [path.name[:4] for path in done.written] == ["prov"]
    assert "toolkit verify" in str(done.refused[0])


@pytest.mark.parametrize(
    ("change", "found_"),
    [
        pytest.param(METRICS, "metrics.json is not here", id="gone"),
        pytest.param("tables/rows.csv", "rows.csv was changed", id="changed"),
    ],
)
def test_files_that_are_not_the_records_are_not_signed(
    tmp_path: Path, change: str, found_: str
) -> None:
    record = published()
    folder = put_published(tmp_path / "runs", record)
    if change == METRICS:
        (folder / change).unlink()
    else:
        (folder / change).write_text("b\n")
    (error,) = attest_run(folder, record, [], RECORDED, signer()).refused
    assert found_ in str(error)


def test_the_builder_is_the_ci_job() -> None:
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://git.example",
        "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/ci.yml@refs/heads/main",
    }
    assert builder_id(github).startswith("https://git.example/o/r/.github/")
    gitlab = {"GITLAB_CI": "true", "CI_PROJECT_URL": "https://lab.example/o/r"}
    assert builder_id(gitlab) == "https://lab.example/o/r/-/runners/0"
    assert builder_id({**gitlab, "CI_PROJECT_URL": "a b"}).startswith("urn:")


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        (KEYS, "trusted signer"),
        (Keys(), "unknown signer"),
        (Keys(others=(a_key().public,)), "unknown signer"),
    ],
)
def test_a_run_has_one_verdict(tmp_path: Path, keys: Keys, verdict: str) -> None:
    case = signed_run(tmp_path / "runs")
    assert check_run(case.folder, case.record, keys, NOW).verdict == verdict
    (case.folder / METRICS).write_text("{}")
    checked = check_run(case.folder, case.record, keys, NOW)
    assert checked.verdict == ("does not hold" if keys != Keys() else verdict)


def test_what_nobody_signed_is_not_signed(tmp_path: Path) -> None:
    record = published()
    folder = put_published(tmp_path / "runs", record)
    assert check_run(folder, record, KEYS, NOW).verdict == "not signed"


def test_a_signature_reaches_no_other_day(tmp_path: Path) -> None:
    """A key that expired after it signed still counts for what it signed."""
    case = signed_run(tmp_path / "runs")
    later = datetime.fromisoformat("2036-01-01T00:00:00Z")
    assert not case.faults(now=later)
