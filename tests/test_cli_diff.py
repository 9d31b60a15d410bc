import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from records import DIGEST, a_record, put

from notebooks import content, parsed
from toolkit.cli import diff, main
from toolkit.publish.results import Metric, Results, Sha256
from toolkit.reproduce.records.recipe import NotebookSource, RunId
from toolkit.reproduce.records.record import Record, run_id
from toolkit.reproduce.records.store import NOTEBOOK

Capture = pytest.CaptureFixture[str]


def a_run(day: int, value: float, source: str, **facts: object) -> Record:
    """Return a record of a notebook with one cell and one metric."""
    metric = Metric(name="hit_rate", value=value, tolerance=0.01, unit="a day")
    record = a_record(
        "nb",
        started=f"2026-11-{day}T00:00:00Z",
        results=Results(metrics=(metric,)),
    )
    notebook = NotebookSource(path="notebooks/nb.ipynb", digest=parsed(source).digest)
    recipe = replace(record.recipe, notebook=notebook, digest=Sha256(""), **facts)  # type: ignore[arg-type]  # by name
    return replace(record, recipe=recipe, run=_id(record, day, recipe.digest))


def _id(record: Record, day: int, digest: Sha256) -> RunId:
    return run_id(datetime(2026, 11, day, tzinfo=UTC), record.notebook, digest)


FIRST = a_run(21, 1.0, "x = 1\nprint(x)")
SECOND = a_run(22, 1.005, "x = 2\nprint(x)")
THIRD = a_run(23, 1.5, "x = 2\nprint(x)", parameters={"n": 20})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    for record, value in ((FIRST, 1), (SECOND, 2), (THIRD, 2)):
        folder = put(record, tmp_path / "runs")
        (folder / NOTEBOOK).write_bytes(content([f"x = {value}\nprint(x)"]))
    return tmp_path


def test_a_run_is_held_against_the_one_before(project: Path, capsys: Capture) -> None:
    assert project.is_dir()
    assert main(["diff", "nb"]) == 1
    page = capsys.readouterr().out
    assert page.startswith(f"{SECOND.run} → {THIRD.run}: other results\n")
    assert re.search(r"^parameter n +10 +20$", page, re.MULTILINE)
    assert re.search(r"^hit_rate +1.005 +1.5 +\+0.495 +a day", page, re.MULTILINE)
    assert "Cell" not in page


def test_within_the_tolerance_results_are_the_same(
    project: Path, capsys: Capture
) -> None:
    assert project.is_dir()
    assert main(["diff", FIRST.run[:8], SECOND.run]) == 0
    page = capsys.readouterr().out
    assert ": same results" in page
    assert re.search(r"\+0.005 +a day +within 0.01$", page, re.MULTILINE)
    assert "Cell 1: changed\n    @@ -1,2 +1,2 @@\n    -x = 1\n    +x = 2\n" in page
    assert main(["diff", FIRST.run, FIRST.run]) == 0


def test_the_page_is_markdown_or_json_if_asked(project: Path, capsys: Capture) -> None:
    assert project.is_dir()
    assert main(["diff", FIRST.run, THIRD.run, "--md"]) == 1
    page = capsys.readouterr().out
    assert page.startswith("## ")
    assert "### Metrics\n\n| metric " in page
    assert "```diff\n@@ -1,2 +1,2 @@\n-x = 1" in page
    assert main(["diff", FIRST.run, THIRD.run, "--json"]) == 1
    plain = json.loads(capsys.readouterr().out)
    assert (plain["schema"], plain["same"]) == (1, False)
    assert plain["metrics"][0]["difference"] == 0.5
    assert plain["cells"][0]["kind"] == "changed"
    assert {"what": "parameter n", "before": "10", "after": "20"} in plain["recipe"]
    assert plain["commits"] is None


def test_colours_are_for_terminals(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.is_dir()
    main(["diff", FIRST.run, SECOND.run])
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    main(["diff", FIRST.run, SECOND.run])
    assert "\x1b[31m-x = 1\x1b[0m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    main(["diff", FIRST.run, SECOND.run])
    assert "\x1b" not in capsys.readouterr().out


def test_what_cannot_be_compared_exits_with_2(project: Path, capsys: Capture) -> None:
    assert main(["diff", FIRST.run]) == 2
    assert "is the first run of notebooks/nb.ipynb" in capsys.readouterr().err
    assert main(["diff", "nbx", "nb"]) == 2
    assert "did you mean 'nb'?" in capsys.readouterr().err
    empty = [
        replace(a_record("e", started=f"2026-11-2{n}T00:00:00Z"), results=Results())
        for n in (1, 2)
    ]
    for record in empty:
        put(record, project / "runs")
    assert main(["diff", "e"]) == 2
    printed = capsys.readouterr()
    assert "there is nothing to compare" in printed.err
    assert "nothing to compare" in printed.out


def test_a_notebook_that_is_gone_is_said(project: Path, capsys: Capture) -> None:
    (project / "runs" / FIRST.run / NOTEBOOK).unlink()
    assert main(["diff", FIRST.run, SECOND.run]) == 0
    assert "its cells cannot be compared" in capsys.readouterr().out
    assert DIGEST[:12] not in capsys.readouterr().out


def test_a_long_value_is_cut_on_the_page_only() -> None:
    assert len(diff._cut("x" * 99)) == 60  # noqa: SLF001 -- no other way to see it
