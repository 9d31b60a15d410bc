import json
import re
from argparse import ArgumentParser
from pathlib import Path

import pytest
import yaml
from lint_projects import FAKES, project

from notebooks import content, write
from toolkit.cli import lint, main
from toolkit.lint import registry
from toolkit.lint.configuration import KEYS

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which the fake rules are all that there are."""
    monkeypatch.chdir(tmp_path)
    by_code = {rule.code: rule for rule in FAKES}
    monkeypatch.setattr(registry, "all_rules", lambda: FAKES)
    monkeypatch.setattr(registry, "rules_by_code", lambda: by_code)
    return tmp_path


@pytest.mark.parametrize(
    ("cells", "arguments", "code"),
    [
        (["good()"], [], 0),
        (["bad()"], [], 1),
        (["bad()"], ["--ignore", "bad1"], 0),
        (["bad()"], ["--select", "NOQ, BAD2"], 0),
        (["broken"], [], 2),
        (["bad()", "broken"], [], 2),
        (["bad()"], ["notebooks/nb.ipynb", "notebooks"], 1),
        (["bad()"], ["elsewhere"], 2),
        (["bad()"], ["--select", "BAT101"], 2),
    ],
)
def test_the_exit_code_is_the_answer(
    folder: Path, cells: list[str], arguments: list[str], code: int
) -> None:
    project(folder, *cells)
    assert main(["lint", *arguments]) == code


def test_findings_beside_what_could_not_be_checked_are_findings(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(folder, "bad()")
    (folder / "notebooks" / "r.ipynb").write_bytes(b"{")
    assert main(["lint"]) == 1
    assert "r.ipynb: breaks off at" in capsys.readouterr().err


@pytest.mark.parametrize(("least", "code"), [("error", 0), ("warning", 0), ("note", 1)])
def test_the_caller_chooses_what_fails(folder: Path, least: str, code: int) -> None:
    project(folder, "bad()", table='severity = { BAD = "note" }')
    assert main(["lint", "--fail-on", least]) == code


def test_an_unknown_code_is_told_with_what_was_meant(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(folder, "bad()")
    assert main(["lint", "--select", "BAD1O1"]) == 2
    said = capsys.readouterr().err
    assert "found the unknown code 'BAD1O1', expected 'BAD101'?" in said


def test_formats_are_printed_or_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(folder, "bad()")
    assert main(["lint", "--json"]) == 1
    plain = json.loads(capsys.readouterr().out)
    assert (plain["schema"], plain["findings"][0]["code"]) == (1, "BAD101")
    assert main(["lint", "--format", "sarif", "--output", "out.sarif"]) == 1
    assert json.loads(Path("out.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert not capsys.readouterr().out
    assert main(["lint", "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=notebooks/nb.ipynb,line=")
    assert main(["lint", "--why"]) == 1
    assert "    It is bad.\n" in capsys.readouterr().out


def test_a_diff_writes_nothing_and_a_fix_does(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project(folder, "x = bad()")
    before = path.read_bytes()
    assert main(["lint", "--diff"]) == 1
    said = capsys.readouterr().out
    assert "-x = bad()\n+x = good()\n" in said
    assert "--- notebooks/nb.ipynb:cell 1" in said
    assert path.read_bytes() == before
    (path.parent / "r.ipynb").write_bytes(b"{")
    assert main(["lint", "--fix"]) == 2  # the other one could not be checked
    assert path.read_bytes() == before.replace(b"bad()", b"good()")
    said = capsys.readouterr().err
    assert "notebooks/nb.ipynb: 1 mended" in said
    assert "r.ipynb: breaks off" in said


def test_a_folder_inside_the_project_is_no_other_project(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(folder, "bad()", table='ignore = { BAD101 = "shown" }')
    write(folder / "notebooks" / "deep", "nb", "bad()")
    monkeypatch.chdir(folder / "notebooks" / "deep")
    assert main(["lint"]) == 0
    assert "nothing found in 2 notebooks" in capsys.readouterr().out


def test_a_rule_is_explained_by_code_name_or_group(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del folder
    assert main(["rule", "BAD101"]) == 0
    explained = capsys.readouterr().out
    assert explained.startswith("BAD101 bad-call (error)\n")
    assert main(["rule", "bad-call"]) == 0
    assert capsys.readouterr().out == explained
    assert main(["rule", "BAD1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert main(["rule", "BAD101", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rules"][0]["bad"] == ["bad()"]
    assert main(["rule", "--md"]) == 0
    assert "| BAD101 |" in capsys.readouterr().out
    assert main(["rule", "BAD1O1"]) == 2
    assert "did you mean BAD101?" in capsys.readouterr().err
    assert main(["rule", "zzzzzz"]) == 2
    assert "toolkit rule lists them" in capsys.readouterr().err


def test_pages_of_rules_that_are_gone_are_removed(folder: Path) -> None:
    docs = folder / "docs"
    docs.mkdir()
    for name in ("BAD999.md", "notes.md"):
        (docs / name).write_text("old", "utf-8")
    assert main(["rule", "--docs", str(docs)]) == 0
    names = sorted(path.name for path in docs.iterdir())
    assert names == [
        "BAD101.md",
        "BAD102.md",
        "BAD201.md",
        "NOQ101.md",
        "NOQ102.md",
        "README.md",
        "notes.md",
    ]


def test_the_hook_calls_what_there_is() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == ["toolkit-lint", "toolkit-lint-fix"]
    for hook in hooks:
        assert hook["types"] == ["jupyter"]
        verb, *arguments = hook["entry"].split()[1:]
        parser = ArgumentParser()
        lint.add_parser(parser.add_subparsers())
        args = parser.parse_args([verb, *arguments, "a.ipynb", "b.ipynb"])
        assert [str(path) for path in args.paths] == ["a.ipynb", "b.ipynb"]


def test_the_page_names_every_option_and_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["lint", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert len(options) > 8
    page = (ROOT / "docs" / "lint.md").read_text("utf-8")
    assert not [word for word in (*options, *KEYS) if word not in page]


def test_a_notebook_in_another_language_is_no_crash(folder: Path) -> None:
    path = folder / "r.ipynb"
    path.write_bytes(content([], kernelspec={"name": "ir", "language": "R"}))
    assert main(["lint", str(path)]) == 2
