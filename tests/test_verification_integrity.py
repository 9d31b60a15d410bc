import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from verified import NOTEBOOK, Came, put_run, record_of, renamed

from toolkit.publish.fields import encode
from toolkit.publish.results import MIME, Column, Figure, Metric, Results, Sha256, Table
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import METRICS, RECORD
from toolkit.reproduce.records.store import NOTEBOOK as EXECUTED
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.verification.integrity import contradictions

CSV = b"a\n1\n"
TABLE = Table(
    name="t",
    title="",
    columns=(Column(name="a", kind="int64"),),
    rows=1,
    digest=bytes_digest(CSV),
    preview=((1,),),
)
FIGURE = Figure(name="f", alt="a line", caption="", digest=bytes_digest(b"<svg/>"))
RESULTS = Results(
    metrics=(Metric(name="accuracy", value=0.9),), tables=(TABLE,), figures=(FIGURE,)
)
WRITTEN = Trace(written={"out/model.bin": bytes_digest(b"model")})


def payload(result: Metric | Table | Figure) -> dict[str, object]:
    plain = encode(result)
    assert isinstance(plain, dict)
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {MIME.format(result.kind): {"schema": 1, **plain}},
    }


def executed_notebook(*results: Metric | Table | Figure) -> bytes:
    cells = [
        {
            "cell_type": "code",
            "metadata": {"tags": []},
            "source": each.source,
            "outputs": [payload(r) for r in results] if each.index == 1 else [],
            "execution_count": each.index + 1,
        }
        for each in NOTEBOOK.cells
    ]
    metadata = {"toolkit": {"schema": 1, "status": "finished"}}
    content = {
        "cells": cells,
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content).encode()


@pytest.fixture
def run(tmp_path: Path) -> tuple[Record, Path]:
    """A whole run: record, metrics, executed notebook, table, figure, a file."""
    record = replace(record_of(Came()), results=RESULTS, trace=WRITTEN)
    folder = tmp_path / record.run
    files = {
        RECORD: record.to_json(),
        METRICS: json.dumps(record.metrics).encode(),
        EXECUTED: executed_notebook(*RESULTS.metrics, TABLE, FIGURE),
        "tables/t.csv": CSV,
        "figures/f.svg": b"<svg/>",
        "files/out/model.bin": b"model",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return record, folder


def test_a_run_that_nobody_touched_agrees_with_itself(run: tuple[Record, Path]) -> None:
    assert contradictions(*run) == ()


def test_a_record_alone_agrees_with_itself(run: tuple[Record, Path]) -> None:
    record, folder = run
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != RECORD:
            path.unlink()
    assert contradictions(record, folder) == ()


Change = Callable[[dict[str, Any]], object]


def swapped(content: dict[str, Any]) -> None:
    content["cells"][0]["source"] = "n = 7"


def other_metric(content: dict[str, Any]) -> None:
    content["cells"][1]["outputs"][0] = payload(Metric(name="accuracy", value=0.5))


def no_table(content: dict[str, Any]) -> None:
    del content["cells"][1]["outputs"][1]


def other_status(content: dict[str, Any]) -> None:
    content["metadata"]["toolkit"]["status"] = "failed"


def other_parameter(content: dict[str, Any]) -> None:
    cell = {
        "cell_type": "code",
        "metadata": {"tags": ["injected-parameters"]},
        "source": "n = 5",
        "outputs": [],
        "execution_count": 1,
    }
    content["cells"].insert(1, cell)
    content["metadata"]["papermill"] = {"parameters": {"n": 5}}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (swapped, "notebook.ipynb holds other cells than the notebook that was run"),
        (other_metric, "shows for metric accuracy 0.5, the record 0.9"),
        (no_table, "shows for table t nothing"),
        (other_status, "says 'failed', the record 'finished'"),
        (other_parameter, "was executed with n = 5, the record says None"),
        (lambda content: content.pop("cells"), "cannot be read"),
        (lambda content: content["cells"].append(7), "cannot be read"),
    ],
)
def test_an_executed_notebook_that_is_another_is_found(
    run: tuple[Record, Path], change: Change, match: str
) -> None:
    record, folder = run
    content = json.loads((folder / EXECUTED).read_bytes())
    change(content)
    (folder / EXECUTED).write_text(json.dumps(content))
    assert match in "; ".join(contradictions(record, folder))


@pytest.mark.parametrize(
    ("path", "content", "match"),
    [
        ("metrics.json", b'{"accuracy": 0.95}', "says accuracy = 0.95, the record 0.9"),
        ("metrics.json", b"{}", "says accuracy = nothing, the record 0.9"),
        ("metrics.json", b'{"accuracy": 0.9, "x": 1}', "x = 1, the record nothing"),
        ("metrics.json", b"{", "metrics.json cannot be read"),
        ("notebook.ipynb", b"{", "notebook.ipynb cannot be read"),
        ("notebook.ipynb", b"[]", "notebook.ipynb cannot be read"),
        ("notebook.ipynb", b'{"cells": [3]}', "notebook.ipynb cannot be read"),
        ("tables/t.csv", b"a\n2\n", "tables/t.csv was changed after the run"),
        ("figures/f.svg", b"", "figures/f.svg was changed after the run"),
        ("files/out/model.bin", b"M", "files/out/model.bin was changed after the run"),
    ],
)
def test_a_file_that_says_otherwise_is_found(
    run: tuple[Record, Path], path: str, content: bytes, match: str
) -> None:
    record, folder = run
    (folder / path).write_bytes(content)
    assert match in "; ".join(contradictions(record, folder))


def test_a_run_that_is_called_after_another_is_found(run: tuple[Record, Path]) -> None:
    record, folder = run
    recipe = replace(record.recipe, parameters={"n": 3}, digest=Sha256(""))
    (found,) = contradictions(replace(record, recipe=recipe), folder)
    assert "it was copied from another run, or edited" in found


@pytest.mark.parametrize("suffix", ["-2", "-13"])
def test_a_second_run_of_the_same_second_is_none_of_another(
    run: tuple[Record, Path], suffix: str
) -> None:
    record, folder = run
    second = replace(record, run=type(record.run)(f"{record.run}{suffix}"))
    assert contradictions(second, folder) == ()


def test_a_failed_cell_of_a_run_that_finished_is_found(
    run: tuple[Record, Path],
) -> None:
    record, folder = run
    cells = (*record.cells[:2], replace(record.cells[2], status="failed"))
    found = contradictions(replace(record, cells=cells), folder)
    assert found == ("the record says that the run finished, and that cell 3 failed",)


def git(root: Path, *arguments: str) -> None:
    named = ("-c", "user.name=n", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(root), *named, *arguments], check=True)  # noqa: S603, S607


def test_a_record_that_git_knows_otherwise_is_found(tmp_path: Path) -> None:
    """With digests that are right, and committed: records are never changed."""
    record = put_run(tmp_path, Came(metrics={"accuracy": (1, 0.9)}))
    folder = tmp_path / "runs" / record.run
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "run")
    assert contradictions(record, folder) == ()
    better = Results(metrics=(Metric(name="accuracy", value=0.95),))
    edited = replace(record, results=better)
    (folder / RECORD).write_bytes(edited.to_json())
    (folder / METRICS).write_text(json.dumps(edited.metrics))
    (found,) = contradictions(edited, folder)
    assert "the record is not the one that commit" in found
    git(tmp_path, "commit", "-qam", "better")
    assert contradictions(edited, folder) == (found,)


def test_the_made_up_run_is_called_as_a_real_one() -> None:
    record = record_of(Came())
    assert renamed(record) == record
