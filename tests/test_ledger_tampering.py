import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ledgers import (
    a_run,
    checked,
    commit,
    evidence_of,
    put_evidence,
    put_run,
    put_statement,
    told,
)

from toolkit.publish.results import Metric, Results, Sha256
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record, json_text

FIRST = a_run("01-sanity")
SECOND = a_run("02-baseline", used=[FIRST])
THIRD = a_run("03-errors", used=[SECOND])
ALONE = "20261123-201500-02-baseline-12345678"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose three runs, one verification and one attestation git has."""
    for record in (FIRST, SECOND, THIRD):
        folder = put_run(tmp_path / "runs", record)
    put_evidence(tmp_path / "runs" / SECOND.run, SECOND)
    attest(folder)
    commit(tmp_path)
    return tmp_path


def attest(folder: Path) -> Path:
    content = (folder / "record.json").read_bytes()
    return put_statement(folder, **{"record.json": bytes_digest(content)})


def edited(record: Record, value: float = 9.9) -> Record:
    """Return a record with another metric, and digests that fit it."""
    return replace(
        record, results=Results(metrics=(Metric(name="hit_rate", value=value),))
    )


def rewrite(runs: Path, record: Record) -> None:
    """Edit a record thoroughly: metrics.json, too."""
    (runs / SECOND.run / "record.json").write_bytes(record.to_json())
    (runs / SECOND.run / "metrics.json").write_text(json_text(record.metrics))


def the(runs: Path, record: Record, pattern: str) -> Path:
    (path,) = (runs / record.run).glob(pattern)
    return path


# What is done to the folder of runs, and all that is found then: code and place.
def lose_a_run(runs: Path) -> None:
    shutil.rmtree(runs / THIRD.run)


def lose_a_used_run(runs: Path) -> None:
    shutil.rmtree(runs / FIRST.run)


def lose_a_record(runs: Path) -> None:
    (runs / SECOND.run / "record.json").unlink()


def lose_metrics(runs: Path) -> None:
    (runs / THIRD.run / "metrics.json").unlink()


def lose_a_verification(runs: Path) -> None:
    the(runs, SECOND, "verification-*").unlink()


def lose_an_attestation(runs: Path) -> None:
    the(runs, THIRD, "*.sigstore.json").unlink()


def rename_a_run(runs: Path) -> None:
    (runs / THIRD.run).rename(runs / THIRD.run.replace("181500", "181501"))


def edit_a_metric(runs: Path) -> None:
    path = runs / SECOND.run / "record.json"
    path.write_bytes(path.read_bytes().replace(b"1.02", b"1.92"))


def edit_a_metric_with_its_digests(runs: Path) -> None:
    rewrite(runs, edited(SECOND))


def edit_metrics_alone(runs: Path) -> None:
    (runs / THIRD.run / "metrics.json").write_text(json_text({"hit_rate": 1.03}))


def reformat_a_record(runs: Path) -> None:
    path = runs / FIRST.run / "record.json"
    path.write_text(json.dumps(json.loads(path.read_bytes())))


def edit_a_verification(runs: Path) -> None:
    path = the(runs, SECOND, "verification-*")
    path.write_bytes(path.read_bytes().replace(b'"folder"', b'"user"'))


def edit_an_attestation(runs: Path) -> None:
    the(runs, THIRD, "*.sigstore.json").write_text("{}")


def cut_a_record(runs: Path) -> None:
    path = runs / THIRD.run / "record.json"
    path.write_bytes(path.read_bytes()[:-40])


def repeat_a_key(runs: Path) -> None:
    path = runs / THIRD.run / "record.json"
    path.write_bytes(path.read_bytes().replace(b"{\n", b'{\n  "schema": 3,\n', 1))


def make_a_link_of_a_record(runs: Path) -> None:
    path = runs / THIRD.run / "record.json"
    path.rename(runs / "elsewhere.json")
    path.symlink_to("../elsewhere.json")


def copy_a_verification(runs: Path) -> None:
    shutil.copy(the(runs, SECOND, "verification-*"), runs / THIRD.run)


def copy_an_attestation(runs: Path) -> None:
    shutil.copy(the(runs, THIRD, "*.sigstore.json"), runs / FIRST.run)


def copy_a_record(runs: Path) -> None:
    shutil.copytree(runs / THIRD.run, runs / THIRD.run.replace("181500", "191500"))


def leave_a_verification_alone(runs: Path) -> None:
    (runs / ALONE).mkdir()
    shutil.copy(the(runs, SECOND, "verification-*"), runs / ALONE)


def same_recipe_again(runs: Path) -> None:
    put_run(runs, a_run("01-sanity", started="2026-11-24T18:15:00.000000Z", metric=2.0))


def same_recipe_and_results_again(runs: Path) -> None:
    put_run(runs, a_run("01-sanity", started="2026-11-24T18:15:00.000000Z"))


def look_alike(runs: Path) -> None:
    put_run(runs, a_run("01-sanlty"))


def look_alike_of_another_script(runs: Path) -> None:
    put_run(runs, a_run("01-s\N{CYRILLIC SMALL LETTER A}nity"))


def record_from_the_future(runs: Path) -> None:
    put_run(runs, a_run("04-new", started="2026-11-25T12:06:00.000000Z"))


def no_time_at_all(runs: Path) -> None:
    record = a_run("04-new")
    about = replace(record.circumstances, finished="tomorrow")
    put_run(runs, replace(record, circumstances=about))


def verification_from_the_future(runs: Path) -> None:
    finished = "2026-11-26T08:00:00Z"
    evidence = evidence_of(FIRST, finished)
    name = f"verification-20261126T080000Z-{evidence.digest[:8]}.json"
    (runs / FIRST.run / name).write_bytes(evidence.to_json())


def verification_of_other_results(runs: Path) -> None:
    evidence = replace(evidence_of(FIRST), results=Sha256("0" * 64))
    name = f"verification-20261124T080000Z-{evidence.digest[:8]}.json"
    (runs / FIRST.run / name).write_bytes(evidence.to_json())


def rename_a_verification(runs: Path) -> None:
    path = the(runs, SECOND, "verification-*")
    path.rename(path.with_name("verification-20261124T080000Z-00000000.json"))


def older_schema(runs: Path) -> None:
    path = put_run(runs, a_run("04-new")) / "record.json"
    path.write_bytes(path.read_bytes().replace(b'"schema": 3', b'"schema": 2'))


RECORD_2, RECORD_3 = f"{SECOND.run}/record.json", f"{THIRD.run}/record.json"
TAMPERED: list[tuple[Callable[[Path], None], list[tuple[str, str]]]] = [
    (lose_a_run, [("LED101", THIRD.run)]),
    (lose_a_used_run, [("LED101", FIRST.run), ("LED103", SECOND.run)]),
    (
        lose_a_record,
        [
            ("LED101", SECOND.run),
            ("LED301", f"{SECOND.run}/metrics.json"),
            ("LED301", f"{SECOND.run}/verification-*"),
            ("LED103", THIRD.run),
        ],
    ),
    (lose_metrics, [("LED102", f"{THIRD.run}/metrics.json")]),
    (lose_a_verification, [("LED102", f"{SECOND.run}/verification-*")]),
    (lose_an_attestation, [("LED102", f"{THIRD.run}/*.sigstore.json")]),
    (
        rename_a_run,
        [
            ("LED101", THIRD.run),
            ("LED304", RECORD_3.replace("181500", "181501")),
        ],
    ),
    (
        edit_a_metric,
        [("LED201", RECORD_2), ("LED203", RECORD_2), ("LED103", THIRD.run)],
    ),
    (
        edit_a_metric_with_its_digests,
        [
            ("LED204", f"{SECOND.run}/metrics.json"),
            ("LED203", RECORD_2),
            ("LED302", f"{SECOND.run}/verification-*"),
        ],
    ),
    (
        edit_metrics_alone,
        [("LED402", THIRD.run), ("LED204", f"{THIRD.run}/metrics.json")],
    ),
    (
        reformat_a_record,
        [(code, f"{FIRST.run}/record.json") for code in ("LED202", "LED203")],
    ),
    (
        edit_a_verification,
        [(code, f"{SECOND.run}/verification-*") for code in ("LED204", "LED205")],
    ),
    (
        edit_an_attestation,
        [(code, f"{THIRD.run}/*.sigstore.json") for code in ("LED204", "LED206")],
    ),
    (cut_a_record, [("LED201", RECORD_3), ("LED203", RECORD_3)]),
    (repeat_a_key, [("LED201", RECORD_3), ("LED203", RECORD_3)]),
    (make_a_link_of_a_record, [("LED101", THIRD.run), ("LED201", RECORD_3)]),
    (copy_a_verification, [("LED302", f"{THIRD.run}/verification-*")]),
    (copy_an_attestation, [("LED303", f"{FIRST.run}/*.sigstore.json")]),
    (
        copy_a_record,
        [
            ("LED502", THIRD.run.replace("181500", "191500")),
            ("LED304", RECORD_3.replace("181500", "191500")),
        ],
    ),
    (leave_a_verification_alone, [("LED301", f"{ALONE}/verification-*")]),
    (same_recipe_again, [("LED401", "20261124-181500-01-sanity-*/record.json")]),
    (same_recipe_and_results_again, []),
    (look_alike, [("LED501", "20261123-181500-01-sanlty-*")]),
    (look_alike_of_another_script, [("LED501", "20261123-181500-01-s\u0430nity-*")]),
    (record_from_the_future, [("LED601", "20261125-120600-04-new-*/record.json")]),
    (no_time_at_all, [("LED602", "20261123-181500-04-new-*/record.json")]),
    (verification_from_the_future, [("LED601", f"{FIRST.run}/verification-*")]),
    (verification_of_other_results, [("LED403", f"{FIRST.run}/verification-*")]),
    (
        rename_a_verification,
        [
            ("LED102", f"{SECOND.run}/verification-*"),
            ("LED205", f"{SECOND.run}/verification-*"),
        ],
    ),
    (older_schema, [("LED702", "20261123-181500-04-new-*/record.json")]),
]


EXIT = {"same_recipe_and_results_again": 0, "older_schema": 2}


@pytest.mark.parametrize(
    ("tamper", "expected"), TAMPERED, ids=[one.__name__ for one, _ in TAMPERED]
)
def test_tampering_is_found_and_named(
    project: Path, tamper: Callable[[Path], None], expected: list[tuple[str, str]]
) -> None:
    tamper(project / "runs")
    outcome = checked(project)
    found = [(code, Path(place)) for code, place in told(outcome)]
    for code, pattern in expected:
        match = next(f for f in found if f[0] == code and f[1].match(pattern))
        found.remove(match)
    assert found == []
    assert outcome.exit_code == EXIT.get(tamper.__name__, 1)
