import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from lint_projects import FAKES, codes, linted, project

from notebooks import content, write
from toolkit.lint import engine, hits
from toolkit.lint.engine import Linter, NothingToLintError, Report
from toolkit.lint.hits import Reading
from toolkit.lint.model import Rule, Surroundings
from toolkit.reproduce.policy import PolicyError


def test_a_finding_has_its_place_in_cell_and_file(tmp_path: Path) -> None:
    path = project(tmp_path, "n = 1", "m = 2\nx = bad()")
    plain = json.dumps(json.loads(path.read_bytes()), indent=1)
    path.write_text(plain, "utf-8")
    (found,) = linted(path).findings
    assert (found.cell, found.line, found.column) == (1, 2, 4)
    assert "bad()" in plain.split("\n")[found.file_line - 1]
    assert found.place.endswith("notebooks/nb.ipynb:cell 2:2:5")
    assert found.fails


def test_folders_are_searched_but_for_runs_hidden_and_excluded_ones(
    tmp_path: Path,
) -> None:
    project(tmp_path, "bad()", table='exclude = ["notebooks/old", "**/x*.ipynb"]')
    for folder in ("runs/1", ".cache", "notebooks/.ipynb_checkpoints", "notebooks/old"):
        write(tmp_path / folder, "nb", "bad()")
    excluded = write(tmp_path / "notebooks", "x1", "bad()")
    write(tmp_path / "notebooks" / "deep", "a b", "bad()")
    linter = Linter(environ={}, rules=FAKES)
    names = [path.relative_to(tmp_path) for path in linter.notebooks([tmp_path])]
    assert [*map(str, names)] == ["notebooks/nb.ipynb", "notebooks/deep/a b.ipynb"]
    assert linter.notebooks([excluded, excluded]) == (excluded,)  # it was named


def test_nothing_to_look_at_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NothingToLintError, match="no notebook there"):
        linted(tmp_path)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"", "is empty"),
        (b'{"cells": [', "breaks off"),
        (b"\xff\xfe", "is no notebook"),
        (b"[" * 100_000, "is no notebook"),
        (b'{"nbformat": 3}', "format 3"),
        (content([], language_info={"name": "R"}), "is written in 'R'"),
        (content(["broken"]), "BAD201 broke down .ZeroDivisionError: a rule's own"),
    ],
)
def test_what_cannot_be_checked_is_told_and_the_rest_is_checked(
    tmp_path: Path, bad: bytes, reason: str
) -> None:
    path = project(tmp_path, "bad()")
    (path.parent / "other.ipynb").write_bytes(bad)
    report = linted(tmp_path)
    assert codes(report) == ["BAD101"]
    assert report.notebooks == 1
    (unchecked,) = report.unchecked
    assert unchecked.path.endswith("other.ipynb")
    assert re.search(reason, unchecked.reason)


def test_a_missing_notebook_is_told(tmp_path: Path) -> None:
    (unchecked,) = linted(tmp_path / "no.ipynb").unchecked
    assert "No such file" in unchecked.reason


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# noqa: BAD101 it is what is shown", []),
        ("# noqa: BAD101 -- it is what is shown", []),
        ("# NOQA:BAD101, E501 (shown)", []),
        ("# noqa: BAD101", ["BAD101", "NOQ101"]),
        ("# noqa: BAD101 --", ["BAD101", "NOQ101"]),
        ("# noqa: BAD102 the wrong one", ["BAD101", "NOQ102"]),
        ("# noqa: BAD999 there is none", ["BAD101", "NOQ102"]),
        ("# noqa: E501 of another tool", ["BAD101"]),
        ("# noqa", ["BAD101"]),
        ("# noqa: BAD001 of another tool, that begins like ours", ["BAD101"]),
    ],
)
def test_a_comment_suppresses_with_a_reason(
    tmp_path: Path, comment: str, expected: list[str]
) -> None:
    report = linted(project(tmp_path, f"bad()  {comment}"))
    assert codes(report) == expected
    assert [each.code for each in report.suppressed] == ["BAD101"] * (not expected)


@pytest.mark.parametrize(
    ("source", "quiet"),
    [
        ("f(\n  bad(),\n)  # noqa: BAD101 for a reason", True),
        ("f(  # noqa: BAD101 for a reason\n  bad(),\n)", True),
        ("if bad():  # noqa: BAD101 for a reason\n    pass", True),
        ("if n:  # noqa: BAD101 for a reason\n    bad()", False),
        ("n = 1  # noqa: BAD101 for a reason\nbad()", False),
        ("!switch the pump to bad()  # noqa: BAD101 for a reason", True),
        ("%%bash\nbad()  # noqa: BAD101 for a reason", True),
        ("= bad()  # noqa: BAD101 for a reason", True),
        ('t = "é# noqa: BAD101 for a reason"; bad()', False),
        ('t = """\n# noqa: BAD101 for a reason\nbad()"""', False),
    ],
)
def test_a_comment_covers_its_statement_alone(
    tmp_path: Path, source: str, *, quiet: bool
) -> None:
    assert ("BAD101" not in codes(linted(project(tmp_path, source)))) is quiet


def test_a_comment_on_a_rule_that_is_not_selected_is_left_alone(tmp_path: Path) -> None:
    source = "n = 1  # noqa: BAD101 for a reason"
    assert codes(linted(project(tmp_path, source))) == ["NOQ102"]
    assert not codes(linted(project(tmp_path, source, table='select = ["NOQ"]')))
    table = '[tool.toolkit.lint.per-notebook]\n"notebooks" = { BAD101 = "shown" }'
    assert not codes(linted(project(tmp_path, source, table=table)))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", ["BAD101"]),
        ('select = ["NOQ"]', []),
        ('select = ["BAD1"]', ["BAD101"]),
        ('ignore = { BAD = "not here" }', []),
        ('per-notebook = { "notebooks/*.ipynb" = { BAD101 = "why" } }', []),
        ('per-notebook = { "notebooks/b*.ipynb" = { BAD101 = "why" } }', ["BAD101"]),
    ],
)
def test_the_project_chooses(tmp_path: Path, table: str, expected: list[str]) -> None:
    report = linted(project(tmp_path, "bad()", table=table))
    assert codes(report) == expected


def test_the_project_says_what_is_how_bad(tmp_path: Path) -> None:
    table = 'fail-on = "error"\nseverity = { BAD = "note", BAD101 = "warning" }'
    report = linted(project(tmp_path, "bad()", table=table))
    assert [finding.severity for finding in report.findings] == ["warning"]
    assert not report.failing


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("selct = []", "lint.selct: found an unknown key, expected 'select'"),
        ("colour = 1", "lint.colour: found an unknown key, expected one of select"),
        ('select = "BAD"', r"lint.select: found 'BAD', expected a list of texts"),
        ('select = ["BAT101"]', "found the unknown code 'BAT101', expected 'BAD101'"),
        ('select = [""]', "found the unknown code ''"),
        ('ignore = ["BAD"]', "lint.ignore: found .*expected a reason for each code"),
        ('ignore = { BAD101 = " " }', "lint.ignore.BAD101: found ' ', expected a rea"),
        ("severity = 3", "lint.severity: found 3, expected a table"),
        ('severity = { BAD = "fatal" }', "found 'fatal', expected 'error' or 'warn"),
        ('fail-on = "never"', "lint.fail-on: found 'never', expected 'error' or"),
        ('per-notebook = { "a" = "b" }', "lint.per-notebook.'a': found 'b'"),
        ('per-notebook = { "a" = { ZZZ = "b" } }', "the unknown code 'ZZZ'"),
        ("exclude = [1]", "lint.exclude: found .1., expected a list"),
        ("on-save = 1", "lint.on-save: found 1, expected true or false"),
        ("[tool", "lint: found a file that is no TOML"),
        ("[[tool.toolkit.lint]]", "no TOML|expected a table"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_refused(
    tmp_path: Path, table: str, message: str
) -> None:
    with pytest.raises(PolicyError, match=message):
        linted(project(tmp_path, "bad()", table=table))


def module(folder: Path, name: str, text: str) -> Path:
    path = folder / "pump" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Report, int]:
    """Lint; return the report, and how many notebooks were read anew."""
    read: list[str] = []

    def noted(
        content: bytes, *, path: str, around: Surroundings, rules: Sequence[Rule]
    ) -> Reading:
        read.append(path)
        return hits.read(content, path=path, around=around, rules=rules)

    monkeypatch.setattr(engine, "read", noted)
    return linted(folder), len(read)


def test_what_nothing_changed_for_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project(tmp_path, "import pump.a\nbad()")
    write(path.parent, "other", "good()")
    module(tmp_path, "__init__.py", "")
    imported = module(tmp_path, "a.py", "n = 1")
    first, read = counted(tmp_path, monkeypatch)
    assert (codes(first), read) == (["BAD101"], 2)
    again, read = counted(tmp_path, monkeypatch)
    assert (again, read) == (first, 0)
    project(tmp_path, "import pump.a\nbad()", table='ignore = { BAD101 = "shown" }')
    quiet, read = counted(tmp_path, monkeypatch)
    assert (codes(quiet), read) == ([], 0)  # the configuration only chooses
    imported.write_text("n = bad()", "utf-8")
    changed, read = counted(tmp_path, monkeypatch)
    assert (codes(changed), read) == (["BAD102"], 1)
    module(tmp_path, "b.py", "")  # it could be what somebody imports
    assert counted(tmp_path, monkeypatch)[1] == 2
    (tmp_path / "requirements.lock").write_text("numpy==2\n", "utf-8")
    assert counted(tmp_path, monkeypatch)[1] == 2
    write(path.parent, "other", "good() ")
    assert counted(tmp_path, monkeypatch)[1] == 1


@pytest.mark.parametrize("damage", [b"", b"toolkit lint 1 00\n{}", b"\x00"])
def test_a_damaged_cache_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    project(tmp_path, "bad()")
    counted(tmp_path, monkeypatch)
    (tmp_path / ".cache" / "toolkit" / "lint").write_bytes(damage)
    report, read = counted(tmp_path, monkeypatch)
    assert (codes(report), read) == (["BAD101"], 1)


def test_outside_a_project_and_in_ci_nothing_is_left_behind(tmp_path: Path) -> None:
    lone = write(tmp_path / "lone", "nb", "bad()")
    linted(lone)
    path = project(tmp_path, "bad()")
    Linter(environ={"CI": "true"}, rules=FAKES).lint([path])
    Linter(environ={}, rules=FAKES, cached=False).lint([path])
    assert not [*tmp_path.rglob(".cache")]
