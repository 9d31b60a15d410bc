from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cli_verified import SAME, WORSE, parsed_of, rewrite, verify_in, worse_by_clock
from verified import put_run

from notebooks import write
from toolkit.cli import main
from toolkit.publish.results import Metric, Results
from toolkit.reproduce.records.store import RECORD

Capture = pytest.CaptureFixture[str]
Verify = Callable[..., int]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


@pytest.fixture
def verified(project: Path) -> Verify:
    return verify_in(project)


def test_nothing_to_verify_is_not_checked(verified: Verify, capsys: Capture) -> None:
    assert verified("--all") == 2
    assert "nothing to verify yet: toolkit run" in capsys.readouterr().out


def test_nothing_asked_for_is_not_checked(verified: Verify, capsys: Capture) -> None:
    assert verified() == 2
    assert "name runs or notebooks, or --all" in capsys.readouterr().err


def test_an_unknown_run_is_not_checked(project: Path, capsys: Capture) -> None:
    put_run(project, SAME)
    assert main(["verify", "nbb"]) == 2
    assert "did you mean 'nb'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argument", "match"),
    [
        (["--vary", "clok"], "nothing is called 'clok'; did you mean 'clock'?"),
        (["--vary", "moon"], "there is: hash-seed, time-zone"),
        (["--vary", ","], "names nothing"),
        (["--runs", "0"], "no whole number above 0"),
        (["--runs", "1.5"], "no whole number above 0"),
        (["--timeout", "nan"], "no number of seconds above 0"),
        (["--vary", "clock", "--no-vary"], "not allowed with"),
    ],
)
def test_options_are_checked(
    capsys: Capture, argument: Sequence[str], match: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        parsed_of(["nb", *argument])
    assert stopped.value.code == 2
    assert match in capsys.readouterr().err


def test_only_the_named_are_varied(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    put_run(project, SAME)
    assert verified("nb", "--vary", "umask,locale", behaviour=worse_by_clock) == 0
    assert verified("nb", "--no-vary", behaviour=worse_by_clock) == 0
    assert "reproduced" in capsys.readouterr().out
    assert verified("nb", "--vary", "clock", behaviour=worse_by_clock) == 1


def test_an_edited_record_was_tampered_with(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    record = put_run(project, SAME)
    path = project / "runs" / record.run / RECORD
    path.write_text(path.read_text().replace("0.9", "0.95"))
    assert verified("nb") == 1
    assert verified("--all") == 1
    out = capsys.readouterr().out
    assert "differs  tampered with" in out
    assert "it was edited" in out


def test_an_edited_record_with_a_new_digest_was_tampered_with(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    record = put_run(project, SAME)
    better = Results(metrics=(Metric(name="accuracy", value=0.95),))
    rewrite(project, replace(record, results=better))
    assert verified("nb") == 1
    out = capsys.readouterr().out
    assert "tampered with" in out
    assert "accuracy: 0.95 → 0.9" in out


def test_a_copied_record_was_tampered_with(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    record = put_run(project, SAME)
    copy = record.run.replace("181500", "191500")
    (project / "runs" / record.run).rename(project / "runs" / copy)
    assert verified(copy) == 1
    assert "is the record of another run" in capsys.readouterr().out


def test_a_damaged_record_is_not_checked(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    record = put_run(project, SAME)
    path = project / "runs" / record.run / RECORD
    path.write_bytes(path.read_bytes()[:99])
    assert verified(record.run) == 2
    assert "not readable" in capsys.readouterr().out


def test_a_notebook_that_changed_is_not_checked(
    project: Path, verified: Verify, capsys: Capture
) -> None:
    put_run(project, SAME)
    write(project / "notebooks", "nb", "n = 2", "m = n + 1", "print(m)")
    assert verified("nb") == 2
    out = capsys.readouterr().out
    assert "could not be checked  the surroundings drifted" in out
    assert "is not the notebook that was run" in out


def test_one_difference_outweighs_what_was_not_checked(
    project: Path, verified: Verify
) -> None:
    put_run(project, SAME)
    put_run(project, WORSE, "other")
    write(project / "notebooks", "nb", "n = 2")
    assert verified("nb", "other") == 1
