import argparse
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import report_records as sprint
import report_sprint
from records import put
from report_pages import words

from toolkit.cli import report as cli
from toolkit.report import NoFinishedRunError, ReportFileError, write_report
from toolkit.report.credits import quote_credits


def stored(folder: Path, *documents: sprint.Document) -> Path:
    for document in documents or report_sprint.sprint():
        run = put(sprint.as_record(document), folder)
        (run / "figures").mkdir()
        for figure in document["results"]["figures"]:
            (run / "figures" / f"{figure['name']}.svg").write_bytes(sprint.SVG)
    return folder


def test_the_report_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "out" / "report.html"
    size = write_report(stored(tmp_path / "runs"), target, sprint.SCOPE)
    assert target.stat().st_size == size
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]
    assert target.read_text("utf-8").count("data:image/svg+xml") == 4


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    runs = stored(tmp_path / "runs")
    (tmp_path / "file").write_text("old")
    for target in (tmp_path / "file" / "report.html", tmp_path / "runs"):
        with pytest.raises(ReportFileError, match="name another file with -o"):
            write_report(runs, target, sprint.SCOPE)
    assert (tmp_path / "file").read_text() == "old"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_damaged_record_is_said_on_the_page(tmp_path: Path) -> None:
    runs = stored(tmp_path / "runs")
    (runs / sprint.run_id("02-baseline") / "record.json").write_text("{")
    write_report(runs, tmp_path / "report.html", sprint.SCOPE)
    assert "record.json" in (tmp_path / "report.html").read_text("utf-8")


def test_what_the_publisher_says_of_the_data_is_quoted(tmp_path: Path) -> None:
    asked = replace(sprint.SCOPE, root=str(tmp_path))
    (tmp_path / "plant").mkdir()
    (tmp_path / "plant" / "README.md").write_text(
        "Simulated by its maker. Licence: CC0."
    )
    write_report(stored(tmp_path / "runs"), tmp_path / "report.html", asked)
    shown = words((tmp_path / "report.html").read_text("utf-8"))
    assert "Simulated by its maker." in shown
    assert "Licence: CC0." in shown


def test_a_readme_in_the_projects_root_is_not_about_the_data(tmp_path: Path) -> None:
    tables = {
        name: replace(table, source=table.name)
        for name, table in sprint.SCOPE.tables.items()
    }
    asked = replace(sprint.SCOPE, root=str(tmp_path), tables=tables)
    (tmp_path / "README.md").write_text("Simulated by its maker.")
    write_report(stored(tmp_path / "runs"), tmp_path / "report.html", asked)
    assert "Simulated" not in (tmp_path / "report.html").read_text("utf-8")


def test_credits_are_quoted_once_and_in_order() -> None:
    readme = "# A\n\n- Synthetic data. Licence: X.\n- `credit line`: Y"
    assert quote_credits([readme, readme]) == (
        ("Synthetic data.",),
        ("Licence: X.", "credit line: Y"),
    )


def test_a_changed_scope_is_said(tmp_path: Path) -> None:
    asked = replace(sprint.SCOPE, root=str(tmp_path))
    (tmp_path / "scope.yaml").write_text("other")
    write_report(stored(tmp_path / "runs"), tmp_path / "report.html", asked)
    assert "scope.yaml has changed" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        ([], r"{target}, \d+ kB\n"),
        (["--md"], r"\[{target}\]\(<{target}>\), \d+ kB\n"),
    ],
)
def test_the_verb_prints_path_and_size(
    arguments: list[str],
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = project(tmp_path, monkeypatch) / "runs" / "report.html"
    assert run_verb(*arguments) == 0
    pattern = printed.replace("{target}", re.escape(str(target)))
    assert re.fullmatch(pattern, capsys.readouterr().out)


def test_the_verb_speaks_json(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project(tmp_path, monkeypatch)
    target = tmp_path / "page.html"
    assert run_verb("--runs", "runs", "-o", str(target), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1,
        "path": str(target),
        "bytes": target.stat().st_size,
    }


def test_the_verb_without_runs_names_the_one_that_makes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, monkeypatch)
    with pytest.raises(NoFinishedRunError, match="toolkit run"):
        run_verb("--runs", "nowhere")


def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a scope and three runs, and go there."""
    (folder / "scope.yaml").write_text(sprint.SCOPE_TEXT, "utf-8")
    stored(folder / "runs")
    monkeypatch.chdir(folder)
    return folder


def run_verb(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers())
    args = parser.parse_args(["report", *arguments])
    code: int = args.run(args)
    return code
