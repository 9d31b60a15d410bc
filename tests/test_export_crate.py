"""A crate holds a run with all that its metadata name, whole or not at all."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exporting import ABOUT, METRICS, PARAMETERS, a_run, chosen_of, reproduce

from notebooks import write
from toolkit.export.crate import export_crate
from toolkit.export.crate_graph import CONTEXT, METADATA
from toolkit.export.exported import About, Exported, ExportError
from toolkit.publish.results import Metric
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Failure
from toolkit.reproduce.records.staging import RunFolderError
from toolkit.reproduce.records.store import Store

Graph = dict[str, dict[str, Any]]


def export(root: Path, folder: Path, about: About = ABOUT) -> Exported:
    chosen, store = chosen_of(root), Store(root / "runs")
    return export_crate(chosen, store, root, folder, about)


def graph_of(exported: Exported) -> Graph:
    content = json.loads(Path(exported.where).read_text("utf-8"))
    assert content["@context"] == list(CONTEXT)
    graph = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(graph) == len(content["@graph"])
    return graph


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def references(value: object) -> set[str]:
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            return {value["@id"]}
        return set().union(*map(references, value.values()))
    if isinstance(value, list):
        return set().union(*map(references, value))
    return set()


def test_every_file_is_named_with_its_digest(tmp_path: Path) -> None:
    a_run(tmp_path)
    graph = graph_of(export(tmp_path, tmp_path / "crates"))
    (crate,) = (tmp_path / "crates").iterdir()
    named = {
        id_.replace("%20", " "): entity["sha256"]
        for id_, entity in graph.items()
        if "File" in entity["@type"]
    }
    there = {path: bytes_digest(content) for path, content in files_of(crate).items()}
    there.pop(METADATA)
    assert named == there
    parts = {part["@id"].replace("%20", " ") for part in graph["./"]["hasPart"]}
    assert parts == set(there)


def test_everything_that_is_referred_to_is_there(tmp_path: Path) -> None:
    a_run(tmp_path)
    graph = graph_of(export(tmp_path, tmp_path / "crates"))
    outside = {r for r in references(list(graph.values())) if r not in graph}
    assert {r.split("/")[2] for r in outside} == {
        "bioschemas.org",
        "schema.org",
        "w3id.org",
    }


def test_it_says_what_ran_with_what_and_what_came_out(tmp_path: Path) -> None:
    record = a_run(tmp_path)
    graph = graph_of(export(tmp_path, tmp_path / "crates"))
    main = graph["./"]["mainEntity"]["@id"]
    assert main == "source/notebooks/02-baseline.ipynb"
    run = graph["#run"]
    assert run["instrument"] == {"@id": main}
    assert (run["startTime"], run["endTime"]) == (
        record.circumstances.started,
        record.circumstances.finished,
    )
    results = [graph[entity["@id"]] for entity in run["result"]]
    numbers = {e["name"]: e["value"] for e in results if e["@type"] == "PropertyValue"}
    assert numbers == {metric.name: metric.value for metric in METRICS}
    objects = [graph[entity["@id"]] for entity in run["object"]]
    given = {e["name"]: e["value"] for e in objects if e["@type"] == "PropertyValue"}
    assert given.keys() == PARAMETERS.keys()
    assert given["größe"] == "übergroß"
    assert given["days"] == "[1,2]"
    assert given["quick"] is True
    data = {e["name"]: e["sha256"] for e in objects if e["@type"] == "CreativeWork"}
    assert data == dict(record.recipe.data)
    formal = {
        e["name"]: e["additionalType"]
        for e in graph.values()
        if (e["@type"] == "FormalParameter")
    }
    assert (formal["n"], formal["ratio"], formal["quick"]) == (
        "Integer",
        "Float",
        "Boolean",
    )


def test_what_is_not_reproduced_is_marked(tmp_path: Path) -> None:
    record = a_run(tmp_path)
    root = graph_of(export(tmp_path, tmp_path / "crates"))["./"]
    mark = "not for quoting: only recorded (not verified)"
    assert root["creativeWorkStatus"] == mark
    assert mark in root["description"]
    reproduce(tmp_path, record)
    root = graph_of(export(tmp_path, tmp_path / "crates"))["./"]
    assert root["creativeWorkStatus"] == "reproduced"
    assert "trust: reproduced" in root["keywords"]


def test_a_run_that_failed_says_so(tmp_path: Path) -> None:
    failure = Failure(
        cell=0, source="", ename="KeyError", evalue="\ud800", traceback=""
    )
    a_run(tmp_path, status="failed", error=failure)
    run = graph_of(export(tmp_path, tmp_path / "crates"))["#run"]
    assert run["actionStatus"] == {"@id": "http://schema.org/FailedActionStatus"}
    assert run["error"] == "KeyError: \\ud800"


@pytest.mark.parametrize(
    ("licence", "stated"),
    [
        (None, "not stated"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("BSD-3-Clause", {"@id": "https://spdx.org/licenses/BSD-3-Clause"}),
    ],
)
def test_the_licence_is_the_projects(
    tmp_path: Path, licence: str | None, stated: object
) -> None:
    a_run(tmp_path)
    about = replace(ABOUT, licence=licence)
    graph = graph_of(export(tmp_path, tmp_path / "crates", about))
    assert graph["./"]["license"] == stated


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    a_run(tmp_path)
    assert export(tmp_path, tmp_path / "one").effect == "added"
    export(tmp_path, tmp_path / "other")
    before = files_of(tmp_path / "one")
    assert before == files_of(tmp_path / "other")
    assert export(tmp_path, tmp_path / "one").effect == "there already"
    assert files_of(tmp_path / "one") == before


def test_a_file_that_was_changed_there_is_put_right(tmp_path: Path) -> None:
    a_run(tmp_path)
    target = Path(export(tmp_path, tmp_path / "crates").where).parent
    before = files_of(target)
    (target / "tables/cities.csv").write_bytes(b"other")
    assert export(tmp_path, tmp_path / "crates").effect == "completed"
    assert files_of(target) == before


def test_it_can_lie_beside_the_record(tmp_path: Path) -> None:
    record = a_run(tmp_path)
    exported = export(tmp_path, tmp_path / "runs")
    assert Path(exported.where) == tmp_path / "runs" / record.run / METADATA
    assert chosen_of(tmp_path).record == record


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    record = a_run(tmp_path)
    taken = tmp_path / "crates" / record.run
    taken.mkdir(parents=True)
    (taken / "record.json").write_text("mine")
    with pytest.raises(ExportError, match="is there, and is not of this run; name ano"):
        export(tmp_path, tmp_path / "crates")
    assert files_of(taken) == {"record.json": b"mine"}


def test_nothing_is_left_of_a_crate_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_run(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("toolkit.export.crate.write_whole", full)
    with pytest.raises(RunFolderError, match="another folder with --ro-crate"):
        export(tmp_path, tmp_path / "crates")
    assert list((tmp_path / "crates").iterdir()) == []


def test_without_its_source_the_executed_notebook_is_the_workflow(
    tmp_path: Path,
) -> None:
    record = a_run(tmp_path)
    (tmp_path / "notebooks/02-baseline.ipynb").write_text("{}")
    root = graph_of(export(tmp_path, tmp_path / "crates"))["./"]
    assert root["mainEntity"] == {"@id": "notebook.ipynb"}
    (tmp_path / "runs" / record.run / "notebook.ipynb").unlink()
    shutil.rmtree(tmp_path / "crates")
    with pytest.raises(
        ExportError, match=r"in no commit .* get the commit \(git fetch"
    ):
        export(tmp_path, tmp_path / "crates")


def test_what_is_not_here_is_told(tmp_path: Path) -> None:
    record = a_run(tmp_path)
    (tmp_path / "runs" / record.run / "tables/cities.csv").unlink()
    exported = export(tmp_path, tmp_path / "crates")
    assert exported.notes == ("not here, so it did not go along: tables/cities.csv",)
    assert "tables/cities.csv" not in graph_of(exported)


def test_many_numbers_keep_their_names_and_values(tmp_path: Path) -> None:
    metrics = tuple(Metric(name=f"m{i}", value=i / 7 - 3) for i in range(50))
    a_run(tmp_path, {}, metrics)
    graph = graph_of(export(tmp_path, tmp_path / "crates"))
    for metric in metrics:
        assert graph[f"#metric/{metric.name}/value"]["value"] == metric.value


def test_another_source_than_the_runs_is_not_taken_for_it(tmp_path: Path) -> None:
    a_run(tmp_path)
    write(tmp_path / "notebooks", "02-baseline", "n = 11")
    graph = graph_of(export(tmp_path, tmp_path / "crates"))
    assert graph["./"]["mainEntity"] == {"@id": "notebook.ipynb"}
    assert "source/notebooks/02-baseline.ipynb" not in graph


@pytest.mark.parametrize("path", ["../02-baseline.ipynb", "/02-baseline.ipynb"])
def test_no_notebook_outside_the_project_is_taken_along(
    tmp_path: Path, path: str
) -> None:
    record = a_run(tmp_path / "project")
    content = (tmp_path / "project" / record.recipe.notebook.path).read_bytes()
    (tmp_path / "02-baseline.ipynb").write_bytes(content)
    outside = path if path.startswith("..") else f"{tmp_path}{path}"
    source = replace(record.recipe.notebook, path=outside)
    recipe = replace(record.recipe, notebook=source)
    chosen = replace(
        chosen_of(tmp_path / "project"), record=replace(record, recipe=recipe)
    )
    store = Store(tmp_path / "project" / "runs")
    root, folder = tmp_path / "project", tmp_path / "crates"
    graph = graph_of(export_crate(chosen, store, root, folder, ABOUT))
    assert graph["./"]["mainEntity"] == {"@id": "notebook.ipynb"}
