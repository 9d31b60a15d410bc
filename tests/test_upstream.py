import json
from pathlib import Path

import pandas as pd
import pytest
from records import a_record, put

from toolkit import upstream
from toolkit.publish.fields import FieldError
from toolkit.publish.results import PublishedFinding, Results, Table
from toolkit.publish.tables import column_of, write_csv
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import UPSTREAM, RecordError

FRAME = pd.DataFrame(
    {
        "machine": pd.Series(["1", "", None], dtype="str"),
        "at": pd.to_datetime(["2026-11-23", "2026-11-24", "2026-11-25"]),
        "score": [0.1, float("nan"), -0.0],
    }
)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose notebooks folder is the working folder, as in JupyterLab."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "scope.yaml").touch()
    monkeypatch.chdir(tmp_path / "notebooks")
    monkeypatch.delenv(UPSTREAM, raising=False)
    return tmp_path / "runs"


def with_table() -> tuple[Record, bytes]:
    columns = tuple(column_of("scores", FRAME[name]) for name in FRAME)
    csv = write_csv(columns, FRAME).encode()
    table = Table(
        name="scores",
        title="",
        columns=columns,
        rows=len(FRAME),
        digest=bytes_digest(csv),
        preview=(),
    )
    return a_record(results=Results(tables=(table,))), csv


def flag(accepted: str | None) -> Results:
    return Results(
        findings=(
            PublishedFinding(
                code="DS101",
                severity="error",
                place="failures",
                message="3 rows twice",
                advice="drop them",
                count=3,
                accepted=accepted,
            ),
        )
    )


def test_a_number_that_differs_from_upstream_stops_the_notebook(runs: Path) -> None:
    put(a_record(), runs)
    loaded = upstream.load("02-baseline")
    loaded.expect("hit_rate", 1.02)
    with pytest.raises(
        upstream.UpstreamError, match=r"hit_rate = 1\.02, here it is 1\.0"
    ):
        loaded.expect("hit_rate", 1.0)
    with pytest.raises(upstream.UpstreamError, match="precision = None"):
        loaded.expect("precision", 0.1)


def test_a_notebook_reads_another_ones_metrics(runs: Path) -> None:
    record = a_record()
    put(record, runs)
    loaded = upstream.load("02-baseline")
    assert loaded.metrics == {"hit_rate": 1.02}
    assert repr(loaded) == f"<results of {record.run}>"


def test_a_table_comes_back_as_it_was_published(runs: Path) -> None:
    record, csv = with_table()
    folder = put(record, runs)
    (folder / "tables").mkdir()
    (folder / "tables" / "scores.csv").write_bytes(csv)
    loaded = upstream.load("02-baseline")
    pd.testing.assert_frame_equal(loaded.table("scores"), FRAME, check_exact=True)
    with pytest.raises(upstream.UpstreamError, match="did you mean 'scores'"):
        loaded.table("score")
    with pytest.raises(upstream.UpstreamError, match="it has: scores"):
        loaded.table("zzz")


def test_an_edited_table_is_refused(runs: Path) -> None:
    record, csv = with_table()
    folder = put(record, runs)
    (folder / "tables").mkdir()
    (folder / "tables" / "scores.csv").write_bytes(csv.replace(b"0.1", b"0.9"))
    with pytest.raises(RecordError, match="was changed after the run"):
        upstream.load("02-baseline").table("scores")


def test_what_was_never_run_is_asked_for(runs: Path) -> None:
    put(a_record(status="failed"), runs)
    with pytest.raises(
        upstream.UpstreamError, match="no run of it that finished; run it first"
    ):
        upstream.load("02-baseline")


def test_a_required_notebook_must_have_finished_last_time(runs: Path) -> None:
    put(a_record(started="2026-11-23T01:00:00Z"), runs)
    upstream.require("02-baseline")
    put(a_record(started="2026-11-23T02:00:00Z", status="failed"), runs)
    with pytest.raises(upstream.UpstreamError, match=r"'failed'; .* toolkit show 02"):
        upstream.require("02-baseline")


def test_an_error_that_nobody_accepted_stops_what_requires_it(runs: Path) -> None:
    put(a_record("01-data", results=flag(None)), runs)
    with pytest.raises(upstream.UpstreamError, match="1 error: DS101 failures: 3 rows"):
        upstream.require("01-data")


def test_an_accepted_error_stops_nothing(runs: Path) -> None:
    put(a_record("01-data", results=flag("simulated so")), runs)
    upstream.require("01-data")


def test_a_run_reads_the_run_that_was_chosen_for_it(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_record(started="2026-11-23T01:00:00Z")
    folder = put(first, runs)
    put(a_record(started="2026-11-23T02:00:00Z", status="failed"), runs)
    monkeypatch.setenv(UPSTREAM, json.dumps({"02-baseline": str(folder)}))
    assert upstream.load("02-baseline").record == first
    upstream.require("02-baseline")
    with pytest.raises(upstream.UpstreamError, match="write the name as a literal"):
        upstream.load("01-data")
    monkeypatch.setenv(UPSTREAM, "[]")
    with pytest.raises(FieldError):
        upstream.load("02-baseline")
