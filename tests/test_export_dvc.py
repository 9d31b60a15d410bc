"""What DVC reads: plain numbers in files of their own, and a dvc.yaml of them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from exporting import METRICS, a_run, chosen_of, reproduce
from hypothesis import given, settings
from hypothesis import strategies as st
from records import a_record

from toolkit.export.dvc import export_dvc, file_name
from toolkit.export.exported import Chosen, ExportError
from toolkit.publish.results import Metric, Results
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.trust import Level, Trust

finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


def chosen(record: Record, level: Level = "reproduced") -> Chosen:
    return Chosen(record=record, trust=Trust(level=level))


def listed(folder: Path) -> dict[str, list[str]]:
    content = yaml.safe_load((folder / "dvc.yaml").read_text("utf-8"))
    assert isinstance(content, dict)
    return content


@settings(deadline=None, max_examples=30)  # each is written to disk
@given(numbers=st.dictionaries(names, finite, max_size=5))
def test_every_number_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, numbers: dict[str, float]
) -> None:
    metrics = tuple(Metric(name=name, value=value) for name, value in numbers.items())
    folder = tmp_path_factory.mktemp("dvc")
    (one,) = export_dvc([chosen(a_record(results=Results(metrics=metrics)))], folder)
    assert json.loads(Path(one.where).read_bytes()) == numbers


def test_it_lists_metrics_and_parameters(tmp_path: Path) -> None:
    record = a_run(tmp_path)
    reproduce(tmp_path, record)
    (one,) = export_dvc([chosen_of(tmp_path)], tmp_path / "dvc")
    assert listed(tmp_path / "dvc") == {
        "metrics": ["metrics/02-baseline.json"],
        "params": ["params/02-baseline.json"],
    }
    assert Path(one.where).read_bytes().startswith(b'{\n  "hit_rate": 1.02,\n')
    told = json.loads((tmp_path / "dvc/params/02-baseline.json").read_bytes())
    assert told["trust"] == "reproduced"
    assert told["commit"] == record.circumstances.commit
    assert told["parameters"] == record.recipe.parameters
    assert len(json.loads(Path(one.where).read_bytes())) == len(METRICS)


def test_exporting_again_writes_nothing(tmp_path: Path) -> None:
    runs = [chosen(a_record())]
    export_dvc(runs, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    (one,) = export_dvc(runs, tmp_path)
    assert one.effect == "there already"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_the_latest_run_of_a_notebook_counts(tmp_path: Path) -> None:
    later = a_record(started="2026-11-24T18:15:00.000000Z")
    (one,) = export_dvc([chosen(a_record()), chosen(later)], tmp_path)
    assert one.run == later.run


def test_other_notebooks_stay_listed(tmp_path: Path) -> None:
    export_dvc([chosen(a_record("01-sanity"))], tmp_path)
    export_dvc([chosen(a_record("02-baseline"))], tmp_path)
    files = ["metrics/01-sanity.json", "metrics/02-baseline.json"]
    assert listed(tmp_path)["metrics"] == files


def test_what_is_not_reproduced_lies_apart_until_it_is(tmp_path: Path) -> None:
    export_dvc([chosen(a_record(), "recorded")], tmp_path)
    marked = ["metrics/not-for-quoting/02-baseline.json"]
    assert listed(tmp_path)["metrics"] == marked
    export_dvc([chosen(a_record(), "trusted")], tmp_path)
    assert listed(tmp_path)["metrics"] == ["metrics/02-baseline.json"]


def test_somebody_elses_pipeline_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    with pytest.raises(
        ExportError, match=r"dvc.yaml: is somebody else's; name a folder"
    ):
        export_dvc([chosen(a_record())], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["dvc.yaml"]


def test_no_two_notebooks_share_a_file() -> None:
    paths = [
        "notebooks/02-baseline.ipynb",
        "notebooks/a b.ipynb",
        "notebooks/a-b.ipynb",
        "other/02-baseline.ipynb",
        "notebooks/größe \ud800.ipynb",
    ]
    record = a_record()
    found = {
        file_name(replace(record, recipe=replace(record.recipe, notebook=source)))
        for source in (replace(record.recipe.notebook, path=path) for path in paths)
    }
    assert len(found) == len(paths)
    assert "02-baseline.json" in found


def test_half_a_character_stays_json(tmp_path: Path) -> None:
    record = a_record()
    recipe = replace(record.recipe, parameters={"x": "\ud800é"}, digest="")  # type: ignore[arg-type]  # to be computed
    export_dvc([chosen(replace(record, recipe=recipe))], tmp_path)
    text = (tmp_path / "params/02-baseline.json").read_text("utf-8")
    assert "é" in text
    assert json.loads(text)["parameters"] == {"x": "\ud800é"}
