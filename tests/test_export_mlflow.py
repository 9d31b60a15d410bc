"""Runs arrive in MLflow whole, once, and marked for what they are."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from exporting import CSV, METRICS, PARAMETERS, a_run, chosen_of, reproduce
from fake_mlflow import FakeMlflow, listening, refused

from toolkit.export.exported import Exported, ExportError
from toolkit.export.mlflow import export_mlflow
from toolkit.export.mlflow_remote import batches
from toolkit.export.mlflow_server import Server
from toolkit.publish.results import Metric
from toolkit.reproduce.records.record import Failure
from toolkit.reproduce.records.store import RecordError, Store

CHANGES = ("log-batch", "create", "PUT", "set-tag", "update")


@pytest.fixture
def fake() -> FakeMlflow:
    return FakeMlflow()


@pytest.fixture
def url(fake: FakeMlflow) -> Iterator[str]:
    with listening(fake) as address:
        yield address


def export(root: Path, url: str) -> Exported:
    chosen, store = chosen_of(root), Store(root / "runs")
    (one,) = export_mlflow([chosen], store, Server(url=url), project="pumps")
    return one


def changes(fake: FakeMlflow) -> list[str]:
    return [asked for asked in fake.asked if any(c in asked for c in CHANGES)]


def test_every_number_arrives_exactly(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    record = a_run(tmp_path)
    assert export(tmp_path, url).effect == "added"
    (run,) = fake.runs.values()
    numbers = {metric.name: metric.value for metric in METRICS}
    ends = {"hit_rate.low": 0.9, "hit_rate.high": 1.1}
    assert run["metrics"] == numbers | ends
    assert fake.experiments == {"1": "pumps/02-baseline"}
    assert (run["name"], run["status"]) == (record.run, "FINISHED")
    assert (run["start"], run["end"]) == (1795457700000, 1795457760500)


def test_parameters_arrive_as_mlflows_client_writes_them(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    a_run(tmp_path)
    export(tmp_path, url)
    (run,) = fake.runs.values()
    plain = {k: str(v) for k, v in PARAMETERS.items()} | {"twice": "2 * n"}
    assert run["params"] == plain


def test_what_is_not_reproduced_is_marked(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    record = a_run(tmp_path)
    export(tmp_path, url)
    (run,) = fake.runs.values()
    tags = run["tags"]
    assert isinstance(tags, dict)
    assert tags["trust.level"] == "recorded"
    assert tags["trust.quotable"] == "no"
    assert tags["mlflow.note.content"].startswith("**not for quoting: only recorded")
    assert tags["record.digest"] == record.digest
    assert tags["mlflow.source.name"] == "notebooks/02-baseline.ipynb"
    assert tags["mlflow.source.git.commit"] == record.circumstances.commit
    assert tags["metric.hit_rate"] == "failures a day, higher is better"
    assert "metric.third" not in tags


def test_exporting_again_changes_nothing(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    a_run(tmp_path)
    first = export(tmp_path, url)
    fake.asked.clear()
    assert export(tmp_path, url) == replace(first, effect="there already")
    assert changes(fake) == []
    assert len(fake.runs) == 1


def test_new_trust_reaches_the_run_that_is_there(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    record = a_run(tmp_path)
    export(tmp_path, url)
    evidence = reproduce(tmp_path, record)
    assert export(tmp_path, url).effect == "completed"
    (run,) = fake.runs.values()
    assert isinstance(run["tags"], dict)
    assert run["tags"]["trust.level"] == "reproduced"
    assert run["tags"]["trust.quotable"] == "yes"
    assert f"r0/artifacts/{evidence.name}" in fake.artefacts


@pytest.mark.parametrize("end", ["log-batch", "map.svg", "update", "set-tag"])
def test_a_half_exported_run_is_completed(
    tmp_path: Path, fake: FakeMlflow, url: str, end: str
) -> None:
    a_run(tmp_path)
    fake.refuse[end] = refused("INTERNAL_ERROR", "no", 500)
    with pytest.raises(ExportError, match=r"answers 500 INTERNAL_ERROR: no; look into"):
        export(tmp_path, url)
    fake.refuse.clear()
    assert export(tmp_path, url).effect == "completed"
    (run,) = fake.runs.values()
    assert run["status"] == "FINISHED"
    assert fake.artefacts["r0/artifacts/figures/map.svg"]
    assert export(tmp_path, url).effect == "there already"


def test_its_files_go_along(tmp_path: Path, fake: FakeMlflow, url: str) -> None:
    record = a_run(tmp_path)
    assert export(tmp_path, url).notes == ()
    sent = {path.removeprefix("r0/artifacts/"): x for path, x in fake.artefacts.items()}
    assert sent["record.json"] == record.to_json()
    assert sent["tables/cities.csv"] == CSV
    assert sent["files/out/a b.txt"] == b"kept"
    assert json.loads(sent["metrics.json"]) == record.metrics
    assert len(sent) == 6


def test_a_file_that_is_not_here_is_told(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    record = a_run(tmp_path)
    for name in ("tables/cities.csv", "notebook.ipynb"):
        (tmp_path / "runs" / record.run / name).unlink()
    (note,) = export(tmp_path, url).notes
    assert note.endswith("did not go along: notebook.ipynb, tables/cities.csv")
    assert len(fake.artefacts) == 4


def test_a_file_that_was_changed_stops_the_export(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    record = a_run(tmp_path)
    (tmp_path / "runs" / record.run / "figures/map.svg").write_bytes(b"other")
    with pytest.raises(RecordError, match="changed after the run"):
        export(tmp_path, url)
    assert changes(fake) == []


@pytest.mark.parametrize("files", ["file:///srv/{}", "mlflow-artifacts://b:1/{}"])
def test_a_server_that_passes_no_files_on_is_told(
    tmp_path: Path, fake: FakeMlflow, url: str, files: str
) -> None:
    a_run(tmp_path)
    fake.files = files
    (note,) = export(tmp_path, url).notes
    assert note.startswith(f"no file went along: the server keeps files at {files[:8]}")
    assert fake.artefacts == {}
    assert export(tmp_path, url).effect == "there already"


def test_a_run_that_failed_is_shown_as_failed(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    failure = Failure(cell=0, source="", ename="KeyError", evalue="'x'", traceback="")
    a_run(tmp_path, status="failed", error=failure)
    export(tmp_path, url)
    (run,) = fake.runs.values()
    assert run["status"] == "FAILED"
    assert isinstance(run["tags"], dict)
    assert run["tags"]["record.error"] == "KeyError: 'x'"


def test_many_and_long_values_fit_its_orders(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    metrics = tuple(Metric(name=f"m{i}", value=i / 7) for i in range(300))
    a_run(tmp_path, {f"p{i}": "é" * 9000 for i in range(150)}, metrics)
    export(tmp_path, url)
    (run,) = fake.runs.values()
    assert run["metrics"] == {metric.name: metric.value for metric in metrics}
    assert isinstance(run["params"], dict)
    assert {len(value) for value in run["params"].values()} == {6000}


def test_an_old_server_gets_shorter_values(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    fake.version = "2.7.1"
    a_run(tmp_path, {"p": "x" * 9000})
    export(tmp_path, url)
    fake.version = "3.0.0"  # its longer values do not clash with what is there
    reproduce(tmp_path, chosen_of(tmp_path).record)
    assert export(tmp_path, url).effect == "completed"
    (run,) = fake.runs.values()
    assert isinstance(run["params"], dict)
    assert len(run["params"]["p"]) == 500


def test_no_entry_is_lost_between_orders() -> None:
    entries = [{"key": str(i), "value": "x" * 300_000} for i in range(5)]
    orders = list(batches(entries))
    assert [entry for order in orders for entry in order] == entries
    assert max(len(order) for order in orders) == 1
